"""Parsers of the Pakistan Software Export Board's registers."""
