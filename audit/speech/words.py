"""Aligned tokens -> words with times that can be trusted: one a Chinese character, none longer than a word is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audit.audio.health import FRAME_S
from audit.models import Word

_PREPENDED = "\"'“¿([{-「『《（"
_APPENDED = "\"'.。,，!！?？:：”)]}、;；」』》）…"
_SENTENCE_END = ".。!！?？…"
_CJK_GROUP = re.compile(r"[㐀-鿿豈-﫿぀-ヿ]|[^㐀-鿿豈-﫿぀-ヿ]+")
_LONG_FACTOR = 2.0
_USUAL_S = 0.7


@dataclass(frozen=True, slots=True)
class Aligned:
    """A word as the model's cross-attention placed it, seconds from the window's start."""

    text: str
    tokens: int
    start_s: float
    end_s: float
    probability: float


def tidy(aligned: Sequence[Aligned]) -> list[Word]:
    """Words in order: marks joined to their word, characters apart, over-long words at pauses shortened.

    The texts, joined, are the texts given, joined (blanks at the ends aside).
    """
    words = [piece for word in _marks_joined(aligned) for piece in _characters(word)]
    return _ordered(_shortened(words))


def _marks_joined(aligned: Sequence[Aligned]) -> list[Word]:
    """A mark that closes goes to the word before it, one that opens to the word after it."""
    out: list[Word] = []
    opening = ""
    for item in aligned:
        text = opening + item.text
        opening = ""
        bare = text.strip()
        if not bare:
            continue
        if all(c in _APPENDED for c in bare) and out and not (text != bare and bare in _PREPENDED):
            last = out[-1]
            out[-1] = Word(last.text + text.rstrip(), last.start_s, last.end_s, last.probability)
        elif all(c in _PREPENDED for c in bare):
            opening = text
        else:
            out.append(Word(text, item.start_s, item.end_s, item.probability))
    if opening and out:
        last = out[-1]
        out[-1] = Word(last.text + opening.rstrip(), last.start_s, last.end_s, last.probability)
    return out


def _characters(word: Word) -> list[Word]:
    """A token of several Chinese characters becomes one word each, its time shared out evenly."""
    pieces = _CJK_GROUP.findall(word.text)
    if len(pieces) < 2:
        return [word]
    joined: list[str] = []
    for piece in pieces:
        if (joined and all(c in _APPENDED for c in piece.strip())) or (
            joined and not any(c.isalnum() for c in joined[-1])
        ):
            joined[-1] += piece
        else:
            joined.append(piece)
    edges = np.linspace(word.start_s, word.end_s, len(joined) + 1)
    return [
        Word(text, float(edges[i]), float(edges[i + 1]), word.probability) for i, text in enumerate(joined)
    ]


def _shortened(words: list[Word]) -> list[Word]:
    """Alignment lets the words beside a pause swallow it: they get at most twice the usual length."""
    lengths = [w.end_s - w.start_s for w in words if w.end_s > w.start_s]
    if not lengths:
        return words
    limit = _LONG_FACTOR * min(_USUAL_S, float(np.median(lengths)))
    out = list(words)
    for i, word in enumerate(words):
        if word.end_s - word.start_s <= max(limit, 0.2):
            continue
        after_pause = i == 0 or words[i - 1].text.rstrip()[-1:] in _SENTENCE_END
        before_pause = i == len(words) - 1 or word.text.rstrip()[-1:] in _SENTENCE_END
        if after_pause:
            out[i] = Word(word.text, word.end_s - limit, word.end_s, word.probability)
        elif before_pause:
            out[i] = Word(word.text, word.start_s, word.start_s + limit, word.probability)
    return out


def _ordered(words: list[Word]) -> list[Word]:
    """Starts never go back, ends never lie before starts."""
    out: list[Word] = []
    at = 0.0
    for word in words:
        start = max(at, word.start_s)
        end = max(start, word.end_s)
        out.append(Word(word.text, round(start, 3), round(end, 3), word.probability))
        at = start
    return out


def collapsed(words: Sequence[Word], sounding_s: float) -> bool:
    """Whether alignment failed: most words without any length, or all in a fraction of the sound."""
    if len(words) < 3:
        return False
    short = sum(word.end_s - word.start_s < 0.03 for word in words)
    reach = words[-1].end_s - words[0].start_s
    return short > len(words) / 2 or reach < 0.4 * sounding_s


def spread(
    words: Sequence[Word], active: NDArray[np.bool_], start_s: float, end_s: float
) -> tuple[Word, ...]:
    """Share the sounding frames between two moments out over words by their length in characters.

    A fallback where alignment collapsed: good to about a syllable in even speech, and always within sound.
    """
    first, last = round(start_s / FRAME_S), max(round(start_s / FRAME_S) + 1, round(end_s / FRAME_S))
    frames = np.flatnonzero(active[first:last]) + first
    if len(frames) < 2:
        frames = np.arange(first, last)
    weights = np.array([max(1, sum(c.isalnum() for c in word.text)) for word in words], dtype=float)
    edges = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()]) * (len(frames) - 1)
    starts = [float(frames[int(edge)]) * FRAME_S for edge in edges]
    return tuple(
        Word(w.text, round(starts[i], 3), round(max(starts[i], starts[i + 1]), 3), w.probability)
        for i, w in enumerate(words)
    )


WordTimes = Literal["aligned", "spread", "none"]
