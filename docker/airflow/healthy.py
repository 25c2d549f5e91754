"""Whether a component is at work: ``healthy.py api-server | scheduler | dag-processor | triggerer | worker``.

Imports nothing of Airflow: a check every half minute must cost next to nothing. A component that only the api-server
can speak for is not healthy while the api-server does not answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.request import urlopen

API = "http://api-server:8080/api/v2"
SECONDS = 8


def main() -> int:
    """0 when it is, 1 when it is not; an exception says why it cannot be told."""
    component = sys.argv[1]
    if component == "worker":
        return 0 if answers_ping() else 1
    if component == "api-server":
        return 0 if answers(f"{API}/version") else 1
    if component == "scheduler":
        return 0 if answers("http://127.0.0.1:8974/health") else 1
    return 0 if heartbeat(component.replace("-", "_")) == "healthy" else 1


def answers(url: str) -> bool:
    """Whether there is a good answer."""
    with urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - ours
        return bool(answer.status == 200)


def heartbeat(component: str) -> str | None:
    """What the api-server says of a component's last heartbeat."""
    with urlopen(f"{API}/monitor/health", timeout=SECONDS) as answer:  # noqa: S310 - ours
        return json.load(answer).get(component, {}).get("status")


def answers_ping() -> bool:
    """Whether this container's Celery worker answers over the queue."""
    from celery import Celery

    queue = subprocess.run(["/opt/sanad/docker/address", "queue"], check=True, capture_output=True, text=True).stdout
    return bool(Celery(broker=queue).control.ping([f"celery@{os.uname().nodename}"], timeout=SECONDS))


if __name__ == "__main__":
    sys.exit(main())
