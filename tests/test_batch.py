"""The batch: nothing twice, nothing lost, one bad contact never stops the rest, killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.batch import Batch, make_tools, number_key
from audit.contact import load_places
from audit.errors import ModelError
from audit.intake import CallLog, read_call_log
from audit.models import CallFacts, Finding, PersonalDatum, Turn
from audit.pipeline import Tools, evidence, merge_readers, place_in_time, spoken_to_debtor
from audit.settings import Settings
from audit.store import Store, reading
from audit.store import tables as t

THREAT = Finding("zh.threat.violence.x", "threat.violence", "critical", "phrase", 0.9, text="打断")


@dataclass
class Pack:
    hash: str = "lexicons-1"


@dataclass
class FakeJudge:
    """Finds one word in agent turns; counts how often it is asked; raises on a planted turn."""

    word: str = "打断"
    pack: Pack = field(default_factory=Pack)
    asked: int = 0

    def call(self, turns: Sequence[Turn], language: str | None, facts: CallFacts) -> list[Finding]:
        self.asked += 1
        found = []
        for turn in turns:
            if "炸" in turn.text:
                raise ZeroDivisionError("秘密的话")
            at = turn.text.find(self.word)
            if at >= 0 and turn.speaker != "customer":
                span = {"turn": turn.index, "start": at, "end": at + len(self.word), "text": self.word}
                found.append(replace(THREAT, speaker=turn.speaker, **span))  # type: ignore[arg-type]
        return found


class FakeDetector:
    model_name = "fake"

    def find_turns(self, turns: Sequence[Turn], language: str | None) -> list[PersonalDatum]:
        return [
            PersonalDatum("PERSON", turn.text.find("张三"), turn.text.find("张三") + 2, 0.9, turn.index)
            for turn in turns
            if "张三" in turn.text
        ]


def no_model() -> Any:
    raise ModelError("no model to be had")


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """A folder with a log of five contacts: a threat, a clean call, a bad transcript, a missing one, an SMS."""
    (tmp_path / "talk").mkdir()
    talk("a", tmp_path, [("agent", "张三，我打断你的腿"), ("customer", "别这样")])
    talk("b", tmp_path, [("agent", "您好，张三先生"), ("customer", "你打断我了")])
    (tmp_path / "talk" / "c.json").write_text("{broken")
    rows = [
        "K1,a.json,call,",
        "K2,b.json,call,",
        "K3,c.json,call,",
        "K4,none.json,call,",
        "K5,,sms,再不还打断腿",
    ]
    lines = [row.replace(",", ",2026-03-31T10:00:00,conversation,松屿,", 1) for row in rows]
    (tmp_path / "calls.csv").write_text(
        "call_id,started_at,outcome,agency,transcript,channel,text\n" + "\n".join(lines)
    )
    return tmp_path


def talk(name: str, folder: Path, turns: list[tuple[str, str]]) -> None:
    said = [
        {"speaker": speaker, "text": text, "start": 2.0 * at, "end": 2.0 * at + 1.5}
        for at, (speaker, text) in enumerate(turns)
    ]
    (folder / "talk" / f"{name}.json").write_text(json.dumps({"language": "zh", "utterances": said}))


def batch(folder: Path, judge: FakeJudge | None = None) -> tuple[Batch, CallLog]:
    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    settings = Settings(store=store.url)
    tools = Tools(settings, judge or FakeJudge(), FakeDetector(), None, no_model, folder, folder / "talk")  # type: ignore[arg-type]
    return Batch(store, tools, load_places(None)), read_call_log(
        folder / "calls.csv", "CN", number_key(store)
    )


def statuses(store: Store) -> dict[str, str]:
    with store.read() as connection:
        return {row["call_id"]: row["status"] for row in reading.contacts(connection)}


def test_what_can_be_judged_is_and_the_rest_says_why(week: Path) -> None:
    one, log = batch(week)
    summary = one.run(log, {})
    assert statuses(one.store) == {
        "K1": "audited",
        "K2": "audited",
        "K3": "failed",
        "K4": "failed",
        "K5": "audited",
    }
    assert [call_id for call_id, _ in summary.failures] == ["K3", "K4"]
    assert all(reason for _, reason in summary.failures)
    assert (summary.heard, summary.cases) == (3, 2)
    with one.store.read() as connection:
        found = {row["call_id"]: row for row in reading.findings(connection) if row["origin"] == "words"}
    assert set(found) == {"K1", "K5"}
    assert "张三" not in found["K1"]["evidence"] and "[PERSON]" in found["K1"]["evidence"]
    assert found["K1"]["start_s"] == 0.0


def test_a_second_run_does_nothing_twice(week: Path) -> None:
    one, log = batch(week)
    one.run(log, {})
    judge = FakeJudge()
    again, log = batch(week, judge)
    summary = again.run(log, {})
    assert (summary.unchanged, summary.heard, judge.asked) == (3, 0, 0)
    with again.store.read() as connection:
        assert len([row for row in reading.findings(connection) if row["origin"] == "words"]) == 2


def test_what_changed_is_done_again_and_only_that(week: Path) -> None:
    one, log = batch(week)
    one.run(log, {})
    talk("b", week, [("agent", "我打断你")])
    talk("c", week, [("agent", "您好")])
    again, log = batch(week)
    summary = again.run(log, {})
    assert (summary.heard, summary.unchanged, [c for c, _ in summary.failures]) == (2, 2, ["K4"])


def test_new_lexicons_judge_stored_words_again(week: Path) -> None:
    one, log = batch(week)
    one.run(log, {})
    again, log = batch(week, FakeJudge("您好", Pack("lexicons-2")))
    summary = again.run(log, {})
    assert (summary.judged, summary.heard) == (3, 0)
    with again.store.read() as connection:
        assert {row["call_id"] for row in reading.findings(connection) if row["origin"] == "words"} == {"K2"}


def test_recheck_says_what_changes_before_it_does(week: Path) -> None:
    one, log = batch(week)
    one.run(log, {})
    other, _ = batch(week, FakeJudge("您好", Pack("lexicons-2")))
    dry = list(other.recheck(dry_run=True))
    assert {(change["call_id"], len(change["appears"]), len(change["vanishes"])) for change in dry} == {
        ("K1", 0, 1),
        ("K2", 1, 0),
        ("K5", 0, 1),
    }
    assert list(other.recheck(dry_run=False)) == dry
    assert list(other.recheck(dry_run=True)) == []
    again, log = batch(week, FakeJudge("您好", Pack("lexicons-2")))
    assert again.run(log, {}).unchanged == 3


def test_an_unforeseen_fault_fails_one_contact_and_tells_no_words(week: Path) -> None:
    talk("b", week, [("agent", "炸")])
    one, log = batch(week)
    summary = one.run(log, {})
    reasons = dict(summary.failures)
    assert "ZeroDivisionError" in reasons["K2"] and "秘密" not in reasons["K2"]
    assert statuses(one.store)["K1"] == "audited"


def test_a_recording_without_a_model_stops_with_one_sentence(week: Path) -> None:
    import numpy as np
    import soundfile

    soundfile.write(week / "x.wav", np.zeros((8000, 2)), 8000)
    with (week / "calls.csv").open("a") as file:
        file.write("\n")
    log_text = (
        (week / "calls.csv").read_text().replace("transcript,", "recording,").replace("a.json", "x.wav")
    )
    (week / "calls.csv").write_text(log_text)
    one, log = batch(week)
    with pytest.raises(ModelError, match="no model"):
        one.run(log, {})
    with one.store.read() as connection:
        assert connection.execute(select(t.runs.c.status)).scalar_one() == "failed"


KILLED = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.test_batch import FakeJudge, batch
class Slow(FakeJudge):
    def call(self, *args):
        time.sleep(0.02)
        return super().call(*args)
one, log = batch(Path({folder!r}), Slow())
print("go", flush=True)
one.run(log, {{}})
"""


