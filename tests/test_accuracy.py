"""Error rates, numbers, roles and what errors do to findings; the command on shipped recordings with a stand-in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import audio
from audit.audio import Audio
from audit.commands import accuracy
from audit.errors import UsageError
from audit.models import Finding, Transcript, Turn
from audit.speech.accuracy import Errors, align, compare, fold
from tests.fake_recognisers import ScriptedRecogniser, segment

ALIGNMENTS = [
    ("pay the bill", "pay the bill", (3, 0, 0, 0)),
    ("pay the bill", "pay a bill", (3, 1, 0, 0)),
    ("pay the bill", "pay bill", (3, 0, 1, 0)),
    ("pay the bill", "please pay the bill", (3, 0, 0, 1)),
    ("a b c d", "", (4, 0, 4, 0)),
    ("", "a", (0, 0, 0, 1)),
    ("a b c d e f", "b c x e f g", (6, 1, 1, 1)),
]


@pytest.mark.parametrize(("reference", "heard", "counts"), ALIGNMENTS)
def test_edit_counts(reference: str, heard: str, counts: tuple[int, int, int, int]) -> None:
    _, errors = align(reference.split(), heard.split())
    assert errors == Errors(*counts)


def slow_distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, before = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y)))
    return row[-1]


letters = st.lists(st.sampled_from("abcd"), max_size=12)


@settings(max_examples=300, deadline=None)
@given(a=letters, b=letters)
def test_alignment_is_the_shortest_and_pairs_are_equal_and_in_order(a: list[str], b: list[str]) -> None:
    pairs, errors = align(a, b)
    assert errors.substitutions + errors.deletions + errors.insertions == slow_distance(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert pairs == sorted(pairs)
    assert len(pairs) + errors.substitutions + errors.deletions == len(a)
    assert len(pairs) + errors.substitutions + errors.insertions == len(b)


EQUAL = [
    ("zh", "您欠款三百五十元", "您欠款350元。"),
    ("zh", "請問是張先生嗎", "请问是张先生吗?"),
    ("zh", "电话一三八零零一三八", "电话13800138"),
    ("zh", "幺三八", "138"),
    ("zh", "共计1,234元", "共计一千二百三十四元"),
    ("zh", "嗯那个我没钱", "那个，我没钱"),
    ("en", "You owe twenty-two dollars", "you owe 22 dollars."),
    ("en", "five five five oh one two", "555012"),
    ("en", "one thousand two hundred fifty", "1250"),
    ("en", "I don’t know", "i don't know"),
    ("en", "Uh, hello", "Hello"),
]


@pytest.mark.parametrize(("language", "a", "b"), EQUAL)
def test_ways_of_writing_are_no_errors(language: str, a: str, b: str) -> None:
    assert fold(a, language) == fold(b, language)


DIFFERENT = [
    ("zh", "三百五", "三百"), ("zh", "会起诉", "不会起诉"), ("en", "fifteen", "fifty"),
    ("en", "you will be arrested", "you won't be arrested"), ("en", "five hundred", "five"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "a", "b"), DIFFERENT)
def test_what_changes_the_meaning_stays_an_error(language: str, a: str, b: str) -> None:
    assert fold(a, language) != fold(b, language)


def transcript(*turns: tuple[str, str], language: str = "en") -> Transcript:
    return Transcript(
        language, tuple(Turn(i, who, text, i * 2.0, i * 2.0 + 1.5) for i, (who, text) in enumerate(turns))
    )  # type: ignore[arg-type]


def test_roles_and_numbers() -> None:
    by_hand = transcript(("agent", "your balance is 4521 dollars"), ("customer", "I pay on the 15 of may"))
    by_ear = transcript(("agent", "your balance is 4521 dollars"), ("agent", "I pay on the 50 of may"))
    found = compare(by_hand, by_ear)
    assert (found.numbers_right, found.numbers_total) == (1, 2)
    assert 0.5 < (found.role_accuracy or 0) < 0.7
    assert found.errors.substitutions == 2
    same = compare(by_hand, by_hand)
    assert (same.errors.rate, same.role_accuracy, same.number_accuracy) == (0.0, 1.0, 1.0)


def test_nothing_heard_and_nothing_said() -> None:
    silent = Transcript("en", ())
    assert compare(transcript(("agent", "hello there")), silent).errors.rate == 1.0
    assert compare(silent, silent).errors.rate == 0.0
    assert compare(silent, transcript(("agent", "you"))).errors.rate == 1.0
    assert compare(silent, silent).role_accuracy is None


def test_an_hour_is_measured_in_blocks_to_the_same_result() -> None:
    words = [("agent", f"word{i} and another one here") for i in range(900)]
    by_hand = transcript(*words)
    by_ear = transcript(*[(who, text.replace("another", "an other")) for who, text in words])
    found = compare(by_hand, by_ear)
    assert found.errors.units == 4500 + sum(len(str(i)) * 0 for i in range(900))
    assert found.errors.substitutions + found.errors.insertions == 1800
    assert found.role_accuracy == 1.0


def test_findings_are_counted_by_category() -> None:
    def finding(category: str, excused: str | None = None) -> Finding:
        return Finding("en.x", category, "high", "phrase", 0.9, excused=excused)

    counted = accuracy.Findings()
    counted.count(
        [finding("a"), finding("a"), finding("b")], [finding("a"), finding("c"), finding("b", "why")]
    )
    assert (counted.kept, counted.missed, counted.added) == ({"a": 1}, {"a": 1, "b": 1}, {"c": 1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"speaker": "agent", "start": 0.2, "end": 1.0, "text": "hello"}]
    for name in ("one", "two"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"language": "en", "utterances": rows}))
    noise = np.random.default_rng(0).standard_normal((1, 32_000)).astype(np.float32) * 0.01
    audio.write(tmp_path / "one.wav", Audio(noise, 16_000))
    return tmp_path


def test_pairs_go_by_name_and_what_is_alone_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accuracy.find_pairs(folder, None) == [(folder / "one.json", folder / "one.wav")]
    assert "two.json" in capsys.readouterr().err
    with pytest.raises(UsageError, match="no such folder"):
        accuracy.find_pairs(folder / "none", None)
    (folder / "empty").mkdir()
    with pytest.raises(UsageError, match="no transcript"):
        accuracy.find_pairs(folder / "empty", None)


def test_the_command_measures_and_names_what_fails(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = ScriptedRecogniser(lambda *_: [segment("hello", 0.2, 1.0)])
    monkeypatch.setattr("audit.speech.load_recogniser", lambda *_: fake)
    (folder / "two.wav").write_bytes(b"no sound")
    status = accuracy.measure(folder, None, {"model": "any.pt", "engine": None, "recordings": None})
    out = capsys.readouterr()
    assert status == 1
    assert "two: the file is not a recording" in out.err
    assert "one" in out.out
    assert "100.0%" in out.out
    assert "hello" not in out.out
