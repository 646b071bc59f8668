"""The search: one automaton finds which phrases are worth trying, the compiled phrases then match exactly.

A phrase is tried only where every one of its required parts occurs somewhere in the text. The automaton reads what
`screening` makes of the raw text, so that a text without candidates is never folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from audit.phrases import grammar as g
from audit.phrases.folding import Folded
from audit.phrases.parts import ChoicePart, Lists, Part, SequencePart, Span, cost

SPREAD_MOST = 120
"""A phrase is filed under each option of one of its choices where those are at most so many."""
WEAK = 0.5
"""A required part that is likelier than this (see `cost`) is worth being spread."""

Need = frozenset[str]


class Index:
    """Which phrases can match, from which strings occur in a text."""

    def __init__(self, parts: Sequence[Part], language: str) -> None:
        self.always: list[int] = []
        self.triggers: dict[int, list[tuple[int, frozenset[int]]]] = {}
        self.classes_of: list[tuple[int, ...]] = []
        self.numbers: dict[Need, int] = {}
        self._automaton: Any = None
        for number, part in enumerate(parts):
            for needs in alternatives(part, language):
                self.file(number, needs)
        self._build()

    def file(self, phrase: int, needs: Sequence[Need]) -> None:
        """Files a phrase under the rarest of what it needs."""
        if not needs:
            self.always.append(phrase)
            return
        ids = frozenset(self.class_of(need) for need in needs)
        self.triggers.setdefault(self.class_of(min(needs, key=cost)), []).append((phrase, ids))

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

    def look(self, seen: str) -> tuple[set[int], set[int]]:
        """Phrases worth trying, and the classes of strings that occur."""
        phrases = set(self.always)
        if self._automaton is None:
            return phrases, set()
        classes_of = self.classes_of
        present: set[int] = set()
        for match in self._automaton.find_overlapping(seen):
            present.update(classes_of[match[2]])
        for number in present & self.triggers.keys():
            for phrase, needs in self.triggers[number]:
                if needs <= present:
                    phrases.add(phrase)
        return phrases, present


def alternatives(part: Part, language: str) -> list[list[Need]]:
    """Ways of saying what a phrase needs: a list that stands alone is filed item by item."""
    if isinstance(part, ChoicePart) and not part.nullable:
        return [needs for option in part.parts for needs in alternatives(option, language)]
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
    options = alternatives(chosen, language)
    if len(options) > SPREAD_MOST:
        return []
    others = [need for child in hard if child is not chosen for need in child.needs(language)]
    return [[*option, *others] for option in options]


class Matcher:
    """All phrases of one language behind one search; phrase ids are places in `phrases`."""

    def __init__(self, phrases: Iterable[g.Node], lists: Lists) -> None:
        self.language = lists.language
        self.parts = [lists.compile(node) for node in phrases]
        self.index = Index(self.parts, self.language)

    def scan(self, folded: Folded) -> dict[int, list[Span]]:
        """Phrase id -> its matches in this text, in order of start, then end."""
        return self.match(self.index.look(folded.found_in)[0], folded) if folded.tokens else {}

    def match(self, phrases: Iterable[int], folded: Folded) -> dict[int, list[Span]]:
        """Exact matches of some phrases."""
        found: dict[int, list[Span]] = {}
        for number in phrases:
            spans = self.spans(number, folded)
            if spans:
                found[number] = spans
        return found

    def spans(self, number: int, folded: Folded) -> list[Span]:
        """All matches of one phrase; none crosses the end of a sentence."""
        part = self.parts[number]
        found: list[Span] = []
        sentences = folded.sentences
        for start in starts(part, folded):
            for end, gaps in part.match(folded, start):
                if end > start and sentences[start] == sentences[end - 1]:
                    found.append(Span(start, end, gaps))
        return found


def starts(part: Part, folded: Folded) -> list[int]:
    """The places where a phrase can begin."""
    if part.first is None:
        return list(range(len(folded)))
    places = folded.places
    if len(part.first) <= len(places):
        return sorted(p for token in part.first if token in places for p in places[token])
    return sorted(p for token in places if token in part.first for p in places[token])
