"""Which rules can fire in which of thousands of utterances: a necessary condition, so that few are read exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from audit.lexicon.model import Branch, Clause, Reach, Rule, phrases_of
from audit.models import Turn
from audit.phrases import Matcher
from audit.phrases.bulk.circuit import ALWAYS, Bits, Circuit, Rows, flags_of
from audit.phrases.bulk.misheard import Sounds, Upwards, spread, table
from audit.phrases.bulk.needs import Needs
from audit.phrases.bulk.stream import Stream
from audit.phrases.bulk.strings import Strings
from audit.phrases.heard import LEAST_WORDS, most_words
from audit.phrases.sounds import sound_of

BLOCK_TURNS = 4096
"""Turns screened at once; a conversation is not parted."""
OVER_SENTENCES = ("turn", "turns", "seconds", "call")
"""Reaches that join what stands in several sentences."""
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def crosses_sentences(reach: Reach | None) -> bool:
    """Whether what is within reach may stand in another sentence: columns of the circuit are sentences."""
    if reach is None or reach.unit in OVER_SENTENCES:
        return True
    return reach.unit == "tokens" and reach.inside not in ("clause", "sentence")


@dataclass(frozen=True, slots=True)
class Likely:
    """A conversation worth reading: numbers of the screen's branches to try, and of entries for each turn."""

    talk: int
    branches: Sequence[int]
    entries: Sequence[Sequence[int]]
    by_sound: Sequence[Sequence[int]] = ()
    """Of entries that a mishearing makes possible, for each turn."""


