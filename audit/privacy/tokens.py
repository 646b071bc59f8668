"""The words of many joined English texts as arrays: where each stands, what kinds it belongs to, what it ends.

Words are told by a hash of 64 bits over their first ten and last three signs and their length, computed for all of
them at once. Two words of up to thirteen signs share one about once in 10^13 pairs; where that happened, or where two
longer words differ only in the middle, a text would be asked, or passed over, wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from audit.privacy.block import EDGE, Block, ahead

Hashes = NDArray[np.uint64]
Kinds = NDArray[np.int64]
Index = NDArray[np.int64]

_STEP = 0xD6E8FEB86659FD93
_FIRST, _LAST = 10, 3
_FACTORS = [pow(0x9E3779B97F4A7C15, power, 1 << 64) for power in range(1, _FIRST + _LAST + 2)]
_BITS = 17
_BREAKS = frozenset(' ,.!?;:"()-/\n\t\r\x00')
_PARTING = _BREAKS | frozenset(
    sign for sign in map(chr, (*b"*#=<>[]{}|~^`\\", *range(0x80, 0xD800))) if not sign.isalnum()
)
"""With the marks of other scripts (。 and the like), beside which a word ends too."""


class Table:
    """Kinds (a sum of bits) by hash: words in a table of slots, those that share a slot in a sorted rest."""

    def __init__(self, kinds: Mapping[int, int]) -> None:
        self._keys = np.zeros(1 << _BITS, np.uint64)
        self._kinds = np.zeros(1 << _BITS, np.int64)
        rest: dict[int, int] = {}
        for key, kind in kinds.items():
            slot = key >> (64 - _BITS)
            if self._kinds[slot]:
                rest[key] = kind
            else:
                self._keys[slot], self._kinds[slot] = key, kind
        self._rest = np.array(sorted(rest) or [0], np.uint64)
        self._rest_kinds = np.array([rest.get(int(key), 0) for key in self._rest], np.int64)

    def of(self, hashes: Hashes) -> Kinds:
        """The kinds of each hash, 0 where it is unknown."""
        slots = (hashes >> np.uint64(64 - _BITS)).astype(np.intp)
        kinds = self._kinds[slots] * (self._keys[slots] == hashes)
        missing = np.flatnonzero((kinds == 0) & (self._kinds[slots] != 0))
        if missing.size:
            asked = hashes[missing]
            at = np.minimum(np.searchsorted(self._rest, asked), len(self._rest) - 1)
            kinds[missing] = self._rest_kinds[at] * (self._rest[at] == asked)
        found: Kinds = kinds
        return found


def hashed(word: str) -> int:
    """The hash of one word, as `Words.hashes` gives it."""
    signs = [
        *map(ord, word[:_FIRST].ljust(_FIRST, "\0")),
        *map(ord, reversed(word[-_LAST:].rjust(_LAST, "\0"))),
    ]
    return sum(sign * factor for sign, factor in zip((*signs, len(word)), _FACTORS, strict=True)) & _WHOLE


def phrase(words: Sequence[str]) -> int:
    """The hash of words in a row, as `Words.ending` gives it."""
    total = 0
    for word in words:
        total = total * _STEP + hashed(word) & _WHOLE
    return total


_WHOLE = (1 << 64) - 1


class Words:
    """The words of a block: blanks and marks part them, and so does the apostrophe of a possessive.

    `starts`, `ends` (exclusive) are offsets into the joined text, `places` the texts they stand in.
    """

    def __init__(self, block: Block) -> None:
        parting, apostrophe, s = block.are(_PARTING, "'", "s")
        parting |= apostrophe & (ahead(parting, 1) | (ahead(s, 1) & ahead(parting, 2)))
        inside = ~parting
        changed = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        if inside.size and inside[0]:
            changed = np.concatenate(([0], changed))
        self.starts, self.ends = changed[::2], changed[1::2]  # a text ends in a mark, so they come in pairs
        self.places = block.places(self.starts)
        self.lengths = self.ends - self.starts
        self.hashes = self._hashes(block)

    def _hashes(self, block: Block) -> Hashes:
        codes = block.padded.view(np.uint64)
        total = self.lengths.view(np.uint64) * np.uint64(_FACTORS[-1])
        for place in range(_FIRST + _LAST):
            if place < _FIRST:
                held, positions = self.lengths > place, self.starts + place
            else:
                held, positions = self.lengths > place - _FIRST, self.ends - 1 - (place - _FIRST)
            total += codes[positions + EDGE] * held * np.uint64(_FACTORS[place])
        return total

    def ending(self, at: Index, count: int) -> Hashes:
        """The hash of the `count` words in a row that end with each of the words `at`; 0 where a text begins."""
        total = np.zeros(len(at), np.uint64)
        for back in range(count - 1, -1, -1):
            total = total * np.uint64(_STEP) + self.hashes[np.maximum(at - back, 0)]
        first = at - (count - 1)
        whole = (first >= 0) & (self.places[np.maximum(first, 0)] == self.places[at])
        return np.where(whole, total, np.uint64(0))


def kinds_of(groups: Iterable[tuple[int, Iterable[str]]]) -> Table:
    """A table of words from (bit, words)."""
    kinds: dict[int, int] = {}
    for bit, words in groups:
        for word in words:
            kinds[hashed(word)] = kinds.get(hashed(word), 0) | bit
    return Table(kinds)


def pieces(text: str) -> list[str]:
    """A phrase cut into words as `Words` cuts the texts."""
    marks = str.maketrans(dict.fromkeys(_BREAKS, " "))
    return f"{text.translate(marks)} ".replace("'s ", " s ").replace("' ", "  ").split()
