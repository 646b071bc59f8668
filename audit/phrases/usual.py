"""Whether a word stands where it is usually written: then it was not misheard, whatever it sounds like.

The tables are made by benchmarks/make_usual.py from ordinary and example utterances.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

START, STOP = "^", "$"
"""Stand for the ends of an utterance in the table of pairs."""


@cache
def pairs_zh() -> dict[str, str]:
    """Character -> the characters that usually follow it."""
    text = Path(__file__).with_name("usual_zh.txt").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines())


@cache
def words_en() -> frozenset[str]:
    """Words that are usually written."""
    return frozenset(Path(__file__).with_name("usual_en.txt").read_text(encoding="utf-8").split())


def is_usual(tokens: Sequence[str], place: int, language: str) -> bool:
    """Whether token `place` is usual there: as a word (English), or beside either neighbour (Chinese)."""
    token = tokens[place]
    if language != "zh":
        return token in words_en()
    pairs = pairs_zh()
    before = tokens[place - 1] if place else START
    after = tokens[place + 1] if place + 1 < len(tokens) else STOP
    return token in pairs.get(before, "") or after in pairs.get(token, "")