class Screen:
    """The branches of one language's rules as one circuit over strings of words.

    `duties` are clauses whose phrases are looked for in every conversation of several turns. `heard` = words are
    found by their sound, too.
    """

    def __init__(
        self,
        found: Matcher,
        branches: Sequence[tuple[Rule, Branch]],
        duties: Sequence[Clause],
        heard: bool = False,
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
        of_entry: list[list[int]] = [[] for _ in found.entries]
        for number, entries in enumerate(self.entries):
            for entry in entries.tolist():
                of_entry[entry].append(number)
        self.branch_counts, self.branch_begins, self.branches_of_entry = table(of_entry)
        self.entry_sets = [frozenset(entries.tolist()) for entries in self.entries]
        self.heard_roots = self.roots_by_sound(found, phrases, circuit) if heard else {}
        circuit.close()
        self.circuit = circuit
        self.entries_of_node: dict[int, list[int]] = {}
        for number, node in enumerate(self.entry_nodes.tolist()):
            self.entries_of_node.setdefault(node, []).append(number)
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
        if crosses_sentences(clause.reach):
            below = [circuit.wide(node) for node in below]
        return circuit.both(below)

    def roots_by_sound(
        self, found: Matcher, phrases: Sequence[int], circuit: Circuit
    ) -> dict[int, list[int]]:
        """Node -> the branches that hold where it holds with a word misheard."""
        alone: list[list[int]] = [[] for _ in phrases]
        for node, entry in zip(self.entry_nodes.tolist(), found.entries, strict=True):
            if most_words(entry.part) >= LEAST_WORDS[found.language]:
                alone[entry.phrase].append(node)
        nodes: dict[int, list[int]] = {}
        for number, (rule, branch) in enumerate(self.branches):
            if branch.heard_as and rule.kind == "said":
                node = self.node_by_sound(branch.clause, phrases, alone, circuit)
                nodes.setdefault(node, []).append(number)
        nodes.pop(ALWAYS, None)
        return nodes

    def node_by_sound(
        self, clause: Clause, phrases: Sequence[int], alone: Sequence[Sequence[int]], circuit: Circuit
    ) -> int:
        """As `node`, without phrases that stand alone and are too short to be believed."""
        if clause.operator != "any":
            return self.node(clause, phrases, circuit)
        below: list[int] = []
        for item in clause.items:
            if isinstance(item, Clause):
                below.append(self.node_by_sound(item, phrases, alone, circuit))
            else:
                below.extend(alone[item])
        return circuit.either(below) if below else circuit.never()

    def look_for(self, strings: Sequence[tuple[str, ...]], language: str) -> None:
        """Prepares the search for the strings, by writing and by sound."""
        tokens = {token for string in strings for token in string}
        sounds = {sound_of(token, language) for token in tokens} - tokens if self.heard_roots else set()
        self.strings = Strings(strings, language, sorted(sounds))
        self.sounds: Sounds | None = None
        self.upwards: Upwards | None = None
        if self.heard_roots:
            self.sounds = Sounds(self.strings.hard, self.strings.cutter)
            self.strings.matters |= self.sounds.sound > 0
            wanted = [*self.heard_roots, *self.entry_nodes.tolist()]
            self.upwards = Upwards(self.circuit, wanted, self.heard_roots)

    def likely(self, talks: Sequence[Sequence[Turn]]) -> Iterator[Likely]:
        """The conversations in which some branch can hit, and all of several turns, in order."""
        sizes = np.array([len(turns) for turns in talks], np.int64)
        talk_of_turn = np.repeat(np.arange(len(talks)), sizes)
        turns = [turn for talk in talks for turn in talk]
        stream = self.strings.read([turn.text for turn in turns])
        speaker = np.array([SPEAKER[turn.speaker] for turn in turns], np.int64)[stream.text_of]
        place = Places(stream.text_of, talk_of_turn[stream.text_of], speaker, sizes > 1)
        rows = Rows(self.circuit, *self.strings.columns(stream), place.talk)
        hits = rows.work_out(self.roots, whole=self.upwards is not None)
        nodes, columns = self.by_sound(stream, rows)
        ways = zip(branch_pairs(hits[: len(self.branches)]), self.heard_pairs(nodes, columns), strict=True)
        branch, column = (np.concatenate(way) for way in ways)
        branches = self.alive_branches(branch, column, place)
        entries = self.alive_entries(rows, place, branches)
        sounding = self.entries_by_sound(nodes, columns, place, branches)
        first = np.cumsum(sizes) - sizes
        for number in sorted({*branches, *np.flatnonzero(sizes > 1).tolist()}):
            turns_of = range(int(first[number]), int(first[number]) + len(talks[number]))
            own = self.entries_of_talk(branches.get(number, ()), len(talks[number]) > 1)
            yield Likely(
                number,
                branches.get(number, ()),
                [entries.get(turn, ()) for turn in turns_of],
                [[entry for entry in sounding.get(turn, ()) if entry in own] for turn in turns_of],
            )

    def entries_of_talk(self, branches: Sequence[int], several: bool) -> frozenset[int]:
        """The entries of some branches, and those of duties where a conversation has several turns."""
        sets = [self.entry_sets[branch] for branch in branches]
        if several:
            sets += self.entry_sets[len(self.branches) :]
        return sets[0] if len(sets) == 1 else frozenset().union(*sets)

    def by_sound(self, stream: Stream, rows: Rows) -> tuple[Numbers, Numbers]:
        """Nodes that one mishearing makes possible, and in which columns."""
        if self.sounds is None or self.upwards is None:
            return NOTHING, NOTHING
        return self.upwards.carry(*self.sounds.find(stream), rows)

    def heard_pairs(self, nodes: Numbers, columns: Numbers) -> tuple[Numbers, Numbers]:
        """Branches for nodes."""
        found = [
            (branch, column)
            for node, column in zip(nodes.tolist(), columns.tolist(), strict=True)
            for branch in self.heard_roots.get(node, ())
        ]
        pairs = np.array(found, np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def entries_by_sound(
        self, nodes: Numbers, columns: Numbers, place: Places, branches: dict[int, list[int]]
    ) -> dict[int, list[int]]:
        """Turn -> entries that one mishearing makes possible there."""
        kept = np.isin(place.talk[columns], np.fromiter(branches, np.int64, len(branches)))
        found: dict[int, list[int]] = {}
        for node, turn in sorted(
            set(zip(nodes[kept].tolist(), place.turn[columns[kept]].tolist(), strict=True))
        ):
            found.setdefault(turn, []).extend(self.entries_of_node.get(node, ()))
        return found

    def alive_branches(self, branch: Numbers, column: Numbers, place: Places) -> dict[int, list[int]]:
        """Conversation -> the branches that can hit in it, from branches and the columns where they can."""
        talk = place.talk[column]
        kept = self.allowed[branch, place.speaker[column]] & (place.several[talk] | ~self.of_calls[branch])
        return grouped(talk[kept], branch[kept])

    def alive_entries(
        self, rows: Rows, place: Places, branches: dict[int, list[int]]
    ) -> dict[int, list[int]]:
        """Turn (of all turns) -> the entries that can match in it, of the branches of its conversation."""
        tried = np.zeros((len(self.roots), len(place.several)), np.bool_)
        tried[len(self.branches) :] = place.several
        for talk, some in branches.items():
            tried[some, talk] = True
        entries = np.unique(
            np.concatenate([NOTHING, *compress(self.entries, np.any(tried, axis=1).reshape(-1))])
        )
        bits = rows.bits[rows.row_of[self.entry_nodes[entries]]]
        some_rows = np.flatnonzero(bits.any(axis=1))
        columns = np.flatnonzero(np.any(tried, axis=0).reshape(-1)[place.talk])
        row, at = np.nonzero(flags_of(bits[some_rows], len(place.talk))[:, columns])
        entry, column = entries[some_rows[row]], columns[at]
        pair, slot = spread(entry, self.branch_counts, self.branch_begins)
        wanted = tried[self.branches_of_entry[slot], place.talk[column[pair]]]
        kept = np.unique(pair[wanted])
        return grouped(place.turn[column[kept]], entry[kept])


@dataclass(frozen=True, slots=True)
class Places:
    """Of each column its turn, its conversation and who speaks; and which conversations have several turns."""

    turn: Numbers
    talk: Numbers
    speaker: Numbers
    several: NDArray[np.bool_]


NOTHING = np.zeros(0, np.int64)


def branch_pairs(hits: Bits) -> tuple[Numbers, Numbers]:
    """Rows of branches -> branches and columns where they hold."""
    alive = np.flatnonzero(hits.any(axis=1))
    row, column = np.nonzero(flags_of(hits[alive], hits.shape[1] * 64))
    return alive[row], column


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
