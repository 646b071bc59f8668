"""Which stretch of a run of digits is what: every country's number types over every possible window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from audit.privacy.countries import cn, india, uk, us, world
from audit.privacy.cues import Cues, cues
from audit.privacy.numbers import (
    COMMA,
    DASH,
    FILLER,
    GLUED,
    PROVINCES,
    SPACE,
    TURN,
    Read,
    Run,
    readings,
    runs,
)
from audit.privacy.reading import Hit, Reading
from audit.privacy.spoken import EN_DIGITS, EN_TEENS, EN_TENS, EN_TIMES, ZH_DIGITS
from audit.privacy.window import NO, NumberType, Window

NUMBER_TYPES: tuple[NumberType, ...] = (
    *cn.NUMBER_TYPES,
    *world.NUMBER_TYPES,
    *us.NUMBER_TYPES,
    *uk.NUMBER_TYPES,
    *india.NUMBER_TYPES,
)

_THRESHOLD = 0.45


@lru_cache(maxsize=1024)
def _kinds(language: str, length: int, digits: bool, cues: tuple[str, str]) -> tuple[NumberType, ...]:
    """The types that so many signs, digits alone or not, may be beside these cues (before, after)."""
    return tuple(
        kind
        for kind in NUMBER_TYPES
        if length in kind.lengths
        and language in kind.languages
        and (digits or kind.letters)
        and (not kind.cued or not kind.cued.isdisjoint(cues))
    )


_DIGIT = f"0-9{''.join(ZH_DIGITS)}"
_WORD = "|".join(sorted({*EN_DIGITS, *EN_TEENS, *EN_TENS, *EN_TIMES}))
_SOME = rf"(?:(?<![a-z])(?:{_WORD})(?![a-z])|[0-9]+)"
PAN = r"[a-z][ ,]{0,2}[0-9](?:[^0-9\x00]{0,12}[0-9]){3}|(?<![a-z])pan(?![a-z])|permanent account"
BATCH_POSSIBLE = {
    "zh": re.compile(
        rf"[{_DIGIT}](?:[^{_DIGIT}\x00]{{0,40}}[{_DIGIT}]){{4}}|个 ?[{_DIGIT}]|[{PROVINCES}][ ,]*[a-z]|{PAN}"
    ),
    "en": re.compile(
        rf"[0-9](?:[^0-9\x00]{{0,40}}[0-9]){{4}}|"
        rf"(?<![a-z])(?:{_WORD})(?![a-z])[^\x00]{{0,40}}?{_SOME}[^\x00]{{0,40}}?{_SOME}|"
        rf"[0-9][^\x00]{{0,12}}?(?<![a-z])(?:{_WORD})(?![a-z])[^\x00]{{0,40}}?{_SOME}|{PAN}"
    ),
}
"""The least any number type needs: five digits or three number words near each other, the head of a plate or a PAN."""


def may_hold(low: str, language: str) -> bool:
    """Whether a folded text has the least any number type needs."""
    return BATCH_POSSIBLE[language].search(low) is not None


def find(reading: Reading, reach: int = 40) -> Iterator[Hit]:
    """Yields the numbers of a text that identify somebody; may overlap with hits of other recognisers."""
    if not may_hold(reading.low, reading.language):
        return
    for run in runs(reading):
        yield from _judge_run(run, reading, reach)


def _judge_run(run: Run, reading: Reading, reach: int) -> list[Hit]:
    best: list[Hit] = []
    worth = 0.0
    near = _cues_of(run, reading, reach)
    for read in readings(run):
        hits, value = _scan(read, near, reading)
        if value > worth + 1e-9:
            best, worth = hits, value
    return best


def _cues_of(run: Run, reading: Reading, reach: int) -> Cues:
    return cues(reading.left(run.start, reach), reading.right(run.end))


def _scan(read: Read, near: Cues, reading: Reading) -> tuple[list[Hit], float]:
    """The best windows from left to right, none overlapping, and what they are worth together."""
    hits, start, count, worth = list[Hit](), 0, len(read.signs), 0.0
    while start <= count - 5:
        found = _best_from(read, start, near, reading) if _may_begin(read, start) else None
        if found is None:
            start += 1
            continue
        hit, length = found
        hits.append(hit)
        worth += hit.score * length / count
        start += length
    return hits, worth


def _may_begin(read: Read, start: int) -> bool:
    return read.gaps[start] > GLUED or read.signs[start - 1] == "+"


def _best_from(read: Read, start: int, near: Cues, reading: Reading) -> tuple[Hit, int] | None:
    best: tuple[float, int, str, str] | None = None
    for length in range(5, min(19, len(read.signs) - start) + 1):
        end = start + length
        if read.gaps[end] == GLUED:
            continue
        signs = read.signs[start:end].lstrip("+")
        kinds = _kinds(reading.language, len(signs), signs.isdigit(), (near.nearest, near.after))
        window = _window(read, start, end, near, reading) if kinds else None
        for kind in kinds:
            score, reason = kind.judge(window) if window else NO
            score = score - _edge_penalty(read, start, end) if score else 0.0
            if score >= _THRESHOLD and (best is None or (score, length) > best[:2]):
                best = (score, length, kind.type, reason)
    if best is None:
        return None
    score, length, name, reason = best
    begin, finish = read.spans[start][0], read.spans[start + length - 1][1]
    if reading.low[begin - 1 : begin] == "(" and ")" in reading.low[begin:finish]:
        begin -= 1
    return Hit(name, begin, finish, round(score - 0.05 * bool(read.sounds), 3), reason), length


def _edge_penalty(read: Read, start: int, end: int) -> float:
    """A window that leaves digits over right beside it is less likely; the closer they are the less."""
    penalty = 0.0
    for edge in (start, end):
        inside = 0 < edge < len(read.signs)
        if inside and not (edge == start and read.signs[edge - 1] == "+"):
            gap = read.gaps[edge]
            penalty += 0.3 if gap <= DASH else 0.15 if gap == SPACE else 0.05 if gap < FILLER else 0.02
    return penalty


def _window(read: Read, start: int, end: int, near: Cues, reading: Reading) -> Window:
    signs = read.signs[start:end]
    return Window(
        signs=signs,
        gaps=read.gaps[start + 1 : end],
        cues=near,
        whole=_apart(read, start) and _apart(read, end),
        left_over=len(read.signs) - (end - start),
        language=reading.language,
        plus=signs.startswith("+"),
        fixed=read.fixed,
    )


def _apart(read: Read, edge: int) -> bool:
    """Whether a window's edge is an edge of the run, or a longer pause or a letter sets it apart."""
    if edge in (0, len(read.signs)) or read.gaps[edge] in (COMMA, TURN):
        return True
    return read.gaps[edge] >= SPACE and not (read.signs[edge - 1].isdigit() and read.signs[edge].isdigit())
