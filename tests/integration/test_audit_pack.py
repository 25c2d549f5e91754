"""An audit pack verifies itself without Sanad, and says so when anything in it was touched."""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from helpers import DATASET, FEBRUARY, MARCH, build_marts, bundled_arrival, new_installation, rows
from typer.testing import CliRunner

from sanad.archive.store import Store, Tampered
from sanad.cli.commands import app
from sanad.decide import decisions, ingest
from sanad.lineage import trace
from sanad.lineage.pack import audit_pack
from sanad.lineage.pack.verify import canonical
from sanad.registry import dataset
from sanad.words.errors import UsageError
from sanad.words.ids import Handle

pytestmark = pytest.mark.warehouse
MART, KEY = "mart_call_centres", "FY26.Jul-Mar"
FILES = ["README.txt", "SHA256SUMS", "chain.json", "index.html", "ledger.jsonl", "pack.json", "verify.py"]


@pytest.fixture(scope="module")
def built(template):
    """Both bundled releases; March was taken back for a while, for reasons that are hard to write down."""
    with new_installation(template) as state:
        for release in (FEBRUARY, MARCH):
            ingest(dataset(DATASET), bundled_arrival(release))
        decisions.retract(Handle(DATASET, edition="2026-03"), "a person", "<script>“why not”</script> ½ \U0001f600")
        decisions.reinstate(Handle(DATASET, edition="2026-03"), "a person", "because\nit\u2028was\x85right\x01")
        build_marts()
        yield state


@pytest.fixture(scope="module")
def packed(built) -> bytes:
    return audit_pack(trace(MART, KEY))


@pytest.fixture
def pack(packed, tmp_path) -> Path:
    """The pack unpacked, to be spoilt."""
    return unpacked(packed, tmp_path / "pack")


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        files.extractall(folder)
    return folder


