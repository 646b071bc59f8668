"""Judging in blocks: the same findings as one by one, for whatever is said."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.lexicon import load_pack, shipped_directory
from audit.models import CallFacts, Finding, Speaker, Turn
from audit.phrases import detect_language, fold
from audit.phrases.bulk.circuit import ALWAYS, Circuit, Rows, flags_of
from audit.phrases.bulk.cutting import END, TEXT_END, Characters, Words
from audit.phrases.bulk.stream import odd_texts, read
from audit.phrases.noise import as_heard
from audit.rules import Judge
from audit.rules.conversation import Conversation

DATA = Path(__file__).parent / "data"


@cache
def shipped() -> Judge:
    return Judge(load_pack())


@cache
def said(language: str) -> list[tuple[Speaker, str]]:
    """Every ordinary line and every example line of one language, with who says it."""
    examples = sorted((shipped_directory() / "examples" / language).glob("*.tsv"))
    lines: list[tuple[Speaker, str]] = []
    for path in (DATA / f"quiet_{language}.txt", *examples):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                cells = line.split("\t")
                lines.append((cells[0] if cells[0] in ("agent", "customer") else "unknown", cells[-1]))  # type: ignore[arg-type]
    return lines


def slowly(turns: Sequence[Turn], language: str, facts: CallFacts) -> list[Finding]:
    """The reference: every phrase tried everywhere in every turn, by writing and by sound, every rule applied."""
    reader = shipped().readers[language]
    everything = [range(len(reader.found.entries))] * len(turns)
    talk = Conversation(turns, language, reader.found, reader.excusing, reader.heard, everything, everything)
    found: list[Finding] = []
    for rule_id in sorted(reader.rules):
        rule, block = reader.rules[rule_id]
        if rule.kind == "said" and (rule.scope != "call" or len(turns) > 1):
            found += reader.apply(rule, block, talk, facts)
    if len(turns) > 1:
        found += reader.duties(talk, facts)
    return shipped().sorted(found)


def both_ways(lines: list[tuple[Speaker, str]], language: str | None) -> None:
    """At once and by the reference; each alone on a part, since it takes the same way as many."""
    at_once = shipped().utterances([text for _, text in lines], language, [who for who, _ in lines])
    for number, ((who, text), findings) in enumerate(zip(lines, at_once, strict=True)):
        name = language or detect_language(text)
        assert findings == slowly([Turn(0, who, text)], name, CallFacts()), (who, text)
        if number % 10 == 0:
            assert findings == shipped().utterance(text, language, who), (who, text)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_ordinary_and_example_lines_are_judged_as_by_the_reference(language: str) -> None:
    both_ways(said(language)[::40], language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_some_lines_are_judged_alike_in_any_order_and_without_a_speaker(language: str) -> None:
    some = random.Random(3).sample(said(language), 120)
    both_ways([("unknown", text) for _, text in some], None)


SIGNS = "。，,.!?；:  \n'’…～123一二三\u200b\ue000\ue001\u0301ﬁ½𝐀😀𠀀\ud800ÉİK嗯那个的了我你Mr."


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_pieces_of_lines_with_strange_signs_between_are_judged_alike(data: st.DataObject) -> None:
    """Whatever stands between words: stutters, digits, marks, half a surrogate pair, signs of other scripts."""
    language = data.draw(st.sampled_from(["zh", "en"]))
    lines = said(language)
    texts = []
    for _ in range(data.draw(st.integers(1, 6))):
        pieces = []
        for _ in range(data.draw(st.integers(0, 4))):
            text = lines[data.draw(st.integers(0, len(lines) - 1))][1]
            words = text.split(" ") if language == "en" else list(text)
            begin = data.draw(st.integers(0, len(words) - 1))
            piece = words[begin : begin + data.draw(st.integers(1, 12))]
            pieces += piece * data.draw(st.sampled_from([1, 1, 1, 2, 3]))
            pieces.append(data.draw(st.text(SIGNS, max_size=4)))
        texts.append((" " if language == "en" else "").join(pieces))
    both_ways([("agent", text) for text in texts], language)


def test_conversations_are_judged_alike_at_once_and_alone() -> None:
    """Rules over several turns, and what must be said, in talks put together by chance."""
    judge, source = shipped(), random.Random(5)
    talks, languages = [], []
    for number in range(40):
        language = ("zh", "en")[number % 2]
        some = source.sample(said(language), source.randint(1, 12))
        talks.append([Turn(i, who, text, i * 4.0, i * 4.0 + 3) for i, (who, text) in enumerate(some)])
        languages.append(language)
    facts = [CallFacts(call_id=str(number), party="contact") for number in range(len(talks))]
    for turns, language, fact, found in zip(
        talks, languages, facts, judge.calls(talks, languages, facts), strict=True
    ):
        assert found == slowly(turns, language, fact)
        assert found == judge.call(turns, language, fact)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_cutting_gives_the_tokens_of_folding(language: str) -> None:
    texts = [text for _, text in said(language)[::7]]
    folded = [fold(text, language) for text in texts]
    words = {token for one in folded for token in one.tokens}
    cutter = Characters() if language == "zh" else Words(words)
    everything = ~cutter.soft | True
    cut = cutter.cut(texts)
    odd = odd_texts(cut.codes, cutter, everything) | cut.odd
    codes = cut.codes.tolist()
    plain = 0
    for text, one, is_odd in zip(texts, folded, odd.tolist(), strict=True):
        end = codes.index(TEXT_END)
        own, codes = [code for code in codes[:end] if code != END], codes[end + 1 :]
        if not is_odd:
            plain += 1
            assert own == [code for code in cutter.codes_of(one).tolist() if code > TEXT_END], text
    assert plain > len(texts) * 0.9
    stream = read(texts, cutter, everything)
    assert stream.text_of.max() == len(texts) - 1


def test_a_sentence_is_a_column_and_an_abbreviation_ends_none() -> None:
    cutter = Words(["call", "mr", "price"])
    stream = read(["call mr. price. call", "price"], cutter, ~cutter.soft | True)
    assert stream.text_of.tolist() == [0, 0, 1]
    call, price = cutter.code("call"), cutter.code("price")
    of = dict(zip(zip(stream.codes.tolist(), stream.columns.tolist(), strict=True), range(99), strict=False))
    assert (price, 0) in of and (call, 1) in of and (price, 2) in of and (price, 1) not in of


def test_the_circuit_holds_where_its_strings_stand() -> None:
    circuit = Circuit()
    a, b, c = (circuit.leaf(number) for number in range(3))
    both, either = circuit.both([a, b]), circuit.either([b, c])
    wide = circuit.both([circuit.wide(a), circuit.wide(c), ALWAYS])
    circuit.close()
    import numpy as np

    strings, columns = np.array([0, 1, 0, 2]), np.array([0, 0, 1, 2])
    rows = Rows(circuit, strings, columns, np.array([0, 0, 1]))
    bits = rows.work_out(np.array([both, either, wide, ALWAYS]))
    assert flags_of(bits, 3).tolist() == [
        [True, False, False],
        [True, False, True],
        [False, False, False],
        [True, True, True],
    ]
    rows = Rows(circuit, strings, columns, np.array([0, 0, 0]))
    assert flags_of(rows.work_out(np.array([wide])), 3).tolist() == [[True, True, True]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_misheard_lines_are_judged_alike_at_once_and_alone_and_some_are_found_by_sound(language: str) -> None:
    some = random.Random(11).sample(said(language), 250)
    lines = [(who, as_heard(text, language, str(number))) for number, (who, text) in enumerate(some)]
    both_ways(lines, language)
    found = shipped().utterances([text for _, text in lines], language, [who for who, _ in lines])
    assert sum(finding.basis == "heard_as" for findings in found for finding in findings) > 5


def test_two_misheard_words_and_usual_words_are_not_found_by_sound() -> None:
    judge = shipped()
    assert "heard_as" in {f.basis for f in judge.utterance("我打锻你的腿", "zh", "agent")}
    for text in ("我打锻你的蜕", "您好先打断您一下", "他打短信给你了"):
        assert not [f for f in judge.utterance(text, "zh", "agent") if f.basis == "heard_as"], text


def test_reach_in_words_may_cross_a_sentence_and_nothing_said_is_nothing_found() -> None:
    turns = [Turn(0, "agent", "They log everything. Ring my wife's phone.")]
    assert shipped().call(turns, "en", CallFacts()) == slowly(turns, "en", CallFacts())
    assert "en.conduct.off_channel.side_line" in {f.rule for f in shipped().call(turns, "en", CallFacts())}
    assert shipped().calls([[], turns], ["en", "en"], [CallFacts(), CallFacts()])[0] == []
