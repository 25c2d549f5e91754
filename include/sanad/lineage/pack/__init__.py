"""Audit packs: one mart row with all that vouches for it, in a zip that can be verified without Sanad."""

from sanad.lineage.pack.assemble import audit_pack

__all__ = ["audit_pack"]