def verified(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and words of the pack's own script, in a Python that has not seen Sanad."""
    script = (
        "import runpy, sys; sys.argv[1:1] = []; sys.argv = sys.argv[1:]\n"
        "try:\n    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "finally:\n    assert not [name for name in sys.modules if name.startswith('sanad')], 'it imports Sanad'"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(folder / "verify.py"), *arguments],
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_pack_verifies_itself_without_sanad(pack):
    code, said = verified(pack)
    assert code == 0, said
    figures, values, ledger = (int(re.search(rf"\b{kind} (\d+)", said)[1]) for kind in ("figure", "value", "ledger"))
    assert figures >= 3 * 5
    assert values == 3 * 3 + 2 * 4
    assert ledger == 6 * 4 + 1
    assert "0 disagree, 0 could not be checked here" in said


def test_what_is_in_it(pack):
    assert sorted(path.name for path in pack.iterdir() if path.is_file()) == sorted(FILES)
    (source,) = (path for path in pack.glob("sources/*/*"))
    assert source.name == "dt.xls"
    assert hashlib.sha256(source.read_bytes()).hexdigest().startswith(source.parent.name)
    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=pack, capture_output=True, check=False)
    assert done.returncode == 0
    chain = json.loads((pack / "chain.json").read_text())
    assert chain["row"]["exports_usd_thousand"] == "289057.966000"
    assert (pack / "ledger.jsonl").read_bytes().count(b"\n") == 6
    assert (
        "exports_yoy_pct = 20.363759\n      100 * (fine(exports) / fine(exports_year_ago) - 1)\n"
        in (pack / "README.txt").read_text()
    )


def test_the_same_state_gives_the_same_bytes(packed):
    assert audit_pack(trace(MART, KEY)) == packed


def test_the_page_asks_no_host_for_anything_and_runs_no_script(pack):
    page = (pack / "index.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;“why not”" in page
    targets = re.findall(r"""(?:src|href|action|data|srcset|poster)\s*=\s*["']?([^"'\s>]+)""", page)
    assert targets
    assert all(target.startswith("#") for target in targets)
    assert not re.search(r"url\(|@import|//[a-z0-9.-]+\.(?:com|org|net|pk)[^<]*[\"']", page)
    assert "default-src 'none'" in page


def test_the_page_lights_the_cell_among_its_neighbours(pack):
    page = (pack / "index.html").read_text()
    assert page.count("<mark>") == 3
    lit = re.search(r"<tr><th scope=\"row\">61</th>.*?</tr>", page, re.DOTALL)[0]
    assert '<td class="label">9.1.1 Call centres</td>' in lit
    assert '<td class="lit number"><mark>289,058</mark></td>' in lit
    assert '<td class="header" colspan="3">Jul-Mar, FY26 (P)</td>' in page
    for target in re.findall(r'href="#([^"]+)"', page):
        assert page.count(f'id="{target}"') == 1, target


def plant(pack: Path, name: str, change) -> None:
    """Change a file and make its sum right again: whoever changes one can change the other."""
    path = pack / name
    path.write_bytes(change(path.read_bytes()))
    sums = (pack / "SHA256SUMS").read_text()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    (pack / "SHA256SUMS").write_text(
        re.sub(rf"^[0-9a-f]{{64}}(  {re.escape(name)})$", rf"{sha256}\1", sums, flags=re.M)
    )


def edited(change):
    """A JSON file with something in it changed."""

    def edit(content: bytes) -> bytes:
        value = json.loads(content)
        change(value)
        return json.dumps(value, indent=1, ensure_ascii=False).encode()

    return edit


def disagrees(pack: Path, *words: str, **options) -> None:
    code, said = verified(pack, *options.get("arguments", ()))
    assert code == 4, said
    lines = [line for line in said.splitlines() if line.startswith("DISAGREES")]
    for word in words:
        assert any(word in line for line in lines), (word, lines)


def test_any_file_that_was_touched_is_named(pack):
    page = pack / "index.html"
    page.write_text(page.read_text().replace("289,058", "989,058"))
    disagrees(pack, "file index.html: expected ")
    page.unlink()
    disagrees(pack, "file index.html: ", "found no such file")


def source_of(pack: Path) -> str:
    return next(pack.glob("sources/*/*")).relative_to(pack).as_posix()


def test_a_flipped_byte_in_a_source_is_named(pack):
    name = source_of(pack)
    plant(pack, name, lambda content: content[:9000] + bytes([content[9000] ^ 1]) + content[9001:])
    disagrees(pack, f"bytes of {name}", f"source {DATASET}#", "sha256 in the ledger")


def test_another_file_in_its_place_is_told_by_the_ledger(pack):
    """Everything in the pack follows the new bytes, but for the chain."""
    from sanad.local import bundled

    name, other = source_of(pack), bundled.render(FEBRUARY)
    was, now = (hashlib.sha256(content).hexdigest() for content in ((pack / name).read_bytes(), other))
    plant(pack, name, lambda _: other)
    for file in ("pack.json", "chain.json"):
        plant(pack, file, lambda content: content.replace(was.encode(), now.encode()))
    disagrees(pack, f"sha256 in the ledger: expected {was}, found {now}", "release_id")


def measure(chain, column):
    return next(one for one in chain["measures"] if one["column"] == column)


def first_figure(chain):
    return measure(chain, "exports_usd_thousand")["inputs"][0]["figures"][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda figure: figure.update(value="289058"), "value: expected 289058.000000, found 289057.966000"),
        (lambda figure: figure.update(value=None, null_reason="N/A"), "value: expected N/A, found 289057.966000"),
        (lambda figure: figure.update(locator="'EBOPS '!O62"), "value: expected 289057.966000, found "),
        (lambda figure: figure.update(header_as_printed="Jul-Mar"), "heading 'EBOPS '!O7: expected Jul-Mar, found Jul"),
        (lambda figure: figure.update(label_raw="9.1.2 Telecommunication services"), "label '9.1.2 Tele"),
        (lambda figure: figure.update(figure_id="5"), "5 at 'EBOPS '!O61, release: expected "),
        (lambda figure: figure["release"].update(release_id="7"), "its source is in the pack"),
        (lambda figure: figure["release"].update(published_on="2026-04-18"), "published_on: expected 2026-04-17, f"),
        (lambda figure: figure["release"].update(url="https://example.org/"), "url: expected https://www.sbp.org.pk/"),
        (lambda figure: figure["custody"][1].update(actor="nobody"), "actor of event 4: expected tester, found nobody"),
        (lambda figure: figure["custody"].pop(), "events shown: expected [3, 4, 5, 6], found [3, 4, 5]"),
    ],
)
def test_an_edited_figure_is_named(pack, change, said):
    plant(pack, "chain.json", edited(lambda chain: change(first_figure(chain))))
    disagrees(pack, said)


