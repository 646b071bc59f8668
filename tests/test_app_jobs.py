"""Runs started from the app: real processes, the job table, stop, kill -9, a silent run, retry of what failed."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from audit.errors import RightError, UsageError
from audit.screens.parts import jobs
from audit.screens.parts.desk import Desk
from audit.screens.parts.start_run import again
from audit.settings import Settings
from audit.store import Store
from audit.store import jobs as table
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.locks import is_writing, writer_lock

OFFICER = Scope("officer", "officer")
SECOND = Scope("second", "officer")
PATIENCE_S = 120.0
MANY = 6000
"""Messages that keep a run busy long enough to be stopped or killed in the middle."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    store = Store.open(url)
    yield Desk(store, OFFICER, Settings(store=url), False)
    store.close()


def write_log(path: Path, messages: int = 0, transcripts: tuple[str, ...] = ()) -> Path:
    """A call log of text messages, and of calls whose transcripts lie in files."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["call_id", "started_at", "channel", "agency", "debtor_id", "transcript", "text"])
        for i in range(messages):
            text = "您的欠款已逾期,再不还就上门找你家人" if i % 3 else "本期账单四月五号到期,如已还款请忽略"
            out.writerow(
                [f"M{i:05d}", f"2026-04-01T{9 + i % 9:02d}:00:00+08:00", "sms", "松屿服务", f"D{i}", "", text]
            )
        for name in transcripts:
            out.writerow([name, "2026-04-01T10:00:00+08:00", "call", "墨江信服", "D7", f"{name}.json", ""])
    return path


def started(desk: Desk, calls: Path, *more: str) -> str:
    return jobs.start(desk, "run", ["run", "--calls", str(calls), "--out", str(calls.parent / "out"), "--origin", "app", *more])  # fmt: skip


def job(desk: Desk, job_id: str, kind: str = "run") -> dict[str, Any]:
    jobs.settle(desk)
    return next(row for row in desk.ask(table.rows, kind, 30) if row["job_id"] == job_id)


def wait(
    desk: Desk, job_id: str, until: Callable[[dict[str, Any]], bool], kind: str = "run"
) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        row = job(desk, job_id, kind)
        if until(row):
            return row
        time.sleep(0.1)
    raise AssertionError(f"{row['status']}: {jobs.last_words(row)}")


def over(row: dict[str, Any]) -> bool:
    return bool(row["status"] != "running")


def under_way(row: dict[str, Any]) -> bool:
    return over(row) or bool(row["run"] and row["run"]["done"] >= 5)


def counted(desk: Desk, status: str = "audited") -> int:
    with desk.store.read() as connection:
        return int(connection.execute(select(func.count()).where(t.contacts.c.status == status)).scalar_one())


def actions(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read() as connection:
        rows = connection.execute(select(t.ledger).order_by(t.ledger.c.seq)).all()
    return [(row.actor, row.action) for row in rows]


@pytest.mark.slow
def test_a_run_from_the_app_is_seen_from_start_to_end(desk: Desk, tmp_path: Path) -> None:
    job_id = started(desk, write_log(tmp_path / "calls.csv", 30))
    row = wait(desk, job_id, over)
    assert (row["status"], row["exit_status"], row["actor"]) == ("done", 0, "officer")
    assert (row["run"]["origin"], row["run"]["status"], row["run"]["done"]) == ("app", "done", 30)
    assert counted(desk) == 30
    assert (tmp_path / "out" / "report.html").is_file()
    done = actions(desk)
    assert ("officer", "job.started") in done
    assert ("app", "run") in done
    assert "contacts" in jobs.last_words(row)


@pytest.mark.slow
def test_a_killed_run_is_told_and_the_next_goes_on_where_it_stopped(desk: Desk, tmp_path: Path) -> None:
    calls = write_log(tmp_path / "calls.csv", MANY)
    job_id = started(desk, calls)
    row = wait(desk, job_id, under_way)
    os.kill(row["process_id"], signal.SIGKILL)
    row = wait(desk, job_id, over)
    assert (row["status"], row["exit_status"]) == ("died", -9)
    assert row["run"]["status"] == "running", "the killed process could not say so"
    assert is_writing(desk.store) is False
    kept = counted(desk)
    assert 0 < kept < MANY
    row = wait(desk, started(desk, calls), over)
    assert row["status"] == "done"
    assert row["run"]["unchanged"] >= kept
    assert counted(desk) == MANY
    with desk.store.read() as connection:
        states = connection.execute(select(t.runs.c.status).order_by(t.runs.c.started_at)).scalars().all()
    assert states == ["stopped", "done"]


@pytest.mark.slow
def test_a_run_is_stopped_by_another_person_after_the_app_was_restarted(desk: Desk, tmp_path: Path) -> None:
    job_id = started(desk, write_log(tmp_path / "calls.csv", MANY))
    wait(desk, job_id, under_way)
    child = jobs._CHILDREN.pop(job_id)  # as if this process had not started it
    other = Desk(desk.store, SECOND, desk.settings, False)
    assert jobs.stop(other, job_id) is True
    child.wait(60)
    row = wait(other, job_id, over)
    assert (row["status"], row["stopped_by"]) == ("stopped", "second")
    assert row["run"]["status"] == "stopped"
    assert 0 < counted(desk) < MANY
    assert ("second", "job.stop_asked") in actions(desk)
    assert jobs.stop(other, job_id) is False


@pytest.mark.slow
def test_what_failed_is_tried_again_once_the_file_is_there(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "transcripts"
    folder.mkdir()
    calls = write_log(tmp_path / "calls.csv", 3, ("C1", "C2"))
    line = {"speaker": "agent", "start": 0.0, "end": 3.0, "text": "再不还钱公安就上门抓你"}
    (folder / "C1.json").write_text(json.dumps({"language": "zh", "utterances": [line]}), "utf-8")
    row = wait(desk, started(desk, calls, "--transcripts", str(folder)), over)
    assert (row["status"], row["exit_status"]) == ("failed", 1)
    assert counted(desk, "failed") == 1
    arguments = again(row["run"])
    assert arguments is not None
    assert arguments[1:3] == ["--origin", "app"]
    (folder / "C2.json").write_text(json.dumps({"language": "zh", "utterances": [line]}), "utf-8")
    row = wait(desk, jobs.start(desk, "run", arguments), over)
    assert (row["status"], row["run"]["unchanged"]) == ("done", 4)
    assert counted(desk, "failed") == 0
    (tmp_path / "calls.csv").unlink()
    assert again(row["run"]) is None


@pytest.mark.slow
def test_a_call_that_is_wrong_is_told(desk: Desk, tmp_path: Path) -> None:
    row = wait(desk, started(desk, tmp_path / "none.csv"), over)
    assert (row["status"], row["exit_status"], row["run"]) == ("failed", 2, None)
    assert "none.csv" in jobs.last_words(row)
    bad = ["run", "--calls", "c.csv", "--out", "o", "--origin", "moon"]
    row = wait(desk, jobs.start(desk, "run", bad), over)
    assert row["exit_status"] == 2
    assert "--origin moon" in jobs.last_words(row)


@pytest.mark.parametrize("role", ["reviewer", "trainer", "agency"])
def test_only_who_may_starts_and_stops(desk: Desk, role: str) -> None:
    other = Desk(desk.store, Scope("x", role, "墨江信服" if role == "agency" else None), desk.settings, False)
    with pytest.raises(RightError):
        jobs.start(other, "run", ["--help"])
    _plant(desk, os.getpid(), jobs.started_at(os.getpid()))
    with pytest.raises(RightError):
        jobs.stop(other, "J1")


def _plant(desk: Desk, process_id: int, begun: str, host: str = "") -> None:
    with desk.store.begin() as connection:
        values = {
            "job_id": "J1", "kind": "run", "actor": "officer", "at": "2026-04-01T00:00:00+00:00", "arguments": [],
            "host": host or jobs.socket.gethostname(), "process_id": process_id, "process_start": begun,
            "folder": "/nowhere", "status": "running",
        }  # fmt: skip
        connection.execute(insert(t.jobs).values(values))


def test_another_process_of_the_same_number_is_not_ours(desk: Desk) -> None:
    _plant(desk, os.getpid(), "12345")
    assert jobs.stop(desk, "J1") is False
    assert job(desk, "J1")["status"] in ("died", "stopped")
    assert os.getpid()  # nobody stopped the tests


def test_a_job_of_another_machine_is_left_to_it(desk: Desk) -> None:
    _plant(desk, 1, "1", "elsewhere")
    assert job(desk, "J1")["status"] == "running"
    with pytest.raises(UsageError, match="elsewhere"):
        jobs.stop(desk, "J1")


def test_a_run_that_says_it_runs_is_doubted(desk: Desk) -> None:
    from audit.screens.runs import SILENT_S, _state, silence_of

    past = (datetime.now(UTC) - timedelta(seconds=2 * SILENT_S)).isoformat(timespec="seconds")
    row = {"status": "running", "heartbeat_at": past, "started_at": past}
    assert silence_of(row) >= SILENT_S
    gone = str(_state(desk, row))
    assert "au-status-died" in gone
    with writer_lock(desk.store):
        assert is_writing(desk.store) is True
        silent = str(_state(desk, row))
        fresh = str(_state(desk, row | {"heartbeat_at": datetime.now(UTC).isoformat()}))
    assert "au-late" in silent
    assert "au-status-running" in silent
    assert "au-late" not in fresh


def test_asking_for_the_lock_does_not_take_it(desk: Desk) -> None:
    with writer_lock(desk.store):
        pass
    for _ in range(50):
        assert is_writing(desk.store) is False
    with writer_lock(desk.store):
        pass
