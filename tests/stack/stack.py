"""A deployment of the repository by its own docs, in a folder of its own: what the tests do with it and ask it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PROJECT = Path(__file__).resolve().parents[2]
NAME = "sanad-test-stack"


@dataclass
class Deployment:
    """A clone with its compose project; ``seconds`` is how long each phase took."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, int]
    seconds: dict[str, float] = field(default_factory=dict)

    def sh(self, commands: str) -> str:
        """Run commands as they stand on a page, stopping at the first that fails; gives what they printed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{commands}\nexit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def follow(self, commands: list[str]) -> None:
        """Run the blocks of a page, one after the other."""
        for block in commands:
            print(f"\n{block.rstrip()}", flush=True)
            self.sh(block)

    def compose_with(self, *files: str) -> None:
        """Use these compose files beside the first from here on."""
        self.environment["COMPOSE_FILE"] = ":".join(["docker-compose.yml", *files])

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what happens in the block."""
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began
        print(f"{name}: {self.seconds[name]:.1f} s", flush=True)

    # containers

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Docker says of each container of the project, by service."""
        names = self.sh("docker compose ps -q --all").split()
        told = json.loads(self.sh(f"docker inspect {' '.join(names)}"))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in told}

    def unwell(self) -> dict[str, str]:
        """Services that are not what they should be: healthy, running where nobody looks, ended well."""
        return {name: state for name, one in self.containers().items() if (state := _state(one)) not in _WELL}

    def wait_until_well(self, seconds: float = 300) -> None:
        """Wait until every service is."""
        wait_until(
            lambda: not self.unwell(), seconds, lambda: f"{self.unwell()}\n{self.sh('docker compose logs --tail=40')}"
        )

    def memory_mib(self) -> dict[str, float]:
        """The memory of each running container."""
        told = self.sh("docker stats --no-stream --format '{{.Name}} {{.MemUsage}}'")
        return {line.split()[0]: _mib(line.split()[1]) for line in told.splitlines()}

    # pages

    def airflow(self, user: str) -> httpx.Client:
        """Airflow's pages and API, as a user who logged in with the password of the secrets."""
        return self._logged_in("AIRFLOW_PORT", "/auth/token", user, self.secret(f"airflow_{user}"))

    def superset(self, user: str) -> httpx.Client:
        """Superset's API, the same way."""
        login = "/api/v1/security/login"
        return self._logged_in("SUPERSET_PORT", login, user, self.secret(f"superset_{user}"), provider="db")

    def secret(self, name: str) -> str:
        """What a file of the secrets says."""
        return (self.folder / "secrets" / name).read_text()

    def _logged_in(self, port: str, path: str, user: str, password: str, **said: str) -> httpx.Client:
        url, who = f"http://127.0.0.1:{self.ports[port]}", {"username": user, "password": password, **said}
        answer = httpx.post(f"{url}{path}", json=who, timeout=60, trust_env=False).raise_for_status()
        token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.Client(base_url=url, headers=token, timeout=60, trust_env=False)


_WELL = {"healthy", "running", "exited 0"}


def _state(container: dict[str, Any]) -> str:
    state = container["State"]
    if state["Status"] == "exited":
        return f"exited {state['ExitCode']}"
    return str(state.get("Health", {}).get("Status", state["Status"]))


def _mib(said: str) -> float:
    number = float(said.rstrip("GMKiB"))
    return number * {"G": 1024, "M": 1, "K": 1 / 1024}.get(said.lstrip("0123456789.")[:1], 1 / 1024**2)


def wait_until(met: Callable[[], Any], seconds: float, otherwise: Callable[[], str]) -> Any:
    """What ``met`` gives as soon as that is true; AssertionError with words when it is not in time."""
    until = time.monotonic() + seconds
    while not (found := met()):
        assert time.monotonic() < until, f"waited {seconds:.0f} s: {otherwise()}"
        time.sleep(1)
    return found


def clone(folder: Path) -> Path:
    """The repository as git knows it, with what is not committed yet."""
    made = folder / "clone"
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT,
                            check=True, capture_output=True, text=True).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, made / name)
    # a machine behind a proxy says by these variables whom it trusts; images are built by the same word
    if trusted := os.environ.get("SSL_CERT_FILE"):
        shutil.copy(trusted, made / "certs" / "site.crt")
    return made


def free_ports(*names: str) -> dict[str, int]:
    """A free port of this machine for each name."""
    probes = {name: socket.socket() for name in names}
    for probe in probes.values():
        probe.bind(("127.0.0.1", 0))
    ports = {name: int(probe.getsockname()[1]) for name, probe in probes.items()}
    for probe in probes.values():
        probe.close()
    return ports
