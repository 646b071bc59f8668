"""Many texts as one: folded together through tables, with the classes of their signs to screen them by.

A sign's class is looked up for all texts at once, so that a pattern need only look at texts that hold what it
asks for. Texts are joined with a line that holds NUL, which no pattern crosses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.privacy.reading import Reading, fold, lower

BREAK = "\n\x00\n"
_PLANE = 0x10000
EDGE = 24
"""Zeros kept on both sides of `codes`, so that looking a few signs back or ahead needs no check."""

Codes = NDArray[np.uint16]
Places = NDArray[np.intp]
Mask = NDArray[np.bool_]


class Block(Reading):
    """Texts, each with BREAK behind it. `codes` are the code points of `low` (outside the first plane: 0xFFFF).

    `name_starts`, sorted, is where the prefilter saw that a name may begin.
    """

    __slots__ = ("codes", "ends", "name_starts", "padded", "starts")

    codes: Places
    padded: Places
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    name_starts: NDArray[np.int64]

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self.text = BREAK.join((*texts, ""))
        self.language = language
        self.folded, self.low, codes = _folded(self.text)
        # Looking up by native integers is three times as fast as by narrow ones.
        self.padded = np.zeros(len(codes) + 2 * EDGE, np.intp)
        self.padded[EDGE : EDGE + len(codes)] = codes
        self.codes = self.padded[EDGE : EDGE + len(codes)]
        self.marks, self.name_starts = None, np.array([], np.int64)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self.ends = np.cumsum(lengths + len(BREAK)) - len(BREAK)
        self.starts = self.ends - lengths

    def part(self, place: int) -> Reading:
        """The text at `place` as a reading of its own, folded already."""
        start, end = int(self.starts[place]), int(self.ends[place])
        reading = Reading.__new__(Reading)
        reading.text, reading.language = self.text[start:end], self.language
        reading.folded, reading.low = self.folded[start:end], self.low[start:end]
        first, last = np.searchsorted(self.name_starts, (start, end)).tolist()
        reading.marks = (self.name_starts[first:last] - start).tolist()
        return reading

    def are(self, *groups: Iterable[str]) -> list[Mask]:
        """For each group (eight at most) True at each sign that is one of it; all looked up at once."""
        seen = _kinds(tuple(frozenset(group) for group in groups))[self.codes]
        return [(seen & (1 << bit)) != 0 for bit in range(len(groups))]

    def is_capital(self, positions: NDArray[np.int64]) -> Mask:
        """Whether the folded sign at each position is a capital; signs outside the first plane may be."""
        codes = np.frombuffer(self.folded.encode("utf-32-le", "surrogatepass"), np.uint32)[positions]
        found: Mask = _capitals()[np.minimum(codes, _PLANE - 1)]
        return found

    def back(self, positions: NDArray[np.int64], by: int) -> Places:
        """The codes `by` signs before each position (negative: after it), 0 beyond the edges."""
        return self.padded[positions + (EDGE - by)]

    def counts(self, mask: Mask) -> NDArray[np.int64]:
        """How many signs of each text are in the mask."""
        return np.bincount(self.places(np.flatnonzero(mask)), minlength=len(self.starts))

    def places(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The text in which each position lies."""
        return np.searchsorted(self.starts, positions, "right") - 1

    def holding(self, mask: Mask) -> Mask:
        """True for each text with a sign in the mask."""
        held = np.zeros(len(self.starts), bool)
        held[self.places(np.flatnonzero(mask))] = True
        return held

    def several_lines(self) -> Mask:
        """True for each text with a line break of its own."""
        return self.counts(self.are("\n")[0]) > BREAK.count("\n")

    def spans(self, texts: Mask) -> Iterator[tuple[int, int]]:
        """(start, end) of each text that is marked."""
        marked = np.flatnonzero(texts)
        yield from zip(self.starts[marked].tolist(), self.ends[marked].tolist(), strict=True)

    def searched(self, pattern: re.Pattern[str], texts: Mask) -> list[int]:
        """The marked texts in which the pattern is found; nothing beyond a text's end is looked at."""
        search, low = pattern.search, self.low
        marked = np.flatnonzero(texts)
        bounds = zip(marked.tolist(), self.starts[marked].tolist(), self.ends[marked].tolist(), strict=True)
        return [place for place, start, end in bounds if search(low, start, end) is not None]

    def saying(self, *groups: tuple[str, ...]) -> list[Mask]:
        """For each group of words (eight at most) True for each text that holds one.

        The words of all groups have at least two signs, or all at least three.
        """
        held = np.zeros((len(groups), len(self.starts)), bool)
        signs = min(3, min(len(word) for words in groups for word in words))
        firsts = frozenset(word[0] for words in groups for word in words)
        places = np.flatnonzero(table(firsts)[self.codes])
        seen = _sign_table(groups, signs)[_mixed([self.back(places, -by) for by in range(signs)])]
        likely = np.flatnonzero(seen)
        places, low = places[likely], self.low
        texts = self.places(places).tolist()
        for at, kinds, text in zip(places.tolist(), seen[likely].tolist(), texts, strict=True):
            for bit, words in enumerate(groups):
                if kinds >> bit & 1 and low.startswith(words, at):
                    held[bit, text] = True
        return list(held)

    def mapped(self, table: Codes) -> str:
        """`low` with every sign looked up in a table of the first plane."""
        if self.codes.size and int(self.codes.max()) == _PLANE - 1:
            return "".join(chr(table[code]) if code < _PLANE else chr(code) for code in map(ord, self.low))
        return _decoded(table[self.codes])


