"""Verification must be able to fail: one thing is planted at a time, is found and named, and is gone when mended."""

import json
import shutil
from contextlib import ExitStack, contextmanager

import pytest
from helpers import FEBRUARY, MARCH, build_marts, release_id, rows

from sanad.archive import ledger
from sanad.archive.store import sha256_of
from sanad.local import bundled
from sanad.verify import declared, verify
from sanad.warehouse.connect import Role, connection
from sanad.words import settings
from sanad.words.vocabulary import Verdict

pytestmark = pytest.mark.warehouse

EXPORTS = declared.marts()["mart_call_centres"].formulas["exports_usd_thousand"]
BEFORE, HANDLE = "sbp/trade_in_services@2026-02", "sbp/trade_in_services@2026-03"
I61 = f"release_id = {release_id(MARCH)} and locator = '''EBOPS ''!I61'"
F61 = f"release_id = {release_id(MARCH)} and locator = '''EBOPS ''!F61'"
I61_BEFORE = f"release_id = {release_id(FEBRUARY)} and locator = '''EBOPS ''!I61'"


def id_of(where):
    [(figure_id,)] = rows(f"select figure_id from staging.figure where {where}")
    return figure_id


def test_nothing_planted_is_nothing_found_and_everything_is_covered(built):
    report = verify()
    assert report.verdict is Verdict.AGREES
    assert report.disagreements == report.not_covered == report.waiting == []
    assert report.counts["staging"]["figures re-read"] == report.counts["staging"]["figures"] == 2 * 88 * 15
    relations = {name: f"marts.{name}" for (name,) in rows(
        "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')"
    )} | {name: name for name in ("staging.adjusted", "staging.identity")}  # fmt: skip
    assert set(report.marts) == set(relations)
    for name, mart in report.marts.items():
        assert (mart.rows, mart.disagreements) == (rows(f"select count(*) from {relations[name]}")[0][0], 0)
    assert report.classes["1"] > 15_000
    assert [reader.split()[0] for reader in report.readers] == ["calamine"], "xlrd parsed them"
    assert +report.counts["unjudged"] == {}


# ---- the archive


def _content(release):
    sha256 = sha256_of(bundled.render(release))
    return f"sha256/{sha256[:2]}/{sha256}"


def test_a_flipped_byte(file, found):
    path = file(_content(MARCH))
    content = bytearray(path.read_bytes())
    content[20_000] ^= 1
    path.write_bytes(content)
    [told] = found()
    assert told.startswith(f"archive: {HANDLE} dt.xls: expected content {path.name}, found content ")


def test_missing_bytes(file, found):
    path = file(_content(FEBRUARY))
    path.unlink()
    assert found() == [f"archive: {BEFORE} dt.xls: expected content {path.name}, found no such file"]


def test_a_release_that_is_not_what_its_parts_are(tampered, found):
    with tampered("archive.part", f"update archive.part set bytes = 1 where release_id = {release_id(MARCH)}"):
        assert f"archive: {HANDLE} dt.xls: expected 1 bytes, found 34304 bytes" in found("archive")
    other = sha256_of(b"another")
    with tampered("archive.part", f"update archive.part set sha256 = '{other}' where release_id = {release_id(MARCH)}"):
        told = found("archive")
    assert told[-1].startswith(f"archive: {HANDLE}: expected sha256 ") and told[-1].endswith(f"{other} from its parts")


# ---- the ledger


def test_a_deleted_ledger_row_in_the_middle(tampered, found):
    with tampered("archive.ledger", "delete from archive.ledger where seq = 2"):
        told = found("ledger")
    assert "ledger: event 3: expected after event 1 event 2, found event 3" in told
    assert any(line.startswith("ledger: event 3: expected prev_hash ") for line in told)


def test_a_deleted_ledger_row_at_the_end(tampered, found):
    [(last,)] = rows("select max(seq) from archive.ledger")
    with tampered("archive.ledger", f"delete from archive.ledger where seq = {last}"):
        told = found("ledger")
    assert f"ledger: event {last}: expected a row, as ledger/{last:012d}.json says, found no such row" in told
    assert any(line.startswith(f"ledger: event {last}: expected hash ") for line in told), "its head had been noted"


