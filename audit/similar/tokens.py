"""Tokens of many texts as arrays: English words with what is known of each, Mandarin words by the longest match."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audit.similar.senses import SENSES_MOST, Senses
from audit.similar.words import END, FILLER_WORDS, LONGEST_WORD, START, lemma, plain_word

Keys = NDArray[np.uint64]
Index = NDArray[np.int32]

STAR = "*"
FILLER = 3
SHORT_WORD = 3
"""English words up to this long stay in the outline."""
KNOWN_WORDS_MOST = 200_000
"""English words remembered before all are forgotten."""
_TIMES = np.uint64(0x9E3779B97F4A7C15)


def text_key(text: str) -> int:
    """64 bits of a string, the same in every process (FNV-1a over its code points)."""
    value = 0xCBF29CE484222325
    for sign in text:
        value = ((value ^ ord(sign)) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


STAR_KEY, START_KEY, END_KEY = (np.uint64(text_key(sign)) for sign in (STAR, START, END))


class Spelled(Protocol):
    """How tokens are written; `begin` and `end` are what a Tokens holds for each."""

    def letters(self, begin: int, end: int) -> str:
        """The letters as pieces are named."""

    def place(self, begin: int, end: int) -> tuple[int, str]:
        """The offset in the text where that is known (else -1), and the letters as they stand there."""


@dataclass(slots=True)
class SpelledSigns:
    """Mandarin: folded signs of all texts with their offsets; `begin` and `end` are numbers of signs."""

    signs: str
    offset: Index

    def letters(self, begin: int, end: int) -> str:
        return self.signs[begin:end] if begin >= 0 else (START, END)[begin + 2]

    def place(self, begin: int, end: int) -> tuple[int, str]:
        return (int(self.offset[begin]), self.signs[begin:end]) if begin >= 0 else (-1, "")


@dataclass(slots=True)
class SpelledWords:
    """English: the names of numbered words; `begin` is the number."""

    names: Sequence[str]

    def letters(self, begin: int, end: int) -> str:
        word = self.names[begin]
        return word if begin <= FILLER else lemma(plain_word(word))

    def place(self, begin: int, end: int) -> tuple[int, str]:
        return -1, self.names[begin] if begin > FILLER else ""


@dataclass(slots=True)
class Tokens:
    """Tokens of all texts in order: hash, text, how they are written, and their word numbers in a Lexis."""

    raw: Keys
    owner: Index
    begin: Index
    end: Index
    spelled: Spelled
    words: Index

    def letters(self, at: int) -> str:
        """A token's letters."""
        return self.spelled.letters(int(self.begin[at]), int(self.end[at]))

    def place(self, at: int) -> tuple[int, str]:
        """A token's offset in its text and its letters there."""
        return self.spelled.place(int(self.begin[at]), int(self.end[at]))

    def only(self, kept: NDArray[np.bool_]) -> Tokens:
        """The tokens that are kept."""
        at = np.flatnonzero(kept)
        begin, end = self.begin[at], self.end[at]
        return Tokens(self.raw[at], self.owner[at], begin, end, self.spelled, self.words[at])

    def outline(self, lexis: Lexis, merge_stars: bool) -> Tokens:
        """The same tokens by their main senses."""
        raw = lexis.main_keys[self.words]
        outline = Tokens(raw, self.owner, self.begin, self.end, self.spelled, self.words)
        if not merge_stars:
            return outline
        again = np.zeros(len(raw), bool)
        again[1:] = (raw[1:] == STAR_KEY) & (raw[:-1] == STAR_KEY) & (self.owner[1:] == self.owner[:-1])
        return outline.only(~again)


