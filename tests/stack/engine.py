"""A Docker engine for the test: the one that runs here, else one of our own that leaves nothing behind.

The base image is pulled where there is a registry, else made by debootstrap. Both are the test's affair: whoever
deploys has an engine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

BASE = "debian:bookworm-slim"
_SECONDS = 60
_BRIDGE = Path("/sys/class/net/docker0")

#: What `docker compose` means where only docker-compose 1.29 is installed.
_SHIM = """#!/bin/sh
[ "${1-}" = compose ] || exec %s "$@"
shift
exec docker-compose "$@"
"""


@contextmanager
def engine(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which `docker` and `docker compose` work, for as long as the block lasts."""
    environment = dict(os.environ)
    if _answers(environment):
        yield _with_compose(folder, environment)
        return
    environment["DOCKER_HOST"] = f"unix://{folder}/docker.sock"
    had_bridge = _BRIDGE.exists()
    rules = subprocess.run(["iptables-save"], check=True, capture_output=True).stdout
    with (folder / "dockerd.log").open("w") as log:
        daemon = subprocess.Popen(
            ["dockerd", f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/dockerd.pid",
             f"--host={environment['DOCKER_HOST']}"],
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(daemon, environment, folder / "dockerd.log")
        yield _with_compose(folder, environment)
    finally:
        daemon.terminate()
        daemon.wait(timeout=_SECONDS)
        _unmount(folder)
        if not had_bridge:
            subprocess.run(["ip", "link", "delete", _BRIDGE.name], check=True)
        subprocess.run(["iptables-restore"], check=True, input=rules)


def base_image(environment: Mapping[str, str], folder: Path) -> None:
    """Have the base image here, under its official name."""
    if _run(environment, "docker", "image", "inspect", BASE) or _run(environment, "docker", "pull", BASE):
        return
    root = folder / "base"
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, stdout=subprocess.DEVNULL)
    packed = subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE)
    subprocess.run(["docker", "import", "-", BASE], stdin=packed.stdout, check=True, env=environment,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    assert packed.wait() == 0
    shutil.rmtree(root)


def leftovers(folder: Path) -> list[str]:
    """Processes and mounts that belong to a folder, one line each."""
    named = str(folder)
    found = [line for line in Path("/proc/self/mounts").read_text().splitlines() if named in line]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            words = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if named in words and int(process.parent.name) != os.getpid():
                found.append(f"{process.parent.name} {words}")
    return found


def _answers(environment: Mapping[str, str]) -> bool:
    return shutil.which("docker") is not None and _run(environment, "docker", "info")


def _run(environment: Mapping[str, str], *command: str) -> bool:
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def _wait_for(daemon: subprocess.Popen[bytes], environment: Mapping[str, str], log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while not _answers(environment):
        if daemon.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"dockerd did not come up: {log.read_text()[-1000:]}")
        time.sleep(0.5)


def _with_compose(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    if _run(environment, "docker", "compose", "version"):
        return environment
    shim = folder / "bin" / "docker"
    shim.parent.mkdir(exist_ok=True)
    shim.write_text(_SHIM % shutil.which("docker"))
    shim.chmod(0o755)
    return {**environment, "PATH": f"{shim.parent}:{environment['PATH']}"}


def _unmount(folder: Path) -> None:
    # innermost first
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines() if f" {folder}/" in line]
    for mount in sorted(mounts, key=len, reverse=True):
        subprocess.run(["umount", mount], check=True)