def test_an_edited_ledger_row(tampered, found):
    with tampered(
        "archive.ledger",
        "update archive.ledger set reason = 'waved through' where seq = 2",
        "update archive.ledger set at = at - interval '1 year' where seq = 3",
        "update archive.ledger set event = 'reinstated' where seq = 4",
    ):
        told = found("ledger")
    for seq in (2, 3, 4):
        assert any(line.startswith(f"ledger: event {seq}: expected hash ") for line in told)
    assert "ledger: event 2: expected an event file with the warehouse's ledger, found another reason" in told
    assert any("event 3: expected an instant from " in line for line in told)
    assert "ledger: event 4: expected what may follow received, found reinstated" in told


def _rewritten():
    """The statements by which somebody with every right changes a decision and all that follows from it."""
    names = ("seq", "at", "event", "release_id", "extraction_id", "actor", "reason", "evidence", "prev_hash", "hash")
    hash_, statements, heads = ledger.GENESIS, [], []
    for values in rows(f"select {', '.join(names)} from archive.ledger order by seq"):
        row = dict(zip(names, values, strict=True))
        old = row.pop("hash")
        changed = {"prev_hash": hash_} | ({"actor": "nobody"} if row["seq"] == 2 else {})
        hash_ = ledger.hash_of(row | changed)
        heads.append((row["seq"], old, changed | {"hash": hash_}))
        setting = ", ".join(f"{name} = '{value}'" for name, value in heads[-1][2].items())
        statements.append(f"update archive.ledger set {setting} where seq = {row['seq']}")
    return statements, heads


def test_a_rewritten_decision_with_the_whole_chain_recomputed(tampered, file, found):
    statements, heads = _rewritten()
    last, old, new = heads[-1][0], heads[-1][1], heads[-1][2]["hash"]
    noted = f"ledger: event {last}: expected hash {old}, as noted, found {new}"
    with tampered("archive.ledger", *statements):
        for seq, _, changed in heads:
            path = file(f"ledger/{seq:012d}.json")
            content = json.loads(path.read_text())
            content["ledger"] |= changed
            path.write_text(json.dumps(content))
        assert noted in found(mart="dim_build"), "an earlier verification had noted the head"
        with tampered("ops.verification", "delete from ops.verification"):
            assert found(mart="dim_build") == [], "rows and files are in themselves what they should be"
            assert found(mart="dim_build", head=new) == []
            assert found(mart="dim_build", head=old) == [noted]
            assert found(mart="dim_build", head=f"{last}:{old}") == [noted]
            assert f"marts: dim_release {release_id(FEBRUARY)} decided_by: expected nobody, found tester" in found()


def test_a_missing_event_file(file, found):
    file("ledger/000000000002.json").unlink()
    assert found(mart="dim_build") == ["ledger: event 2: expected its event file, found no such file"]


def test_an_event_file_that_says_otherwise(file, found):
    path = file("ledger/000000000002.json")
    content = json.loads(path.read_text())
    content["release"]["published_on"] = "2026-01-01"
    path.write_text(json.dumps(content))
    file("ledger/000000000003.json").write_text("{")
    told = found(mart="dim_build")
    other = "ledger: event 2: expected an event file with the warehouse's release, found another published_on"
    assert told[0] == other
    assert told[1].startswith("ledger: event 3: expected an event file in JSON, found ")


# ---- staging


def test_an_edited_staging_value(tampered, found):
    with tampered("staging.figure", f"update staging.figure set value = 36409.9252 where {I61}"):
        told = found()
    assert told[0].startswith(f"staging: {HANDLE}: expected canonical sha256 ")
    assert told[1:] == [
        f"staging: {HANDLE} 9.1.1 credit 2026-03, figure {id_of(I61)}, value 'EBOPS '!I61: "
        "expected 36409.925099999986, found 36409.9252"
    ], "and no mart, for those were built from what the cell holds"


def test_a_staged_figure_that_is_gone(tampered, found):
    with tampered("staging.figure", f"delete from staging.figure where {I61}"):
        told = found()
    assert f"staging: {HANDLE}: expected 1320 figures, as its extraction says, found 1319 figures" in told
    assert any(line.startswith("marts: mart_call_centres 2026-03 exports_usd_thousand: ") for line in told)


