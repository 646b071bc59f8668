"""Strings of token numbers found in a long stream of them: a trie walked by all places of the stream at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
ROOM = 8
"""Slots of the table of steps for each step in it, so that few share one."""
SPREAD = np.int64(0x5851F42D4C957F2D >> 1 | 1)


class Anchors:
    """Numbered strings of token numbers (each > 0); `find` gives every occurrence, overlapping ones too.

    A token number 0 in the stream belongs to no string; the stream must end with one.
    """

    def __init__(self, strings: Sequence[tuple[int, ...]], tokens: int) -> None:
        """`tokens` is one more than the highest token number."""
        self.width = np.int64(tokens)
        steps: dict[int, int] = {}
        ends = [-1]
        for number, string in enumerate(strings):
            node = 0
            for token in string:
                node = steps.setdefault(node * tokens + token, len(steps) + 1)
                if node == len(ends):
                    ends.append(-1)
            ends[node] = number
        self.root = np.zeros(tokens, np.int32)
        for key, node in steps.items():
            if key < tokens:
                self.root[key] = node
        self.ends = np.array(ends, np.int32)
        later = [key for key in steps if key >= tokens]
        self.goes_on = np.zeros(len(ends), np.bool_)
        self.goes_on[[key // tokens for key in later]] = True
        self.mask = np.int64((1 << max(10, (ROOM * len(later)).bit_length())) - 1)
        self.keys = np.full(int(self.mask) + 1, -1, np.int64)
        self.nodes = np.zeros(int(self.mask) + 1, np.int32)
        for key, at in zip(later, slots(np.array(later, np.int64), self.mask).tolist(), strict=True):
            while self.keys[at] >= 0:
                at = (at + 1) & int(self.mask)
            self.keys[at], self.nodes[at] = key, steps[key]

    def find(self, stream: NDArray[np.int32]) -> tuple[Numbers, NDArray[np.int32]]:
        """Where each occurrence begins, and the number of the string that begins there."""
        places = np.flatnonzero(self.root[stream])
        nodes = self.root[stream[places]]
        starts, found = places, []
        while places.size:
            ended = self.ends[nodes]
            hit = ended >= 0
            found.append((starts[hit], ended[hit]))
            on = self.goes_on[nodes]
            starts, places, nodes = self.step(stream, starts[on], places[on] + 1, nodes[on])
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int32)
        return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])

    def step(
        self, stream: NDArray[np.int32], starts: Numbers, places: Numbers, nodes: NDArray[np.int32]
    ) -> tuple[Numbers, Numbers, NDArray[np.int32]]:
        """The walks that can take the token at their place, one step on."""
        keys = nodes * self.width + stream[places]
        at = slots(keys, self.mask)
        there = self.keys[at]
        right = there == keys
        other = np.flatnonzero(~right & (there >= 0))
        while other.size:  # another step has taken the slot: it may be in the next
            at[other] = (at[other] + 1) & self.mask
            there = self.keys[at[other]]
            right[other[there == keys[other]]] = True
            other = other[(there != keys[other]) & (there >= 0)]
        found = np.flatnonzero(right)
        return starts[found], places[found], self.nodes[at[found]]


def slots(keys: Numbers, mask: np.int64) -> Numbers:
    """A place in the table of steps, the same for equal keys."""
    return ((keys * SPREAD) >> np.int64(32)) & mask
