"""Strings of token numbers found in a long stream of them: a trie walked by all places of the stream at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
SLOTS = 1 << 20
"""Size of the table that says at once which steps lead nowhere."""
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
        later = sorted(key for key in steps if key >= tokens)
        self.keys = np.array(later, np.int64)
        self.nodes = np.array([steps[key] for key in later], np.int32)
        self.goes_on = np.zeros(len(ends), np.bool_)
        self.goes_on[[key // tokens for key in later]] = True
        self.may_step = np.zeros(SLOTS, np.bool_)
        self.may_step[slot(self.keys)] = True

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
        may = np.flatnonzero(self.may_step[slot(keys)])
        keys, starts, places = keys[may], starts[may], places[may]
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        right = np.flatnonzero(self.keys[at] == keys) if len(self.keys) else np.zeros(0, np.int64)
        return starts[right], places[right], self.nodes[at[right]]


def slot(keys: Numbers) -> Numbers:
    """A place in the table of steps, the same for equal keys."""
    return ((keys * SPREAD) >> np.int64(30)) & np.int64(SLOTS - 1)
