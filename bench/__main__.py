"""``python -m bench [all | report | NAME ...]``."""

from __future__ import annotations

import sys
from importlib import import_module

from bench.measure import Report, spread
from bench.report import ORDER, write


def main(names: list[str]) -> int:
    """Run benches by name, or all; then the page. Exit 0 whatever the figures are: timings are no tests."""
    unknown = set(names) - {*ORDER, "all", "report"}
    if unknown:
        print(f"no bench {', '.join(sorted(unknown))}: all, report, {', '.join(ORDER)}", file=sys.stderr)
        return 2
    for name in ORDER if not names or "all" in names else [name for name in names if name != "report"]:
        report: Report = import_module(f"bench.{name}").run()
        print(f"{report.title}: {report.save()}")
        for one in report.results:
            print(f"  {one.group:<24} {one.method:<40} {spread(one.seconds)} s")
        for goal in report.goals:
            print(f"  {'met    ' if goal.met else 'NOT MET'}  {goal.goal}: {goal.measured}")
    print(f"wrote {write()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
