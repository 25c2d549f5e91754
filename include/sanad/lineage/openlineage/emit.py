"""Sending lineage events. That they cannot be sent is said, and fails nothing: figures do not depend on it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from sanad.words import settings

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import RunEvent

log = logging.getLogger(__name__)


def of_release(release_id: int) -> int:
    """Emit how a release came into the archive and into staging; returns how many events were sent."""
    from sanad.lineage.openlineage import releases

    return emit(f"release {release_id}", partial(releases.events, release_id))


def of_build(invocation_id: str) -> int:
    """Emit what each model of a build was made of; returns how many events were sent."""
    from sanad.lineage.openlineage import builds

    return emit(f"build {invocation_id}", partial(builds.events, invocation_id))


def emit(what: str, events: Callable[[], Iterable[RunEvent]]) -> int:
    """Send events to where ``OPENLINEAGE_URL`` or ``OPENLINEAGE_CONFIG`` says, else append them to a file.

    Never raises: whatever goes wrong is logged as a warning, and 0 is returned.
    """
    try:
        client = _client()
        sent = 0
        for event in events():
            client.emit(event)
            sent += 1
        client.close()
    except Exception as error:
        log.warning("lineage events of %s were not sent: %s: %s", what, type(error).__name__, error)
        return 0
    return sent


def _client() -> OpenLineageClient:
    from openlineage.client import OpenLineageClient

    if any(name.startswith("OPENLINEAGE_") for name in os.environ):
        return OpenLineageClient()
    from openlineage.client.transport.file import FileConfig, FileTransport

    path = settings.state() / "openlineage.jsonl"
    return OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=str(path), append=True)))
