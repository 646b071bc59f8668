"""Where exactly one word that sounds right and is written otherwise would make a phrase or rule possible.

First the strings that occur by sound only, then upwards through the circuit: of an `and` all other parts must stand as
written. Few such places are left after the words that are usual where they stand have been passed over.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.phrases.bulk.anchors import Anchors
from audit.phrases.bulk.circuit import AND, LEAF, WIDE, Circuit, Rows
from audit.phrases.bulk.cutting import BMP, Cutter, Words
from audit.phrases.bulk.stream import Stream
from audit.phrases.folding import DIGIT_SIGNS
from audit.phrases.sounds import sound_of, syllables
from audit.phrases.usual import pairs_zh, words_en

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pairs = tuple[Numbers, Numbers]
"""Parallel: things and the columns where they are."""


class Sounds:
    """Finds strings by sound. `strings` are codes of hard tokens; an empty one is never found."""

    def __init__(self, strings: Sequence[tuple[int, ...]], cutter: Cutter) -> None:
        self.cutter = cutter
        self.sound = sound_numbers(strings, cutter)
        by_sound: dict[tuple[int, ...], list[int]] = {}
        for number, string in enumerate(strings):
            if string:
                by_sound.setdefault(tuple(self.sound[list(string)].tolist()), []).append(number)
        self.anchors = Anchors(list(by_sound), int(self.sound.max()) + 1)
        self.members = np.array([number for group in by_sound.values() for number in group], np.int64)
        self.counts = np.array([len(group) for group in by_sound.values()], np.int64)
        self.begins = np.cumsum(self.counts) - self.counts
        self.sizes = np.array([len(sounds) for sounds in by_sound], np.int64)
        self.lengths = np.array([len(string) for string in strings], np.int64)
        self.codes = np.zeros((len(strings), int(self.lengths.max(initial=1))), np.int32)
        for number, string in enumerate(strings):
            self.codes[number, : len(string)] = string
        self.usual = usual_of(cutter)

    def find(self, stream: Stream) -> Pairs:
        """Strings of which one token is written otherwise, unusually, in a column."""
        strange = ~self.usual.of(stream)
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(strange)))
        places, groups = self.anchors.find(self.sound[stream.codes])
        some = before[places + self.sizes[groups]] > before[places]
        places, groups = places[some], groups[some]
        at, members = spread(groups, self.counts, self.begins)
        strings, places = self.members[members], places[at]
        wrong = np.zeros(len(strings), np.int64)
        where = np.zeros(len(strings), np.int64)
        for step in range(self.codes.shape[1]):
            inside = np.flatnonzero(self.lengths[strings] > step)
            differs = inside[stream.codes[places[inside] + step] != self.codes[strings[inside], step]]
            wrong[differs] += 1
            where[differs] = places[differs] + step
        once = np.flatnonzero((wrong == 1) & strange[where])
        return strings[once], stream.columns[places[once]]


def sound_numbers(strings: Sequence[tuple[int, ...]], cutter: Cutter) -> NDArray[np.int32]:
    """Code -> the number of its sound, 0 where no string sounds so."""
    names: dict[str, int] = {}
    sound = np.zeros(cutter.size, np.int32)
    wanted = {code for string in strings for code in string}
    if isinstance(cutter, Words):
        names |= {name: number for number, name in enumerate(cutter.sounds, 1)}
        for name, code in cutter.sounds.items():
            sound[code] = names[name]
        tokens = {code: token for token, code in cutter.tokens.items()}
        for code in tokens:
            name = sound_of(tokens[code], "en")
            if code in wanted or name in names:
                sound[code] = names.setdefault(name, len(names) + 1)
        return sound
    for code in sorted(wanted):
        sound[code] = names.setdefault(sound_of(chr(code), "zh"), len(names) + 1)
    for character in syllables():
        name = sound_of(character, "zh")
        if name in names and ord(character) < BMP:
            sound[cutter.code(character)] = names[name]
    return sound


class Usual(ABC):
    """Whether tokens are usual where they stand (see `usual`); says no where it cannot tell."""

    @abstractmethod
    def of(self, stream: Stream) -> Flags:
        """One flag for each of the stream's hard tokens."""


class UsualWords(Usual):
    def __init__(self, cutter: Words) -> None:
        self.known = np.zeros(cutter.size, np.bool_)
        for word in words_en():
            if word in cutter.tokens:
                self.known[cutter.tokens[word]] = True

    def of(self, stream: Stream) -> Flags:
        found: Flags = self.known[stream.codes]
        return found


class UsualPairs(Usual):
    """Pairs of characters; those with spoken digits are left out, since codes tell no 一 from a 1."""

    def __init__(self) -> None:
        pairs = [
            (ord(left), ord(right))
            for left, rights in pairs_zh().items()
            for right in rights
            if ord(left) not in DIGIT_SIGNS and ord(right) not in DIGIT_SIGNS
        ]
        codes = sorted({code for pair in pairs for code in pair})
        self.number = np.zeros(BMP + 1, np.int64)
        self.number[codes] = np.arange(1, len(codes) + 1)
        self.table = np.zeros((len(codes) + 1, len(codes) + 1), np.bool_)
        lefts, rights = np.array(pairs, np.int64).T
        self.table[self.number[lefts], self.number[rights]] = True

    def of(self, stream: Stream) -> Flags:
        numbers = self.number[stream.whole]
        follows = np.zeros(len(numbers) + 1, np.bool_)
        follows[1:-1] = self.table[numbers[:-1], numbers[1:]]
        usual: Flags = (follows[:-1] | follows[1:])[stream.places]
        return usual


