"""Bytes by their hash, and the ledger of what happened to each release."""
