"""The bench's own arithmetic; nothing here is timed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from bench import measure, report, synthetic  # noqa: E402
from bench.charts import bars  # noqa: E402
from bench.measure import Goal, Report, significant, spread  # noqa: E402
from bench.run import parse  # noqa: E402


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (0.01234, "0.0123"), (0.9996, "1.00"), (1.5, "1.50"), (99.96, "100"), (123.4, "123"), (84039, "84,000")],
)
def test_three_significant_digits(number: float, shown: str) -> None:
    assert significant(number) == shown


def test_spread_is_the_median_with_least_and_most() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.00 (1.00-3.00)"
    assert spread([2.5]) == "2.50"


def _found() -> Report:
    found = Report("stage", "Staging", peers={"ten": "psql"}, goals=[Goal("fast", "2.0", met=False)])
    found.result("ten", "psql").seconds += [1.0, 5.0, 2.0]
    found.result("ten", "Sanad").seconds += [3.0, 1.0, 1.0]
    return found


def test_a_ratio_is_of_medians_within_its_group() -> None:
    found = _found()
    assert found.ratio(found.result("ten", "Sanad")) == 0.5
    found.result("other", "Sanad").seconds.append(1.0)
    assert found.ratio(found.result("other", "Sanad")) is None


def test_the_page_says_what_is_in_the_results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(measure, "RESULTS", tmp_path)
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    _found().save()
    page = report.write().read_text()
    assert "| Staging | fast | 2.0 | **not met** |" in page
    assert "| Sanad | 1.00 (1.00-3.00) | 3 | 0.500 |" in page
    assert (tmp_path / "performance" / "stage-1.svg").exists()
    (tmp_path / "stage.json").unlink()
    assert report.write().read_text() == page, "of a bench whose results are elsewhere the page says what it said"


def test_bars_are_in_proportion() -> None:
    drawn = bars("A <title>", [("psql", 100.0), ("Sanad", 50.0)], "/s")
    assert 'class="theirs" x="230" y="34" width="380.0"' in drawn
    assert 'class="ours" x="230" y="60" width="190.0"' in drawn
    assert "A &lt;title&gt;" in drawn


def test_phases_of_a_run_are_read_from_its_standard_error() -> None:
    said = (
        "Making the virtual environment .venv\nPostgreSQL up                   3.2 s\nMarts built  12.0 s  2 builds\n"
    )
    assert parse(said) == [("PostgreSQL up", 3.2), ("Marts built", 12.0)]


def test_synthetic_figures_come_one_release_at_a_time_and_all_differ() -> None:
    sizes = []
    seen = set()
    for release_id, _, reading in synthetic.readings(synthetic.FIGURES_A_RELEASE + 10):
        sizes.append(len(reading.figures))
        seen |= {(release_id, figure.ordinal) for figure in reading.figures}
    assert sizes == [synthetic.FIGURES_A_RELEASE, 10]
    assert len(seen) == sum(sizes)