def test_what_a_staged_figure_says_of_its_measure_unit_and_whole(tampered, found):
    """What a trace prints beside the value, and what the tree of lines is made of."""
    planted = {
        "I61": ('details = details || \'{"unit_as_printed": "(Million US$)"}\'', "unit_as_printed 'EBOPS '!L6"),
        "I60": ('details = details || \'{"measure_header_as_printed": "Debit"}\'', "measure_header_as_printed"),
        "I59": ("details = details || '{\"measure_header_locator\": \"''EBOPS ''!L8\"}'", "measure_header_locator"),
        "I62": ("parent_code = '10'", "parent_code 'EBOPS '!I62: expected 9.1, found 10"),
    }
    with tampered("staging.figure", *(
        f"update staging.figure set {setting} where release_id = {release_id(MARCH)} and locator = '''EBOPS ''!{cell}'"
        for cell, (setting, _) in planted.items()
    )):  # fmt: skip
        told = found("staging")
    assert len(told) == len(planted)
    for cell, (_, named) in planted.items():
        [(figure_id,)] = rows(
            "select figure_id from staging.figure where release_id = %s and locator = %s",
            release_id(MARCH), f"'EBOPS '!{cell}",
        )  # fmt: skip
        assert any(f"figure {figure_id}, {named}" in line for line in told), (cell, told)


# ---- past the ledger


def _planted(table, planting, mending):
    """As a superuser, on a table others point to: it cannot be emptied and filled again."""
    with connection(Role.ADMIN) as admin:
        if table.startswith("archive."):
            admin.execute(f"alter table {table} disable trigger insert_only_rows")
        assert admin.execute(planting).rowcount, "nothing was planted"
    try:
        yield
    finally:
        with connection(Role.ADMIN) as admin:
            admin.execute(mending)
            if table.startswith("archive."):
                admin.execute(f"alter table {table} enable always trigger insert_only_rows")
        assert verify(mart="dim_build").disagreements == []


planted = contextmanager(_planted)


def test_a_release_that_no_event_tells_of(built, found):
    columns = "dataset, origin, redacted, published_on, published_on_from, last_saved_at, first_fetched_at, url"
    planting = (
        f"insert into archive.release (release_id, sha256, {columns}) "
        f"select 77, '{'a' * 64}', {columns} from archive.release limit 1"
    )
    with planted("archive.release", planting, "delete from archive.release where release_id = 77"):
        assert found(mart="dim_build") == [
            "ledger: sbp/trade_in_services#aaaaaaaa: expected an event that tells of it, found none"
        ]


def test_another_parser_version_also_in_the_event_files(built, file, found):
    """Their ids are worked out of parser and version, and stand in the chain."""
    setting = "update archive.extraction set parser_version = '{}' where release_id = " + str(release_id(MARCH))
    for seq, _ in enumerate(rows("select 1 from archive.ledger"), 1):
        path = file(f"ledger/{seq:012d}.json")
        content = json.loads(path.read_text())
        if content["extraction"] and content["extraction"]["release_id"] == str(release_id(MARCH)):
            content["extraction"]["parser_version"] = "0"
            path.write_text(json.dumps(content))
    with connection(Role.ADMIN) as admin:
        admin.execute("alter table archive.extraction disable trigger insert_only_rows")
        admin.execute(setting.format(0))
    try:
        [told] = found(mart="dim_build")
    finally:
        with connection(Role.ADMIN) as admin:
            admin.execute(setting.format(1))
            admin.execute("alter table archive.extraction enable always trigger insert_only_rows")
    assert told.startswith(f"archive: {HANDLE}: expected extraction id ")


def test_a_formula_that_traces_tell_and_no_yaml_declares(tampered, found):
    where = "where (mart, column_name) = ('mart_call_centres', 'exports_yoy_pct')"
    declared_so = "marts: lineage.measure mart_call_centres exports_yoy_pct formula: expected 100 * (fine(exports) / "
    with tampered("lineage.measure", f"update lineage.measure set formula = 'exports' {where}"):
        assert found() == [f"{declared_so}fine(exports_year_ago) - 1), found exports"]
        assert found(mart="mart_revisions") == [], "another mart was asked for"
    with tampered("lineage.measure", f"delete from lineage.measure {where}"):
        assert found() == [f"{declared_so}fine(exports_year_ago) - 1), found nothing"]
    renamed = "update lineage.measure set measure = 'sales' where (mart, measure) = ('mart_call_centres', 'exports')"
    with tampered("lineage.measure", renamed):
        assert found() == [
            "marts: lineage.measure mart_call_centres exports_usd_thousand measure: expected exports, found sales"
        ]


