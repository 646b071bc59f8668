"""How like a turn is to each category, beside the threshold it would have to pass: for explaining and for asking on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.models import Turn
from audit.similar.model import Reader, Said, score


@dataclass(frozen=True, slots=True)
class Likeness:
    """The best category of one side of a turn: its log-odds, what they must pass, the pieces that weighed most.

    The threshold is infinite where the turn is too unlike any labelled line for a category to be named.
    """

    side: str
    category: str
    score: float
    threshold: float
    pieces: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether the second reader names it."""
        return self.score > self.threshold


def likeness(reader: Reader, turn: Turn, language: str | None) -> list[Likeness]:
    """One a side that may have spoken; none in a language the reader does not know or of a text without pieces."""
    known = reader.languages.get(language or "")
    if known is None:
        return []
    pieces, scored = score(known, [Said(0, turn.index, turn.speaker, turn.text)], also=[0])
    found = []
    for one in scored:
        odds = one.of(0)
        if odds is not None:
            best = int(np.argmax(odds))
            weighed = tuple(pieces.cut.name(at) for at in pieces.top(one.side, 0, best))
            found.append(
                Likeness(one.name, one.side.categories[best], float(odds[best]), float(one.least[0]), weighed)
            )
    return found
