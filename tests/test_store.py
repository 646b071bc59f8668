"""The store: one transaction a contact, verdicts with undo, cases that follow, a ledger that shows every change."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError as SqlIntegrityError

from audit.errors import IntegrityError, StoreError, UsageError
from audit.models import CallResult, Contact, Finding, PersonalDatum, Transcript, Turn, Word
from audit.store import Store, ledger, reading, review, writing
from audit.store import tables as t
from audit.store.locks import writer_lock
from audit.store.migrations import STEPS, migrate
from audit.store.retention import due, forget

THREAT = Finding(
    "zh.threat.violence.harm",
    "threat.violence",
    "critical",
    "phrase",
    0.9,
    turn=0,
    start=0,
    end=2,
    text="打断",
)
INSULT = Finding(
    "zh.harassment.insult", "harassment.insult", "high", "phrase", 0.8, turn=0, start=3, end=5, text="废物"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'audit.db'}")
    yield opened
    opened.close()


def result(call_id: str = "K1", findings: tuple[Finding, ...] = (THREAT, INSULT)) -> CallResult:
    turn = Turn(
        0, "agent", "打断你 废物", 0.0, 2.0, (Word("打断你", 0.0, 1.0, 0.9), Word("废物", 1.2, 2.0, None)), 0
    )
    contact = Contact(call_id, 2, agency="松屿", agent="A1")
    transcript = Transcript("zh", (turn,), "test", 0.8, "opening")
    return CallResult(contact, "audited", "", transcript, findings, (PersonalDatum("PERSON", 3, 5, 0.9, 0),))


def save(store: Store, one: CallResult) -> None:
    call_id = one.contact.call_id
    extra = {"week": "2026-W14", "hearing_key": "h", "judging_key": "j", "last_run": "r", "instant_s": 1e9}
    masked = {turn.index: "[x]" for turn in one.transcript.turns} if one.transcript else {}
    with store.begin() as connection:
        writing.write_contact(
            connection,
            writing.contact_row(one, extra),
            writing.turn_rows(one, masked),
            [
                {
                    "call_id": call_id,
                    "turn": d.turn,
                    "start": d.start,
                    "end": d.end,
                    "type": d.type,
                    "score": d.score,
                }
                for d in one.personal_data
            ],
            [writing.finding_row(call_id, finding, "words", "[x]") for finding in one.findings],
        )
        writing.refresh_cases(connection, [call_id], four_eyes=True)


def case(store: Store, call_id: str = "K1") -> dict[str, object] | None:
    with store.read() as connection:
        row = connection.execute(select(t.cases).where(t.cases.c.call_id == call_id)).mappings().first()
    return dict(row) if row else None


def finding_ids(store: Store) -> dict[str, str]:
    with store.read() as connection:
        return {row["category"]: row["finding_id"] for row in reading.findings(connection)}


def count(store: Store, table: object) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_what_is_saved_comes_back(store: Store) -> None:
    save(store, result())
    with store.read() as connection:
        transcript = reading.transcript(connection, "K1")
        assert transcript == replace(result().transcript, turns=result().transcript.turns)  # type: ignore[arg-type, union-attr]
        assert reading.contact_of(next(reading.contacts(connection))) == result().contact
        assert [writing.finding_of(row) for row in reading.findings(connection)] == [THREAT, INSULT]


def test_the_store_is_for_its_owner_only(store: Store) -> None:
    assert store.file is not None
    assert store.file.stat().st_mode & 0o077 == 0


def test_saving_twice_doubles_nothing(store: Store) -> None:
    save(store, result())
    save(store, result())
    tables = (t.contacts, t.turns, t.findings, t.personal_data, t.cases)
    assert [count(store, table) for table in tables] == [1, 1, 2, 1, 1]


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    bad = result(findings=(replace(THREAT, category=None),))  # type: ignore[arg-type]
    with pytest.raises(SqlIntegrityError):
        save(store, bad)
    assert count(store, t.contacts) == 0 and count(store, t.turns) == 0


def test_verdicts_settle_the_case_and_can_be_undone(store: Store) -> None:
    save(store, result())
    ids = finding_ids(store)
    with store.begin() as connection:
        assert review.decide(connection, "ann", [ids["harassment.insult"]], "confirmed", "clear") == "open"
        assert review.decide(connection, "ann", [ids["threat.violence"]], "confirmed") == "second_look"
        assert review.decide(connection, "ann", [ids["threat.violence"]], "confirmed") == "second_look"
        assert review.decide(connection, "ben", [ids["threat.violence"]], "confirmed") == "confirmed"
        assert review.undo(connection, "ben", [ids["threat.violence"]]) == "open"
    assert case(store)["status"] == "open"  # type: ignore[index]
    with store.read() as connection:
        assert ledger.verify(connection) == 5


def test_unknown_findings_and_verdicts_are_refused(store: Store) -> None:
    save(store, result())
    with store.begin() as connection:
        with pytest.raises(UsageError, match="No such finding"):
            review.decide(connection, "ann", ["nope"], "confirmed")
        with pytest.raises(UsageError, match="confirmed, dismissed, escalated"):
            review.decide(connection, "ann", list(finding_ids(store).values()), "maybe")  # type: ignore[arg-type]


def test_a_decided_case_opens_again_for_a_new_finding_only(store: Store) -> None:
    save(store, result(findings=(INSULT,)))
    with store.begin() as connection:
        review.decide(connection, "ann", list(finding_ids(store).values()), "dismissed")
    save(store, result(findings=(INSULT,)))
    assert case(store)["status"] == "dismissed"  # type: ignore[index]
    save(store, result(findings=(INSULT, replace(INSULT, start=0))))
    assert case(store)["status"] == "open"  # type: ignore[index]


def test_a_case_without_findings_goes_unless_somebody_decided_it(store: Store) -> None:
    save(store, result("K1"))
    save(store, result("K2", (INSULT,)))
    with store.begin() as connection:
        mine = [row["finding_id"] for row in reading.findings(connection) if row["call_id"] == "K2"]
        review.decide(connection, "ann", mine, "confirmed")
    save(store, result("K1", ()))
    save(store, result("K2", ()))
    assert case(store, "K1") is None
    assert case(store, "K2")["status"] == "withdrawn"  # type: ignore[index]


def test_the_ledger_refuses_changes_and_shows_those_made_past_it(store: Store, tmp_path: Path) -> None:
    with store.begin() as connection:
        for number in range(5):
            ledger.append(connection, "ann", "play", f"K{number}", {"reason": "检查"})
    for verb in ("UPDATE ledger SET actor = 'eve'", "DELETE FROM ledger"):
        with pytest.raises(SqlIntegrityError, match="append-only"), store.begin() as connection:
            connection.exec_driver_sql(verb)
    raw = sqlite3.connect(tmp_path / "audit.db")
    raw.execute("DROP TRIGGER ledger_no_update")
    raw.execute("UPDATE ledger SET actor = 'eve' WHERE seq = 3")
    raw.commit()
    raw.close()
    with store.read() as connection, pytest.raises(IntegrityError, match="row 3"):
        ledger.verify(connection)


@pytest.mark.parametrize(("seq", "says"), [(3, "row 3 is missing"), (1, "row 1 is missing")])
def test_a_row_taken_out_of_the_ledger_shows(store: Store, tmp_path: Path, seq: int, says: str) -> None:
    with store.begin() as connection:
        for number in range(5):
            ledger.append(connection, "ann", "play", f"K{number}")
    raw = sqlite3.connect(tmp_path / "audit.db")
    raw.execute("DROP TRIGGER ledger_no_delete")
    raw.execute("DELETE FROM ledger WHERE seq = ?", (seq,))
    raw.commit()
    raw.close()
    with store.read() as connection, pytest.raises(IntegrityError, match=says):
        ledger.verify(connection)


def test_the_lock_dies_with_its_process(store: Store, tmp_path: Path) -> None:
    holder = (
        "import sys, time; from audit.store import Store; from audit.store.locks import writer_lock\n"
        f"with writer_lock(Store.open('sqlite:///{tmp_path / 'audit.db'}')):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    with pytest.raises(StoreError, match="Another run"), writer_lock(store):
        pass
    process.kill()
    process.wait()
    with writer_lock(store):
        pass


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not a store URL"),
        ("mongodb://x", "not a store URL"),
        ("sqlite:////nowhere/at/all/audit.db", "folder is missing"),
    ],
)
def test_a_store_that_cannot_be_opened_says_why(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        Store.open(url)


def test_another_file_is_not_taken_for_a_store(tmp_path: Path) -> None:
    (tmp_path / "audit.db").write_text("this is a letter, not a database " * 50)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{tmp_path / 'audit.db'}")


def test_a_missing_store_is_not_made_by_readers(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store at"):
        Store.open(f"sqlite:///{tmp_path / 'audit.db'}", create=False)
    assert not (tmp_path / "audit.db").exists()


def test_a_newer_schema_is_left_alone(store: Store) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO migrations VALUES ({len(STEPS) + 1}, 'from the future')")
    with store.begin() as connection, pytest.raises(StoreError, match="newer version"):
        migrate(connection)


def test_retention_forgets_all_but_what_is_held_and_leaves_a_tombstone(store: Store) -> None:
    from datetime import UTC, datetime

    save(store, result("K1"))
    save(store, result("K2"))
    with store.begin() as connection:
        connection.execute(
            t.holds.insert().values(call_id="K2", reason="court", actor="ann", at=ledger.now())
        )
    past = due(store, datetime(2026, 1, 1, tzinfo=UTC))
    assert ([call_id for call_id, _ in past.past], past.held) == (["K1"], ["K2"])
    forget(store, ["K1"], [])
    assert count(store, t.contacts) == 1 and count(store, t.turns) == 1 and case(store, "K1") is None
    with store.read() as connection:
        rows = connection.execute(select(t.ledger.c.action, t.ledger.c.subject)).all()
    assert ("contact.purged", "K1") in [tuple(row) for row in rows]


def test_a_damaged_store_says_so_without_a_word_of_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    made = Store.open(f"sqlite:///{file}")
    made.close()
    with sqlite3.connect(file) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contacts'").fetchone()[0]
    connection.close()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * 4096)
        raw.write(b"\xff" * 4096)
    damaged = Store.open(f"sqlite:///{file}", create=False)
    with pytest.raises(StoreError, match="damaged"), damaged.read() as connection:
        connection.execute(select(t.contacts)).all()
    damaged.close()


def test_the_parameters_of_a_failed_statement_are_hidden(store: Store) -> None:
    from sqlalchemy import text

    with pytest.raises(StoreError) as caught, store.read() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "13812345678"})
    assert "13812345678" not in str(caught.value.__cause__)
