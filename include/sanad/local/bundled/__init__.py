"""Bundled releases: figures their publisher printed, rendered in the publisher's own layout.

``editions(dataset)`` lists what is bundled under ``include/bundled``, ``describe(release)`` lays a release
out as a `Sheet`, and ``to_xls(sheet)`` writes it. ``render(release)`` is the two together; a workbook with a
fault in it is ``to_xls`` of a sheet changed in between. A release always renders to the same bytes.
"""

from sanad.local.bundled.layout import describe
from sanad.local.bundled.releases import Address, BundledRelease, datasets, editions, only_with_all, published_at
from sanad.local.bundled.sheet import GENERAL, Cell, Sheet, at, to_xls

__all__ = [
    "GENERAL",
    "Address",
    "BundledRelease",
    "Cell",
    "Sheet",
    "at",
    "datasets",
    "describe",
    "editions",
    "only_with_all",
    "published_at",
    "render",
    "to_xls",
]


def render(release: BundledRelease) -> bytes:
    """The release as the file its publisher would have issued: a BIFF8 workbook."""
    return to_xls(describe(release))
