"""Which recognisers can find anything in which of many texts: classes of signs first, then closer looks.

Every test here is a necessary condition of one scanner, looser than the scanner itself. Classes of signs are
counted over all texts at once (block.py); only texts that hold enough of a class are searched by a pattern, and
literal words are found by one Aho-Corasick automaton. What cannot hold personal data so costs a few
microseconds. Tests compare batches with single texts.
"""

from __future__ import annotations

import string

import numpy as np

from audit.privacy import prefilter_en, prefilter_zh
from audit.privacy.block import Block, ahead
from audit.privacy.scan import FOR_PRESIDIO, PRESIDIO, SCANNERS

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset(string.ascii_lowercase)


def fired(block: Block) -> dict[int, set[str]]:
    """Index of each text in which anything may be found -> names of the scanners to ask; others are clear."""
    found: dict[int, set[str]] = {}
    room = prefilter_zh if block.language == "zh" else prefilter_en
    for name, places in (*room.places(block), (PRESIDIO, _for_presidio(block))):
        for place in np.unique(np.asarray(places, np.int64)).tolist():
            found.setdefault(place, set()).add(name)
    # Patterns do not cross NUL: a text with one of its own is not judged by them.
    for place in np.flatnonzero(block.counts(block.are("\x00")[0]) > 1).tolist():
        found[place] = {*SCANNERS, PRESIDIO}
    return found


def _for_presidio(block: Block) -> list[int]:
    """Texts with a match of FOR_PRESIDIO: all its shapes hold one of a few pairs of signs, or a literal."""
    digits, marks, dots, letters, n, h, s = block.are(_DIGITS, ":-", ".", _LETTERS, "n", "h", "s")
    glued = (letters & ahead(digits, 1)) | (digits & ahead(letters, 1))
    screen = (block.counts(marks) > 1) | (block.counts(digits) > 4)
    screen |= block.holding(glued | (dots & ahead(digits, 1))) | block.holding(n & ahead(h, 1) & ahead(s, 2))
    screen |= block.holding(dots & ahead(dots, 5))
    return block.searched(FOR_PRESIDIO, screen)