def test_a_store_that_says_it_holds_what_no_build_has_looked_at(tampered, found):
    with tampered("ops.watermark", "update ops.watermark set ledger_seq = ledger_seq + 5"):
        told = found(mart="dim_build")
    [(seq,)] = rows("select max(ledger_seq) from ops.build")
    said = f"expected a watermark up to event {seq}, the newest any build looked at, found event {seq + 5}"
    stores = ("fct_exchange_rate_print", "fct_registration", "fct_services_trade_print", "fct_services_trade_vintage")
    assert told == [f"marts: {store}: {said}" for store in stores]


# ---- marts


def test_a_figure_taken_away_that_is_another(tampered, found):
    """The months behind a derived period, swapped, left out, doubled: the sum may well be the same."""
    key = "(series_code, measure, period_code) = ('9.1.1', 'credit', 'FY26.Jul-Jan')"
    for ids in ("value_less_figure_ids || value_less_figure_ids", "'{}'", f"array[{id_of(F61)}]"):
        with tampered(
            "marts.mart_derived_periods",
            f"update marts.mart_derived_periods set value_less_figure_ids = {ids} where {key}",
        ):
            told = found(mart="mart_derived_periods")
        start = "marts: mart_derived_periods 9.1.1/credit/FY26.Jul-Jan value_less_figure_ids"
        assert told[0].startswith(start), told


def test_an_edited_mart_value(tampered, found):
    with tampered(
        "marts.mart_call_centres",
        "update marts.mart_call_centres set exports_usd_thousand = 36410 where period_code = '2026-03'",
    ):
        [told] = found()
    assert told == (
        "marts: mart_call_centres 2026-03 exports_usd_thousand 'EBOPS '!I61: "
        f"expected 36409.925100, {EXPORTS} of 'EBOPS '!I61 of {HANDLE}, found 36410.000000"
    )


#: The sectors' exports and what is made of them; a build ends with dim_build.
SECTORS = "int_sector_exports__compute+,resource_type:model dim_build"


@pytest.fixture
def another_model(built, tmp_path, monkeypatch):
    """The marts built by a model whose formula is another than its YAML's, and by the project's own again."""
    changed = shutil.copytree(settings.project() / "dbt_project", tmp_path / "dbt_project")
    macro = changed / "macros" / "sector_exports.sql"
    right, wrong = "as exports_yoy_pct,", "+ 100 as exports_yoy_pct,"
    assert macro.read_text().count(right) == 1
    macro.write_text(macro.read_text().replace(right, wrong))
    with monkeypatch.context() as patch:
        patch.setenv("SANAD_PROJECT", str(tmp_path))
        patch.setenv("SANAD_STATE", str(built))
        build_marts(select=SECTORS)
    yield
    build_marts(select=SECTORS)
    assert verify().disagreements == []


def test_a_formula_that_changed_in_the_model_and_not_in_its_yaml(another_model, found):
    told = found(mart="mart_call_centres")
    assert len(told) == rows("select count(*) from marts.mart_call_centres where exports_yoy_pct is not null")[0][0]
    [march] = [line for line in told if " 2026-03 " in line]
    assert march == (
        "marts: mart_call_centres 2026-03 exports_yoy_pct 'EBOPS '!I61: "
        f"expected 12.870180, 100 * (fine(exports) / fine(exports_year_ago) - 1) of 'EBOPS '!I61 of {HANDLE} + "
        f"'EBOPS '!C61 of {HANDLE}, found 112.870180"
    )


def test_a_mart_row_that_cites_the_wrong_cell(tampered, found):
    with tampered(
        "marts.mart_call_centres",
        f"update marts.mart_call_centres set exports_figure_ids = '{{{id_of(F61)}}}' where period_code = '2026-03'",
    ):
        told = found(mart="mart_call_centres")
    cells = f"expected 'EBOPS '!I61 of {HANDLE}, found 'EBOPS '!F61 of {HANDLE}"
    assert f"marts: mart_call_centres 2026-03 exports_figure_ids 'EBOPS '!F61: {cells}" in told
    assert any(f"exports_usd_thousand 'EBOPS '!F61: expected 35425.465700, {EXPORTS} of" in line for line in told)


