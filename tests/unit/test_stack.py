"""What docker-compose.yml promises, read from the files: no engine is needed. `make test-stack` boots them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import PROJECT

FILES = ("docker-compose.yml", "docker-compose.tls.yml", "docker-compose.managed.yml")
#: They end, and are run again by the next `up`.
ONE_SHOT = {"init", "superset-init"}
_VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?P<or>:[-?])?(?P<default>[^}]*)\}")
_PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def _interpolated(text: str) -> dict[str, Any]:
    """A compose file with nothing set that has a default."""
    return dict(yaml.safe_load(_VARIABLE.sub(lambda found: found["default"] if found["or"] == ":-" else "given", text)))


def _whole() -> dict[str, Any]:
    """The stack with TLS: what the second file adds, where the first has no such service."""
    first, second = (_interpolated((PROJECT / name).read_text()) for name in FILES[:2])
    services, secrets = second["services"] | first["services"], first["secrets"] | second["secrets"]
    return {**first, "services": services, "secrets": secrets}


def _faults(stack: dict[str, Any]) -> Iterator[str]:
    """What is not as it is promised, one line each."""
    built = {one["image"] for one in stack["services"].values() if "build" in one}
    for name, one in stack["services"].items():
        yield from (f"{name} has no {limit}" for limit in ("mem_limit", "cpus", "pids_limit") if not one.get(limit))
        if name not in ONE_SHOT and not one.get("healthcheck", {}).get("test"):
            yield f"{name} has no health check"
        if one.get("user") in {None, "root", "0", 0}:
            yield f"{name} runs as root"
        if one.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in one.get("security_opt", []):
            yield f"{name} keeps privileges"
        if not {"max-size", "max-file"} <= set(one.get("logging", {}).get("options", {})):
            yield f"{name}'s log grows for ever"
        for port in one.get("ports", []):
            if not str(port).startswith("127.0.0.1:"):
                yield f"{name} is published as {port}"
        if re.search(r":(latest)?$|^[^:]+$", one["image"]) or one["image"] not in built:
            yield f"{name} runs {one['image']}, which is not pinned and built here"
        for variable, value in (one.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|TOKEN", variable) and not str(value).startswith("/run/secrets/"):
                yield f"{name} is told {variable} in its environment"
            if re.search(r"://[^/@]*:[^/@]+@", str(value)):
                yield f"{name} has a password in {variable}"
        for secret in one.get("secrets", []):
            if stack["secrets"].get(secret) != {"file": f"secrets/{secret}"}:
                yield f"{name} takes secret {secret} from elsewhere than a file of secrets/"
        for needed, condition in (one.get("depends_on") or {}).items():
            met = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            if condition != {"condition": met}:
                yield f"{name} does not wait for {needed}"


def test_the_stack_is_what_was_promised():
    stack = _whole()
    airflow = {"api-server", "scheduler", "dag-processor", "triggerer", "worker-1", "worker-2"}
    assert set(stack["services"]) == {"postgres", "redis", "superset", "proxy", *airflow, *ONE_SHOT}
    assert list(_faults(stack)) == []


@pytest.mark.parametrize(
    ("service", "change", "fault"),
    [
        ("redis", {"mem_limit": None}, "redis has no mem_limit"),
        ("worker-1", {"pids_limit": None}, "worker-1 has no pids_limit"),
        ("superset", {"healthcheck": {}}, "superset has no health check"),
        ("postgres", {"user": "root"}, "postgres runs as root"),
        ("scheduler", {"cap_drop": []}, "scheduler keeps privileges"),
        ("scheduler", {"logging": {}}, "scheduler's log grows for ever"),
        ("api-server", {"ports": ["8080:8080"]}, "api-server is published as 8080:8080"),
        ("proxy", {"ports": ["0.0.0.0:8443:8443"]}, "proxy is published as 0.0.0.0:8443:8443"),
        ("redis", {"image": "redis:latest"}, "redis runs redis:latest, which is not pinned and built here"),
        ("superset", {"environment": {"SECRET_KEY": "abc"}}, "superset is told SECRET_KEY in its environment"),
        ("init", {"environment": {"URL": "postgresql://a:b@c/d"}}, "init has a password in URL"),
        ("init", {"secrets": ["mine"]}, "init takes secret mine from elsewhere than a file of secrets/"),
        ("worker-2", {"depends_on": {"redis": {"condition": "service_started"}}}, "worker-2 does not wait for redis"),
    ],
)
def test_a_bad_file_is_told(service, change, fault):
    stack = copy.deepcopy(_whole())
    stack["services"][service].update(change)
    assert fault in list(_faults(stack))


def test_only_init_has_the_admin_and_no_worker_the_metadata():
    services = _whole()["services"]
    holders = {name for name, one in services.items() if "admin" in one.get("secrets", [])}
    assert holders == {"init", "postgres"}
    for worker in ("worker-1", "worker-2"):
        assert services[worker]["secrets"] == ["redis", "owner", "loader", "transformer", "auditor"]
        assert services[worker]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("sqlite:")


def test_every_variable_is_explained():
    used = {found["name"] for name in FILES for found in _VARIABLE.finditer((PROJECT / name).read_text())}
    explained = set(re.findall(r"^#?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    assert len(used) > 10
    assert used == explained


def test_every_default_is_explained_as_it_is():
    said = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    for name in FILES:
        for found in _VARIABLE.finditer((PROJECT / name).read_text()):
            if found["or"] == ":-":
                assert said[found["name"]] == found["default"], found["name"]


def test_every_secret_is_made_by_the_script_and_kept(tmp_path):
    import subprocess

    make = [PROJECT / "docker" / "make-secrets", tmp_path / "secrets"]
    subprocess.run(make, check=True, capture_output=True)
    made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    wanted = _interpolated((PROJECT / "docker-compose.yml").read_text())["secrets"]
    assert set(made) == set(wanted)
    assert len(set(made.values())) == len(made) and min(map(len, made.values())) >= 43
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    subprocess.run(make, check=True, capture_output=True)
    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == made


def test_images_are_made_of_the_locks_alone():
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    images = {line.split()[1] for line in lines if line.startswith("FROM ")}
    stages = {line.split()[3] for line in lines if line.startswith("FROM ")}
    assert images - stages == {"$DEBIAN"}
    installs = [line for line in lines if re.search(r"pip (install|sync)", line)]
    assert len(installs) == 4
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_the_containers_run_what_was_tested():
    locks = ("requirements.txt", "requirements-stack.txt")
    tested, runs = (dict(_PIN.findall((PROJECT / name).read_text())) for name in locks)
    assert len(tested) > 100
    assert {name: runs.get(name) for name in tested} == tested
    assert runs["celery"].startswith("5.6."), "the provider's workers do not start on 5.7"


def test_git_keeps_no_secret():
    ignored = Path(PROJECT / ".gitignore").read_text().splitlines()
    assert {"secrets/", ".env", "backup/", "certs/*"} <= set(ignored)