def test_an_edited_value_is_named(pack):
    plant(pack, "chain.json", edited(lambda chain: measure(chain, "exports_yoy_pct").update(value="21.363759")))
    disagrees(
        pack,
        "value exports_yoy_pct = 100 * (fine(exports) / fine(exports_year_ago) - 1): "
        "expected 20.363759, found 21.363759",
    )


@pytest.mark.parametrize("column", ["exports_usd_thousand", "share_of_ict_pct"])
def test_an_edited_row_is_named(pack, column):
    plant(pack, "chain.json", edited(lambda chain: chain["row"].update({column: "1.000000"})))
    disagrees(pack, f"value {column} of the row: expected ")


def test_an_edited_formula_is_named(pack):
    plant(
        pack,
        "chain.json",
        edited(lambda chain: measure(chain, "share_of_ict_pct").update(formula="exports / ict_exports")),
    )
    disagrees(pack, "value share_of_ict_pct = exports / ict_exports: expected 0.085320, found 8.532029")


def edit_ledger(pack: Path, seq: int, change) -> None:
    def edit(content: bytes) -> bytes:
        lines = [json.loads(line) for line in content.splitlines()]
        change(lines[seq - 1])
        return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)

    plant(pack, "ledger.jsonl", edit)


def test_an_edited_ledger_row_is_named(pack):
    edit_ledger(pack, 5, lambda row: row.update(reason="another reason"))
    disagrees(pack, "ledger row 5 (retracted of release ", "hash of its content")


