"""How like a turn is to each category, beside the threshold it would have to pass: for explaining and for asking on."""

from __future__ import annotations

from dataclasses import dataclass

from audit.models import Turn
from audit.similar.features import pieces
from audit.similar.model import UNKNOWN_MARGIN, Reader, _weighed, chosen, short_margin

EVERYTHING = -1e9


@dataclass(frozen=True, slots=True)
class Likeness:
    """The best category of one side of a turn: its score, what it must pass, the pieces that weighed most."""

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
    found: list[Likeness] = []
    for name in ("agent", "customer") if turn.speaker == "unknown" else (turn.speaker,):
        side = known.sides.get(name) if known is not None else None
        if known is None or side is None:
            continue
        cut = pieces(turn.text, language or "")
        at, values = side.rows(cut)
        if not len(at):
            continue
        least = known.thresholds[name] + (UNKNOWN_MARGIN if turn.speaker == "unknown" else 0.0)
        category, score = chosen(side.categories, side.scores(at, values), EVERYTHING)[0]
        weighed = _weighed(side, at, values, side.categories.index(category))
        found.append(Likeness(name, category, score, least + short_margin(len(cut)), weighed))
    return found
