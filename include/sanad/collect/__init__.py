"""Fetching what a publisher offers now, politely and suspiciously."""

from sanad.collect.http import FinalFetchError, RefusedFetchError, Response, TransientFetchError, Via, fetch
from sanad.collect.progress import Progress, Redacted, forget
from sanad.collect.retries import within_moments
from sanad.collect.walk import Manners, Redact, Walker

__all__ = [
    "FinalFetchError",
    "Manners",
    "Progress",
    "Redact",
    "Redacted",
    "RefusedFetchError",
    "Response",
    "TransientFetchError",
    "Via",
    "Walker",
    "fetch",
    "forget",
    "within_moments",
]