class Lexis:
    """What is known of each word: hash, main sense in the outline, senses, letters. Grows with the words met.

    Words 0 to 3 are the beginning, the end, any word without a sense and a filler; then come the words with senses.
    """

    def __init__(self, senses: Senses) -> None:
        self.senses = senses
        self.sense_names = sorted({sense for own in senses.values() for sense in own})
        self.sense_numbers = {name: at for at, name in enumerate(self.sense_names)}
        keys = [text_key("sense " + name) for name in self.sense_names]
        self.sense_keys = np.array([*keys, 0], np.uint64)
        self.lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self.numbers: dict[str, int] = {}
        self.names: list[str] = []
        self.word_keys: Keys = np.zeros(0, np.uint64)
        self.main_keys: Keys = np.zeros(0, np.uint64)
        self.sense_of: Index = np.zeros((0, SENSES_MOST), np.int32)
        self.letter_starts: Index = np.zeros(1, np.int32)
        self.letter_keys: Keys = np.zeros(0, np.uint64)
        self._learn([START, END, STAR, "", *self.senses], fixed=True)
        self.numbers.update({START: 0, END: 1, **dict.fromkeys(FILLER_WORDS, FILLER)})

    def english(self, words: Sequence[str]) -> Tokens:
        """The words of all texts, each text framed by its beginning and end; fillers are passed over."""
        with self.lock:
            if len(self.numbers) > KNOWN_WORDS_MOST:
                self._forget()
            found = list(map(self.numbers.get, words))
            if None in found:
                self._learn(sorted({word for word in words if word not in self.numbers}))
                found = list(map(self.numbers.get, words))
            ids, keys, names = np.array(found, np.int32), self.word_keys, self.names
        ids = ids[ids != FILLER]
        owner = np.cumsum(ids == 0, dtype=np.int32) - np.int32(1)
        return Tokens(keys[ids], owner, ids, ids, SpelledWords(names), ids)

    def _learn(self, words: Sequence[str], fixed: bool = False) -> None:
        """Adds words; `fixed` ones are lemmas of the senses or signs, not to be found as words of a text."""
        first = len(self.names)
        lemmas = list(words) if fixed else [lemma(plain_word(word)) for word in words]
        self.names = [*self.names, *words]
        if not fixed:
            self.numbers.update((word, first + at) for at, word in enumerate(words))
        keys = [text_key(word) for word in lemmas]
        self.word_keys = np.concatenate([self.word_keys, np.array(keys, np.uint64)])
        self.main_keys = np.concatenate([self.main_keys, np.array([*map(self._main, lemmas)], np.uint64)])
        own = [self._senses(word) for word in lemmas]
        self.sense_of = np.concatenate([self.sense_of, np.array(own, np.int32).reshape(-1, SENSES_MOST)])
        cut = [[] if fixed else [text_key("letters " + part) for part in _letters(word)] for word in words]
        self.letter_keys = np.concatenate(
            [self.letter_keys, np.array([key for one in cut for key in one], np.uint64)]
        )
        ends = self.letter_starts[-1] + np.cumsum([len(one) for one in cut])
        self.letter_starts = np.concatenate([self.letter_starts, ends.astype(np.int32)])

    def _main(self, word: str) -> int:
        own = self.senses.get(word)
        if own:
            return text_key("sense " + own[0])
        return text_key(word if word in (START, END) or _stays(word) else STAR)

    def _senses(self, word: str) -> list[int]:
        own = [self.sense_numbers[name] for name in self.senses.get(word, ())]
        return own + [-1] * (SENSES_MOST - len(own))

    def main_name(self, number: int, letters: str) -> str:
        """What a word is called in the outline."""
        sense = int(self.sense_of[number, 0])
        if sense >= 0:
            return self.sense_names[sense]
        return letters if letters in (START, END) or (number > FILLER and _stays(letters)) else STAR

    def senses_at(self, tokens: Tokens) -> tuple[Index, Index]:
        """(token, sense) for every sense of every token."""
        own = self.sense_of[tokens.words]
        at = [np.flatnonzero(own[:, column] >= 0).astype(np.int32) for column in range(SENSES_MOST)]
        return np.concatenate(at), np.concatenate([own[one, column] for column, one in enumerate(at)])

    def letters_of(self, words: Index) -> tuple[Index, Keys]:
        """(token, hash) for the letters of all words."""
        begin = self.letter_starts[words]
        size = self.letter_starts[words + 1] - begin
        token = np.repeat(np.arange(len(words), dtype=np.int32), size)
        shift = (begin - np.cumsum(size) + size).astype(np.int32)
        return token, self.letter_keys[np.repeat(shift, size) + np.arange(len(token), dtype=np.int32)]

    def letters_named(self, word: int, inside: int) -> str:
        """A word's piece of that number."""
        return _letters(self.names[word])[inside]


