"""The pieces a trained reader knows: a table from 40-bit keys to rows, looked up millions of times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.similar.features import KEY_BITS, Keys

SLOT_BITS = 21
SEEN_BITS = 20
"""A smaller table asked first: it fits a processor's cache and tells most unknown pieces."""
_TO_SEEN = np.uint64(KEY_BITS - SEEN_BITS)
_TO_SLOT = np.uint64(KEY_BITS - SLOT_BITS)
_REST = np.uint64((1 << (KEY_BITS - SLOT_BITS)) - 1)


class Vocabulary:
    """Known keys, ascending; at most one a slot (see `one_a_slot`)."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.slots = np.full(1 << SLOT_BITS, -1, np.int32)
        self.slots[(keys >> _TO_SLOT).astype(np.int64)] = np.arange(len(keys), dtype=np.int32)
        self.seen = np.zeros(1 << SEEN_BITS, bool)
        self.seen[(keys >> _TO_SEEN).astype(np.int64)] = True
        self.rest = np.append((keys & _REST).astype(np.uint32), np.uint32(1 << 31))

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """(which of the keys are known, their rows)."""
        at = np.flatnonzero(self.seen[(keys >> _TO_SEEN).view(np.int64)])
        some = keys[at]
        row = self.slots[(some >> _TO_SLOT).view(np.int64)]
        known = self.rest[row] == (some & _REST).astype(np.uint32)
        return at[known], row[known]


def one_a_slot(keys: Keys, worth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of ascending keys to keep so that no two share a slot: of each slot the one worth most, then the least."""
    slots = (keys >> _TO_SLOT).astype(np.int64)
    order = np.lexsort((np.arange(len(keys)), -worth, slots))
    first = np.ones(len(keys), bool)
    first[1:] = slots[order][1:] != slots[order][:-1]
    return np.sort(order[first])
