"""A stretch of signs offered to the number types of all countries, and what they need to judge it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audit.privacy.cues import Cues
from audit.privacy.numbers import COMMA, DASH, GLUED, SPACE

Verdict = tuple[float, str]
"""Score 0–1 and the reason; score 0 = not this."""

NO: Verdict = (0.0, "")


@dataclass(frozen=True, slots=True)
class Window:
    """`signs` as read; `gaps` inside it (one fewer than signs); `whole` = no digit of the run is left over within a phrase; `left_over` signs are outside it."""

    signs: str
    gaps: tuple[int, ...]
    cues: Cues
    whole: bool
    language: str
    plus: bool = False
    said: bool = False
    fixed: bool = False
    left_over: int = 0

    @property
    def groups(self) -> tuple[int, ...]:
        """Sizes of the groups between pauses, e.g. (3, 2, 4)."""
        sizes = [1]
        for gap in self.gaps:
            if gap >= DASH:
                sizes.append(1)
            else:
                sizes[-1] += 1
        return tuple(sizes)

    @property
    def phrases(self) -> tuple[int, ...]:
        """Sizes of the groups between longer pauses (commas, fillers, turns)."""
        sizes = [1]
        for gap in self.gaps:
            if gap >= COMMA:
                sizes.append(1)
            else:
                sizes[-1] += 1
        return tuple(sizes)

    @property
    def bare(self) -> bool:
        """No cue that it is something else stands beside it."""
        return not self.cues.says("not", "hotline")


@dataclass(frozen=True, slots=True)
class NumberType:
    """One kind of number: `lengths` of signs it may have, `letters` where signs are not digits alone.

    `cued`: judged only where the nearest cue before or the one right after is one of these; empty = always.
    """

    type: str
    lengths: tuple[int, ...]
    judge: Callable[[Window], Verdict]
    letters: bool = False
    languages: tuple[str, ...] = ("zh", "en")
    cued: frozenset[str] = frozenset()


__all__ = ["COMMA", "DASH", "GLUED", "NO", "SPACE", "NumberType", "Verdict", "Window"]
