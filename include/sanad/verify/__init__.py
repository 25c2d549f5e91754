"""The chain walked back by another road: archived bytes, ledger, staging and marts worked out anew.

Nothing of ``sanad.grid`` and ``sanad.extract`` is imported here, and nothing that dbt computed is built upon.
"""

from sanad.verify.record import Verification, newest
from sanad.verify.report import Disagreement, Report
from sanad.verify.verification import verify

__all__ = ["Disagreement", "Report", "Verification", "newest", "verify"]
