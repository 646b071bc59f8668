"""Packs that leave the house: an oversight pack names no other agency; packs open, and prove themselves."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.commands.run import audit_log
from audit.errors import IntegrityError, RightError
from audit.evidence import make_pack, verify_pack
from audit.screens.parts.desk import Desk
from audit.screens.parts.oversight import oversight_pack
from audit.settings import Settings
from audit.store import Store, views
from audit.store.accounts import Scope
from audit.store.views import QueueFilter

OFFICER = Scope("officer", "officer")
OTHER = ("Beta Recoveries", "BETA-7", "B00", "B01", "B02", "B03", "B04", "B05")
WEEK = "2026-W15"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A debtor called by two agencies: counts, days of silence and a refusal that join them."""
    folder = tmp_path_factory.mktemp("packs")
    (folder / "t").mkdir()
    said = [("agent", "Hello, this is Dana from Beta Recoveries about your account."), ("customer", "Stop calling me. Do not contact me again.")]  # fmt: skip
    utterances = [{"speaker": who, "start": i * 5.0, "end": i * 5.0 + 4, "text": text} for i, (who, text) in enumerate(said)]  # fmt: skip
    (folder / "t" / "B05.json").write_text(json.dumps({"language": "en", "utterances": utterances}), "utf-8")
    with (folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["call_id", "started_at", "timezone", "agency", "agent", "debtor_id", "account_id", "outcome", "called_party", "jurisdiction", "transcript"])  # fmt: skip
        for agency, agent, mark in (("Beta Recoveries", "BETA-7", "B"), ("Alpha Collect", "ALPHA-1", "A")):
            for i in range(6):
                hour = 9 + i + (0 if mark == "B" else 6)
                talk = "conversation" if i == 5 else "no_answer"
                out.writerow([f"{mark}0{i}", f"2026-04-0{6 + i // 3}T{hour:02d}:05:00-04:00", "America/New_York", agency, agent, "D1", "AC1", talk, "debtor", "US", "B05.json" if (mark, i) == ("B", 5) else ""])  # fmt: skip
        out.writerow(["A09", "2026-04-08T10:00:00-04:00", "America/New_York", "Alpha Collect", "ALPHA-1", "D1", "AC1", "conversation", "contact", "US", ""])  # fmt: skip
    url = f"sqlite:///{folder / 'audit.db'}"
    settings = Settings(store=url, transcripts=folder / "t", jurisdiction="US", language="en")
    audit_log(folder / "calls.csv", folder / "out", settings)
    store = Store.open(url)
    yield Desk(store, OFFICER, settings, False)
    store.close()


def contents(pack: bytes) -> dict[str, str]:
    """Every file of a zip as text; a workbook as the text of its parts."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(content)) as book:
                    found[name] = "\n".join(book.read(part).decode() for part in book.namelist())
            else:
                found[name] = content.decode("utf-8-sig")
    return found


def test_the_lenders_own_papers_do_name_the_calls_of_both(desk: Desk) -> None:
    # Without this the next test would prove nothing.
    assert desk.settings.transcripts is not None
    papers = (desk.settings.transcripts.parent / "out" / "findings.csv").read_text("utf-8")
    alpha = [line for line in papers.splitlines() if line.startswith("A0")]
    assert any("contact.frequency" in line and "B0" in line for line in alpha)
    assert any("B05" in line for line in alpha if "after_refusal" in line or "frequency" in line)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_oversight_pack_names_no_other_agency(desk: Desk, language: str) -> None:
    own = Desk(desk.store, OFFICER, desk.settings.model_copy(update={"language": language}), False)
    files = contents(oversight_pack(own, "Alpha Collect", WEEK))
    assert set(files) == {
        "report.html",
        "report.xlsx",
        "findings.csv",
        "contacts.csv",
        "run.json",
        "manifest.json",
    }
    assert "contact.frequency" in files["findings.csv"]
    for name, text in files.items():
        assert not [word for word in OTHER if word in text], name
    assert "A05" in files["report.xlsx"]


def test_an_agency_viewer_reads_no_call_of_others_in_its_cases(desk: Desk) -> None:
    viewer = Scope("v", "agency", "Alpha Collect")
    with desk.store.read() as connection:
        rows, total = views.queue(connection, viewer, QueueFilter(status="all"))
        seen = [views.case_view(connection, viewer, row["case_id"]) for row in rows]
    assert total > 0
    assert any(one.details.get("kind") == "count" for case in seen if case for one in case.findings)
    assert not [word for word in OTHER if word in str(seen)]


def test_an_oversight_pack_proves_itself_and_shows_every_change(desk: Desk, tmp_path: Path) -> None:
    pack = tmp_path / "oversight.zip"
    pack.write_bytes(oversight_pack(desk, "Alpha Collect", WEEK))
    manifest = verify_pack(pack)
    assert (manifest["kind"], manifest["agency"], manifest["exported_by"]) == (
        "oversight",
        "Alpha Collect",
        "officer",
    )
    assert set(manifest["files"]) == {
        "report.html",
        "report.xlsx",
        "findings.csv",
        "contacts.csv",
        "run.json",
    }
    for name in manifest["files"]:
        with zipfile.ZipFile(pack) as whole, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
            for info in whole.infolist():
                bad.writestr(info, whole.read(info) + (b" " if info.filename == name else b""))
        with pytest.raises(IntegrityError, match=name):
            verify_pack(tmp_path / "bad.zip")


def test_an_evidence_pack_cannot_be_passed_off_without_its_ledger(desk: Desk, tmp_path: Path) -> None:
    with desk.store.read() as connection:
        case_id = views.queue(connection, OFFICER, QueueFilter(status="all"))[0][0]["case_id"]
    pack = make_pack(desk.store, case_id, None, tmp_path, "officer")
    assert verify_pack(pack)["case_id"] == case_id
    from audit.evidence import sealed

    with zipfile.ZipFile(pack) as whole:
        files = {
            name: whole.read(name)
            for name in whole.namelist()
            if name not in ("manifest.json", "ledger.json")
        }
    (tmp_path / "less.zip").write_bytes(sealed(files, {"case_id": case_id}))
    with pytest.raises(IntegrityError):
        verify_pack(tmp_path / "less.zip")


def test_only_who_exports_gets_a_pack(desk: Desk) -> None:
    with pytest.raises(RightError):
        oversight_pack(Desk(desk.store, Scope("r", "reviewer"), desk.settings, False), "Alpha Collect", WEEK)
    with pytest.raises(RightError):
        oversight_pack(Desk(desk.store, Scope("v", "agency", "Alpha Collect"), desk.settings, False), "Alpha Collect", WEEK)  # fmt: skip