@pytest.mark.parametrize("after_s", [0.05, 0.2, 0.5])
def test_killed_at_any_moment_the_next_run_ends_the_same(tmp_path: Path, after_s: float) -> None:
    (tmp_path / "talk").mkdir()
    rows = []
    for number in range(40):
        talk(f"t{number}", tmp_path, [("agent", f"张三，打断你{number}"), ("customer", "好")])
        rows.append(f"K{number:02},t{number}.json,2026-03-31T10:{number:02}:00")
    (tmp_path / "calls.csv").write_text("call_id,transcript,started_at\n" + "\n".join(rows))
    code = KILLED.format(root=str(Path(__file__).parents[1]), folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "go\n"
    time.sleep(after_s)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    one, log = batch(tmp_path)
    summary = one.run(log, {})
    assert summary.heard + summary.unchanged == 40 and not summary.failures
    with one.store.read() as connection:
        found = [row["call_id"] for row in reading.findings(connection) if row["origin"] == "words"]
        runs = set(connection.execute(select(t.runs.c.status)).scalars())
    assert sorted(found) == [f"K{number:02}" for number in range(40)]
    assert runs <= {"done", "stopped"}


def log_findings(store: Store) -> set[tuple[str, str, str, str]]:
    with store.read() as connection:
        rows = list(reading.findings(connection))
    return {(r["call_id"], r["rule"], r["decision"], r["reason"]) for r in rows if r["origin"] == "log"}


def test_an_added_week_is_judged_like_the_whole_year(tmp_path: Path) -> None:
    import csv

    with (Path(__file__).parent / "data" / "calls" / "calls.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = [row | {"transcript": "", "recording": ""} for row in csv.DictReader(file)]
    parts = {"whole": rows, "first": [r for r in rows if r["started_at"] < "2026-04-17"]}
    parts["second"] = [r for r in rows if r not in parts["first"]]
    stores = {}
    for name, folder in (("whole", "a"), ("first", "b"), ("second", "b")):
        (tmp_path / folder).mkdir(exist_ok=True)
        with (tmp_path / folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(parts[name])
        one, log = batch(tmp_path / folder)
        one.run(log, {})
        stores[folder] = one.store
    assert len(log_findings(stores["a"])) > 40
    assert log_findings(stores["b"]) == log_findings(stores["a"])


def test_the_second_reader_is_silent_where_the_first_spoke() -> None:
    mine = replace(THREAT, turn=1, start=0, end=2)
    excused = replace(mine, turn=2, excused="denied")
    likes = [
        replace(mine, basis="similar", turn=turn, start=0, end=9, rule="zh.similar") for turn in (1, 2, 3)
    ]
    merged = merge_readers([mine, excused], likes)
    assert [(finding.basis, finding.turn) for finding in merged] == [
        ("phrase", 1),
        ("phrase", 2),
        ("similar", 3),
    ]


def test_a_likeness_alone_does_not_make_the_debtor_a_third_person() -> None:
    told = replace(THREAT, category="privacy.third_party_disclosure", basis="similar", turn=1)
    other = replace(told, category="threat.violence")
    somebody = replace(THREAT, category="contact.third_party", basis="sequence")
    assert spoken_to_debtor([told, other]) == [other]
    assert spoken_to_debtor([told, somebody]) == [told, somebody]


def test_a_finding_takes_the_times_of_its_words() -> None:
    from audit.models import Word

    words = tuple(Word(sign, at * 1.0, at + 0.9) for at, sign in enumerate("我打断你"))
    turn = Turn(0, "agent", "我打断你", 0.0, 4.0, words)
    placed = place_in_time(replace(THREAT, turn=0, start=1, end=3), [turn])
    assert (placed.start_s, placed.end_s) == (1.0, 2.9)
    without = place_in_time(replace(THREAT, turn=0, start=1, end=3), [replace(turn, words=())])
    assert (without.start_s, without.end_s) == (0.0, 4.0)


def test_evidence_never_cuts_a_datum_open() -> None:
    from audit.models import Transcript

    text = "啊" * 300 + "13900001234" + "啊" * 300
    transcript = Transcript("zh", (Turn(0, "agent", text),))
    datum = PersonalDatum("PHONE", 300, 311, 0.9, 0)
    for start in range(180, 420, 7):
        shown = evidence(replace(THREAT, turn=0, start=start, end=start + 2), transcript, [datum])
        assert not any(sign.isdigit() for sign in shown)


def test_the_number_key_is_private_and_stays(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'audit.db'}")
    key = number_key(store)
    assert number_key(store) == key and len(key) == 32
    assert (tmp_path / "audit.db.key").stat().st_mode & 0o777 == 0o600


def test_real_tools_can_be_made_without_a_model(tmp_path: Path) -> None:
    tools = make_tools(Settings(model=str(tmp_path / "none.pt")))
    with pytest.raises(ModelError):
        tools.recogniser()
