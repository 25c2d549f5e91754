"""Values that are a person's, each unlike any other, and the files they are planted in."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

import openpyxl
import xlwt
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from parsers.written import Table, as_csv, html, pdf, saved
from registers.conftest import ROWS, card, exported, page, record, reply

#: Whoever finds one of these anywhere has found what should not be there.
PLANTED = {
    "owner": "Plantedowner Qwxzj",
    "cnic": "31415-9265358-9",
    "bare_cnic": "2718281828459",
    "mobile": "+92 3\u200e71 8675309",
    "bare_mobile": "3718675301",
    "email": "planted.qwxzj@person.example",
    "director": "Planteddirector Vkqpz",
    "author": "Plantedauthor Jzxqw",
    "comment": "Plantedcomment Xqzvj",
    "hidden": "Plantedhidden Zqjxw",
    "freelancer": "Plantedfreelancer Wjqxz",
    "clerk": "Plantedclerk Qzjvw",
    "script": "Plantedscript Vwjqz",
    "file": "Plantedfile Xvqjz",
    "sheet": "Plantedsheet Jvxqz",
    "heading": "Plantedheading Zvxjq",
    "listed": "Plantedlisted Qjvxz",
    "stroked_cnic": "16180/3398874/9",
    "bracketed_mobile": "+92 (0) 371 8675302",
    "profile": "linkedin.com/in/plantedprofile-vqzxj",
}
#: As they could also be written.
FOUND = frozenset(PLANTED.values()) | {
    "3718675309", "71 8675309", "3141592653589", "person.example", "3398874", "8675302", "plantedprofile",
}  # fmt: skip
#: A word that all names planted here begin with.
PERSON = "Planted"


def table(firm: str) -> Table:
    """A list in which everything personal is planted that a list can hold, in columns and in texts."""
    p = PLANTED
    more = ["Owner Name", "CNIC", "Contact No", "Email", "Guarantor", "Address", "Phone"]
    rows = [list(row) for row in ROWS]
    rows[0][0] = f"List of registrants, prepared by {p['clerk']}, as on 05 February 2026"
    rows[0] += [f"Prepared by {p['clerk']}"]
    rows[2] += [*more, f"{p['heading']} {p['cnic']}", None, "Website"]
    rows[3][1] = firm
    rows[3] += [p["owner"], p["cnic"], p["mobile"], p["email"], p["director"], f"Plot 1, {p['cnic']}", p["mobile"]]
    rows[4] += [p["owner"], p["bare_cnic"], p["bare_mobile"], p["email"], p["director"], p["email"], "042 35700000"]
    rows[4] += [None, p["owner"], f"https://www.{p['profile']}"]
    rows[5][1] = f"Firm of {p['mobile']} {p['email']}"
    rows[5] += [None, None, None, None, None, f"Plot 2 {p['bracketed_mobile']}", float(p["bare_mobile"]), p["director"]]
    rows.append(["FL21/PSEB/2026/25386", p["freelancer"], "Lahore", "Company", "Oct 2025", "Sep 2026"])
    rows.append(["Z-25-20501/26", p["freelancer"], "Lahore", "Freelancer", "Oct 2025", "Sep 2026"])
    rows.append(["Z-25-20502/26", p["freelancer"], "Lahore", "Free-Lancers (new)", "Oct 2025", "Sep 2026"])
    rows.append([None, p["freelancer"], "Lahore", "Company", None, None, *[None] * 7, " fl-21 / PSEB / 2026 / 25386"])
    rows.append(["Z-25-20503/26", p["stroked_cnic"], "Lahore", "Company", "Oct 2025", "Sep 2026"])
    rejected = [None, None, "Lahore", None, "soon", "sooner", p["owner"], p["cnic"], p["mobile"], p["email"]]
    rows.append([*rejected, p["director"], p["mobile"]])
    rows.append([f"Prepared by {p['clerk']}"])
    return rows


def _xlsx(rows: Table) -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = PLANTED["author"]
    for row in rows:
        book.active.append(row)
    book.properties.title = book.properties.keywords = PLANTED["director"]
    book.active.title = PLANTED["sheet"]
    book.active.oddHeader.center.text = PLANTED["clerk"]
    book.defined_names["Owner"] = DefinedName("Owner", attr_text=f'"{PLANTED["owner"]}"')
    book.active["B4"].comment = Comment(PLANTED["comment"], PLANTED["author"])
    other = book.create_sheet("Owners")
    other.sheet_state = "hidden"
    other.append([PLANTED["hidden"], PLANTED["cnic"]])
    return saved(book)


def _xls(rows: Table) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet(PLANTED["sheet"])
    book.owner = PLANTED["author"]
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)
    book.add_sheet(PLANTED["owner"]).write(0, 0, PLANTED["hidden"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _html(rows: Table) -> bytes:
    spoilt = f"<body><script>{PLANTED['script']}</script><!-- {PLANTED['comment']} --><p>By {PLANTED['clerk']}</p>"
    return html(rows).replace(b"<body>", spoilt.encode())


def _hub(firm: str) -> tuple[bytes, bytes]:
    person = card(PLANTED["freelancer"], kind="tech-user-profile")
    spoilt = card(f"{firm} {PLANTED['mobile']}", more=f"<p class='owner'>{PLANTED['owner']}</p>")
    spoilt = spoilt.replace("https://firm.example/", f"https://www.{PLANTED['profile']}")
    unclosed = card("Unclosed Synthetic Firm").removesuffix("</div>") + person
    return (
        page(spoilt, unclosed, person, f"<footer>{PLANTED['director']} {PLANTED['script']}</footer>"),
        json.dumps({"html": spoilt + person, "message": PLANTED["clerk"]}).encode(),
    )


def files(firm: str) -> Iterator[tuple[str, dict[str, bytes]]]:
    """(dataset, parts) of every form whose file can be cut; each names the firm, which is nobody's secret."""
    rows, p = table(firm), PLANTED
    yield "pseb/registration_list", {"list.csv": as_csv(rows)}
    yield "pseb/registration_list", {f"of {p['cnic']}.xlsx": _xlsx(rows)}
    yield "pseb/registration_list", {f"{p['file']}.XLS": _xls(rows)}
    yield "pseb/registration_list", {"list.html": _html(rows)}
    records = [
        record(1, full_name=firm, cnic_number=p["cnic"], contact_mobile=int(p["bare_mobile"]), owner=p["owner"],
               address=f"{p['mobile']} {p['email']}", registration_certificate=f"{p['owner']}.pdf"),
        record(2, type="freelancer", full_name=p["freelancer"]),
        record(3, registration_certificate_no="FL21/PSEB/2026/25386", full_name=p["freelancer"]),
        record(4, full_name=None, nested={"owner": p["owner"]}, tools_technologies_id=p["email"]),
        record(5, created_by=[p["listed"]], contact_mobile={"of": p["listed"]}, address=[p["listed"]]),
        record(6, type=["freelancer"], full_name=[p["freelancer"]]),
        record(7, full_name=p["freelancer"], registration_certificate_no=None, new_key="fl21/psEB/2026/25386"),
        p["listed"],
    ]  # fmt: skip
    export = json.loads(exported(*records)) | {"message": f"exported by {p['clerk']}"}
    yield "pseb/registry_export", {f"{p['file']}.json": json.dumps(export).encode()}
    certificate = json.loads(reply(name=firm))
    certificate["data"] |= {"cnic": p["cnic"], "owner": {"name": p["owner"]}}
    certificate["message"] = f"{p['owner']} <{p['email']}> is verified"
    yield "pseb/certificate", {f"{p['cnic']}.json": json.dumps(certificate).encode()}
    shown, answered = _hub(firm)
    yield "pseb/tech_hub", {"page.html": shown, "karachi.json": answered}
    clean = [list(row) for row in ROWS]
    clean[3][1] = firm
    yield "pseb/registration_list", {"clean.pdf": pdf(clean, author=p["author"])}


