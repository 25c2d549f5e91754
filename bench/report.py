"""docs/performance.md and its charts, of what is in bench/results/: no figure there is typed by hand."""

from __future__ import annotations

from pathlib import Path

from bench.charts import bars
from bench.installation import PROJECT
from bench.measure import RESULTS, Report, Result, significant, spread

PAGE = PROJECT / "docs" / "performance.md"
ORDER = (
    "stage", "extract", "rates", "fetch_to_staged", "registers", "links", "registrations", "claims", "build",
    "vintages", "as_of", "trace", "page", "dashboards", "verify", "rebuild", "run", "up",
)  # fmt: skip
_HEAD = """# How fast

Measured by `make bench` and written by `python -m bench report`; not edited by hand. Methods that are compared took
turns in one session, so that whatever else the machine did fell on all of them: trust ratios more than seconds, and
neither below a factor of 1.2. Times are median (least-most) in seconds.
"""


def write() -> Path:
    """Make the page anew; what it says of a bench whose results are not here stays as it is."""
    reports = [Report.load(RESULTS / f"{name}.json") for name in ORDER if (RESULTS / f"{name}.json").exists()]
    charts = PAGE.parent / "performance"
    charts.mkdir(exist_ok=True)
    goals, sections = _standing(PAGE.read_text() if PAGE.exists() else "")
    for report in reports:
        for number, group in enumerate(dict.fromkeys(one.group for one in report.results)):
            name = f"{report.name}-{number + 1}.svg"
            (charts / name).write_text(_chart(report, group))
        goals[report.title] = _goals(report)
        sections[report.title] = _section(report)
    rows = [row for of_report in goals.values() for row in of_report]
    PAGE.write_text("\n".join([_HEAD, _table(["", "goal", "measured", ""], rows), *sections.values()]))
    return PAGE


def _standing(page: str) -> tuple[dict[str, list[list[str]]], dict[str, str]]:
    """The goals and the sections of a page that was written before, by the titles of their benches."""
    head, *parts = page.split("\n## ")
    goals: dict[str, list[list[str]]] = {}
    for line in head.splitlines():
        title, *rest = (cell.strip() for cell in line.strip("|").split(" | "))
        if line.startswith("| ") and title and title != "---":
            goals.setdefault(title, []).append([title, *rest])
    return goals, {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}


def _chart(report: Report, group: str) -> str:
    rows = [one for one in report.of(group) if one.median > 0]
    if all("figures/s" in one.more for one in rows):
        return bars(f"{report.title}, {group}: figures a second", [(r.method, r.more["figures/s"]) for r in rows], "/s")
    return bars(f"{report.title.replace('`', '')}, {group}: seconds", [(r.method, r.median) for r in rows], "s")


def _goals(report: Report) -> list[list[str]]:
    return [[report.title, goal.goal, goal.measured, "met" if goal.met else "**not met**"] for goal in report.goals]


def _section(report: Report) -> str:
    lines = [f"## {report.title}", "", *(f"{note}\n" for note in report.notes)]
    for number, group in enumerate(dict.fromkeys(one.group for one in report.results)):
        lines += [
            f"### {group}",
            "",
            _rows(report, group),
            f"![{group}](performance/{report.name}-{number + 1}.svg)",
            "",
        ]
    if report.profile:
        lines += ["Where the time goes:", "", *(f"- {line}" for line in report.profile), ""]
    machine = report.machine
    if report.load_before[0] > 1:
        lines += [
            f"Before it began the machine was busy with other work, a load average of {report.load_before[0]:.1f} on "
            f"{machine['cores']} cores: seconds would be fewer on a quiet one.",
            "",
        ]
    load = " and ".join(" ".join(f"{one:.1f}" for one in load) for load in (report.load_before, report.load_after))
    lines += [
        f"{report.began}, {machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB, "
        f"{machine['system']}; load average before and after {load}. "
        + ", ".join(f"{name} {number}" for name, number in report.versions.items())
        + ".",
        "",
    ]
    return "\n".join(lines)


def _rows(report: Report, group: str) -> str:
    found = report.of(group)
    columns = list(dict.fromkeys(column for one in found for column in one.more))
    peer = report.peers.get(group)
    head = ["", "seconds", "runs", *([f"times {peer}"] if peer else []), *columns]

    def row(one: Result) -> list[str]:
        ratio = [significant(report.ratio(one) or 0)] if peer else []
        return [
            one.method,
            spread(one.seconds),
            str(len(one.seconds)),
            *ratio,
            *(_cell(one.more.get(c)) for c in columns),
        ]

    return _table(head, [row(one) for one in found])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return significant(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"
