"""What words sound like to a recogniser: one sign a Chinese syllable, a consonant frame an English word."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from audit.phrases.numbers import number_words

FIRST_SIGN = 0xE100
"""Private-use characters stand for syllables, so that a heard text is again a text of equal length."""

RULES = [
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^kn|^gn|^pn", "n"), (r"^wr", "r"), (r"^wh", "w"), (r"^ps", "s"), (r"mb$", "m"), (r"tch", "S"), (r"sch", "sk"),
        (r"ck", "k"), (r"ph", "f"), (r"gh(?=[aeiou])", "k"), (r"gh", ""), (r"qu", "kw"), (r"x", "ks"),
        (r"c(?=[eiy])", "s"), (r"tion|sion", "Sn"), (r"sh|ch", "S"), (r"th", "t"), (r"c", "k"), (r"dge?", "d"),
        (r"z", "s"), (r"v", "f"), (r"d", "t"), (r"b", "p"), (r"g", "k"), (r"j", "S"), (r"e$", ""),
        (r"(?<=.)[aeiouyhw]+", ""), (r"^[aeiou]", "a"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip
LEAST_LETTERS = 4
VOWELS = re.compile("[aeiouy]+")
LEAST_FRAME = 3
"""Shorter frames (liar, lawyer, lower) would sound alike too often."""
NUMBERS = number_words("zh") | number_words("en")


@cache
def syllables() -> dict[str, str]:
    """Chinese character -> the sign of its sound; made once by benchmarks/make_syllables.py."""
    path = Path(__file__).with_name("syllables.txt")
    table: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        for character in line.split("\t")[1]:
            table[character] = chr(FIRST_SIGN + number)
    return table


@cache
def english_sound(word: str) -> str:
    """`threten` and `threaten` -> TRTN2 (consonants and syllables); words too short to tell apart stay themselves."""
    if len(word) < LEAST_LETTERS or not word.isalpha():
        return word
    sound = word
    for pattern, to in RULES:
        sound = pattern.sub(to, sound)
    if len(sound) < LEAST_FRAME:
        return word
    return f"{sound.upper()}{len(VOWELS.findall(word.removesuffix('e')))}"


def sound_of(token: str, language: str) -> str:
    """The sound of one folded token; numbers and signs sound as they are written."""
    if token in NUMBERS:
        return token
    return syllables().get(token, token) if language == "zh" else english_sound(token)
