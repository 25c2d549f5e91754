"""Fetching what a publisher offers now, politely and suspiciously."""

from sanad.collect.http import FinalFetchError, RefusedFetchError, Response, TransientFetchError, Via, fetch
from sanad.collect.retries import within_moments

__all__ = [
    "FinalFetchError",
    "RefusedFetchError",
    "Response",
    "TransientFetchError",
    "Via",
    "fetch",
    "within_moments",
]
