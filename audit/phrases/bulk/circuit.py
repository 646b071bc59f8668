"""What must occur for a phrase or rule to match at all, as and/or over strings; worked out for many sentences at once.

A row is one bit a sentence. A node is worked out only where something below it occurs and something above asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Numbers = NDArray[np.int64]
AND, OR, WIDE, LEAF = 0, 1, 2, 3
NO_STRING = -1
ALWAYS = 0
"""The node that holds everywhere."""


class Circuit:
    """Nodes are numbered in the order made, children first; equal nodes are one."""

    def __init__(self) -> None:
        self.kinds = [AND]
        self.children: list[tuple[int, ...]] = [()]
        self.leaves: list[int] = []
        self.known: dict[tuple[int, tuple[int, ...]], int] = {}
        self.plan: list[Step] = []

    def node(self, kind: int, children: tuple[int, ...]) -> int:
        key = (kind, children)
        if key not in self.known:
            self.known[key] = len(self.kinds)
            self.kinds.append(kind)
            self.children.append(children)
        return self.known[key]

    def leaf(self, string: int) -> int:
        """Where string `string` occurs."""
        return self.node(LEAF, (string,))

    def both(self, children: Iterable[int]) -> int:
        """Where all of them hold."""
        found = set(children) - {ALWAYS}
        return self.only(AND, found) if found else ALWAYS

    def either(self, children: Iterable[int]) -> int:
        """Where at least one of them holds."""
        found = set(children)
        return ALWAYS if ALWAYS in found else self.only(OR, found)

    def never(self) -> int:
        """What holds nowhere."""
        return self.leaf(NO_STRING)

    def wide(self, child: int) -> int:
        """Every sentence of a text where one sentence of it holds."""
        return child if child == ALWAYS else self.node(WIDE, (child,))

    def only(self, kind: int, children: set[int]) -> int:
        return next(iter(children)) if len(children) == 1 else self.node(kind, tuple(sorted(children)))

    def close(self) -> None:
        """Makes the order of work; no node can be added after."""
        self.known.clear()
        depth = [0] * len(self.kinds)
        steps: dict[tuple[int, int], list[int]] = {}
        leaves: list[tuple[int, int]] = []
        for number, kind in enumerate(self.kinds):
            if kind == LEAF and self.children[number][0] == NO_STRING:
                continue
            if kind == LEAF:
                leaves.append((number, self.children[number][0]))
            elif number:
                depth[number] = 1 + max(depth[child] for child in self.children[number])
                steps.setdefault((depth[number], kind), []).append(number)
        self.plan = [Step(kind, nodes, self.children) for (_, kind), nodes in sorted(steps.items())]
        self.leaf_nodes = np.array([node for node, _ in leaves], np.int64)
        self.leaf_strings = np.array([string for _, string in leaves], np.int64)


class Step:
    """Nodes of one kind whose children are all done: an array of children, and where each node's begin."""

    def __init__(self, kind: int, nodes: Sequence[int], children: Sequence[tuple[int, ...]]) -> None:
        self.kind = kind
        self.nodes = np.array(nodes, np.int64)
        self.counts = np.array([len(children[node]) for node in nodes], np.int64)
        self.children = np.array([child for node in nodes for child in children[node]], np.int64)
        self.begins = np.cumsum(self.counts) - self.counts

    def chosen(self, which: NDArray[np.bool_]) -> tuple[Numbers, Numbers, Numbers]:
        """Nodes, children, begins of some of its nodes only."""
        counts = self.counts[which]
        return self.nodes[which], self.children[np.repeat(which, self.counts)], np.cumsum(counts) - counts


class Rows:
    """The rows of one block of sentences; `text_of` tells whose text each sentence is."""

    def __init__(self, circuit: Circuit, strings: Numbers, columns: Numbers, text_of: Numbers) -> None:
        """`strings` and `columns` are parallel: which string occurs in which sentence."""
        self.circuit = circuit
        self.text_of = text_of
        self.words = len(text_of) // 64 + 1
        size = len(circuit.kinds)
        self.occurs = np.zeros(size, np.bool_)
        self.row_of = np.zeros(size, np.int64)
        node_of = np.zeros(int(circuit.leaf_strings.max(initial=0)) + 1, np.int64)
        node_of[circuit.leaf_strings] = circuit.leaf_nodes
        leaves = node_of[strings]
        self.occurs[leaves] = True
        self.occurs[ALWAYS] = True
        self.leaves, self.columns = leaves, columns

    def work_out(self, wanted: Numbers, whole: bool = False) -> Bits:
        """The rows of some nodes, in their order; `whole` = every node that can hold gets its row in `bits`."""
        needed = self.needed(wanted)
        if whole:
            needed = self.occurs
        rows = np.flatnonzero(needed)
        self.row_of[rows] = np.arange(1, len(rows) + 1)
        bits = np.zeros((len(rows) + 1, self.words), np.uint64)
        self.fill_leaves(bits, needed)
        if needed[ALWAYS]:
            bits[self.row_of[ALWAYS]] = ~np.uint64(0)
        for step in self.circuit.plan:
            nodes, children, begins = step.chosen(needed[step.nodes])
            if not nodes.size:
                continue
            below = bits[self.row_of[children]]
            if step.kind == WIDE:
                bits[self.row_of[nodes]] = self.widened(below)
            else:
                join = np.bitwise_and if step.kind == AND else np.bitwise_or
                bits[self.row_of[nodes]] = join.reduceat(below, begins, axis=0)
        self.bits = bits
        return bits[self.row_of[wanted]]

    def needed(self, wanted: Numbers) -> NDArray[np.bool_]:
        """The nodes that can hold somewhere and are asked for by a wanted one that can."""
        occurs = self.occurs
        for step in self.circuit.plan:
            join = np.logical_and if step.kind == AND else np.logical_or
            occurs[step.nodes] = join.reduceat(occurs[step.children], step.begins)
        needed = np.zeros(len(occurs), np.bool_)
        needed[wanted] = True
        needed &= occurs
        for step in reversed(self.circuit.plan):
            below = step.children[np.repeat(needed[step.nodes], step.counts)]
            needed[below] = occurs[below]
        return needed

    def fill_leaves(self, bits: Bits, needed: NDArray[np.bool_]) -> None:
        kept = needed[self.leaves]
        columns = self.columns[kept]
        at = self.row_of[self.leaves[kept]] * self.words + (columns >> 6)
        np.bitwise_or.at(bits.reshape(-1), at, np.uint64(1) << (columns & 63).astype(np.uint64))

    def widened(self, bits: Bits) -> Bits:
        flags = flags_of(bits, len(self.text_of))
        begins = np.flatnonzero(np.diff(self.text_of, prepend=-1))
        texts = np.logical_or.reduceat(flags, begins, axis=1)
        return bits_of(texts[:, self.text_of - self.text_of[0]], self.words)


def flags_of(bits: Bits, count: int) -> NDArray[np.bool_]:
    """One bool a sentence."""
    return np.unpackbits(bits.view(np.uint8), axis=1, count=count, bitorder="little").view(np.bool_)


def bits_of(flags: NDArray[np.bool_], words: int) -> Bits:
    packed = np.packbits(flags, axis=1, bitorder="little")
    whole = np.zeros((len(flags), words * 8), np.uint8)
    whole[:, : packed.shape[1]] = packed
    return whole.view(np.uint64)
