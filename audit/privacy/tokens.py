"""The words of many joined English texts as arrays: where each stands, what kinds it belongs to, what it ends.

Words are told by a polynomial hash of 64 bits, computed for all of them at once from running sums. Two different
words share one about once in 10^13 pairs; where that happened a text would be asked, or passed over, wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.privacy.block import Block, Mask, ahead

Hashes = NDArray[np.uint64]
Kinds = NDArray[np.int64]
Index = NDArray[np.int64]

_ROOT = 0x9E3779B97F4A7C15
_INVERSE = pow(_ROOT, -1, 1 << 64)
_STEP = np.uint64(0xD6E8FEB86659FD93)
_BITS = 17
_BREAKS = frozenset(' ,.!?;:"()-/\n\t\r\x00')


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
        return kinds


def hashed(word: str) -> int:
    """The hash of one word, as `Words.hashes` gives it."""
    total, power = 0, 1
    for sign in word:
        total += ord(sign) * power
        power = power * _ROOT & (1 << 64) - 1
    return _mixed(total)


def phrase(words: Sequence[str]) -> int:
    """The hash of words in a row, as `Words.ending` gives it."""
    total = 0
    for word in words:
        total = total * int(_STEP) + hashed(word) & (1 << 64) - 1
    return total


def _mixed(total: int) -> int:
    return total * int(_STEP) & (1 << 64) - 1


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    def of(root: int) -> Hashes:
        powers = np.full(size, root, np.uint64)
        powers[0] = 1
        return np.multiply.accumulate(powers)

    return of(_ROOT), of(_INVERSE)


class Words:
    """The words of a block: blanks and marks part them, and so does the apostrophe of a possessive.

    `starts`, `ends` (exclusive) are offsets into the joined text, `places` the texts they stand in.
    """

    def __init__(self, block: Block) -> None:
        parting, apostrophe, s = block.are(_BREAKS, "'", "s")
        parting |= apostrophe & (ahead(parting, 1) | (ahead(s, 1) & ahead(parting, 2)))
        inside = ~parting
        changed = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        if inside.size and inside[0]:
            changed = np.concatenate(([0], changed))
        self.starts, self.ends = changed[::2], changed[1::2]  # a text ends in a mark, so they come in pairs
        self.places = block.places(self.starts)
        self.hashes = self._hashes(block)
        self.lengths = self.ends - self.starts

    def _hashes(self, block: Block) -> Hashes:
        size = 1 << max(10, int(len(block.codes)).bit_length())
        powers, inverse = _powers(size)
        sums = np.zeros(len(block.codes) + 1, np.uint64)
        np.cumsum(block.codes.view(np.uint64) * powers[: len(block.codes)], out=sums[1:])
        found: Hashes = (sums[self.ends] - sums[self.starts]) * inverse[self.starts] * _STEP
        return found

    def ending(self, at: Index, count: int) -> Hashes:
        """The hash of the `count` words in a row that end with each of the words `at`; 0 where a text begins."""
        total = np.zeros(len(at), np.uint64)
        for back in range(count - 1, -1, -1):
            total = total * _STEP + self.hashes[np.maximum(at - back, 0)]
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
