"""Only masked text is asked about: turns masked, looked at a second time, and refused where anything is left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.models import PersonalDatum, Turn
from audit.privacy.masking import MaskedText, masked

if TYPE_CHECKING:
    from audit.privacy import Detector

_LABEL = re.compile(r"\[[A-Z_]+\]")
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){8,}")
"""Nine digits or more: whatever they are, they stay in the house."""


def mask_turns(turns: Sequence[Turn], data: Sequence[PersonalDatum]) -> dict[int, MaskedText]:
    """Turn index -> the turn with every datum replaced by its type's label."""
    by_turn: dict[int | None, list[PersonalDatum]] = {}
    for datum in data:
        by_turn.setdefault(datum.turn, []).append(datum)
    return {turn.index: masked(turn.text, by_turn.get(turn.index, [])) for turn in turns}


def is_clean(text: str, language: str, detector: Detector) -> bool:
    """Whether a second look at a masked text finds nothing personal in it but the labels themselves."""
    if _LONG_NUMBER.search(unicodedata.normalize("NFKC", text)):
        return False
    labels = [found.span() for found in _LABEL.finditer(text)]
    return all(
        any(start <= datum.start and datum.end <= end for start, end in labels)
        for datum in detector.find(text, language)
    )


def unmasked_span(text: MaskedText, start: int, end: int, length: int) -> tuple[int, int]:
    """A span of the masked text in the original of `length` characters; masks it touches are inside it whole."""
    return _offset(text, start, False, length), _offset(text, end, True, length)


def _offset(text: MaskedText, at: int, is_end: bool, length: int) -> int:
    shift = 0
    for start, end, masked_start, masked_end in text.pieces:
        if at < masked_start or (is_end and at == masked_start):
            break
        if at < masked_end:
            return end if is_end else start
        shift = end - masked_end
    return min(length, max(0, at + shift))
