"""Parsers of what was reported: figures in documents that are not the publisher's own."""