def _mixed(signs: Any) -> Any:
    total = signs[0] * 977 + signs[1]
    return (total * 977 + signs[2] if len(signs) > 2 else total) & _MIXES - 1


@lru_cache(maxsize=64)
def _sign_table(groups: tuple[tuple[str, ...], ...], signs: int) -> NDArray[np.uint8]:
    held = np.zeros(_MIXES, np.uint8)
    for bit, words in enumerate(groups):
        for word in words:
            held[_mixed([ord(sign) for sign in word[:signs]])] |= 1 << bit
    return held


_MIXES = 1 << 18


def ahead(mask: Mask, by: int) -> Mask:
    """The mask as seen from `by` signs before it (negative: behind it); False beyond the edges."""
    seen = np.zeros_like(mask)
    if abs(by) >= len(mask):
        return seen
    if by >= 0:
        seen[: len(mask) - by] = mask[by:]
    else:
        seen[-by:] = mask[:by]
    return seen


@lru_cache(maxsize=64)
def _kinds(groups: tuple[frozenset[str], ...]) -> NDArray[np.uint8]:
    kinds = np.zeros(_PLANE, np.uint8)
    for bit, signs in enumerate(groups):
        kinds[[ord(sign) for sign in signs]] |= 1 << bit
    return kinds


@lru_cache(maxsize=256)
def table(signs: frozenset[str]) -> Mask:
    """For each code of the first plane whether it is one of `signs`."""
    held = np.zeros(_PLANE, bool)
    held[[ord(sign) for sign in signs]] = True
    return held


def table_of(change: Callable[[str], str]) -> Codes:
    """The table of a function from sign to sign over the first plane; 0 where it leads out of the plane."""
    changed = (ord(change(chr(code))) for code in range(_PLANE))
    return np.array([code if code < _PLANE else 0 for code in changed], np.uint16)


@lru_cache(maxsize=1)
def _capitals() -> Mask:
    capitals = np.array([chr(code).isupper() for code in range(_PLANE)])
    capitals[-1] = True
    return capitals


@lru_cache(maxsize=1)
def _tables() -> tuple[Codes, Codes, Mask]:
    """(folding, folding and lower case, signs that a table cannot change).

    Those are surrogates (they come in pairs), the capital sigma (its lower case depends on where it stands)
    and what is folded out of the plane. A sign whose lower case is longer stays as it is.
    """
    folds, lowers = table_of(fold), table_of(lambda sign: lower(fold(sign)))
    odd = (lowers == 0) | (folds == 0) | (folds == 0x3A3)
    odd[0], odd[0xD800:0xE000] = False, True
    return folds, lowers, odd


def _folded(text: str) -> tuple[str, str, Codes]:
    """`fold(text)`, its lower case and the latter's codes: by table where every sign stands for itself alone."""
    raw = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    folds, lowers, odd = _tables()
    strange = np.flatnonzero(odd[raw])
    if raw.size != len(text) or len(strange) > _FEW or any(_bound(text[place]) for place in strange.tolist()):
        folded = fold(text)
        low = lower(folded)
        wide = np.frombuffer(low.encode("utf-32-le", "surrogatepass"), np.uint32)
        return folded, low, np.minimum(wide, _PLANE - 1).astype(np.uint16)
    codes: Any = lowers[raw]
    folded, low = _decoded(folds[raw]), _decoded(codes)
    for place in strange.tolist():
        sign = fold(text[place])
        folded = folded[:place] + sign + folded[place + 1 :]
        low = low[:place] + lower(sign) + low[place + 1 :]
    codes[strange] = _PLANE - 1
    return folded, low, codes


def _bound(sign: str) -> bool:
    """Whether what a sign becomes depends on its neighbours: half of a pair, or a capital sigma."""
    return "\ud800" <= sign <= "\udfff" or fold(sign) == "\u03a3"


_FEW = 64
"""So many strange signs of a block are put right one by one; with more it is folded as a single text is."""


def _decoded(codes: Codes) -> str:
    return codes.tobytes().decode("utf-16-le", "surrogatepass")
