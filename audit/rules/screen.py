"""Which rules can fire in which of thousands of utterances: a necessary condition, so that few are read exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.lexicon.model import Branch, Clause, Rule, phrases_of
from audit.models import Turn
from audit.phrases import Matcher
from audit.phrases.bulk.anchors import Anchors
from audit.phrases.bulk.circuit import Bits, Circuit, Rows, flags_of
from audit.phrases.bulk.needs import Needs
from audit.phrases.bulk.stream import Characters, Stream, Words, read

BLOCK_TURNS = 4096
"""Turns screened at once; a conversation is not parted."""
OVER_SENTENCES = ("turn", "turns", "seconds", "call")
"""Reaches that join what stands in several sentences."""
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Likely:
    """A conversation worth reading: numbers of the screen's branches to try, and of entries for each turn."""

    talk: int
    branches: Sequence[int]
    entries: Sequence[Sequence[int]]


class Screen:
    """The branches of one language's rules as one circuit over strings of words.

    `duties` are clauses whose phrases are looked for in every conversation of several turns.
    """

    def __init__(
        self, found: Matcher, branches: Sequence[tuple[Rule, Branch]], duties: Sequence[Clause]
    ) -> None:
        self.branches = list(branches)
        circuit = Circuit()
        needs = Needs(found.language, circuit)
        phrases = [needs.of(part) for part in found.parts]
        self.entry_nodes = np.array([needs.of(entry.part) for entry in found.entries], np.int64)
        clauses = [branch.clause for _, branch in self.branches]
        self.roots = np.array(
            [self.node(clause, phrases, circuit) for clause in (*clauses, *duties)], np.int64
        )
        self.entries = entries_of([*clauses, *duties], found)
        circuit.close()
        self.circuit = circuit
        self.allowed = np.array(
            [allowed_speakers(rule, branch) for rule, branch in self.branches], np.bool_
        ).reshape(-1, len(SPEAKER))
        self.of_calls = np.array([rule.scope == "call" for rule, _ in self.branches], np.bool_)
        self.look_for(list(needs.strings), found.language)

    def node(self, clause: Clause, phrases: Sequence[int], circuit: Circuit) -> int:
        below = [
            self.node(item, phrases, circuit) if isinstance(item, Clause) else phrases[item]
            for item in clause.items
        ]
        if clause.operator == "any":
            return circuit.either(below)
        if clause.reach is None or clause.reach.unit in OVER_SENTENCES:
            below = [circuit.wide(node) for node in below]
        return circuit.both(below)

    def look_for(self, strings: Sequence[tuple[str, ...]], language: str) -> None:
        """Prepares the search for strings of hard tokens and for single soft ones."""
        tokens = {token for string in strings for token in string}
        self.cutter = Characters() if language == "zh" else Words(tokens)
        codes = [tuple(self.cutter.code(token) for token in string) for string in strings]
        soft = [bool(self.cutter.soft[string[0]]) for string in codes]
        self.anchors = Anchors(
            [() if is_soft else string for string, is_soft in zip(codes, soft, strict=True)], self.cutter.size
        )
        self.soft_string = np.full(self.cutter.size, -1, np.int64)
        self.matters = np.zeros(self.cutter.size, np.bool_)
        for number, (string, is_soft) in enumerate(zip(codes, soft, strict=True)):
            self.matters[list(string)] = True
            if is_soft:
                self.soft_string[string[0]] = number

    def occurrences(self, stream: Stream) -> tuple[Numbers, Numbers]:
        """Which string occurs in which column."""
        places, strings = self.anchors.find(stream.codes)
        soft = self.soft_string[stream.soft]
        known = soft >= 0
        return (
            np.concatenate((strings, soft[known])),
            np.concatenate((stream.columns[places], stream.soft_columns[known])),
        )

    def likely(self, talks: Sequence[Sequence[Turn]]) -> Iterator[Likely]:
        """The conversations in which some branch can hit, and all of several turns, in order."""
        sizes = np.array([len(turns) for turns in talks], np.int64)
        talk_of_turn = np.repeat(np.arange(len(talks)), sizes)
        turns = [turn for talk in talks for turn in talk]
        stream = read([turn.text for turn in turns], self.cutter, self.matters)
        speaker = np.array([SPEAKER[turn.speaker] for turn in turns], np.int64)[stream.text_of]
        place = Places(stream.text_of, talk_of_turn[stream.text_of], speaker, sizes > 1)
        rows = Rows(self.circuit, *self.occurrences(stream), place.talk)
        branches = self.alive_branches(rows.work_out(self.roots), place)
        entries = self.alive_entries(rows, place, branches)
        first = np.cumsum(sizes) - sizes
        for number in sorted({*branches, *np.flatnonzero(sizes > 1).tolist()}):
            begin = int(first[number])
            tried = [entries.get(turn, ()) for turn in range(begin, begin + len(talks[number]))]
            yield Likely(number, branches.get(number, ()), tried)

    def alive_branches(self, hits: Bits, place: Places) -> dict[int, list[int]]:
        """Conversation -> the branches that can hit in it."""
        alive = np.flatnonzero(hits[: len(self.branches)].any(axis=1))
        row, column = np.nonzero(flags_of(hits[alive], len(place.talk)))
        branch, talk = alive[row], place.talk[column]
        kept = self.allowed[branch, place.speaker[column]] & (place.several[talk] | ~self.of_calls[branch])
        return grouped(talk[kept], branch[kept])

    def alive_entries(
        self, rows: Rows, place: Places, branches: dict[int, list[int]]
    ) -> dict[int, list[int]]:
        """Turn (of all turns) -> the entries of living branches, and of duties, that can match somewhere in it."""
        living = {branch for some in branches.values() for branch in some}
        talks = place.several.copy()
        talks[list(branches)] = True
        if place.several.any():
            living.update(range(len(self.branches), len(self.roots)))
        if not living:
            return {}
        entries = np.unique(np.concatenate([self.entries[branch] for branch in living]))
        bits = rows.bits[rows.row_of[self.entry_nodes[entries]]]
        some = np.flatnonzero(bits.any(axis=1))
        columns = np.flatnonzero(talks[place.talk])
        entry, at = np.nonzero(flags_of(bits[some], len(place.talk))[:, columns])
        return grouped(place.turn[columns[at]], entries[some[entry]])