def usual_of(cutter: Cutter) -> Usual:
    return UsualWords(cutter) if isinstance(cutter, Words) else UsualPairs()


class Upwards:
    """Carries what one mishearing makes possible from strings up to `wanted` nodes."""

    def __init__(self, circuit: Circuit, wanted: Iterable[int], roots: Iterable[int]) -> None:
        """`roots` bound what is looked at; of the nodes below them those `wanted` are told."""
        self.circuit = circuit
        below = reached(circuit, roots)
        self.wanted = np.zeros(len(circuit.kinds), np.bool_)
        self.wanted[list(wanted)] = True
        self.wanted &= below
        parents: list[list[int]] = [[] for _ in circuit.kinds]
        depth = np.zeros(len(circuit.kinds), np.int64)
        for number, children in enumerate(circuit.children):
            if circuit.kinds[number] != LEAF and below[number]:
                for child in children:
                    parents[child].append(number)
                    depth[number] = max(depth[number], depth[child] + 1)
        self.depth = depth
        self.kinds = np.array(circuit.kinds, np.int64)
        self.parent_counts, self.parent_begins, self.parents = table(parents)
        inner = [() if kind == LEAF else c for kind, c in zip(circuit.kinds, circuit.children, strict=True)]
        self.child_counts, self.child_begins, self.children = table(inner)
        node_of = np.zeros(int(circuit.leaf_strings.max(initial=0)) + 1, np.int64)
        node_of[circuit.leaf_strings] = circuit.leaf_nodes
        self.node_of_string = node_of
        self.below = below

    def carry(self, strings: Numbers, columns: Numbers, rows: Rows) -> Pairs:
        """Wanted nodes and the columns where one mishearing makes them possible."""
        size = len(rows.text_of)
        nodes = self.node_of_string[strings]
        kept = self.below[nodes]
        waiting: list[list[Numbers]] = [[] for _ in range(int(self.depth.max(initial=0)) + 1)]
        waiting[0].append(nodes[kept] * size + columns[kept])
        found: list[Numbers] = []
        for level in waiting:
            if not level:
                continue
            keys = np.unique(np.concatenate(level))
            nodes, columns = keys // size, keys % size
            found.append(keys[self.wanted[nodes]])
            above, columns = self.step(nodes, columns, rows)
            for depth in np.unique(self.depth[above]).tolist():
                at = self.depth[above] == depth
                waiting[depth].append(above[at] * size + columns[at])
        keys = np.concatenate(found)
        return keys // size, keys % size

    def step(self, nodes: Numbers, columns: Numbers, rows: Rows) -> Pairs:
        """The nodes right above that become possible in the same columns."""
        at, places = spread(nodes, self.parent_counts, self.parent_begins)
        above, below, columns = self.parents[places], nodes[at], columns[at]
        kinds = self.kinds[above]
        whole = np.flatnonzero(kinds == AND)
        holds = np.ones(len(above), np.bool_)
        holds[whole] = self.others_hold(above[whole], below[whole], columns[whole], rows)
        wide = np.flatnonzero(kinds == WIDE)
        holds[wide] = False
        more, more_columns = widened(above[wide], columns[wide], rows.text_of)
        return np.concatenate((above[holds], more)), np.concatenate((columns[holds], more_columns))

    def others_hold(self, above: Numbers, below: Numbers, columns: Numbers, rows: Rows) -> Flags:
        """Whether all children but one of each node hold as written in its column."""
        if not above.size:
            return np.zeros(0, np.bool_)
        at, places = spread(above, self.child_counts, self.child_begins)
        children, column = self.children[places], columns[at]
        word = rows.bits[rows.row_of[children], column >> 6]
        holds = (word >> (column & 63).astype(np.uint64)) & np.uint64(1) != 0
        holds |= children == below[at]
        counts = self.child_counts[above]
        found: Flags = np.logical_and.reduceat(holds, np.cumsum(counts) - counts)
        return found


def reached(circuit: Circuit, roots: Iterable[int]) -> Flags:
    """The nodes at or below some roots."""
    found = np.zeros(len(circuit.kinds), np.bool_)
    found[list(roots)] = True
    for number in range(len(circuit.kinds) - 1, -1, -1):
        if found[number] and circuit.kinds[number] != LEAF:
            found[list(circuit.children[number])] = True
    return found


def table(rows: Sequence[Sequence[int]]) -> tuple[Numbers, Numbers, Numbers]:
    """Rows of different length as counts, begins, values."""
    counts = np.array([len(row) for row in rows], np.int64)
    return counts, np.cumsum(counts) - counts, np.array([value for row in rows for value in row], np.int64)


def spread(rows: NDArray[Any], counts: Numbers, begins: Numbers) -> Pairs:
    """For each value of each row: the row's place in `rows`, and the place of the value in the table."""
    count = counts[rows]
    after = np.cumsum(count)
    total = int(after[-1]) if after.size else 0
    at = np.repeat(np.arange(len(rows)), count)
    return at, np.arange(total) + np.repeat(begins[rows] - after + count, count)


def widened(nodes: Numbers, columns: Numbers, text_of: Numbers) -> Pairs:
    """Each node in all columns of the text of its column."""
    first = np.searchsorted(text_of, text_of[columns], "left")
    count = np.searchsorted(text_of, text_of[columns], "right") - first
    after = np.cumsum(count)
    total = int(after[-1]) if after.size else 0
    return np.repeat(nodes, count), np.arange(total) + np.repeat(first - after + count, count)
