"""Registers that nobody published: synthetic registrants in the layouts in which PSEB's are known to come.

``releases(dataset)`` lists the synthetic releases of a dataset and ``render(release)`` makes a release's file;
``registrants()`` is everybody in them. What they are drawn from stands in ``include/bundled/pseb``. A release always
renders to the same bytes.
"""

from sanad.local.registers.plan import Edition, plan
from sanad.local.registers.population import Registrant, registered, registrants
from sanad.local.registers.releases import (
    CERTIFICATE,
    EXPORT,
    LIST,
    TECH_HUB,
    RegisterRelease,
    datasets,
    releases,
    render,
)

__all__ = [
    "CERTIFICATE",
    "EXPORT",
    "LIST",
    "TECH_HUB",
    "Edition",
    "RegisterRelease",
    "Registrant",
    "datasets",
    "plan",
    "registered",
    "registrants",
    "releases",
    "render",
]
