"""Corrected words and swapped roles: judged again at once, masked anew, with history, verdicts kept, undo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from audit.errors import RightError, UsageError
from audit.models import Turn, Word
from audit.screens.parts.desk import Desk
from audit.screens.parts.judging import judge_again, with_data_back
from audit.settings import Settings
from audit.store import Store, acts, views
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.correcting import Correction, changes, reapplied
from audit.store.ledger import verify
from audit.store.reading import transcript
from audit.store.realign import with_words
from audit.store.views import QueueFilter
from tests.app_seed import seed

OFFICER = Scope("officer", "officer")
WEEK = "2026-W14"


@pytest.fixture
def desk() -> Iterator[Desk]:
    store = Store.open("sqlite://")
    seed(store)
    yield Desk(store, OFFICER, Settings(), False)
    store.close()


def case_of(desk: Desk, debtor: str) -> str:
    with desk.store.read() as connection:
        rows, _ = views.queue(connection, OFFICER, QueueFilter(status="all", week=WEEK, debtor=debtor))
    return str(next(row["case_id"] for row in rows if len(row["call_id"]) == 4))


def view(desk: Desk, case_id: str, scope: Scope = OFFICER) -> Any:
    with desk.store.read() as connection:
        return views.case_view(connection, scope, case_id)


def rules(desk: Desk, case_id: str) -> set[str]:
    return {one.category for one in view(desk, case_id).findings if one.excused is None}


def test_a_corrected_threat_is_found_at_once_and_taken_back(desk: Desk) -> None:
    case_id = case_of(desk, "D1001")
    judge_again(desk, case_id, Correction("words", 3, "我失业半年了。"))
    before = rules(desk, case_id)
    assert "threat.violence" not in before
    change = judge_again(desk, case_id, Correction("words", 4, "再不还钱我就找人打断你的腿。"))
    assert change is not None
    assert "threat.violence" in {row["category"] for row in change.appeared}
    seen = view(desk, case_id)
    assert "threat.violence" in {one.category for one in seen.findings}
    assert "".join(piece.text for piece in seen.turns[4].pieces) == "再不还钱我就找人打断你的腿。"
    assert seen.turns[4].heard == "你死了钱也得还,别跟我来这套。"
    assert seen.turns[4].corrected_by == "officer"
    assert "threat.violence" in seen.case["categories"]
    judge_again(desk, case_id, Correction("words_back", 4))
    seen = view(desk, case_id)
    assert rules(desk, case_id) == before
    assert seen.turns[4].heard is None
    with desk.store.read() as connection:
        rows = changes(connection, OFFICER, case_id)
        assert [row["kind"] for row in reversed(rows)][-2:] == ["words", "words_back"]
        assert "threat.violence" in {row["category"] for row in rows[0]["vanished"] + rows[1]["vanished"]}
        assert verify(connection) > 0


def test_new_words_are_masked_and_silenced_anew(desk: Desk) -> None:
    case_id = case_of(desk, "D1001")
    judge_again(desk, case_id, Correction("words", 2, "你这个老赖,你电话是一三九一二三四五六七八吧。"))
    seen = view(desk, case_id)
    assert "PHONE" in {piece.masked for piece in seen.turns[2].pieces}
    assert "一三九" not in "".join(piece.text for piece in seen.turns[2].pieces)
    spans = [
        span
        for span in seen.bleeps
        if span[1] < (seen.turns[2].end_s or 0) and span[2] > (seen.turns[2].start_s or 0)
    ]
    assert spans, "the new number must not be heard"
    assert all(
        end - start < (seen.turns[2].end_s or 0) - (seen.turns[2].start_s or 0) for _, start, end in spans
    )


def test_labels_stand_for_the_data_they_hide(desk: Desk) -> None:
    pieces = [("PERSON", "赵强"), ("PHONE", "一三八")]
    label = {"PERSON": "[name]", "PHONE": "[phone]"}.__getitem__
    assert with_data_back("喂,[name]吗?[phone]", pieces, label) == "喂,赵强吗?一三八"
    assert with_data_back("喂,你的[phone]", pieces, label) == "喂,你的一三八"
    assert with_data_back("[name] [name]", pieces[:1], label) == "赵强 [name]"


def test_swapped_roles_are_judged_at_once_and_back_again(desk: Desk) -> None:
    case_id = case_of(desk, "D1004")
    judge_again(desk, case_id, Correction("words", 1, "法院?你有案号没有?"))
    before = {one.finding_id: one.speaker for one in view(desk, case_id).findings}
    speakers = [turn.speaker for turn in view(desk, case_id).turns]
    change = judge_again(desk, case_id, Correction("roles"))
    assert change is not None
    assert "impersonation.authority" in {row["category"] for row in change.vanished}
    seen = view(desk, case_id)
    other = {"agent": "customer", "customer": "agent"}
    assert [turn.speaker for turn in seen.turns] == [other[one] for one in speakers]
    assert seen.contact["agent_confidence"] == 1.0
    judge_again(desk, case_id, Correction("roles"))
    assert {one.finding_id: one.speaker for one in view(desk, case_id).findings} == before


def test_a_verdict_stays_with_a_finding_that_only_moved(desk: Desk) -> None:
    case_id = case_of(desk, "D1001")
    judge_again(desk, case_id, Correction("words", 2, "你这个老赖,要不要脸啊,欠债不还。"))
    insult = next(
        one
        for one in view(desk, case_id).findings
        if one.quote and "老赖" in one.quote and one.category == "harassment.insult"
    )
    with desk.store.begin() as connection:
        acts.decide(connection, OFFICER, [insult.finding_id], "confirmed", "heard it")
    judge_again(desk, case_id, Correction("words", 2, "哼哼,你这个老赖,要不要脸啊,欠债不还。"))
    moved = [
        one for one in view(desk, case_id).findings if one.category == "harassment.insult" and one.verdict
    ]
    assert [(one.verdict, one.actor, one.note) for one in moved] == [("confirmed", "officer", "heard it")]
    assert moved[0].finding_id != insult.finding_id


def test_a_case_without_findings_is_withdrawn_and_can_come_back(desk: Desk) -> None:
    case_id = case_of(desk, "D1013")
    for turn, words in ((0, "您好。"), (2, "好的,再见。")):
        judge_again(desk, case_id, Correction("words", turn, words))
    left = [one for one in view(desk, case_id).findings if one.counts]
    if left:  # what remains is not about these words (identification and the like)
        assert not {one.category for one in left} & {"pressure.borrowing", "payment.irregular"}
    else:
        assert view(desk, case_id).case["status"] == "withdrawn"
    judge_again(desk, case_id, Correction("words_back", 2))
    assert "payment.irregular" in rules(desk, case_id)
    assert view(desk, case_id).case["status"] == "open"


@pytest.mark.parametrize("role", ["agency", "trainer", "administrator"])
def test_only_who_decides_corrects(desk: Desk, role: str) -> None:
    case_id = case_of(desk, "D1001")
    other = Desk(desk.store, Scope("x", role, "墨江信服" if role == "agency" else None), Settings(), False)
    with pytest.raises(RightError):
        judge_again(other, case_id, Correction("words", 0, "别的"))


def test_nothing_changes_for_the_same_words_or_a_turn_that_is_not_there(desk: Desk) -> None:
    case_id = case_of(desk, "D1001")
    text = "".join(piece.text for piece in view(desk, case_id).turns[2].pieces)
    assert judge_again(desk, case_id, Correction("words", 2, text)) is None
    with pytest.raises(UsageError):
        judge_again(desk, case_id, Correction("words", 99, "没有"))


def test_the_history_and_the_ledger_hold_no_unmasked_words(desk: Desk) -> None:
    case_id = case_of(desk, "D1001")
    judge_again(desk, case_id, Correction("words", 2, "赵强,你这个老赖,还要不要脸"))
    with desk.store.read() as connection:
        ledger = [str(dict(row)) for row in connection.execute(select(t.ledger)).mappings()]
        kept = [json.dumps(row, ensure_ascii=False) for row in changes(connection, OFFICER, case_id)]
        own = changes(connection, Scope("v", "agency", "墨江信服"), case_id)
    assert not [row for row in ledger if "赵强" in row or "老赖" in row]
    assert not [row for row in kept if "赵强" in row]
    assert own[0]["actor"] is None


def test_a_new_hearing_of_the_same_words_keeps_the_correction(desk: Desk) -> None:
    case_id = case_of(desk, "D1001")
    call_id = view(desk, case_id).contact["call_id"]
    with desk.store.read() as connection:
        heard = transcript(connection, call_id)
    judge_again(desk, case_id, Correction("words", 2, "你这个骗子,要不要脸啊,欠钱不还。"))
    judge_again(desk, case_id, Correction("roles"))
    assert heard is not None
    with desk.store.read() as connection:
        again = reapplied(connection, call_id, heard)
        other = reapplied(connection, call_id, _otherwise(heard))
    assert again is not None and again.turns[2].text.startswith("你这个骗子")
    assert again.turns[0].speaker == "customer"
    assert other is not None and other.turns[2].text == "完全不同"


def _otherwise(heard: Any) -> Any:
    from dataclasses import replace

    turns = tuple(
        replace(turn, text="完全不同", words=()) if turn.index == 2 else turn for turn in heard.turns
    )
    return replace(heard, turns=turns)


def test_the_evidence_pack_tells_what_was_heard_and_who_corrected_it(desk: Desk, tmp_path: Path) -> None:
    import zipfile

    from audit.evidence import make_pack, verify_pack

    case_id = case_of(desk, "D1001")
    judge_again(desk, case_id, Correction("words", 2, "你这个骗子,要不要脸啊,欠钱不还。"))
    pack = make_pack(desk.store, case_id, None, tmp_path, "officer")
    verify_pack(pack)
    with zipfile.ZipFile(pack) as archive:
        lines = json.loads(archive.read("transcript.json"))
        kept = json.loads(archive.read("corrections.json"))
    assert lines[2]["heard"].startswith("你这个老赖") and lines[2]["corrected_by"] == "officer"
    assert kept[0]["kind"] == "words"


# --- times of corrected words -------------------------------------------------------------------------


def _turn(text: str) -> Turn:
    tokens = text.split() if " " in text else list(text)
    words = tuple(Word(one, i * 1.0, i + 0.9, 0.8) for i, one in enumerate(tokens))
    return Turn(0, "agent", text, 0.0, float(len(tokens)), words)


def test_words_that_stayed_keep_their_times() -> None:
    after = with_words(_turn("我要去你家"), "我要去你单位")
    assert [(word.text, word.start_s) for word in after.words[:4]] == [
        ("我", 0.0),
        ("要", 1.0),
        ("去", 2.0),
        ("你", 3.0),
    ]
    assert [word.text for word in after.words[4:]] == ["单", "位"]
    assert after.words[4].start_s == 4.0 and after.words[5].end_s == 4.9
    english = with_words(_turn("you will be rested"), "you will be arrested tomorrow")
    assert [word.text for word in english.words] == ["you", "will", "be", "arrested", "tomorrow"]
    assert english.words[2].start_s == 2.0


@given(
    st.text(alphabet="我你他钱还 ab,。", min_size=1, max_size=30),
    st.text(alphabet="我你他钱还 ab,。", max_size=30),
)
def test_corrected_words_stand_in_the_text_in_order_and_in_time(heard: str, said: str) -> None:
    after = with_words(_turn(heard), said)
    at = 0
    for word in after.words:
        assert word.text.strip()
        at = after.text.index(word.text, at) + len(word.text)
    starts = [word.start_s for word in after.words]
    assert starts == sorted(starts)
    assert all(word.end_s >= word.start_s for word in after.words)
