"""What the app may only read, what it keeps and for how long: read-only stores, retention, holds, names of files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from audit.contact import load_places
from audit.errors import RightError, StoreError, UsageError
from audit.screens.parts.desk import DEMO_VARIABLE
from audit.screens.runs import file_words
from audit.store import Store, accounts, core, retention
from audit.store import tables as t
from audit.store.accounts import Scope
from tests.app_seed import seed
from tests.test_app import fine, first_case, scene_of, text_of

ROOT = Path(__file__).resolve().parents[1]
OFFICER = Scope("officer", "officer")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "recordings").mkdir()
    store = Store.open(f"sqlite:///{tmp_path / 'audit.db'}")
    seed(store, tmp_path / "recordings")
    store.close()
    return tmp_path / "audit.db"


@pytest.fixture
def read_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # The tests may run as root, whom no mode stops: the question itself is answered.
    monkeypatch.setattr(core, "writable", lambda path: False)
    return file


def test_a_file_that_may_only_be_read_is_opened_so(read_only: Path) -> None:
    before = (read_only.read_bytes(), sorted(path.name for path in read_only.parent.iterdir()))
    store = Store.open(f"sqlite:///{read_only}")
    assert store.read_only
    assert store.file == read_only.resolve()
    with store.read() as connection:
        assert connection.execute(select(t.contacts.c.call_id)).first() is not None
        with pytest.raises(Exception, match="readonly|read-only|query_only"):
            connection.execute(update(t.contacts).values(reason="x"))
    with pytest.raises(StoreError, match="may only be read"), store.begin():
        pass
    store.close()
    assert before == (read_only.read_bytes(), sorted(path.name for path in read_only.parent.iterdir()))


def test_a_read_only_file_with_a_write_ahead_log_is_not_taken_as_unchanging(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Store.open(f"sqlite:///{file}")
    with writer.begin() as connection:
        connection.execute(update(t.contacts).values(reason="fresh"))
    monkeypatch.setattr(core, "writable", lambda path: False)
    reader = Store.open(f"sqlite:///{file}")
    assert "immutable" not in reader.engine.url.query
    with reader.read() as connection:
        assert set(connection.execute(select(t.contacts.c.reason)).scalars()) == {"fresh"}
    reader.close()
    writer.close()


def test_a_read_only_store_of_an_older_schema_says_what_to_do(
    read_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "STEPS", (*core.STEPS, ("one more", lambda _: None)))
    with pytest.raises(StoreError, match="Open a copy"):
        Store.open(f"sqlite:///{read_only}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_app_shows_a_read_only_store_under_a_banner(
    read_only: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    case_id = first_case(read_only, debtor="D1001", week="2026-W14")["case_id"]
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{read_only}")
    monkeypatch.setenv("AUDIT_RECORDINGS", str(read_only.parent / "recordings"))
    monkeypatch.setenv(DEMO_VARIABLE, "1")
    monkeypatch.setenv("AUDIT_LANGUAGE", language)
    # Labels of choices are made between runs too, from what other tests of this process may have left.
    monkeypatch.setitem(st.session_state, "language", language)  # type: ignore[call-overload]
    for page in ("overview", "queue", "case", "agencies", "library", "rulebook", "runs", "ledger", "appeals"):
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        at.session_state["case_id"] = case_id
        if page != "overview":
            at.switch_page(f"audit/screens/{page}.py").run()
        fine(at)
        assert any(("may only be read" if language == "en" else "只读") in one.value for one in at.info), page
        assert "sample" not in at.session_state["_pages"]
        if page == "case":
            scene, spoken = scene_of(at)
            assert scene["may"] == {"decide": False, "hear": False}
            assert scene["sound"] is None
            assert "赵强" not in spoken


def test_people_sign_in_to_a_read_only_store_and_guessing_is_stopped(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(f"sqlite:///{file}")
    with store.begin() as connection:
        password = accounts.first_administrator(connection)
    store.close()
    assert password
    monkeypatch.setattr(core, "writable", lambda path: False)
    store = Store.open(f"sqlite:///{file}")
    assert accounts.sign_in(store, "admin", password).role == "administrator"
    for _ in range(accounts.ATTEMPTS):
        with pytest.raises(RightError, match="wrong"):
            accounts.sign_in(store, "admin", "no")
    with pytest.raises(RightError, match="locked"):
        accounts.sign_in(store, "admin", password)
    with pytest.raises(RightError):
        accounts.sign_in_by_company(store, {"email": "nobody@bank.example"})
    store.close()


# --- retention --------------------------------------------------------------------------------------------


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{file}")
    yield opened
    opened.close()


def lines(store: Store, days: int, today: datetime) -> dict[str, Any]:
    with store.read() as connection:
        found = retention.by_place(connection, OFFICER, load_places(None), days, today)
    return {line.place: line for line in found}


def test_retention_is_shown_place_by_place_and_the_longer_term_wins(store: Store) -> None:
    later = datetime(2026, 4, 10, tzinfo=UTC) + timedelta(days=4 * 365)
    kept = lines(store, 100, later)
    assert {"CN", "US"} <= set(kept)
    for line in kept.values():
        if line.asked_years is not None:
            assert line.too_short
            assert line.days == line.asked_years * retention.YEAR_DAYS
            assert line.due == (line.contacts - line.undated if line.days < 4 * 365 else 0)
        else:
            assert line.due == line.contacts - line.undated
    long = lines(store, 20_000, later)
    assert not any(line.too_short or line.due for line in long.values())
    with store.read() as connection:
        assert connection.execute(select(t.contacts.c.call_id)).all(), "nothing is deleted by looking"


def test_a_hold_keeps_a_call_and_is_in_the_ledger(store: Store) -> None:
    far = datetime(2026, 4, 10, tzinfo=UTC) + timedelta(days=40 * 365)
    line = lines(store, 100, far)["CN"]
    with store.begin() as connection:
        first = retention.due_in(connection, OFFICER, line, far)[0]["call_id"]
        retention.hold(connection, OFFICER, first, "court case 12")
        assert first not in {row["call_id"] for row in retention.due_in(connection, OFFICER, line, far)}
        assert [row["reason"] for row in retention.holds(connection, OFFICER)] == ["court case 12"]
        for scope in (Scope("r", "reviewer"), Scope("v", "agency", "墨江信服")):
            with pytest.raises(RightError):
                retention.hold(connection, scope, first, "x")
        with pytest.raises(UsageError):
            retention.hold(connection, OFFICER, "no such call", "x")
    assert retention.due(store, far).held == [first]
    with store.begin() as connection:
        retention.release(connection, OFFICER, first)
        done = [row.action for row in connection.execute(select(t.ledger)) if row.action.startswith("hold.")]
    assert done == ["hold.set", "hold.released"]


def test_nothing_of_a_call_outlives_its_purge(store: Store) -> None:
    from audit.store import acts

    case = first_case_of(store, "K001")
    with store.begin() as connection:
        acts.note(connection, OFFICER, case, "a private word")
        connection.execute(
            t.corrections.insert().values(call_id="K001", turn=0, text="a private word", actor="o", at="2026")
        )
        connection.execute(t.rejudgements.insert().values(change_id="1", call_id="K001", kind="words", turn=0, actor="o", at="2026", appeared=[], vanished=[]))  # fmt: skip
    retention.forget(store, ["K001"], [])
    with store.read() as connection:
        for table in t.metadata.sorted_tables:
            if "call_id" in table.c and table.name not in ("sample_items", "discrepancies"):
                left = connection.execute(select(table).where(table.c.call_id == "K001")).all()
                assert left == [], table.name


def first_case_of(store: Store, call_id: str) -> str:
    with store.read() as connection:
        return str(
            connection.execute(select(t.cases.c.case_id).where(t.cases.c.call_id == call_id)).scalar_one()
        )


def test_the_ledger_page_shows_retention(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{file}")
    monkeypatch.setenv(DEMO_VARIABLE, "1")
    monkeypatch.setenv("AUDIT_LANGUAGE", "en")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.session_state["retention"] = True
    at.switch_page("audit/screens/ledger.py").run()
    fine(at)
    assert "The place asks" in text_of(at)


@pytest.mark.parametrize(
    ("name", "call_id", "shown"),
    [
        ("K001.wav", "K001", "K001.wav"),
        ("week14/K001.wav", "K001", "week14/K001.wav"),
        ("张伟_13800138000.wav", "K001", "…_…8000.wav"),
        ("张伟.wav", "", "….wav"),
        (None, "K001", "–"),
    ],
)
def test_names_of_files_give_nobody_away(name: str | None, call_id: str, shown: str) -> None:
    assert file_words(name, call_id) == shown


def test_an_exception_in_the_other_language_is_announced() -> None:
    from audit.screens.parts.reasons import excused_words

    assert excused_words("it is asked", "en") == "it is asked"
    assert excused_words("it is asked", "zh") == "符合规则的例外（it is asked）"
    assert excused_words("询问", "zh") == "询问"
    assert excused_words(None, "zh") is None
