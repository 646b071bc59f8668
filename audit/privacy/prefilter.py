"""Which recognisers find anything in which of many texts: their scanners over all of them joined.

Texts are joined with a line that holds NUL, which no scanner's pattern crosses. What a scanner finds in the
joined text it may find in the single one (context that leaks in from a neighbour can only add), so texts
without any hit are clear at the price of a pattern search. Numbers do cross lines: for them the least that
every number needs is searched instead. Tests compare batches with single texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from audit.privacy.dates import BIRTH
from audit.privacy.digits import BATCH_POSSIBLE
from audit.privacy.reading import Reading
from audit.privacy.scan import SCANNERS

PRESIDIO = "presidio"

FOR_PRESIDIO = re.compile(
    r"[0-9]{2}(?<=[a-z]{2}[0-9]{2})[a-z0-9 -]{8}|\.[0-9]{1,3}\.[0-9]|[:-][0-9a-f]{2}[:-]|:[0-9a-f]*:|"
    r"bc1[a-z0-9]{24}|[13][a-z0-9]{24}|[0-9]{7}(?<=[a-z][0-9]{7})|9[0-9]{2}[ -]?[5-9][0-9]|nhs|\.[0-9a-f]{4}\."
)
"""What any of Presidio's own recognisers needs: a bank, network, wallet or licence number's beginning."""

_WORDS = {
    "numbers": BATCH_POSSIBLE,
    "birth dates": BIRTH,
    PRESIDIO: {"zh": FOR_PRESIDIO, "en": FOR_PRESIDIO},
}
"""Scanners whose least condition is cheaper than they are."""

_BREAK = "\n\x00\n"


def fired(texts: Sequence[str], language: str) -> dict[int, set[str]]:
    """Index of each text in which anything may be found -> names of the scanners to ask; others are clear."""
    reading = Reading(_BREAK.join(texts), language)
    starts = [0, *accumulate(len(text) + len(_BREAK) for text in texts)]
    found: dict[int, set[str]] = {}
    for name in (*SCANNERS, PRESIDIO):
        begin = end = 0
        for position in _positions(name, reading):
            if not begin <= position < end:
                place = bisect_right(starts, position) - 1
                begin, end = starts[place], starts[place + 1]
                found.setdefault(place, set()).add(name)
    return found


def _positions(name: str, reading: Reading) -> Iterator[int]:
    if name in _WORDS:
        return (match.start() for match in _WORDS[name][reading.language].finditer(reading.low))
    return (hit.start for hit in SCANNERS[name](reading))
