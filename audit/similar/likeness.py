"""How like a turn is to each category, beside the threshold it would have to pass: for explaining and for asking on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.models import Turn
from audit.similar.model import SORTED, Reader, Said, score


@dataclass(frozen=True, slots=True)
class Likeness:
    """The best category of one side of a turn: by how many log-odds it passes (below 0: misses) what is asked.

    The threshold is 0; it is infinite where the turn is too unlike any labelled line for a category to be named.
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
        if one.number_of(0) is None:
            continue
        best = int(np.argmax(one.sorted[0]))
        least = float(one.least[0])
        threshold = 0.0 if np.isfinite(least) else least
        asked = least if np.isfinite(least) else one.side.threshold
        room = min(float(one.labelled[0]) - asked, float(one.sorted[0, best]) - SORTED)
        weighed = tuple(pieces.cut.name(at) for at in pieces.top(one.side, 0, best))
        found.append(Likeness(one.name, one.side.categories[best], room, threshold, weighed))
    return found
