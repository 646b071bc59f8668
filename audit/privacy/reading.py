"""One text folded for the recognisers without moving a single offset, and what they find in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from audit.privacy.fold_table import SIMPLIFIED

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_ALIKE = str.maketrans(
    {"‐": "-", "‑": "-", "–": "-", "—": "-", "－": "-", "•": "·", "・": "·", "’": "'", "‘": "'"}
)
_DIGIT_SIGNS = {**{0x0660 + n: 0x30 + n for n in range(10)}, **{0x0966 + n: 0x30 + n for n in range(10)}}

TAG = r"(?:[a-z][a-z0-9 _]{0,18}|[\u4e00-\u9fffa-z0-9]{1,8})[ \t]{0,4}:[ \t]{0,4}"
"""A speaker's tag at the beginning of a line, as transcripts write it (`客服：`, `CUSTOMER:`), folded."""


@lru_cache(maxsize=1)
def _table() -> dict[int, int | str]:
    table: dict[int, int | str] = {**_FULL_WIDTH, **_DIGIT_SIGNS}
    table.update(_ALIKE)
    table.update({ord(old): new for old, new in SIMPLIFIED})
    return table


def fold(text: str) -> str:
    """Half-width, simplified, plain dashes and quotes; one character for one character."""
    return text if text.isascii() else text.translate(_table())


def lower(text: str) -> str:
    """Lower case that never changes the length (`İ` stays as it is)."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@dataclass(frozen=True, slots=True)
class Hit:
    """A span one recogniser found: `start`/`end` offsets as in the text given, `score` 0–1, `reason` in words.

    `reason` names the shape and the check that decided, never the words of the call.
    """

    type: str
    start: int
    end: int
    score: float
    reason: str = ""


@dataclass(slots=True)
class Reading:
    """A text with its folded forms (all of one length) and the language it is read in.

    `marks`, where a batch was screened, holds all offsets at which a name may begin; None = not known.
    """

    text: str
    language: str = "zh"
    marks: Sequence[int] | None = None
    folded: str = field(init=False)
    low: str = field(init=False)

    def __post_init__(self) -> None:
        self.folded = fold(self.text)
        self.low = lower(self.folded)

    def left(self, start: int, reach: int = 40) -> str:
        """The folded, lower-case words before `start`, at most `reach` characters."""
        return self.low[max(0, start - reach) : start]

    def right(self, end: int, reach: int = 16) -> str:
        """The folded, lower-case words after `end` up to the end of the line, at most `reach` characters."""
        rest = self.low[end : end + reach]
        return rest.split("\n", 1)[0]

    def line_start(self, position: int) -> int:
        """Where the words of the line that holds `position` begin, a speaker's tag skipped."""
        begin = self.low.rfind("\n", 0, position) + 1
        tag = _TAG_AT.match(self.low, begin)
        return tag.end() if tag and tag.end() <= position and "\n" in self.low else begin


_TAG_AT = re.compile(rf"[ \t]{{0,4}}{TAG}")
