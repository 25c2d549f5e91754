"""``mart_claims_weighed`` a second time: loops over the staged claims, none of the models' SQL."""

from sanad.verify.marts.claims.weighed import weighed

__all__ = ["weighed"]
