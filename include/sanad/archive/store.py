"""The bytes: content-addressed, behind fsspec, re-hashed whenever they are read.

``sha256/ab/<sha256>`` holds content, ``ledger/<seq, 12 digits>.json`` one event, ``walks/<dataset>.json`` how far a
walk has come that is not over. A local file is written under a
temporary name and renamed; an object store puts a whole object or none.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from dataclasses import dataclass
from typing import Any

import fsspec

from sanad.words import settings
from sanad.words.errors import SanadError

_EVENT = re.compile(r"/([0-9]{12})\.json$")


class Tampered(SanadError):
    """Archived bytes are missing, or no longer what their name says."""


def sha256_of(content: bytes) -> str:
    """Hex sha256."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Store:
    """A folder or bucket, as fsspec opens it."""

    files: Any
    root: str

    @classmethod
    def open(cls, url: str | None = None) -> Store:
        """The store at an fsspec URL, by default ``SANAD_ARCHIVE``."""
        files, root = fsspec.url_to_fs(url or settings.archive_url())
        return cls(files, root.rstrip("/"))

    def put(self, content: bytes) -> str:
        """Keep content; returns its sha256. Content that is there already is not written again."""
        sha256 = sha256_of(content)
        path = self._content(sha256)
        if not self.files.exists(path):
            self._write(path, content)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content of a hash; Tampered when it is gone or changed."""
        path = self._content(sha256)
        try:
            content = bytes(self.files.cat_file(path))
        except FileNotFoundError as error:
            raise Tampered(f"the archive has no content {sha256}") from error
        if (found := sha256_of(content)) != sha256:
            raise Tampered(f"archived content {sha256} now hashes to {found}")
        return content

    def put_event(self, seq: int, content: bytes) -> None:
        """Write an event file."""
        self._write(self._event(seq), content)

    def has_event(self, seq: int) -> bool:
        """Whether the file of an event is there."""
        return bool(self.files.exists(self._event(seq)))

    def get_event(self, seq: int) -> bytes:
        """The file of an event; Tampered when it is gone."""
        try:
            return bytes(self.files.cat_file(self._event(seq)))
        except FileNotFoundError as error:
            raise Tampered(f"the archive has no event file {seq}") from error

    def event_seqs(self) -> list[int]:
        """The seqs of the event files that are there, in order; none where there is no archive."""
        folder = f"{self.root}/ledger"
        paths = self.files.ls(folder, detail=False) if self.files.exists(folder) else []
        return sorted(int(found[1]) for found in map(_EVENT.search, paths) if found)

    def put_walk(self, name: str, content: bytes) -> None:
        """Write down how far a walk has come."""
        self._write(self._walk(name), content)

    def walk(self, name: str) -> bytes | None:
        """How far a walk has come; None when none is under way."""
        try:
            return bytes(self.files.cat_file(self._walk(name)))
        except FileNotFoundError:
            return None

    def drop_walk(self, name: str) -> None:
        """Forget a walk that is over."""
        if self.files.exists(self._walk(name)):
            self.files.rm_file(self._walk(name))

    def _walk(self, name: str) -> str:
        return f"{self.root}/walks/{name}.json"

    def _content(self, sha256: str) -> str:
        return f"{self.root}/sha256/{sha256[:2]}/{sha256}"

    def _event(self, seq: int) -> str:
        return f"{self.root}/ledger/{seq:012d}.json"

    def _write(self, path: str, content: bytes) -> None:
        if "file" not in self.files.protocol:
            self.files.pipe_file(path, content)
            return
        folder, _, name = path.rpartition("/")
        self.files.makedirs(folder, exist_ok=True)
        unfinished = f"{folder}/.{name}.{uuid.uuid4().hex}"
        try:
            with self.files.open(unfinished, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self.files.mv(unfinished, path)
        except BaseException:
            if self.files.exists(unfinished):
                self.files.rm(unfinished)
            raise
