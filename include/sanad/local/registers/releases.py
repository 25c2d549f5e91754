"""Which synthetic releases there are, and what each is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sanad.local.registers import certificate, registration_list, registry_export, tech_hub
from sanad.local.registers.plan import Edition, plan
from sanad.local.registers.population import Registrant, registrants
from sanad.local.registers.tables import MEDIA_TYPES
from sanad.words.errors import UsageError
from sanad.words.vocabulary import Origin

TECH_HUB, EXPORT, LIST, CERTIFICATE = (
    "pseb/tech_hub", "pseb/registry_export", "pseb/registration_list", "pseb/certificate",
)  # fmt: skip
#: So many companies' certificates are looked at in each edition.
_CERTIFICATES = 2


@dataclass(frozen=True)
class RegisterRelease:
    """One synthetic release: a file of this name, or for the Tech Hub the page that a walk begins with."""

    dataset: str
    issue: Edition
    file: str
    make: Callable[[], bytes]
    origin: Origin = Origin.SYNTHETIC

    @property
    def edition(self) -> str:
        """The edition it is of: ``2026-03``."""
        return self.issue.edition

    @property
    def media_type(self) -> str:
        """By the file's ending."""
        return MEDIA_TYPES[self.file.rpartition(".")[2]]

    @property
    def last_saved(self) -> datetime:
        """When it was issued."""
        return self.issue.published_at


def datasets() -> list[str]:
    """The datasets with synthetic releases, by name."""
    return sorted(_RELEASES)


def releases(dataset: str) -> tuple[RegisterRelease, ...]:
    """The synthetic releases of a dataset in the order of issue; UsageError for an unknown dataset.

    One an edition; of certificates several, as each has one registrant.
    """
    if dataset not in _RELEASES:
        raise UsageError(f"'{dataset}' has no synthetic releases: there are {', '.join(datasets())}")
    return tuple(release for edition in plan().editions for release in _RELEASES[dataset](edition))


def render(release: RegisterRelease) -> bytes:
    """The release's file."""
    return release.make()


def _tech_hub(edition: Edition) -> Iterator[RegisterRelease]:
    yield RegisterRelease(TECH_HUB, edition, "page.html", lambda: tech_hub.page(edition))


def _export(edition: Edition) -> Iterator[RegisterRelease]:
    yield RegisterRelease(EXPORT, edition, "export_all_companies.json", lambda: registry_export.render(edition))


def _list(edition: Edition) -> Iterator[RegisterRelease]:
    yield RegisterRelease(LIST, edition, edition.listed["file"], lambda: registration_list.render(edition))


def _certificates(edition: Edition) -> Iterator[RegisterRelease]:
    for one in _certified():
        name = one.certificate_no.replace("/", "-")
        yield RegisterRelease(CERTIFICATE, edition, f"{name}.json", _call(certificate.reply, one, edition))
        yield RegisterRelease(CERTIFICATE, edition, f"{name}.pdf", _call(certificate.pdf, one, edition))


def _certified() -> list[Registrant]:
    """The last companies to be registered before the first edition: their registrations run out and are renewed."""
    first = plan().editions[0].month
    return [one for one in registrants() if one.kind == "company" and one.first_month <= first][-_CERTIFICATES:]


def _call(render: Callable[[Registrant, Edition], bytes], one: Registrant, edition: Edition) -> Callable[[], bytes]:
    return lambda: render(one, edition)


_RELEASES: Mapping[str, Callable[[Edition], Iterator[RegisterRelease]]] = {
    TECH_HUB: _tech_hub,
    EXPORT: _export,
    LIST: _list,
    CERTIFICATE: _certificates,
}