def refused() -> Iterator[tuple[str, dict[str, bytes]]]:
    """(dataset, parts) of files that nothing can be cut out of, or that are a person's whole."""
    rows = [[None if value is None else str(value).replace("\u200e", "") for value in row] for row in table("Firm")]
    for heading, value in (
        ("Owner Name", PLANTED["owner"]),
        ("CNIC", PLANTED["cnic"]),
        ("Director", PLANTED["director"]),
    ):
        listed = [*ROWS[:2], [*ROWS[2], heading], [*ROWS[3], value]]
        yield "pseb/registration_list", {"list.pdf": pdf(listed)}
    yield "pseb/registration_list", {"list.pdf": pdf(rows[:4])}
    yield "pseb/registration_list", {"list.pdf": pdf([*ROWS, [f"Call {PLANTED['bare_mobile']}"]])}
    second = [[], ["Owner", "Name", "City"], [PLANTED["owner"], PLANTED["director"], PLANTED["owner"]]]
    for write in (as_csv, _xlsx, _html):
        yield "pseb/registration_list", {f"{PLANTED['file']}.csv": write([*ROWS, *second])}
        unsaid = [["Freelancers, February 2026"], ["Name", "City"], [PLANTED["freelancer"], "Lahore"]]
        yield "pseb/registration_list", {f"{PLANTED['file']}.csv": write(unsaid)}
    book = openpyxl.Workbook()
    book.active.title = "Freelancers"
    for row in ([], ["Name", "City"], [PLANTED["freelancer"], "Lahore"]):
        book.active.append(row)
    yield "pseb/registration_list", {"list.xlsx": saved(book)}
    yield "pseb/registration_list", {"list.pdf": pdf([*ROWS[:2], [*ROWS[2], PLANTED["heading"]], [*ROWS[3], "x"]])}
    yield "pseb/certificate", {"x.pdf": pdf([["Company"], ["Name:", "Firm"], ["Owner:", PLANTED["owner"]]])}
    yield "pseb/registration_list", {"list.txt": f"{PLANTED['owner']} {PLANTED['cnic']}".encode()}
    yield "pseb/registration_list", {"list.csv": f'name,"{PLANTED["owner"]}'.encode()}
    yield "pseb/certificate", {"certificate.json": reply(type="freelancer", name=PLANTED["freelancer"])}
    yield (
        "pseb/certificate",
        {"x.pdf": pdf([["Freelancer"], ["Name:", PLANTED["freelancer"]], ["CNIC:", PLANTED["cnic"]]])},
    )
    yield "pseb/certificate", {"x.pdf": PLANTED["owner"].encode()}
    yield "pseb/registry_export", {"x.json": b'{"' + PLANTED["owner"].encode()}
    yield "pseb/tech_hub", {"x.json": json.dumps({"answer": PLANTED["freelancer"]}).encode()}


def seen(content: bytes | str) -> list[str]:
    """Which planted values stand in some bytes, plain, as JSON writes them, or two bytes a letter."""
    text = content if isinstance(content, str) else content.decode("latin-1")
    forms = {
        value: {value, json.dumps(value)[1:-1]}
        | {value.encode(encoding).decode("latin-1") for encoding in ("utf-8", "utf-16-le")}
        for value in FOUND
    }
    found = {value for value, written in forms.items() if any(one in text for one in written)}
    return sorted(found | set(re.findall(rf"{PERSON}[a-z]+ [A-Z][a-z]+", text)))
