"""Fetching what a publisher offers now, politely and suspiciously."""

from sanad.collect.http import FinalFetchError, Response, TransientFetchError, Via, fetch

__all__ = ["FinalFetchError", "Response", "TransientFetchError", "Via", "fetch"]
