"""Rules over conversations: operators, reaches, speakers, exceptions, facts, offsets."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.lexicon import load_pack
from audit.models import CallFacts, Finding, Turn, Word
from audit.rules import Judge
from tests.test_lexicon import TITLE, pack_of


def judge_of(tmp_path: Path, text: str, name: str = "threat/legal") -> Judge:
    return Judge(load_pack(pack_of(tmp_path, **{name: TITLE + text})))


def real(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.excused is None]


@pytest.mark.parametrize(
    ("find", "text", "hit"),
    [
        ("{near: [police, house], within: 3 words}", "police will, uh, come to house", True),
        ("{near: [police, house], within: 3 words}", "my house has police", True),
        ("{near: [police, house], within: 1 words}", "police will come to house", False),
        ("{before: [police, house], within: 5 words}", "my house has police", False),
        ("{before: [police, house], within: 5 words}", "police at house", True),
        ("{near: [police, house], within: 5 words}", "police. my house", False),
        ("{near: [police, house], within: turn}", "police. my house", True),
        ("{near: [police, house], within: clause}", "police, my house", False),
        ("{near: [police, house], within: sentence}", "police, my house", True),
        ("{all: [police, house, jail]}", "jail. house. police", True),
        ("{all: [police, house, jail]}", "jail. house", False),
        (
            "{all: [{any: [police, cops]}, {before: [my, house], within: 1 words}]}",
            "cops near my house",
            True,
        ),
    ],
)
def test_operators(tmp_path: Path, find: str, text: str, hit: bool) -> None:
    judge = judge_of(tmp_path, f"en: {{find: [{find}]}}\n")
    assert bool(real(judge.utterance(text, "en", "agent"))) is hit


EXCUSES = """
en:
  find: [arrested]
  unless:
    - {any: [house arrested], where: covering, why: other sense}
    - {any: [joking], where: after, within: 3 words in sentence, why: a joke}
    - {any: [he said], where: before, within: 9 words in sentence, stop_at: [but i], but_not: [i said], why: quoted}
    - {any: [quote], where: earlier, within: 2 turns, speaker: customer, why: asked to quote}
