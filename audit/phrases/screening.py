"""What the automaton reads, made from the raw text without folding it.

One character table (Chinese) or one word table (English) does what folding does to single words; texts that fold in ways the
tables do not know (stutters, digits) give None and are folded. A screened text holds every required
string that the folded one holds: it may let a phrase be tried in vain, it never hides one.
"""

from __future__ import annotations

import re
from itertools import islice
from operator import eq

from audit.phrases import tables as t
from audit.phrases.folding import DIGIT_SIGNS, may_be_soft, word_tokens
from audit.phrases.sounds import english_sound, sound_of

DIGIT = re.compile("[0-9]")
REPEATS = re.compile(r"(.)\1|(..)\2")


class HanTable(dict[int, str]):
    """For `str.translate`: folded characters without punctuation, blanks and what may be soft."""

    def __missing__(self, code: int) -> str:
        folded = t.fold_character(chr(code))
        kept = "".join(c for c in folded if c.isalnum() and not may_be_soft(c, "zh"))
        self[code] = kept.translate(DIGIT_SIGNS)
        return self[code]


class SoundTable(dict[int, str]):
    """For `str.translate`: each Chinese character as the sign of its sound."""

    def __missing__(self, code: int) -> str:
        self[code] = sound_of(chr(code), "zh")
        return self[code]


class LetterTable(dict[int, str]):
    """For `str.translate`: letters, digits and apostrophes folded, all else a blank."""

    def __missing__(self, code: int) -> str:
        folded = t.fold_character(chr(code))
        self[code] = "".join(c if c.isalnum() or c == "'" else " " for c in folded)
        return self[code]


class WordTable(dict[str, str]):
    """A written word -> the folded words it stands for, without those that may be soft."""

    def __missing__(self, word: str) -> str:
        if len(self) > WORDS_MOST:
            self.clear()
        self[word] = " ".join(part for part in word_tokens(word) if not may_be_soft(part, "en"))
        return self[word]


WORDS_MOST = 200_000
HAN, SOUNDS, LETTERS, WORDS = HanTable(), SoundTable(), LetterTable(), WordTable()
DIGIT_WORDS = frozenset(t.DIGITS_EN)


def screened(text: str, language: str) -> str | None:
    """The raw text as the automaton reads it; None = fold it."""
    if language == "zh":
        seen = text.translate(HAN)
        return None if REPEATS.search(seen) else seen
    letters = text.translate(LETTERS)
    if not letters.isascii() or DIGIT.search(letters):
        return None
    words = letters.split()
    if any(map(eq, words, islice(words, 1, None))) or any(map(eq, words, islice(words, 2, None))):
        return None
    if not DIGIT_WORDS.isdisjoint(words):
        return None
    return f" {' '.join(filter(None, [WORDS[word] for word in words]))} "


def sounded(seen: str, language: str) -> str:
    """A screened (or folded and joined) text by its sounds."""
    if language == "zh":
        return seen.translate(SOUNDS)
    return f" {' '.join([english_sound(word) for word in seen.split()])} "
