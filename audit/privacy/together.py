"""Turns of one text run together for what is given in pieces: nods, echoes and short questions between dropped.

Not judged: who speaks; a text without speakers' tags is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from audit.privacy.reading import TAG, Hit, Reading
from audit.privacy.spoken import EN_NOD, ZH_NOD

_TAGGED = re.compile(rf"[ \t]{{0,4}}(?P<tag>{TAG})(?P<body>[^\n]*)")
_NODS = re.compile(rf"[ ,.。!?]*(?:(?:{ZH_NOD}|{EN_NOD}(?![a-z]))[ ,.。!?…~-]*)+")
_AROUND = re.compile(
    rf"^(?:(?:{ZH_NOD}|{EN_NOD}(?![a-z]))[ ,.。!?]+)+|(?:[ ,.。!?]+(?:{ZH_NOD}|{EN_NOD}(?![a-z])))+[ ,.。!?]*$"
)
_ASKS = re.compile(
    r"[^,.。!?]{0,32}\?|[\u4e00-\u9fff]{0,4}(?:几[号栋楼单室层幢排]|[几多]少?|哪[条个里]|什么[路街小]|门牌|房号|楼号)[\u4e00-\u9fff]{0,4}"
)
_MARKS = re.compile(r"[\W_]+")
_LONGEST = 40


def over_turns(reading: Reading, scan: Callable[[Reading], Iterable[Hit]]) -> Iterator[Hit]:
    """What a scanner finds only when turns are run together, with offsets of the text as given."""
    together = run_together(reading) if "\n" in reading.low else None
    if together is None:
        return
    joined, ways = together
    for hit in scan(joined):
        start, end = ways[hit.start], ways[hit.end - 1] + 1
        if "\n" in reading.low[start:end]:
            yield Hit(hit.type, start, end, hit.score, hit.reason + ", over several turns")


def run_together(reading: Reading) -> tuple[Reading, list[int]] | None:
    """(the joined reading, for each of its signs the offset it came from); None where nothing is to be joined.

    A line of the same speaker as the last one kept goes on where that ended; any other line begins anew.
    """
    pieces, ways, speaker, last, joined = list[str](), list[int](), "", "", False
    glue = "" if reading.language == "zh" else " "
    for line in re.finditer(r"[^\n]+", reading.low):
        match = _TAGGED.match(reading.low, line.start(), line.end())
        if match is None:
            return None
        start, end = match.span("body")
        body = match["body"].strip()
        if match["tag"] != speaker and last and _only_listens(body, last):
            continue
        goes_on = match["tag"] == speaker
        joined |= goes_on
        between = glue if goes_on else "\n"
        pieces.append(between + reading.text[start:end].rstrip())
        ways.extend([start] * len(between))
        ways.extend(range(start, start + len(pieces[-1]) - len(between)))
        speaker, last = match["tag"], body
    return (Reading("".join(pieces), reading.language), ways) if joined else None


def _only_listens(body: str, last: str) -> bool:
    """A nod, a short question, or the end of what was just said, said again."""
    if len(body) > _LONGEST:
        return False
    if _NODS.fullmatch(body) or _ASKS.fullmatch(body):
        return True
    said = _MARKS.sub("", _AROUND.sub("", body))
    return bool(said) and _MARKS.sub("", last).endswith(said)
