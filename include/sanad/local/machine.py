"""What this machine must offer, and the one line that is said when it does not. Imports nothing slow."""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from sanad.words import settings
from sanad.words.errors import SanadError

MIB = 2**20
#: A new cluster, Airflow's metadata, logs and archive of a first run are 80 MiB; the rest is for its write-ahead log.
ROOM_TO_BEGIN = 200 * MIB
#: PostgreSQL stops dead when it cannot write one segment of 16 MiB of its log; four of them let it end in order.
ROOM_TO_GO_ON = 64 * MIB
#: Less than one such segment: whatever went wrong, this may be why.
FULL = 16 * MIB
#: PostgreSQL's default max_wal_size: below this, a large load may still fill the disk.
ROOM_TO_BE_EASY = 1024 * MIB

_DISK_FULL = "53100"  # PostgreSQL's SQLSTATE


class Unfit(SanadError):
    """The machine lacks something that is needed."""


def free_port(wished: int | None = None) -> int:
    """The wished port of 127.0.0.1 if it is free, else any; Unfit when the machine has no IPv4 loopback."""
    for port in (wished or 0, 0):
        with socket.socket() as probe, socket.socket() as caller:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            caller.settimeout(2)
            try:
                probe.bind(("127.0.0.1", port))
                probe.listen(1)
                caller.connect(probe.getsockname())  # an interface that is down can be bound, and not be reached
            except OSError as error:
                if error.errno == errno.EADDRINUSE and port:
                    continue
                raise Unfit(
                    f"127.0.0.1 cannot be used ({error.strerror or error}): Sanad's servers listen there; "
                    "give this machine an IPv4 loopback (as root: ip link set lo up; ip addr add 127.0.0.1/8 dev lo)"
                ) from error
            return int(probe.getsockname()[1])
    raise Unfit("no free port on 127.0.0.1")


def existing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return path if path.exists() else existing(path.parent)


def free_bytes(path: Path) -> int:
    """What may still be written where a path is, or will be."""
    return shutil.disk_usage(existing(path.absolute())).free


def require_room(path: Path, needed: int) -> None:
    """Unfit when the disk is too full to start."""
    free = free_bytes(path)
    if free < needed:
        raise Unfit(
            f"{existing(path.absolute())} has {free // MIB} MiB left, and {needed // MIB} MiB are needed: free some, "
            "or set SANAD_STATE to a folder on a larger disk"
        )


def owner_of(path: Path) -> str:
    """The name of a file's owner; the number when it has none."""
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def myself() -> str:
    """Who we are on this machine."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def in_one_line(error: BaseException) -> str | None:
    """What to do about an error that is the machine's; None for one that may be a bug of ours."""
    for cause in _causes(error):
        if getattr(cause, "sqlstate", None) == _DISK_FULL:
            return f"the database's disk is full ({str(cause).splitlines()[0]}): free some, and start again; {_KEPT}"
        if isinstance(cause, OSError) and (said := _said_of(cause)):
            return said
    if said := full_disk():
        return f"{type(error).__name__}: {' '.join(str(error).split())}; {said}"
    return None


def full_disk() -> str | None:
    """What to add to any error while the state folder's disk is full; None when it is not."""
    place = existing(settings.state().absolute())
    left = free_bytes(place)
    return None if left >= FULL else f"{place} has {left // MIB} MiB left: free some, and start again; {_KEPT}"


_KEPT = "what was finished is kept"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]


def _said_of(error: OSError) -> str | None:
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else settings.state()
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        left = free_bytes(path) // MIB
        return f"no space left for {path} ({left} MiB are free): free some, and start again; {_KEPT}"
    if error.errno == errno.EROFS:
        return f"{path} is on a read-only file system: set SANAD_STATE to a folder that can be written"
    if error.errno in {errno.EACCES, errno.EPERM}:
        there = _nearest(path)
        return (
            f"{path}: {myself()} may not; {there} belongs to {owner_of(there)}: work as {owner_of(there)}, "
            "or set SANAD_STATE to a folder of your own"
        )
    return None


def _nearest(path: Path) -> Path:
    """As ``existing``, where looking itself may be refused."""
    for one in (path, *path.parents):
        try:
            one.stat()
        except OSError:
            continue
        return one
    return Path("/")
