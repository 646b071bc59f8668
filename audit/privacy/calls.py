"""A call's turns read as one text, so that what is dictated over several of them is found whole."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from audit.models import PersonalDatum, Turn
from audit.privacy.reading import Hit

_TAGS = {"agent": "agent: ", "customer": "customer: ", "unknown": "speaker: "}


def find_in_call(
    find: Callable[[str, str], list[Hit]], turns: Sequence[Turn], language: str | None
) -> list[PersonalDatum]:
    """Runs `find` over the joined turns and cuts what it finds at their borders.

    Each part carries the index of its turn; a turn that only nods between two parts of a number bears none.
    """
    joined, starts = _join(turns)
    spoken = language or _language_of(joined)
    found: list[PersonalDatum] = []
    for hit in find(joined, spoken):
        found.extend(_parts(hit, turns, starts))
    return sorted(found, key=lambda datum: (datum.turn or 0, datum.start))


def _language_of(text: str) -> str:
    return "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en"


def _join(turns: Sequence[Turn]) -> tuple[str, list[int]]:
    """The joined text and where the words of each turn begin in it; line breaks inside a turn become blanks."""
    pieces, starts, length = list[str](), list[int](), 0
    for turn in turns:
        tag = _TAGS[turn.speaker]
        starts.append(length + len(tag))
        piece = tag + turn.text.replace("\n", " ").replace("\r", " ") + "\n"
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces), starts


def _parts(hit: Hit, turns: Sequence[Turn], starts: list[int]) -> list[PersonalDatum]:
    """The hit's part in every turn it touches; nods in between are left out."""
    first, last = bisect_right(starts, hit.start) - 1, bisect_right(starts, hit.end - 1) - 1
    parts = []
    for place in range(max(first, 0), last + 1):
        turn, begin = turns[place], starts[place]
        start, end = max(hit.start - begin, 0), min(hit.end - begin, len(turn.text))
        inner = first < place < last
        if end > start and not (inner and not _bears_signs(turn.text)):
            parts.append(PersonalDatum(hit.type, start, end, hit.score, turn.index))
    return parts


def _bears_signs(text: str) -> bool:
    """Whether a turn in the middle of a number has a part of it, not only a nod."""
    from audit.privacy.numbers import runs
    from audit.privacy.reading import Reading

    return next(iter(runs(Reading(text), least=1)), None) is not None