"""


@pytest.mark.parametrize(
    ("text", "excuse"),
    [
        ("you will be arrested", None),
        ("you will not be arrested", "denial"),
        ("not paid but you will be arrested", None),
        ("house arrested", "other sense"),
        ("arrested, only joking", "a joke"),
        ("arrested. joking", None),
        ("he said you are arrested", "quoted"),
        ("he said wait but i say you are arrested", None),
        ("i said that he said you are arrested", None),
        ("you will be arrested and you will not be arrested", None),
    ],
)
def test_exceptions_excuse_one_hit(tmp_path: Path, text: str, excuse: str | None) -> None:
    findings = judge_of(tmp_path, EXCUSES).utterance(text, "en", "agent")
    assert findings
    if excuse is None:
        assert real(findings)
    else:
        assert not real(findings)
        assert excuse in (findings[0].excused or "")


def test_excused_hit_beside_a_real_one_is_kept(tmp_path: Path) -> None:
    findings = judge_of(tmp_path, EXCUSES).utterance(
        "you will be arrested and you will not be arrested", "en", "agent"
    )
    assert [finding.excused is None for finding in findings] == [True, False]


def test_negation_in_the_gap_excuses_and_in_the_words_does_not(tmp_path: Path) -> None:
    judge = judge_of(tmp_path, "en: {find: [will ...3 arrested, not stop calling]}\n")
    assert not real(judge.utterance("we will not be arrested", "en", "agent"))
    assert real(judge.utterance("i will not stop calling", "en", "agent"))


def test_earlier_turn_excuses_within_turns_and_speaker(tmp_path: Path) -> None:
    judge = judge_of(tmp_path, EXCUSES)
    turns = (
        Turn(0, "customer", "please quote"),
        Turn(1, "agent", "arrested"),
        Turn(2, "agent", "so"),
        Turn(3, "agent", "arrested"),
    )
    assert [f.turn for f in judge.call(turns, "en", CallFacts()) if f.excused is None] == [3]
    swapped = (Turn(0, "agent", "please quote"), turns[1])
    assert real(judge.call(swapped, "en", CallFacts()))


@pytest.mark.parametrize(("speaker", "confidence"), [("agent", 0.9), ("unknown", 0.72), ("customer", None)])
def test_speaker(tmp_path: Path, speaker: str, confidence: float | None) -> None:
    findings = judge_of(tmp_path, "en: {find: [arrested]}\n").utterance("arrested", "en", speaker)  # type: ignore[arg-type]
    assert [finding.confidence for finding in findings] == ([] if confidence is None else [confidence])


def test_over_turns_with_speakers(tmp_path: Path) -> None:
    text = (
        "scope: call\nen:\n  find:\n    - before: [{any: [stop calling], speaker: customer}, {any: [pay now], speaker: agent}]\n"
        "      within: 2 turns\n"
    )
    judge = judge_of(tmp_path, text, "distress/ignored")
    turns = [Turn(0, "customer", "stop calling"), Turn(1, "agent", "hm"), Turn(2, "agent", "pay now")]
    findings = judge.call(turns, "en", CallFacts())
    assert [(f.turn, f.basis, f.category) for f in findings] == [(2, "sequence", "distress.ignored")]
    assert not judge.call(
        [turns[0], turns[1], Turn(2, "agent", "x"), Turn(3, "agent", "pay now")], "en", CallFacts()
    )
    assert not judge.utterance("stop calling pay now", "en", "agent")


def test_seconds_between_words(tmp_path: Path) -> None:
    judge = judge_of(tmp_path, "en: {find: [{before: [police, house], within: 5 s}]}\n")
    near = [Turn(0, "agent", "police", 0, 1), Turn(1, "agent", "house", 4, 5)]
    assert judge.call(near, "en", CallFacts())
    assert not judge.call([near[0], Turn(1, "agent", "house", 7, 8)], "en", CallFacts())
    assert not judge.call([Turn(0, "agent", "police"), Turn(1, "agent", "house")], "en", CallFacts())


def test_window_is_judged_by_the_words_own_time(tmp_path: Path) -> None:
    judge = judge_of(tmp_path, "in: first 10 s\nen: {find: [arrested]}\n")
    words = (Word("you", 9.0, 9.2), Word("are", 9.2, 9.4), Word("arrested", 12.0, 12.5))
    late = Turn(0, "agent", "you are arrested", 9.0, 12.5, words)
    assert not judge.call([late], "en", CallFacts())
    assert judge.call([Turn(0, "agent", "you are arrested", 9.0, 12.5)], "en", CallFacts())
    assert [f.decision for f in judge.utterance("arrested", "en", "agent")] == ["undecided"]


def test_repeats(tmp_path: Path) -> None:
    judge = judge_of(
        tmp_path, "repeats: 3 within 2 turns\nen: {find: [pay now]}\n", "harassment/repeated_contact"
    )
    said = [Turn(i, "agent", "pay now") for i in range(3)]
    assert [finding.turn for finding in judge.call(said, "en", CallFacts())] == [2]
    assert not judge.call(said[:2], "en", CallFacts())
    spread = [said[0], said[1], Turn(2, "agent", "x"), Turn(3, "agent", "pay now")]
    assert not judge.call(spread, "en", CallFacts())


def test_facts(tmp_path: Path) -> None:
    judge = judge_of(
        tmp_path, "needs: [case_no]\nwhen: {direction: outbound, length_s: '>= 30'}\nen: {find: [arrested]}\n"
    )
    turns = [Turn(0, "agent", "arrested")]
    assert judge.call(turns, "en", CallFacts(direction="inbound", length_s=40)) == []
    assert judge.call(turns, "en", CallFacts(direction="outbound", length_s=20)) == []
    known = CallFacts(direction="outbound", length_s=40)
    assert judge.call(turns, "en", known)[0].decision == "undecided"
    assert "case_no" in judge.call(turns, "en", known)[0].reason
    assert "direction" in judge.call(turns, "en", CallFacts(length_s=40))[0].reason
    filed = CallFacts(direction="outbound", length_s=40, known={"case_no": "1"})
    assert judge.call(turns, "en", filed)[0].excused == "case_no is on record"


def test_must_say(tmp_path: Path) -> None:
    text = (
        "kind: must-say\nspeaker: agent\nen: {find: ['this is {name}'], by: 30 s, terms: {name: [carla]}}\n"
    )
    judge = judge_of(tmp_path, text, "identification/missing")
    good = [
        Turn(0, "agent", "hello this is carla", 0, 5),
        Turn(1, "customer", "yes", 5, 6),
        Turn(2, "agent", "pay", 6, 40),
    ]
    assert judge.call(good, "en", CallFacts()) == []
    late = [
        Turn(0, "agent", "hello pay now", 0, 40),
        Turn(1, "customer", "who", 40, 41),
        Turn(2, "agent", "this is carla", 41, 44),
    ]
    finding = judge.call(late, "en", CallFacts())[0]
    assert (finding.category, finding.basis, finding.turn) == ("identification.missing", "sequence", 0)
    assert judge.utterance("hello pay now", "en", "agent") == []


def test_customer_findings_are_noted(tmp_path: Path) -> None:
    judge = judge_of(tmp_path, "en: {find: [i want to die]}\n", "customer/distress")
    assert [f.decision for f in judge.utterance("i want to die", "en", "customer")] == ["noted"]


def test_citation_follows_place_and_day(tmp_path: Path) -> None:
    text = "grounds: [{place: US, law: A, since: 2021-11-30}, {place: US-MA, law: B}, {place: CN, law: C}]\nen: {find: [arrested]}\n"
    judge = judge_of(tmp_path, text)
    turns = [Turn(0, "agent", "arrested")]
    assert judge.call(turns, "en", CallFacts(jurisdiction="US-MA"))[0].citation == "B; A"
    assert judge.call(turns, "en", CallFacts(jurisdiction="CN"))[0].citation == "C"


@cache
def shipped() -> Judge:
    return Judge(load_pack())


PIECES = st.sampled_from(
    ["警察", "今天", "就", "来抓你", "您", "不会", "，", "。", "坐牢", "嗯", "我我", "Ｉ", "'ll", " ", "you're gonna ", "be arrested", "the sheriff ",
     "house", "½", "ﬁ", "不要脸", "\n", "👍", "é", "is coming to your house", "won't ", "i want to die", "我不想活了"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from(["agent", "customer", "unknown"]))
@settings(max_examples=400, deadline=None)
def test_evidence_is_the_text_as_given(text: str, speaker: str) -> None:
    for finding in shipped().utterance(text, None, speaker):  # type: ignore[arg-type]
        assert finding.start is not None
        assert finding.end is not None
        assert finding.text
        assert text[finding.start : finding.end] == finding.text


@pytest.mark.parametrize(
    ("piece", "language"),
    [("我们不会上门，", "zh"), ("we will not have you arrested ", "en"), ("打断你的腿", "zh")],
)
def test_cost_grows_with_the_text_and_no_faster(tmp_path: Path, piece: str, language: str) -> None:
    text = "zh: {find: [上门, {near: [打断, 腿], within: 4 chars}]}\nen: {find: [arrested]}\n"
    judge = judge_of(tmp_path, text)

    def seconds(times: int) -> float:
        begun = time.process_time()
        judge.utterance(piece * times, language, "agent")
        return time.process_time() - begun

    seconds(10)
    short, long = min(seconds(300), seconds(300)), min(seconds(3000), seconds(3000))
    assert long < 40 * short + 0.1
