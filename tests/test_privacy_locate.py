"""Spans of text in seconds: guard band, words without times, and failing closed."""

from __future__ import annotations

import math

import pytest

from audit.models import PersonalDatum, Turn, Word
from audit.privacy import locate


def turn(
    words: list[tuple[str, float | None, float | None]], text: str | None = None, channel: int | None = 1
) -> Turn:
    made = tuple(Word(word, start, end) for word, start, end in words)  # type: ignore[arg-type]
    return Turn(0, "customer", text or "".join(word for word, _, _ in words), 10.0, 20.0, made, channel)


def datum(start: int, end: int, place: int | None = 0) -> PersonalDatum:
    return PersonalDatum("PHONE", start, end, 1.0, place)


WORDS: list[tuple[str, float | None, float | None]] = [
    ("打", 10.0, 10.5),
    ("幺", 11.0, 11.4),
    ("三", 11.5, 12.0),
    ("吧", 13.0, 13.5),
]


def test_a_span_is_bleeped_from_its_first_to_its_last_word_with_the_guard_band() -> None:
    assert locate([turn(WORDS)], [datum(1, 3)]) == [(1, pytest.approx(10.75), pytest.approx(12.25))]


def test_a_word_without_times_gets_the_room_between_its_neighbours() -> None:
    words = [WORDS[0], ("幺", None, None), ("三", float("nan"), 12.0), WORDS[3]]
    assert locate([turn(words)], [datum(1, 3)], guard_s=0.0) == [(1, 10.5, 13.0)]


def test_words_at_the_edges_reach_to_the_turns_own_edges() -> None:
    words = [("幺", None, None), WORDS[1], ("三", None, None)]
    assert locate([turn(words)], [datum(0, 3)], guard_s=0.0) == [(1, 10.0, 20.0)]


@pytest.mark.parametrize(
    "broken",
    [
        turn([], "打幺三吧"),
        turn([("x", 10.0, 11.0)], "打幺三吧"),
        turn([("打", 10.0, 10.5), ("吧", 13.0, 13.5)], "打幺三吧"),
        turn([(w, 95.0 + k, 95.5 + k) for k, w in enumerate("打幺三吧")]),
    ],
)
def test_what_cannot_be_located_bleeps_the_whole_turn(broken: Turn) -> None:
    assert locate([broken], [datum(1, 3)], guard_s=0.25) == [(1, 9.75, 20.25)]


def test_a_turn_without_times_bleeps_up_to_its_neighbours() -> None:
    turns = [
        Turn(0, "agent", "a", 0.0, 4.0, channel=0),
        Turn(1, "agent", "幺三", None, None, channel=0),
        Turn(2, "agent", "b", 9.0, 10.0, channel=0),
    ]
    assert locate(turns, [datum(0, 2, 1)], guard_s=0.0) == [(0, 0.0, 10.0)]
    assert locate(turns[:2], [datum(0, 2, 1)], guard_s=0.0, length_s=30.0) == [(0, 0.0, 30.0)]


def test_a_datum_of_no_known_turn_bleeps_everything() -> None:
    assert locate([turn(WORDS), turn(WORDS)], [datum(0, 1, 77)], length_s=60.0) == [(None, 0.0, 60.0)]
    assert locate([], [datum(0, 1, None)])[0][2] == math.inf


def test_neighbouring_stretches_of_one_channel_are_united_and_clipped() -> None:
    found = locate([turn(WORDS)], [datum(0, 1), datum(1, 2), datum(3, 4)], length_s=13.6)
    assert found == [
        (1, pytest.approx(9.75), pytest.approx(11.65)),
        (1, pytest.approx(12.75), pytest.approx(13.6)),
    ]
