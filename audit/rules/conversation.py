"""One conversation folded, with the matches of all phrases, ready for clauses to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.models import Turn, Word
from audit.phrases import Folded, Matcher, Span, fold
from audit.phrases.heard import HeardMatcher

Gaps = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """Tokens [start, end) of turn number `turn`; `gaps` lie inside and belong to no word of the rule.

    `first_turn` is where a hit over several turns began. `misheard` = one of its words was found by its sound.
    """

    turn: int
    start: int
    end: int
    gaps: Gaps = ()
    first_turn: int = -1
    misheard: bool = False


class Folds:
    """The turns folded, each on first use."""

    def __init__(self, turns: Sequence[Turn], language: str) -> None:
        self.turns = turns
        self.language = language
        self.done: dict[int, Folded] = {}

    def __getitem__(self, number: int) -> Folded:
        if number not in self.done:
            self.done[number] = fold(self.turns[number].text, self.language)
        return self.done[number]


class Conversation:
    """Turns in time order; everything is computed once and on demand."""

    def __init__(
        self,
        turns: Sequence[Turn],
        language: str,
        found: Matcher,
        excusing: Matcher,
        heard: HeardMatcher | None = None,
        entries: Sequence[Sequence[int]] | None = None,
        by_sound: Sequence[Sequence[int]] = (),
    ) -> None:
        """`entries` and `by_sound` are what is worth trying in each turn; without them nothing is heard by sound."""
        self.turns = turns
        self.folded = Folds(turns, language)
        self.hits: dict[int, list[Hit]] = {}
        self._excusing = excusing
        self._cues: dict[int, dict[int, list[Span]]] = {}
        if entries is None:
            for number in range(len(turns)):
                self.take(number, found.scan(self.folded[number]))
            return
        for number, tried in enumerate(entries):
            if tried:
                self.take(number, found.match(tried, self.folded[number]))
        for number, tried in enumerate(by_sound):
            if tried and heard is not None:
                self.take(number, heard.match(tried, self.folded[number]), misheard=True)

    def take(self, number: int, matches: dict[int, list[Span]], misheard: bool = False) -> None:
        """Adds the matches of one turn."""
        for phrase, spans in matches.items():
            hits = self.hits.setdefault(phrase, [])
            hits.extend(Hit(number, span.start, span.end, span.gaps, misheard=misheard) for span in spans)

    def cues(self, turn: int) -> dict[int, list[Span]]:
        """Matches of all exception phrases in one turn."""
        if turn not in self._cues:
            self._cues[turn] = self._excusing.scan(self.folded[turn])
        return self._cues[turn]

    def time_of(self, hit: Hit) -> tuple[float | None, float | None]:
        """Start and end of a hit in seconds: from word times where there are any, else the turn's."""
        turn, folded = self.turns[hit.turn], self.folded[hit.turn]
        start, end = folded.span(hit.start, hit.end)
        inside = [
            word
            for place, word in word_places(turn)
            if place < end and place + len(word.text.strip()) > start
        ]
        if inside:
            return inside[0].start_s, inside[-1].end_s
        return turn.start_s, turn.end_s


def word_places(turn: Turn) -> list[tuple[int, Word]]:
    """(offset into the turn's text, word) of each word that can be found there in order."""
    found = []
    at = 0
    for word in turn.words:
        text = word.text.strip()
        place = turn.text.find(text, at) if text else -1
        if place >= 0:
            found.append((place, word))
            at = place + len(text)
    return found
