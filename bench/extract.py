"""dt.xls from bytes to figures, against what else reads an .xls."""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Callable

from bench.installation import DATASET, REAL_RELEASE
from bench.measure import Goal, Report, versions
from sanad.extract import read_release
from sanad.local import bundled
from sanad.registry import dataset

RUNS = 21
GROUP = "dt.xls"
SANAD, FORMATS = "Sanad: bytes to figures", "xlrd with formats"


def run(runs: int = RUNS) -> Report:
    report = Report("extract", "Reading dt.xls", peers={GROUP: FORMATS})
    content = REAL_RELEASE.read_bytes() if REAL_RELEASE.exists() else bundled.render(bundled.editions(DATASET)[0])
    methods = _methods(content)
    for turn in range(runs + 1):
        for name, method in methods.items():
            gc.collect()  # what the method before left behind is not this one's to clear away
            began = time.perf_counter()
            method()
            if turn:  # the first warms up imports and caches
                report.result(GROUP, name).seconds.append(time.perf_counter() - began)
    report.versions = versions("xlrd", "python-calamine", "pandas")
    ratio = report.ratio(report.result(GROUP, SANAD)) or 0
    report.goals.append(Goal("at most 1.3 times xlrd's own reading with formats", f"{ratio:.2f}", ratio <= 1.3))
    which = "SBP's own workbook of February 2026" if REAL_RELEASE.exists() else "the bundled rendering"
    figures = len(read_release(dataset(DATASET), {"dt.xls": content}).figures)
    report.notes.append(
        f"{which[0].upper()}{which[1:]}, {len(content):,} bytes, {figures:,} figures. The peers end with a grid of "
        "values; only xlrd with formats knows what a reader of the document sees. Sanad's time includes xlrd's own, "
        "the layout, the checks on it, and each figure with its period, flag, printed text and locator."
    )
    report.profile += _profile(content)
    return report


def _methods(content: bytes) -> dict[str, Callable[[], object]]:
    import pandas
    import xlrd
    from python_calamine import CalamineWorkbook

    source = dataset(DATASET)

    def calamine() -> object:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]

    def frame(engine: str) -> object:
        return pandas.read_excel(io.BytesIO(content), engine=engine, header=None, sheet_name=None)

    return {
        SANAD: lambda: read_release(source, {"dt.xls": content}),
        FORMATS: lambda: xlrd.open_workbook(file_contents=content, formatting_info=True),
        "xlrd": lambda: xlrd.open_workbook(file_contents=content),
        "calamine": calamine,
        "pandas (xlrd)": lambda: frame("xlrd"),
        "pandas (calamine)": lambda: frame("calamine"),
    }


def _profile(content: bytes) -> list[str]:
    from bench.profiles import shares

    return shares(
        lambda: read_release(dataset(DATASET), {"dt.xls": content}),
        {
            "xlrd's own reading": ("xlrd/__init__.py", "open_workbook"),
            "figures from the grid": ("trade_in_services.py", "_figures"),
            "finding the table": ("trade_in_services.py", "_era"),
        },
    )
