"""Which English texts hold digits and number words enough, close enough together, for a number of somebody."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.privacy.block import Block, Mask
from audit.privacy.spoken import (
    EN_CORRECTION,
    EN_DIGITS,
    EN_FILLER,
    EN_NOD,
    EN_SOUNDS,
    EN_TEENS,
    EN_TENS,
    EN_TIMES,
    NATO,
)

NUMBER_WORDS = frozenset({*EN_DIGITS, *EN_TEENS, *EN_TENS, *EN_TIMES})
_SIGNS = re.compile(
    rf"(?<![a-z])(?:(?:{'|'.join(sorted(NUMBER_WORDS))})(?![a-z]))|[0-9]+|(?<![a-z])hundred(?![a-z])"
)

_LEAST_SIGNS, _LEAST_QQ, _LEAST_WITH_SOUNDS = 6, 5, 3
_QQ = re.compile("qq|we ?chat|weixin")
_SAID = "|".join(sorted(NUMBER_WORDS))
_SOUNDED = re.compile(
    rf"(?<![a-z])(?:{_SAID})[^a-z0-9\x00]{{1,4}}(?:{'|'.join(EN_SOUNDS)})[^a-z0-9\x00]{{1,4}}(?:{_SAID})(?![a-z])"
)
"""A word that sounds like a digit between two that are said (`numbers._surrounded`)."""


def places(block: Block, signs: NDArray[np.int64], glued: Mask) -> list[int]:
    """Texts with signs enough for a number in one stretch, or the head of a PAN."""
    found, low = list[int](), block.low
    pans = block.searched(_PAN_HEAD, block.holding(glued))
    lines = block.several_lines()
    for place in np.flatnonzero(signs >= _LEAST_WITH_SOUNDS).tolist():
        start, end = int(block.starts[place]), int(block.ends[place])
        # The others: said in a few words, of which some may be heard as "to" and "for"; or a QQ number.
        less = signs[place] < _LEAST_SIGNS
        if less and not (
            _SOUNDED.search(low, start, end) or (signs[place] >= _LEAST_QQ and _QQ.search(low, start, end))
        ):
            continue
        if lines[place] or less or _in_one_stretch(block, start, end):
            found.append(place)
    return [*found, *pans]


_PAN_HEAD = re.compile(r"[a-z][ ,]{0,2}[0-9](?:[^0-9\x00]{0,12}[0-9]){3}")


def _in_one_stretch(block: Block, start: int, end: int) -> bool:
    """Whether numbers with signs enough follow each other with nothing but fillers and letters between."""
    low, total, reached = block.low, 0, -1
    for match in _SIGNS.finditer(low, start, end):
        if reached >= 0 and _broken(block, reached, match.start()):
            total = 0
        total += len(match[0]) if match[0].isdigit() else weight(match[0])
        reached = match.end()
        if total >= _LEAST_SIGNS or (total >= _LEAST_QQ and _QQ.search(low, start, end)):
            return True
    return total >= _LEAST_WITH_SOUNDS and _SOUNDED.search(low, start, end) is not None


def _broken(block: Block, start: int, end: int) -> bool:
    """A word stands between that no dictated number holds: an ordinary one in lower case."""
    between = block.folded[start:end]
    if not between.islower():
        return False
    return any(len(word) > 1 and word not in _within() for word in _PIECES.findall(between))


_PIECES = re.compile(r"[a-z]+")


@lru_cache(maxsize=1)
def _within() -> frozenset[str]:
    """Words that fillers, corrections, nods and spelling may consist of; with those of two letters before digits."""
    patterns = (EN_FILLER, EN_CORRECTION, EN_NOD)
    words = {word for pattern in patterns for word in re.findall("[a-z]+", pattern)}
    return frozenset(
        words
        | {*NATO, *EN_SOUNDS, *EN_TIMES}
        | {"um", "uh", "umm", "uhh", "uhm", "er", "erm", "ah", "ahh", "hm", "hmm", "mm", "mmm", "as", "in"}
    )


def weight(word: str) -> int:
    """How many digits a number word may stand for beside the word it multiplies."""
    if word in EN_TIMES:
        return EN_TIMES[word] - 1
    return 1 if word in EN_DIGITS else 2