def test_a_missing_ledger_row_is_named(pack):
    lines = (pack / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    plant(pack, "ledger.jsonl", lambda _: b"".join(lines[:2] + lines[3:]))
    disagrees(pack, "ledger row 3 (", "seq: expected 3, found 4", "hash of the row before", "ledger head: ")


def rewrite_chain(pack: Path, change) -> None:
    """The ledger with a row changed, and every hash behind it made right again, in the manifest too."""

    def rewrite(content: bytes) -> bytes:
        before, lines = "0" * 64, []
        for line in content.splitlines():
            row = json.loads(line)
            change(row)
            row["prev_hash"] = before
            plain = {name: value for name, value in row.items() if name != "hash"}
            before = row["hash"] = hashlib.sha256((before + canonical(plain)).encode()).hexdigest()
            lines.append(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        plant(pack, "pack.json", edited(lambda manifest: manifest["ledger"].update(hash=before)))
        return b"".join(lines)

    plant(pack, "ledger.jsonl", rewrite)


def test_a_chain_written_anew_is_told_by_a_head_noted_down(pack):
    [(head,)] = rows("select hash from archive.ledger order by seq desc limit 1")
    assert verified(pack, "--head", head)[0] == 0
    rewrite_chain(pack, lambda row: row.update(reason="handed over by another") if row["seq"] == 1 else None)
    assert verified(pack)[0] == 0
    disagrees(pack, f"an event of the hash noted down, {head}: expected 1, found 0", arguments=["--head", head])


def test_a_release_that_did_not_count_is_named(pack):
    rewrite_chain(pack, lambda row: row.update(event="retracted") if row["seq"] == 6 else None)
    disagrees(pack, "visible at event 6: expected True, found False", "event of event 6: expected retracted, found ")


def test_a_correction_in_the_ledger_is_what_counts(pack):
    figure_id = first_figure(json.loads((pack / "chain.json").read_text()))["figure_id"]
    corrections = [{"figure_id": figure_id, "action": "override", "value": "1.5"}]
    rewrite_chain(pack, lambda row: row["evidence"].update(corrections=corrections) if row["seq"] == 4 else None)
    disagrees(pack, "value exports_usd_thousand of the row: expected 1.500000, found 289057.966000")


def test_a_number_it_cannot_hash_and_a_file_it_does_not_know_are_said(pack):
    rewrite_chain(pack, lambda row: None)
    edit_ledger(pack, 5, lambda row: row["evidence"].update(ratio=0.5))
    (pack / "notes.txt").write_text("an auditor's own")
    code, said = verified(pack)
    assert code == 0, said
    assert "UNCHECKED  file notes.txt: SHA256SUMS does not name it" in said
    assert "UNCHECKED  ledger row 5 (retracted of release " in said
    assert "0 disagree, 2 could not be checked here" in said


def test_what_is_no_pack_is_said(pack):
    (pack / "chain.json").write_text("{")
    assert verified(pack) == (2, verified(pack)[1])
    assert verified(pack)[1].startswith("this is not a whole pack: JSONDecodeError")


@pytest.mark.parametrize(
    "value",
    [
        {"b": 1, "a": [None, True, False, "é\u2028\x7f\x01\b\f\n\r\t\"\\/"]},
        {"é": {"\U0001f600": -9007199254740991, "\uff21": ""}},
        [],
        {},
    ],
)  # fmt: skip
def test_canonical_json_is_that_of_the_ledger(value):
    import rfc8785

    assert canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [0.5, 1 << 53, {"a": [1.0]}])
def test_numbers_beyond_it_are_refused(value):
    with pytest.raises(ValueError, match="as RFC 8785 has it"):
        canonical(value)


def every_mart() -> list[str]:
    return [
        mart
        for (mart,) in rows(
            "select distinct table_name from information_schema.columns where table_schema = 'marts' "
            "and column_name like '%\\_figure\\_ids' order by 1"
        )
    ]


def test_a_row_of_every_mart_can_be_packed_and_verified(built, tmp_path):
    # no article, no count, no exchange rate and no balance of payments here
    told_elsewhere = {
        "fct_exchange_rate_print", "fct_reported_exports_print", "mart_claims_weighed", "mart_cross_checks",
        "mart_exports_per_registrant", "mart_registered_counts",
    }  # fmt: skip
    marts = set(every_mart()) - told_elsewhere
    assert len(marts) >= 7
    for mart in sorted(marts):
        columns = rows(
            "select a.attname from pg_index as i join pg_attribute as a on a.attrelid = i.indrelid and "
            "a.attnum = any(i.indkey) where i.indrelid = %s::regclass and i.indisprimary "
            "order by array_position(i.indkey::int2[], a.attnum)",
            f"marts.{mart}",
        )
        joined = ", ".join(column for (column,) in columns)
        [(key,)] = rows(f"select concat_ws('/', {joined}) from marts.{mart} order by {joined} desc limit 1")
        folder = unpacked(audit_pack(trace(mart, key)), tmp_path / mart)
        code, said = verified(folder)
        assert code == 0, (mart, key, said)
        assert "0 disagree, 0 could not be checked here" in said, (mart, key, said)


def test_the_command_writes_the_zip(built, tmp_path, monkeypatch, packed):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["audit-pack", MART, KEY])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "mart_call_centres-FY26.Jul-Mar.zip").read_bytes() == packed
    assert f"{len(packed):,} bytes, sha256 {hashlib.sha256(packed).hexdigest()}" in done.stdout
    CliRunner().invoke(app, ["audit-pack", "mart_sector_exports", "call_centres/2026-03", "--out", "one.zip"])
    assert zipfile.ZipFile("one.zip").testzip() is None
    wrong = CliRunner().invoke(app, ["audit-pack", MART, "FY99"])
    assert isinstance(wrong.exception, UsageError)


def test_a_row_as_of_a_day(built, tmp_path, monkeypatch):
    """Before March came out, February was provisional, and February's file is the source."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(
        app, ["audit-pack", "fct_services_trade", "9.1.1/credit/2026-02", "--as-of", "2026-03-20"]
    )
    assert done.exit_code == 0, done.output
    name = "fct_services_trade-9.1.1-credit-2026-02-as-of-2026-03-20.zip"
    folder = unpacked((tmp_path / name).read_bytes(), tmp_path / "pack")
    assert verified(folder)[0] == 0, verified(folder)[1]
    chain = json.loads((folder / "chain.json").read_text())
    assert (chain["row"]["flag"], chain["row"]["edition"]) == ("P", "2026-02")
    (used,) = measure(chain, "value_usd_thousand")["inputs"]
    assert [figure["release"]["edition"] for figure in used["figures"]] == ["2026-02"]


def test_bytes_that_changed_in_the_archive_make_no_pack(built, monkeypatch):
    get = Store.get
    monkeypatch.setattr(Store, "get", lambda store, sha256: get(store, "0" * 64))
    with pytest.raises(Tampered, match="the archive has no content"):
        audit_pack(trace(MART, KEY))
