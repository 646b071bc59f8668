"""Where personal data is heard: spans of text to stretches of the recording, failing closed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit.models import PersonalDatum, Turn, Word

GUARD_S = 0.25
"""Silence kept around what is bleeped on both sides; words' times of recognisers are about this exact."""

Stretch = tuple[int | None, float, float]
"""(channel or None for all, start in seconds, end in seconds)."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """One word with its offsets in the turn's text."""

    word: Word
    start: int
    end: int


def locate(
    turns: Sequence[Turn],
    data: Sequence[PersonalDatum],
    guard_s: float = GUARD_S,
    length_s: float | None = None,
) -> list[Stretch]:
    """Stretches to bleep, sorted by channel and start, overlapping ones united.

    Word times are used where the words stand in the text in order and have times; words without times are
    placed between their neighbours'. A datum that cannot be placed bleeps its whole turn; a turn without
    times bleeps from the end of the turn before to the start of the next (to `length_s` or infinity at
    the end). A datum without a turn, or with one that does not exist, bleeps everything.
    """
    by_index = {turn.index: place for place, turn in enumerate(turns)}
    stretches: list[Stretch] = []
    for datum in data:
        place = by_index.get(datum.turn) if datum.turn is not None else (0 if len(turns) == 1 else None)
        if place is None:
            stretches.append((None, 0.0, _end(length_s)))
            continue
        start_s, end_s = _span(turns, place, datum, length_s)
        begin = max(0.0, start_s - guard_s)
        finish = end_s + guard_s if length_s is None else min(length_s, end_s + guard_s)
        stretches.append((turns[place].channel, begin, finish))
    return _united(stretches)


def _end(length_s: float | None) -> float:
    return float("inf") if length_s is None else length_s


def _span(
    turns: Sequence[Turn], place: int, datum: PersonalDatum, length_s: float | None
) -> tuple[float, float]:
    """Seconds of a datum without guard band: by its words, else its whole turn."""
    turn = turns[place]
    whole = _turn_span(turns, place, length_s)
    words = _place_words(turn)
    touched = [k for k, placed in enumerate(words) if placed.start < datum.end and placed.end > datum.start]
    if not touched or _uncovered(turn.text, words, datum):
        return whole
    times = _times(words, whole)
    first, last = times[touched[0]], times[touched[-1]]
    if first is None or last is None or last[1] <= first[0]:
        return whole
    return first[0], last[1]


def _turn_span(turns: Sequence[Turn], place: int, length_s: float | None) -> tuple[float, float]:
    turn = turns[place]
    start = turn.start_s if turn.start_s is not None else _before(turns[:place], turn.channel)
    end = turn.end_s if turn.end_s is not None else _after(turns[place + 1 :], turn.channel, length_s)
    return (start, end) if end > start else (0.0, _end(length_s))


def _before(turns: Sequence[Turn], channel: int | None) -> float:
    """The last start known before, in the same channel: the missing turn cannot begin earlier."""
    return next((t.start_s for t in reversed(turns) if t.start_s is not None and t.channel == channel), 0.0)


def _after(turns: Sequence[Turn], channel: int | None, length_s: float | None) -> float:
    known = (t.end_s for t in turns if t.end_s is not None and t.channel == channel)
    return next(known, _end(length_s))


def _place_words(turn: Turn) -> list[_Placed]:
    """Words with their offsets; empty where they do not stand in the text in order."""
    placed, position = list[_Placed](), 0
    for word in turn.words:
        text = word.text.strip()
        if not text:
            continue
        start = turn.text.find(text, position)
        if start < 0 or re.search(r"\w", turn.text[position:start]):
            return []
        position = start + len(text)
        placed.append(_Placed(word, start, position))
    return placed


def _uncovered(text: str, words: Sequence[_Placed], datum: PersonalDatum) -> bool:
    """A letter or digit of the datum belongs to no word: its time is unknown."""
    covered = {k for placed in words for k in range(placed.start, placed.end)}
    return any(text[k].isalnum() and k not in covered for k in range(datum.start, min(datum.end, len(text))))


def _times(words: Sequence[_Placed], whole: tuple[float, float]) -> list[tuple[float, float] | None]:
    """Start and end of each word; a word without a sound time of its own gets the room between its neighbours."""
    known = [_own_time(placed.word, whole) for placed in words]
    times: list[tuple[float, float] | None] = []
    for k, own in enumerate(known):
        if own is not None:
            times.append(own)
            continue
        before = next((time[1] for time in reversed(known[:k]) if time is not None), whole[0])
        after = next((time[0] for time in known[k + 1 :] if time is not None), whole[1])
        times.append((before, after) if after >= before else None)
    return times


def _own_time(word: Word, whole: tuple[float, float]) -> tuple[float, float] | None:
    """A word's times if they are times: increasing, finite, and inside its turn give or take a second."""
    start, end = word.start_s, word.end_s
    if start is None or end is None or not start < end or start != start or end != end:
        return None
    return (start, end) if whole[0] - 1.0 <= start and end <= whole[1] + 1.0 else None


def _united(stretches: Iterable[Stretch]) -> list[Stretch]:
    united: list[Stretch] = []
    for channel, start, end in sorted(stretches, key=lambda s: (-1 if s[0] is None else s[0], s[1], s[2])):
        if united and united[-1][0] == channel and start <= united[-1][2]:
            united[-1] = (channel, united[-1][1], max(end, united[-1][2]))
        else:
            united.append((channel, start, end))
    return united
