"""Which recognisers can find anything in which of many texts: a few linear searches over all of them joined.

Every test here is a necessary condition of one scanner, looser than the scanner itself: literal words are
found by one Aho-Corasick automaton, digits by their own pattern, and a closer look at the place decides
whether the scanner is asked. What cannot hold personal data so costs a few microseconds. Texts are joined
with a line that holds NUL, which no test crosses. Tests compare batches with single texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from audit.privacy import prefilter_en, prefilter_zh
from audit.privacy.dates import BIRTH
from audit.privacy.digits import BATCH_POSSIBLE
from audit.privacy.reading import Reading

PRESIDIO = "presidio"

FOR_PRESIDIO = re.compile(
    r"[0-9]{2}(?<=[a-z]{2}[0-9]{2})[a-z0-9 -]{8}|\.[0-9]{1,3}\.[0-9]|[:-][0-9a-f]{2}[:-]|:[0-9a-f]*:|"
    r"bc1[a-z0-9]{24}|[13][a-z0-9]{24}|[0-9]{7}(?<=[a-z][0-9]{7})|9[0-9]{2}[ -]?[5-9][0-9]|nhs|\.[0-9a-f]{4}\."
)
"""What any of Presidio's own recognisers needs: a bank, network, wallet or licence number's beginning."""

_WORDS = {
    "zh": {"numbers": BATCH_POSSIBLE["zh"], "birth dates": BIRTH["zh"], PRESIDIO: FOR_PRESIDIO},
    "en": {"birth dates": BIRTH["en"], PRESIDIO: FOR_PRESIDIO},
}
"""Scanners whose least condition is one cheap pattern."""

BREAK = "\n\x00\n"


def fired(texts: Sequence[str], language: str) -> dict[int, set[str]]:
    """Index of each text in which anything may be found -> names of the scanners to ask; others are clear."""
    reading = Reading(BREAK.join(texts), language)
    starts = [0, *accumulate(len(text) + len(BREAK) for text in texts)]
    found: dict[int, set[str]] = {}
    for name, position in positions(reading):
        place = bisect_right(starts, position) - 1
        found.setdefault(place, set()).add(name)
    return found


def positions(reading: Reading) -> Iterator[tuple[str, int]]:
    """(scanner, position) wherever a scanner might find something in texts joined with BREAK."""
    for name, pattern in _WORDS[reading.language].items():
        for match in pattern.finditer(reading.low):
            yield name, match.start()
    yield from (prefilter_zh if reading.language == "zh" else prefilter_en).positions(reading)
