"""Text to pieces for the second reader, many texts at once: each piece is a 40-bit key, its name made on demand.

Views of a text, each brought to its own length so that a view with many pieces does not drown the others:

- words: English lemmas in runs of 1–3 and pairs 2–6 apart; Mandarin characters in runs of 1–4 and pairs 2–5 apart;
- letters: 3 and 4 letters within an English word;
- senses: a sense and a word up to 3 away, in order;
- outline: runs of 1–4 main senses; words without one are a star (short English ones stay, Mandarin stars are one).

Keys are hashes: two pieces may share one, which costs a little accuracy and breaks nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from audit.similar.senses import Senses
from audit.similar.tokens import Lexis, LongestWords, SpelledSigns, Tokens, framed
from audit.similar.words import BLANK, english, signs

Keys = NDArray[np.uint64]
Index = NDArray[np.int32]

WORDS, LETTERS, SENSES, OUTLINE = range(4)
VIEWS = 4
VIEW_WEIGHTS = {"en": (1.0, 0.7, 1.0, 0.7), "zh": (1.0, 1.0, 1.0, 0.5)}
KEY_BITS = 40
NEAR = 3
"""How many words away from a sense a word may be."""

_TIMES = np.uint64(0x9E3779B97F4A7C15)
_FINISH = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_TO_KEY = np.uint64(64 - KEY_BITS)
_PAIR, _SENSE_FIRST, _SENSE_LAST = map(
    np.uint64, (0xA0761D6478BD642F, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3)
)


@dataclass(slots=True)
class Chunk:
    """Pieces of one kind over some tokens: piece n begins at token n (or `first[n]`) and ends `gap` after it.

    `raw` are hashes for every token, also where a piece would reach into the next text: such pieces are none, and
    `Cut.whole` tells.
    """

    view: int
    tokens: Tokens
    raw: Keys
    gap: int
    name: Callable[[int, int, int], str]
    first: Index | None = None
    last: Index | None = None

    def ends(self, inside: NDArray[np.int64]) -> tuple[NDArray[np.int64] | Index, NDArray[np.int64] | Index]:
        """The first and the last token of some pieces; beyond the tokens where a piece reaches there."""
        first = inside if self.first is None else self.first[inside]
        if self.last is not None:
            return first, self.last[inside]
        return first, first + self.gap if self.gap else first


@dataclass(slots=True)
class Cut:
    """All pieces of `count` texts, chunk after chunk; `keys` holds one for every token of every chunk."""

    count: int
    tokens: NDArray[np.int64]
    """Words (Mandarin: characters) of each text."""
    keys: Keys
    starts: list[int]
    chunks: list[Chunk]

    def whole(self, at: NDArray[np.int64]) -> tuple[NDArray[np.int64], Index, NDArray[np.int8]]:
        """Of some pieces (numbers ascending) those within one text: (which of `at`, text, view)."""
        bounds = np.searchsorted(at, [*self.starts, len(self.keys)])
        kept, owners, views = [], [], []
        for number, chunk in enumerate(self.chunks):
            mine = at[bounds[number] : bounds[number + 1]]
            if not len(mine):
                continue
            first, last = chunk.ends(mine - self.starts[number])
            owner = chunk.tokens.owner
            here, which = owner[first], np.arange(bounds[number], bounds[number + 1])
            if last is not first:
                same = here == owner[last]
                which, here = which[same], here[same]
            kept.append(which)
            owners.append(here)
            views.append(np.full(len(which), chunk.view, np.int8))
        if not kept:
            return np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int8)
        return np.concatenate(kept), np.concatenate(owners), np.concatenate(views)

    def name(self, at: int) -> str:
        """What piece number `at` is called."""
        chunk, inside, first, last = self._ends(at)
        return chunk.name(inside, first, last)

    def places(self, at: int) -> list[tuple[int, str]]:
        """(offset, letters) of the first and last token of piece number `at`."""
        chunk, _, first, last = self._ends(at)
        return (
            [chunk.tokens.place(first), chunk.tokens.place(last)]
            if first != last
            else [chunk.tokens.place(first)]
        )

    def _ends(self, at: int) -> tuple[Chunk, int, int, int]:
        number = bisect_right(self.starts, at) - 1
        chunk, inside = self.chunks[number], at - self.starts[number]
        first = inside if chunk.first is None else int(chunk.first[inside])
        last = first + chunk.gap if chunk.last is None else int(chunk.last[inside])
        return chunk, inside, first, last


class Cutter:
    """Cuts texts of one language; knows the senses of its words and remembers English words it met."""

    def __init__(self, language: str, senses: Senses) -> None:
        self.language = language
        self.lexis = Lexis(senses)
        self.longest = LongestWords(senses) if language == "zh" else None

    def cut(self, texts: Sequence[str]) -> Cut:
        """All pieces of all texts."""
        chunks = self._mandarin(texts) if self.longest is not None else self._english(texts)
        keys = np.concatenate([chunk.raw for chunk in chunks])
        keys ^= keys >> _HALF
        keys *= _FINISH
        keys >>= _TO_KEY
        starts = [0, *accumulate(len(chunk.raw) for chunk in chunks[:-1])]
        tokens = np.bincount(chunks[0].tokens.owner, minlength=len(texts))
        return Cut(len(texts), tokens - (0 if self.longest is not None else 2), keys, starts, chunks)

    def _english(self, texts: Sequence[str]) -> list[Chunk]:
        tokens = self.lexis.english(english(texts))
        return [
            *runs(tokens, WORDS, 3),
            *pairs(tokens, range(2, 7)),
            letters(tokens, self.lexis),
            *self._by_sense(tokens),
        ]

    def _mandarin(self, texts: Sequence[str]) -> list[Chunk]:
        codes, owner, offset = signs(texts)
        at = np.arange(len(codes), dtype=np.int32)
        spelled = SpelledSigns(codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass"), offset)
        tokens = Tokens(codes.astype(np.uint64), owner, at, at + np.int32(1), spelled, at)
        spoken = tokens.only(codes != BLANK)
        assert self.longest is not None
        words = framed(self.longest.words(spoken), len(texts))
        return [
            *runs(tokens, WORDS, 4),
            *pairs(spoken, range(2, 6)),
            *self._by_sense(words),
        ]

    def _by_sense(self, tokens: Tokens) -> list[Chunk]:
        outline = tokens.outline(self.lexis, merge_stars=self.longest is not None)
        return [*senses(tokens, self.lexis), *runs(outline, OUTLINE, 4, self.lexis)]


def runs(tokens: Tokens, view: int, longest: int, lexis: Lexis | None = None) -> list[Chunk]:
    """Runs of 1 to `longest` neighbouring tokens; with a lexis they are named by their main senses."""

    def name(_: int, begin: int, end: int) -> str:
        names = [tokens.letters(at) for at in range(begin, end + 1)]
        if lexis is not None:
            words = tokens.words[begin : end + 1].tolist()
            return " ".join(map(lexis.main_name, words, names))
        return ("" if isinstance(tokens.spelled, SpelledSigns) else "_").join(names)

    chunks = []
    count = len(tokens.raw)
    raw = tokens.raw + np.uint64((view + 1) << 50)
    for size in range(1, longest + 1):
        if size > 1:
            count = max(0, count - 1)
            raw = raw[:count] * _TIMES
            raw += tokens.raw[size - 1 : size - 1 + count]
        chunks.append(Chunk(view, tokens, raw, size - 1, name))
    return chunks


def pairs(tokens: Tokens, gaps: range) -> list[Chunk]:
    """Two tokens some way apart."""

    def name(_: int, begin: int, end: int) -> str:
        return f"{tokens.letters(begin)}~{tokens.letters(end)}"

    left = tokens.raw * _PAIR
    chunks = []
    for gap in gaps:
        count = max(0, len(left) - gap)
        chunks.append(Chunk(WORDS, tokens, left[:count] + tokens.raw[gap : gap + count], gap, name))
    return chunks


def letters(tokens: Tokens, lexis: Lexis) -> Chunk:
    """Letters within English words."""
    first, raw = lexis.letters_of(tokens.words)

    def name(inside: int, begin: int, _: int) -> str:
        return lexis.letters_named(int(tokens.words[begin]), inside - int(np.searchsorted(first, begin)))

    return Chunk(LETTERS, tokens, raw, 0, name, first)


def senses(tokens: Tokens, lexis: Lexis) -> list[Chunk]:
    """A sense before a word, and after a word."""
    at, sense = lexis.senses_at(tokens)
    forward, backward = lexis.sense_keys[sense] * _SENSE_FIRST, lexis.sense_keys[sense] * _SENSE_LAST
    count = len(tokens.raw)
    chunks = []
    for step in (*range(1, NEAR + 1), *range(-NEAR, 0)):
        other = at + np.int32(step)
        here, said, raw = at, sense, forward if step > 0 else backward
        inside = other < count if step > 0 else other >= 0
        if not inside.all():
            other, here, said, raw = other[inside], at[inside], sense[inside], raw[inside]
        raw = raw + tokens.raw[other]
        chunks.append(Chunk(SENSES, tokens, raw, 0, _named(tokens, lexis, said, step), here, other))
    return chunks


def _named(tokens: Tokens, lexis: Lexis, said: Index, step: int) -> Callable[[int, int, int], str]:
    def name(inside: int, _: int, other: int) -> str:
        sense, word = lexis.sense_names[int(said[inside])], tokens.letters(other)
        return f"{sense}>{word}" if step > 0 else f"{word}>{sense}"

    return name


def pieces(text: str, language: str, senses: Senses | None = None) -> list[str]:
    """The names of all pieces of one text, with repeats: for reading and for tests."""
    cut = Cutter(language, senses or {}).cut([text])
    return [cut.name(int(at)) for at in cut.whole(np.arange(len(cut.keys)))[0]]
