"""A turn with other words: what stayed keeps its time, what was put in shares the time of what it replaced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from audit.models import Turn, Word

_TOKENS = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")
"""One Chinese character, or a run of anything else between blanks: the units that carry times."""


def with_words(turn: Turn, text: str) -> Turn:
    """`turn` saying `text`; word times are those of the words that stayed, the rest interpolated.

    A turn without word times stays without. Inserted words get the gap between their neighbours, in equal
    shares; probabilities of changed words are unknown (None).
    """
    if not turn.words or not text.strip():
        return replace(turn, text=text, words=())
    old = [piece for word in turn.words for piece in _split(word)]
    new = _TOKENS.findall(text)
    matcher = SequenceMatcher(None, [_plain(word.text) for word in old], [_plain(one) for one in new], False)
    words: list[Word] = []
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(old[old_from:old_to], new[new_from:new_to], strict=True)
            words += [replace(word, text=one) for word, one in pairs]
        elif new_to > new_from:
            start_s, end_s = _gap(turn, old, old_from, old_to)
            words += _shared(new[new_from:new_to], start_s, end_s)
    return replace(turn, text=text, words=tuple(words))


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text).casefold() or text


def _split(word: Word) -> list[Word]:
    tokens = _TOKENS.findall(word.text)
    if len(tokens) < 2:
        return [replace(word, text=tokens[0])] if tokens else []
    return [replace(one, probability=word.probability) for one in _shared(tokens, word.start_s, word.end_s)]


def _gap(turn: Turn, old: Sequence[Word], first: int, last: int) -> tuple[float, float]:
    """The time of the old words first:last; between neighbours where there are none."""
    if last > first:
        return old[first].start_s, old[last - 1].end_s
    start_s = old[first - 1].end_s if first else turn.start_s
    end_s = old[first].start_s if first < len(old) else turn.end_s
    start_s = start_s if start_s is not None else old[0].start_s
    end_s = end_s if end_s is not None else old[-1].end_s
    return start_s, max(start_s, end_s)


def _shared(tokens: Sequence[str], start_s: float, end_s: float) -> list[Word]:
    step = (end_s - start_s) / len(tokens)
    return [
        Word(token, round(start_s + at * step, 3), round(start_s + (at + 1) * step, 3))
        for at, token in enumerate(tokens)
    ]
