"""Parsers of the State Bank of Pakistan's releases."""
