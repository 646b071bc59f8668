"""The search in one text: an automaton finds which phrases are worth trying, the compiled phrases then match exactly.

A phrase is tried only where every one of its required parts occurs somewhere in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from audit.phrases import grammar as g
from audit.phrases.folding import Folded
from audit.phrases.parts import ChoicePart, Lists, Part, SequencePart, Span, cost

SPREAD_MOST = 120
"""A phrase is filed under each option of one of its choices where those are at most so many."""
WEAK = 0.5
"""A required part that is likelier than this (see `cost`) is worth being spread."""

Need = frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is tried as one: a phrase, or one option of a phrase that is nothing but a choice."""

    phrase: int
    part: Part


def entries_of(parts: Sequence[Part]) -> list[Entry]:
    """A list that stands alone is tried item by item; the order depends on the phrases' shape only."""
    return [Entry(number, option) for number, part in enumerate(parts) for option in options_of(part)]


def options_of(part: Part) -> list[Part]:
    if isinstance(part, ChoicePart) and not part.nullable:
        return [inner for option in part.parts for inner in options_of(option)]
    return [part]


class Index:
    """Which entries can match, from which strings occur in a text."""

    def __init__(self, entries: Sequence[Entry], language: str) -> None:
        self.always: list[int] = []
        self.triggers: dict[int, list[tuple[int, frozenset[int]]]] = {}
        self.classes_of: list[tuple[int, ...]] = []
        self.numbers: dict[Need, int] = {}
        self._automaton: Any = None
        for number, entry in enumerate(entries):
            for needs in alternatives(entry.part, language):
                self.file(number, needs)
        self._build()

    def file(self, entry: int, needs: Sequence[Need]) -> None:
        """Files an entry under the rarest of what it needs."""
        if not needs:
            self.always.append(entry)
            return
        ids = frozenset(self.class_of(need) for need in needs)
        self.triggers.setdefault(self.class_of(min(needs, key=cost)), []).append((entry, ids))

    def class_of(self, need: Need) -> int:
        return self.numbers.setdefault(need, len(self.numbers))

    def _build(self) -> None:
        members: dict[str, list[int]] = {}
        for need, number in self.numbers.items():
            for piece in need:
                members.setdefault(piece, []).append(number)
        if members:
            from daachorse import CharwiseDoubleArrayAhoCorasick

            pieces = sorted(members)
            self.classes_of = [tuple(members[piece]) for piece in pieces]
            self._automaton = CharwiseDoubleArrayAhoCorasick(pieces)

    def look(self, seen: str) -> set[int]:
        """Entries worth trying."""
        entries = set(self.always)
        if self._automaton is None:
            return entries
        classes_of = self.classes_of
        present: set[int] = set()
        for match in self._automaton.find_overlapping(seen):
            present.update(classes_of[match[2]])
        for number in present & self.triggers.keys():
            for entry, needs in self.triggers[number]:
                if needs <= present:
                    entries.add(entry)
        return entries


def alternatives(part: Part, language: str) -> list[list[Need]]:
    """Ways of saying what an entry needs."""
    needs = part.needs(language)
    if isinstance(part, SequencePart) and (not needs or min(map(cost, needs)) > WEAK):
        return spread(part, language) or [needs]
    return [needs]


def spread(part: SequencePart, language: str) -> list[list[Need]]:
    """A sequence of frequent words, filed under each option of its rarest choice."""
    hard = [child for child in part.parts if not child.nullable and child.needs(language)]
    choices = [child for child in hard if isinstance(child, ChoicePart)]
    if not choices:
        return []
    chosen = min(choices, key=lambda child: cost(child.needs(language)[0]))
    options = [option.needs(language) for option in options_of(chosen)]
    if len(options) > SPREAD_MOST or not all(options):
        return []
    others = [need for child in hard if child is not chosen for need in child.needs(language)]
    return [[*option, *others] for option in options]


class Matcher:
    """All phrases of one language behind one search; phrase ids are places in `phrases`."""

    def __init__(self, phrases: Iterable[g.Node], lists: Lists) -> None:
        self.language = lists.language
        self.parts = [lists.compile(node) for node in phrases]
        self.entries = entries_of(self.parts)
        self._index: Index | None = None

    @property
    def index(self) -> Index:
        """Which entries can match, made on first use."""
        if self._index is None:
            self._index = Index(self.entries, self.language)
        return self._index

    def scan(self, folded: Folded) -> dict[int, list[Span]]:
        """Phrase id -> its matches in this text, by start, then end."""
        return self.match(self.index.look(folded.found_in), folded) if folded.tokens else {}

    def match(self, entries: Iterable[int], folded: Folded) -> dict[int, list[Span]]:
        """Exact matches of some entries, by phrase."""
        found: dict[int, list[Span]] = {}
        for number in entries:
            entry = self.entries[number]
            spans = spans_of(entry.part, folded)
            if spans:
                found[entry.phrase] = sorted({*found.get(entry.phrase, ()), *spans}, key=place)
        return found


def spans_of(part: Part, folded: Folded) -> list[Span]:
    """All matches of one part; none crosses the end of a sentence."""
    found: list[Span] = []
    sentences = folded.sentences
    for start in starts(part, folded):
        for end, gaps in part.match(folded, start):
            if end > start and sentences[start] == sentences[end - 1]:
                found.append(Span(start, end, gaps))
    return found


def place(span: Span) -> tuple[int, int]:
    return span.start, span.end


def starts(part: Part, folded: Folded) -> list[int]:
    """The places where a part can begin."""
    if part.first is None:
        return list(range(len(folded)))
    places = folded.places
    if len(part.first) <= len(places):
        return [p for token in part.first if token in places for p in places[token]]
    return [p for token in places if token in part.first for p in places[token]]
