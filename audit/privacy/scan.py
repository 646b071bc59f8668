"""All recognisers over one text, and one verdict where their spans overlap."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from audit.privacy import addresses, dates, digits, employers, handles, names_en, names_zh
from audit.privacy.reading import Hit, Reading

PRESIDIO = "presidio"

FOR_PRESIDIO = re.compile(
    r"[0-9]{2}(?<=[a-z]{2}[0-9]{2})[a-z0-9 -]{8}|\.[0-9]{1,3}\.[0-9]|[:-][0-9a-f]{2}[:-]|:[0-9a-f]*:|"
    r"bc1[a-z0-9]{24}|[13][a-z0-9]{24}|[0-9]{7}(?<=[a-z][0-9]{7})|9[0-9]{2}[ -]?[5-9][0-9]|nhs|\.[0-9a-f]{4}\."
)
"""What any of Presidio's own recognisers needs: a bank, network, wallet or licence number's beginning."""

Scanner = Callable[[Reading], Iterable[Hit]]


def names(reading: Reading) -> Iterator[Hit]:
    """Names in the language of the text; Chinese names also stand in English calls, and the other way round."""
    if reading.language == "zh":
        yield from names_zh.find(reading)
    else:
        yield from names_en.find(reading)


SCANNERS: dict[str, Scanner] = {
    "numbers": digits.find,
    "emails": handles.emails,
    "chat names": handles.chat_names,
    "addresses": addresses.find,
    "employers": employers.find,
    "birth dates": dates.find,
    "names": names,
}
"""By name, in the order their hits are preferred at equal score."""

_RANK = {
    "EMAIL": 6, "IBAN_CODE": 6, "CRYPTO": 6, "UK_NHS": 5, "US_ITIN": 5, "CN_ID_CARD": 6, "BANK_CARD": 5, "US_SSN": 5, "UK_NINO": 5, "IN_AADHAAR": 5, "IN_PAN": 5, "PASSPORT": 5,
    "PLATE": 5, "WECHAT_QQ": 4, "ADDRESS": 4, "PHONE": 4, "DATE_OF_BIRTH": 3, "EMPLOYER": 2, "PERSON": 1,
}  # fmt: skip


def scan(
    reading: Reading,
    extra: Sequence[Scanner] = (),
    only: Set[str] | None = None,
    known: Sequence[Hit] = (),
) -> list[Hit]:
    """All hits of one text, sorted, none overlapping; `extra` are scanners added by the user or the engine.

    `only` names the room's scanners that can find anything, where that is known beforehand; `known` are hits
    found elsewhere.
    """
    own = [scanner for name, scanner in SCANNERS.items() if only is None or name in only]
    found = [*known, *(hit for scanner in (*own, *extra) for hit in scanner(reading))]
    if _record(found):
        found.extend(dates.find(reading, record=True))
    return resolve(found)


_IDENTITY = frozenset(
    {"CN_ID_CARD", "US_SSN", "UK_NINO", "IN_PAN", "IN_AADHAAR", "PERSON", "ADDRESS", "PHONE"}
)


def _record(found: Sequence[Hit]) -> bool:
    """Two different kinds of identity stand in the text: a record is being read out."""
    return len({hit.type for hit in found} & _IDENTITY) > 1


def resolve(found: Iterable[Hit]) -> list[Hit]:
    """The strongest hit wins where spans overlap (rank of its type, score, length); sorted by place."""
    kept: list[Hit] = []
    for hit in sorted(found, key=_strength):
        if all(hit.end <= other.start or hit.start >= other.end for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _strength(hit: Hit) -> tuple[float, int, float, int]:
    return (-_RANK.get(hit.type, 3), hit.start - hit.end, -hit.score, hit.start)
