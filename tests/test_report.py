"""The papers: hostile text stays text, personal data stays masked, counts agree with the store, both languages."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audit.contact import load_places
from audit.models import SEVERITIES, CallResult, Contact, Finding, PersonalDatum, Transcript, Turn
from audit.pipeline import evidence, masked_turns
from audit.report import Paper, write_papers
from audit.report.figures import gather
from audit.store import Store, reading, writing
from audit.tables import CONTACT_COLUMNS, FINDING_COLUMNS, FORMULA_SIGNS

HOSTILE = '=HYPERLINK("http://evil","x")<script>alert(1)</script>'
SECRET = "13900001234"


def contact(number: int, **more: Any) -> Contact:
    return replace(
        Contact(f"K{number}", number + 1, agency="松屿<b>", agent="=A1", outcome="conversation"), **more
    )


def talk(one: Contact, text: str, findings: list[Finding], **more: Any) -> CallResult:
    turn = Turn(0, "agent", text, 1.0, 3.0)
    at = text.find(SECRET)
    data = (PersonalDatum("PHONE", at, at + len(SECRET), 0.9, 0),) if at >= 0 else ()
    return CallResult(one, "audited", "", Transcript("zh", (turn,), "test"), tuple(findings), data, **more)


def threat(text: str, **more: Any) -> Finding:
    base = Finding(
        "zh.threat.violence.x", "threat.violence", "critical", "phrase", 0.9, speaker="agent", turn=0
    )
    return replace(base, start=0, end=len(text), text=text, **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'audit.db'}")
    hostile = HOSTILE + SECRET
    results = [
        talk(contact(1), hostile, [threat(hostile, reason=HOSTILE)]),
        talk(contact(2), "您好", [replace(threat("您好"), decision="undecided", severity="medium")]),
        talk(
            contact(3), "我想死", [replace(threat("我想死"), category="customer.distress", decision="noted")]
        ),
        talk(contact(4), "不会打你", [replace(threat("不会打你"), excused="denied")]),
        CallResult(contact(5), "failed", "the recording is cut"),
        CallResult(contact(6), "skipped", "no recording"),
    ]
    extra = {"week": "2026-W14", "local_hour": 23, "local_weekday": 2}
    with opened.begin() as connection:
        for one in results:
            masked = masked_turns(one.transcript, one.personal_data) if one.transcript else {}
            rows = [
                writing.finding_row(
                    one.contact.call_id, f, "words", evidence(f, one.transcript, one.personal_data)
                )
                for f in one.findings
            ]
            writing.write_contact(
                connection, writing.contact_row(one, extra), writing.turn_rows(one, masked), [], rows
            )
        late = Finding("cn.hours", "contact.hours", "high", "log", 1.0, reason="23:00")
        writing.write_log_findings(connection, None, [writing.finding_row("K6", late, "log", "")])
    yield opened
    opened.close()


def papers(store: Store, out: Path, language: str = "zh") -> Path:
    paper = Paper("run1", language, "CN", {"code": "1"}, {"calls": "calls.csv"}, ["row 7: " + HOSTILE])
    write_papers(store, load_places(None), paper, out)
    return out


class Tags(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_whole_without_scripts_and_in_one_language(
    store: Store, tmp_path: Path, language: str
) -> None:
    page = (papers(store, tmp_path / "out", language) / "report.html").read_text("utf-8")
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.tags and "b>" not in "".join(tags.tags)
    said = " ".join(tags.text)
    assert ("最严重的发现" in said) == (language == "zh")
    assert ("The worst findings" in said) == (language == "en")
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://evil", "")


def test_personal_data_is_in_no_paper(store: Store, tmp_path: Path) -> None:
    out = papers(store, tmp_path / "out")
    for path in out.iterdir():
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path)
            words = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
            assert not any(SECRET in word for word in words)
        else:
            assert SECRET not in path.read_text("utf-8")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_files_keep_the_contract(store: Store, tmp_path: Path) -> None:
    out = papers(store, tmp_path / "out")
    findings, contacts = rows_of(out / "findings.csv"), rows_of(out / "contacts.csv")
    assert tuple(findings[0]) == FINDING_COLUMNS and tuple(contacts[0]) == CONTACT_COLUMNS
    assert {(row["call_id"], row["decision"]) for row in findings} == {
        ("K1", "breach"),
        ("K2", "undecided"),
        ("K3", "noted"),
        ("K6", "breach"),
    }
    by_id = {row["call_id"]: row for row in contacts}
    assert [by_id[f"K{n}"]["status"] for n in range(1, 7)] == ["audited"] * 4 + ["failed", "skipped"]
    assert (by_id["K1"]["critical"], by_id["K1"]["highest_severity"]) == ("1", "critical")
    assert (by_id["K4"]["highest_severity"], by_id["K6"]["high"]) == ("", "1")
    assert all(by_id[one]["reason"] for one in ("K5", "K6"))


def test_no_cell_is_a_formula(store: Store, tmp_path: Path) -> None:
    out = papers(store, tmp_path / "out")
    for name in ("findings.csv", "contacts.csv"):
        assert not any(
            value.startswith(FORMULA_SIGNS) for row in rows_of(out / name) for value in row.values() if value
        )
    for sheet in openpyxl.load_workbook(out / "report.xlsx"):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not (isinstance(cell.value, str) and cell.value.startswith(FORMULA_SIGNS))


def test_figures_agree_with_the_rows(store: Store) -> None:
    with store.read() as connection:
        figures = gather(list(reading.contacts(connection)), reading.findings(connection))
    (agency,) = figures.agencies
    assert (agency.contacts, agency.audited, agency.failed, agency.skipped) == (6, 4, 1, 1)
    assert (agency.flagged, agency.undecided, figures.flagged) == (2, 1, 2)
    assert (agency.coverage.hits, agency.coverage.of) == (4, 6)
    assert [figures.severities[name] for name in SEVERITIES] == [1, 1, 0, 0, 0]
    assert figures.excused == 1
    assert [row["call_id"] for row in figures.distress] == ["K3"]
    assert figures.hours[(2, 23)] == 6 and figures.hours_breached[(2, 23)] == 1


def test_the_receipt_says_what_decided(store: Store, tmp_path: Path) -> None:
    receipt = json.loads((papers(store, tmp_path / "out") / "run.json").read_text("utf-8"))
    assert receipt["versions"] == {"code": "1"} and receipt["contacts"] == {
        "audited": 4,
        "failed": 1,
        "skipped": 1,
    }
    assert receipt["findings"] == {"breach": 2, "undecided": 1} and len(receipt["ledger"]["hash"]) == 64


def test_an_empty_week_has_papers_too(tmp_path: Path) -> None:
    empty = Store.open(f"sqlite:///{tmp_path / 'empty.db'}")
    page = (papers(empty, tmp_path / "out", "en") / "report.html").read_text("utf-8")
    assert "No contact was audited." in page and "Nothing was found" in page


def test_signs_xml_does_not_allow_never_reach_the_renderer(tmp_path: Path) -> None:
    from audit.report.charts import _for_xml

    assert _for_xml({"a": ["x\x1b\x08y\ufffe", 3, None]}) == {"a": ["xy", 3, None]}