def test_a_mart_row_that_cites_another_cell_of_equal_value(tampered, found):
    """Call centres of February were printed twice, with one value; the newest print is the one to cite."""
    with tampered(
        "marts.mart_call_centres",
        f"update marts.mart_call_centres set exports_figure_ids = '{{{id_of(I61_BEFORE)}}}' "
        "where period_code = '2026-02'",
    ):
        assert found() == [
            f"marts: mart_call_centres 2026-02 exports_figure_ids 'EBOPS '!I61: "
            f"expected 'EBOPS '!F61 of {HANDLE}, found 'EBOPS '!I61 of {BEFORE}"
        ]


def test_a_mart_row_that_cites_nothing_that_is_staged(tampered, found):
    planted = "update marts.fct_services_trade set value_figure_ids = '{1}' where (ebops_code, measure, period_code) = "
    with tampered("marts.fct_services_trade", f"{planted} ('9.1.1', 'credit', '2026-03')"):
        told = found(mart="fct_services_trade")
    assert "found figure 1, which is not staged" in told[0]
    assert told[1].endswith("value_usd_thousand: expected sum(figures), found figure 1, which is not staged")


def test_rows_that_are_missing_and_rows_that_must_not_be(tampered, found):
    missing = "delete from marts.mart_derived_periods where (series_code, measure) = ('9', 'net')"
    extra = "insert into marts.dim_sector values ('made_up', 'x', 'total', true, 99, '{9}')"
    with tampered("marts.mart_derived_periods", missing), tampered("marts.dim_sector", extra):
        told = found("marts")
    assert told[0] == "marts: dim_sector made_up: expected no such row, found one that cites nothing"
    assert len(told) > 1 and all(line.endswith(": expected a row, found none") for line in told[1:])
    assert told[1].startswith("marts: mart_derived_periods 9/net/")


def test_vintages_that_are_not_as_they_were(tampered, found):
    planted = {
        "0": ("superseded_on = superseded_on + 1", "expected no such row"),
        "1": ("superseded_on = null", "expected no such row"),
        "2": ("recorded_at = recorded_at - interval '1 second'", "expected no such row"),
        "3": ("last_seen_edition = '2026-01'", "last_seen_edition 'EBOPS '!I"),
        "4": ("superseded_at = recorded_at", "expected no such row"),
        "5": ("is_first_print = not is_first_print", "expected no such row"),
        "6": ("published_seq = 2", "published_seq"),
    }
    statements = [
        f"update marts.fct_services_trade_vintage set {planting} where series_code = '{code}' "
        "and (measure, period_code, edition) = ('credit', '2026-02', '2026-02') and superseded_on is not null"
        for code, (planting, _) in planted.items()
    ]
    with tampered("marts.fct_services_trade_vintage", *statements):
        told = found("marts", mart="fct_services_trade_vintage")
    for code, (planting, named) in planted.items():
        of_key = [line for line in told if f"sbp/trade_in_services/{code}/credit/2026-02/" in line]
        assert any(named in line for line in of_key), (planting, of_key)


def test_any_other_column_of_any_mart(tampered, found):
    planted = [
        ("mart_revision_statistics", "mean_revision_usd_thousand = mean_revision_usd_thousand + 0.000001"),
        ("mart_revision_statistics", "bias_pct = bias_pct + 0.000001"),
        ("mart_revisions", "is_of_first_print = not is_of_first_print"),
        ("mart_revisions", "flag_before = 'R'"),
        ("mart_silent_revisions", "is_silent = not is_silent"),
        ("mart_sector_exports", "flag = 'R'"),
        ("mart_sector_exports", "origin = 'official'"),
        ("mart_sector_exports", "edition = '2026-02'"),
        ("mart_sector_exports", "basis = 'implied'"),
        ("mart_derived_periods", "basis = 'implied'"),
        ("dim_ebops_line", "label = label || '.'"),
        ("dim_period", "fiscal_month = 13 - fiscal_month"),
        ("dim_release", "url = 'https://example.org/'"),
        ("dim_build", "built_at = built_at - interval '1 day'"),
    ]
    with ExitStack() as planting:
        for mart in dict.fromkeys(mart for mart, _ in planted):
            statements = [f"update marts.{mart} set {setting}" for other, setting in planted if other == mart]
            planting.enter_context(tampered(f"marts.{mart}", *statements))
        told = found()
    for mart, setting in planted:
        assert any(line.startswith(f"marts: {mart} ") and f" {setting.split()[0]}" in line for line in told), setting
    due = {(f"marts: {mart}", setting.split()[0]) for mart, setting in planted}
    assert not [line for line in told if not any(line.startswith(m) and f" {c}" in line for m, c in due)]
