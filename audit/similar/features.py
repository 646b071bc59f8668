"""Text to pieces for the second reader: n-grams and pairs at a distance, the same for training and reading.

Mandarin: characters in simplified script, runs of 1–4 and pairs up to 7 apart. English: stemmed words, runs of
1–3 and pairs up to 6 apart, and 2–5 letters within a word. Digits become 0; marks become one boundary sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from audit.phrases.tables import simplified

LONGEST = 400
"""Characters read of one utterance; speech turns are shorter."""

_MARKS = re.compile(r"[^\w']+")
_DIGITS = re.compile(r"\d+")
_CONTRACTIONS = (
    ("won't", "will not"),
    ("can't", "can not"),
    ("gonna", "going to"),
    ("gotta", "got to"),
    ("n't", " not"),
    ("'ll", " will"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'m", " am"),
    ("'d", " would"),
)
_ENDINGS = ("ing", "edly", "ed", "ies", "es", "ly", "s")
_FILLERS = re.compile(r"(?<!\w)(?:uh|um|erm|hmm|嗯+|呃+|额)(?!\w)")


def normal(text: str, language: str) -> str:
    """The text as the pieces are cut from it."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).lower().replace("’", "'")
    folded = _FILLERS.sub(" ", folded)
    if language == "zh":
        folded = folded.translate(_simplified())
        folded = re.sub(r"\s+", "", folded)
        return _DIGITS.sub("0", _MARKS.sub(" ", folded)).strip()
    for short, full in _CONTRACTIONS:
        folded = folded.replace(short, full)
    return _DIGITS.sub("0", _MARKS.sub(" ", folded)).strip()


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    return {ord(old): new for old, new in simplified().items() if len(old) == 1}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without a common English ending; not a linguist's stem, only the same for the same word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def pieces(text: str, language: str) -> list[str]:
    """All pieces of a text, with repeats, in no particular order."""
    folded = normal(text, language)
    found = list(_mandarin(folded)) if language == "zh" else list(_english(folded))
    return found


def _mandarin(text: str) -> Iterator[str]:
    length = len(text)
    for at in range(length):
        for size in range(1, min(5, length - at + 1)):
            yield text[at : at + size]
    signs = text.replace(" ", "")
    length = len(signs)
    for at in range(length):
        for gap in range(2, min(8, length - at)):
            yield signs[at] + "~" + signs[at + gap]
            if gap >= 3 and at + gap + 1 < length:
                yield signs[at : at + 2] + "~" + signs[at + gap : at + gap + 2]


def _english(text: str) -> Iterator[str]:
    words = [stem(word) for word in text.split()]
    length = len(words)
    for at in range(length):
        for size in range(1, min(4, length - at + 1)):
            yield "_".join(words[at : at + size]) if size > 1 else "_" + words[at]
        for gap in range(2, min(7, length - at)):
            yield words[at] + "~" + words[at + gap]
    for word in text.split():
        padded = f" {word} "
        for size in range(2, 6):
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]