@dataclass(frozen=True, slots=True)
class Places:
    """Of each column its turn, its conversation and who speaks; and which conversations have several turns."""

    turn: Numbers
    talk: Numbers
    speaker: Numbers
    several: NDArray[np.bool_]


SPEAKER: dict[str, int] = {"agent": 0, "customer": 1, "unknown": 2}


def allowed_speakers(rule: Rule, branch: Branch) -> tuple[bool, bool, bool]:
    """Whether a branch can hit what agent, customer, unknown say."""
    who = branch.clause.speaker or branch.speaker or rule.speaker
    if who == "anyone" or own_speakers(branch.clause):
        return True, True, True
    return who == "agent", who == "customer", True


def own_speakers(clause: Clause) -> bool:
    """Whether a clause inside names a speaker of its own."""
    inner = [item for item in clause.items if isinstance(item, Clause)]
    return any(item.speaker is not None or own_speakers(item) for item in inner)


def entries_of(clauses: Sequence[Clause], found: Matcher) -> list[Numbers]:
    """The entries of the phrases of each clause."""
    of_phrase: dict[int, list[int]] = {}
    for number, entry in enumerate(found.entries):
        of_phrase.setdefault(entry.phrase, []).append(number)
    return [
        np.array([e for phrase in sorted(phrases_of(clause)) for e in of_phrase.get(phrase, ())], np.int64)
        for clause in clauses
    ]


def blocks(talks: Sequence[Sequence[Turn]], numbers: Iterable[int]) -> Iterator[list[int]]:
    """Numbers of conversations, about BLOCK_TURNS turns at a time."""
    block: list[int] = []
    turns = 0
    for number in numbers:
        block.append(number)
        turns += len(talks[number])
        if turns >= BLOCK_TURNS:
            yield block
            block, turns = [], 0
    if block:
        yield block


def grouped(keys: Numbers, values: Numbers) -> dict[int, list[int]]:
    """Key -> its distinct values, ascending."""
    pairs = np.unique(np.stack((keys, values), axis=1), axis=0) if len(keys) else np.zeros((0, 2), np.int64)
    found: dict[int, list[int]] = {}
    for key, value in pairs.tolist():
        found.setdefault(key, []).append(value)
    return found
