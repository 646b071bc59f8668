"""Writes a text as a recogniser might mishear it: Mandarin homophones, English words of near sound; repeatable."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from functools import cache

from audit.phrases.folding import HAN_CHARACTER, HAN_RUN, TOKEN, WORD, normalise
from audit.phrases.sounds import english_sound, syllables

SWAPS = (
    ("ph", "f"), ("ck", "k"), ("v", "f"), ("d", "t"), ("t", "d"), ("b", "p"), ("p", "b"), ("s", "z"), ("c", "k"),
    ("ee", "ea"), ("ai", "ay"), ("i", "e"), ("a", "e"), ("o", "oa"), ("m", "n"),
)  # fmt: skip


@cache
def common_homophones() -> dict[str, str]:
    """Character -> the common characters (GB 2312, first level) that sound like it."""
    groups: dict[str, list[str]] = defaultdict(list)
    table = syllables()
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            character = bytes((row, cell)).decode("gb2312", errors="ignore")
            if character in table:
                groups[table[character]].append(character)
    return {character: "".join(groups[sign]) for character, sign in table.items()}


def as_heard(text: str, language: str, seed: str, rate: float = 0.1) -> str:
    """The text with about `rate` of its words misheard; equal seeds give equal texts."""
    source = random.Random(f"{seed}|{language}")
    normal, origin = normalise(text)
    pieces: list[str] = []
    at = 0
    for match in TOKEN.finditer(normal):
        if match.lastindex not in (WORD, HAN_RUN):
            continue
        for begin, stop in units(match):
            if source.random() < rate:
                start = begin if origin is None else origin[begin]
                end = stop if origin is None else origin[stop - 1] + 1
                if start >= at:
                    pieces += [text[at:start], misheard(normal[begin:stop], source)]
                    at = end
    return "".join(pieces) + text[at:]


def units(match: re.Match[str]) -> list[tuple[int, int]]:
    """A word, or each character of a run of Chinese."""
    start, end = match.span()
    return [(start, end)] if match.lastindex == WORD else [(i, i + 1) for i in range(start, end)]


def misheard(word: str, source: random.Random) -> str:
    """One word as it might be written by mistake."""
    if HAN_CHARACTER.match(word):
        others = common_homophones().get(word, word).replace(word, "")
        return source.choice(others) if others else word
    return near_sound(word, source)


def near_sound(word: str, source: random.Random) -> str:
    """An English word changed by one or two letters that sound alike; short ones stay."""
    options = [word[0] + word[1:].replace(old, new, 1) for old, new in SWAPS if old in word[1:]]
    options = [option for option in options if option != word and len(word) >= 3]
    near = [option for option in options if english_sound(option) == english_sound(word)]
    return source.choice(near or options) if options else word
