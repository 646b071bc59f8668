"""Which recognisers can find anything in which of many texts: a few patterns over all of them joined.

Every pattern is a necessary condition of one scanner (a looser form of its own beginning), so that what it
passes over costs a few microseconds and what it picks is judged by the scanner itself. Texts are joined
with NUL, which no pattern crosses; tests compare batches with single texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from audit.privacy import addresses, employers, handles, names_en, names_zh
from audit.privacy.digits import BATCH_POSSIBLE
from audit.privacy.reading import fold, lower

Positions = Callable[[str, str], Iterator[int]]
"""(joined folded text, the same in lower case) -> positions at which a scanner might find something."""

PRESIDIO = "presidio"

FOR_PRESIDIO = re.compile(
    r"[a-z]{2}[0-9]{2}[a-z0-9 -]{8}|[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}|:[0-9a-f]*:|"
    r"(?:bc1|[13])[a-z0-9]{24}|[a-z]{2,3}[0-9]{7}|9[0-9]{2}[ -]?[5-9][0-9]|nhs|[0-9a-f]{4}\.[0-9a-f]{4}\."
)
"""What any of Presidio's own recognisers needs: a bank, network, wallet or licence number's beginning."""


def fired(texts: Sequence[str], language: str) -> dict[int, set[str]]:
    """Index of each text in which anything may be found -> names of the scanners to ask; others are clear."""
    joined = fold("\x00".join(texts))
    low = lower(joined)
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    found: dict[int, set[str]] = {}
    for name, positions in _scanners(language).items():
        begin = end = 0
        for position in positions(joined, low):
            if not begin <= position < end:
                place = bisect_right(starts, position) - 1
                begin, end = starts[place], starts[place + 1]
                found.setdefault(place, set()).add(name)
    return found


def _pattern(pattern: re.Pattern[str]) -> Positions:
    return lambda joined, low: (match.start() for match in pattern.finditer(low))


@lru_cache(maxsize=2)
def _scanners(language: str) -> dict[str, Positions]:
    own = _chinese() if language == "zh" else _english()
    return {"numbers": _pattern(BATCH_POSSIBLE[language]), **own, PRESIDIO: _pattern(FOR_PRESIDIO)}


def _chinese() -> dict[str, Positions]:
    return {
        "emails": _pattern(re.compile(r"@|艾特|圈 ?a|小老鼠|at")),
        "chat names": _pattern(re.compile(rf"(?:{handles.CHAT_WORDS})[^\x00]{{0,24}}?[a-z0-9]")),
        "addresses": _pattern(re.compile(addresses.NUMBERED_ZH)),
        "employers": _pattern(re.compile(employers.BATCH_ZH)),
        "birth dates": _pattern(re.compile("生|诞辰|落地")),
        "names": names_zh.batch_positions,
    }


def _english() -> dict[str, Positions]:
    return {
        "emails": _pattern(
            re.compile(r"@|(?<![a-z])at(?![a-z])[^\x00]{2,60}?(?:\.|(?<![a-z])(?:dot|point|period)(?![a-z]))")
        ),
        "chat names": _pattern(re.compile("wechat|weixin|vx|wx")),
        "addresses": _pattern(re.compile(addresses.NUMBERED_EN)),
        "employers": _pattern(employers.CUE_EN),
        "birth dates": _pattern(re.compile(r"birth|born|d\.?o\.?b|bday")),
        "names": names_en.batch_positions,
    }
