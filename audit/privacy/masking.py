"""Masked text by policy, with the way from offsets of the text to offsets of the masked text and back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from audit.models import PersonalDatum
from audit.privacy.reading import fold

Policy = Literal["full", "label", "partial", "pseudonym"]
POLICIES: tuple[Policy, ...] = ("full", "label", "partial", "pseudonym")

_KEEPS_TAIL = frozenset(
    {"PHONE", "BANK_CARD", "CN_ID_CARD", "US_SSN", "IN_AADHAAR", "UK_NINO", "IN_PAN", "PASSPORT"}
)


@dataclass(frozen=True, slots=True)
class MaskedText:
    """`text` masked; `pieces` are (start, end, masked start, masked end) of each replaced span, in order."""

    text: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def to_masked(self, offset: int, is_end: bool = False) -> int:
        """Where an offset of the original stands in the masked text; inside a mask, its edge (`is_end`: the far one)."""
        k = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        if k < 0:
            return offset
        start, end, masked_start, masked_end = self.pieces[k]
        if offset >= end:
            return offset - end + masked_end
        return masked_start if offset == start or not is_end else masked_end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of the original (a finding) in the masked text; masks it touches are inside it whole."""
        return self.to_masked(start), self.to_masked(end, is_end=True)


@dataclass(slots=True)
class Pseudonyms:
    """Names handed out in one call, the same datum always the same: PERSON 1, PHONE 2. Not for two threads at once."""

    given: dict[tuple[str, str], int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def name(self, kind: str, value: str) -> str:
        """`[PERSON 2]` for a datum; equal values (case, blanks and width aside) get the same number."""
        key = (kind, _normal(kind, value))
        if key not in self.given:
            self.counts[kind] = self.given[key] = self.counts.get(kind, 0) + 1
        return f"[{kind} {self.given[key]}]"


def _normal(kind: str, value: str) -> str:
    """What makes two mentions the same: their signs where the datum is a number, else their letters."""
    signs = _signs(value)
    if kind in _KEEPS_TAIL and len(signs) >= 4:
        return signs
    return "".join(fold(value).lower().split())


def _signs(value: str) -> str:
    from audit.privacy.numbers import readings, runs
    from audit.privacy.reading import Reading

    run = next(iter(runs(Reading(value), least=4)), None)
    return readings(run)[0].signs if run is not None else ""


def masked(
    text: str,
    data: Sequence[PersonalDatum],
    policy: Policy = "label",
    pseudonyms: Pseudonyms | None = None,
) -> MaskedText:
    """Replaces every datum; overlapping ones are taken together. Offsets of `data` are of `text`.

    full: blocks of equal length; label: `[PHONE]`; partial: the last four signs stay; pseudonym: `[PERSON 1]`,
    stable over all texts masked with the same `pseudonyms`.
    """
    names = pseudonyms if pseudonyms is not None else Pseudonyms()
    out, pieces, position, length = list[str](), list[tuple[int, int, int, int]](), 0, 0
    for start, end, kind in _united(data, len(text)):
        kept = text[position:start]
        mask_text = _mask_one(text[start:end], kind, policy, names)
        out += (kept, mask_text)
        begin = length + len(kept)
        length = begin + len(mask_text)
        pieces.append((start, end, begin, length))
        position = end
    return MaskedText("".join((*out, text[position:])), tuple(pieces))


def mask(
    text: str, data: Sequence[PersonalDatum], policy: Policy = "label", pseudonyms: Pseudonyms | None = None
) -> str:
    """The text of `masked`."""
    return masked(text, data, policy, pseudonyms).text


def _united(data: Sequence[PersonalDatum], length: int) -> list[tuple[int, int, str]]:
    spans: list[tuple[int, int, str]] = []
    for datum in sorted(data, key=lambda datum: (datum.start, -datum.end)):
        start, end = max(datum.start, 0), min(datum.end, length)
        if start >= end:
            continue
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]), spans[-1][2])
        else:
            spans.append((start, end, datum.type))
    return spans


def _mask_one(value: str, kind: str, policy: Policy, names: Pseudonyms) -> str:
    if policy == "full":
        return "".join("█" if not sign.isspace() else sign for sign in value)
    if policy == "pseudonym":
        return names.name(kind, value)
    if policy == "partial":
        return f"[{kind}{_tail(value, kind)}]"
    return f"[{kind}]"


def _tail(value: str, kind: str) -> str:
    """The last four signs of a number, never more than a third of it; nothing of anything else."""
    signs = _signs(value) if kind in _KEEPS_TAIL else ""
    return f" …{signs[-4:]}" if len(signs) >= 8 else ""


__all__ = ["POLICIES", "MaskedText", "Policy", "Pseudonyms", "mask", "masked"]
