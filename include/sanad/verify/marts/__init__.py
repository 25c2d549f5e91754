"""Every mart computed a second time, from archived cells and the ledger. A mart that is not listed is not covered."""

from __future__ import annotations

from sanad.verify.declared import Mart
from sanad.verify.marts import (
    claims,
    cross_checks,
    derived,
    dimensions,
    industry_brief,
    prints,
    registered,
    registrations,
    reported,
    revisions,
    rupees,
    sectors,
    services_trade,
    vintages,
)
from sanad.verify.marts.expected import Check, by_key

_EXPECTED = {
    "dim_build": dimensions.build,
    "dim_ebops_line": dimensions.lines,
    "dim_period": dimensions.periods,
    "dim_place": dimensions.places,
    "dim_registrant": registrations.registrants,
    "dim_release": dimensions.releases,
    "dim_sector": dimensions.sectors,
    "fct_exchange_rate_print": rupees.prints,
    "fct_registration": registrations.registrations,
    "fct_reported_exports_print": reported.prints,
    "fct_services_trade": services_trade.latest,
    "fct_services_trade_print": prints.prints,
    "mart_call_centres": sectors.call_centres,
    "mart_claims_weighed": claims.weighed,
    "mart_cross_checks": cross_checks.cross_checks,
    "mart_data_health": dimensions.health,
    "mart_derived_periods": derived.derived_periods,
    "mart_exports_per_registrant": registered.exports_per_registrant,
    "mart_industry_brief": industry_brief.briefs,
    "mart_registered_counts": registered.registered_counts,
    "mart_registrations": registered.registrations,
    "mart_revision_statistics": revisions.statistics,
    "mart_revisions": revisions.revisions,
    "mart_sector_exports": sectors.sector_exports,
    "mart_silent_revisions": revisions.silent_revisions,
}
_CHECKS: dict[str, Check] = {
    "fct_services_trade_vintage": vintages.vintages,
    "mart_registered_counts_member": registered.check_listed,
    "mart_registrations_member": registered.check_members,
}


def check_of(mart: Mart) -> Check | None:
    """How a mart is checked, None when nobody has said how."""
    if mart.name in _EXPECTED:
        return by_key(_EXPECTED[mart.name], mart.key)
    return _CHECKS.get(mart.name)