def _stays(word: str) -> bool:
    return len(word) <= SHORT_WORD and word.isascii()


def _letters(word: str) -> list[str]:
    padded = f" {plain_word(word)} "
    return [padded[at : at + size] for size in (3, 4) for at in range(len(padded) - size + 1)]


class LongestWords:
    """Mandarin words by the longest match among the words that have a sense; single characters otherwise."""

    BITS = 17

    def __init__(self, senses: Senses) -> None:
        self.table = np.zeros((2, 1 << self.BITS), np.int32)
        self.hashes = np.zeros(len(senses) + FILLER + 1, np.uint64)
        for number, word in enumerate(senses, start=FILLER + 1):
            self._put(number, word)

    def _put(self, number: int, word: str) -> None:
        value = np.array([ord(word[0])], np.uint64)
        for sign in word[1:]:
            value = value * _TIMES + np.uint64(ord(sign))
        self.hashes[number] = value[0]
        for table, slot in zip(self.table, self._slots(value), strict=True):
            if not table[slot[0]]:
                table[slot[0]] = number
                return

    def _slots(self, hashes: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        mixed = (hashes ^ (hashes >> np.uint64(32))) * _TIMES
        low = np.uint64((1 << self.BITS) - 1)
        return (mixed >> np.uint64(64 - self.BITS)).astype(np.int64), (
            (mixed >> np.uint64(64 - 2 * self.BITS)) & low
        ).astype(np.int64)

    def _numbers(self, hashes: Keys) -> Index:
        """The word of each hash, 0 where it is none."""
        one, two = self._slots(hashes)
        first = self.table[0][one]
        second = self.table[1][two]
        first[self.hashes[first] != hashes] = 0
        second[self.hashes[second] != hashes] = 0
        return np.asarray(np.where(first > 0, first, second))

    def words(self, signs: Tokens) -> Tokens:
        """The words of all texts, from left to right."""
        count = len(signs.raw)
        raw, owner = signs.raw.copy(), signs.owner
        number, size = self._numbers(raw), np.ones(count, np.int32)
        rolling = raw
        for length in range(2, LONGEST_WORD + 1):
            whole = max(0, count - length + 1)
            rolling = rolling[:whole] * _TIMES + signs.raw[length - 1 : length - 1 + whole]
            found = self._numbers(rolling)
            found[owner[:whole] != owner[length - 1 : length - 1 + whole]] = 0
            here = np.flatnonzero(found)
            number[here], size[here], raw[here] = found[here], length, rolling[here]
        at = np.flatnonzero(_reached(owner, size))
        words = np.where(number[at] > 0, number[at], 2).astype(np.int32)

        begin, end = signs.begin[at], signs.end[at + size[at] - 1]
        return Tokens(raw[at], owner[at], begin, end, signs.spelled, words)


def _reached(owner: Index, size: Index) -> NDArray[np.bool_]:
    """Where words begin when each text is read from its start, word by word."""
    reached = np.zeros(len(owner), bool)
    at = np.flatnonzero(np.diff(owner, prepend=np.int32(-1)))
    while len(at):
        reached[at] = True
        after = at + size[at]
        inside = after < len(owner)
        at, after = at[inside], after[inside]
        at = after[owner[after] == owner[at]]
    return reached


def framed(tokens: Tokens, count: int) -> Tokens:
    """The tokens with a beginning and an end around each of `count` texts."""
    sizes = np.bincount(tokens.owner, minlength=count)
    ends = np.cumsum(sizes)
    texts = np.arange(count)
    total = len(tokens.owner) + 2 * count
    inside = np.arange(len(tokens.owner)) + 2 * tokens.owner + 1
    last = ends + 2 * texts + 1
    raw, words = np.full(total, START_KEY), np.zeros(total, np.int32)
    begin, end = np.full(total, -2, np.int32), np.full(total, -2, np.int32)
    raw[last], words[last], begin[last] = END_KEY, 1, -1
    raw[inside], words[inside] = tokens.raw, tokens.words
    begin[inside], end[inside] = tokens.begin, tokens.end
    owner = np.repeat(texts, sizes + 2).astype(np.int32)
    return Tokens(raw, owner, begin, end, tokens.spelled, words)
