"""Many texts -> one array of token codes, with the marks that part sentences and texts; no folding of single texts.

Cutting does to most texts what `folding` does. Those that fold in ways it does not know (a character that becomes
several, Latin words inside Chinese that stand for others) are named in `Cut.odd` and must be folded one by one.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.phrases import tables as t
from audit.phrases.folding import (
    DIGIT_SIGNS,
    HAN_CHARACTER,
    NUMBER,
    TOKEN,
    WORD,
    Folded,
    may_be_soft,
    word_tokens,
)
from audit.phrases.sounds import sound_of
from audit.phrases.usual import words_en

BETWEEN = "\ue001"
"""Parts the texts while they are one string."""
END, TEXT_END, UNKNOWN, FIRST_CODE = 1, 2, 3, 4
"""Codes of marks and of a token nobody asks for; others are higher. Code 0 is what is dropped."""
BMP = 0x10000

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cut:
    """`codes` of all tokens (soft ones, too) in order, END between sentences, TEXT_END after each text."""

    codes: Codes
    odd: Flags


def points(texts: Sequence[str]) -> NDArray[np.uint32]:
    """The code points of all texts, BETWEEN after each."""
    joined = BETWEEN.join(texts) + BETWEEN
    if joined.count(BETWEEN) != len(texts):
        joined = BETWEEN.join([text.replace(BETWEEN, " ") for text in texts]) + BETWEEN
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)


class PointTable(ABC):
    """Code point -> a small number, worked out by `meaning` when first met."""

    def __init__(self) -> None:
        self.low = np.full(BMP, -1, np.int32)
        self.high: dict[int, int] = {}

    @abstractmethod
    def meaning(self, point: int) -> int:
        """The number of a code point."""

    def look(self, given: NDArray[np.uint32]) -> Codes:
        if given.size and int(given.max()) >= BMP:
            return self.look_high(given)
        found = self.low[given]
        if found.size and int(found.min()) < 0:
            for point in np.unique(given[found < 0]).tolist():
                self.low[point] = self.meaning(point)
            found = self.low[given]
        return found

    def look_high(self, given: NDArray[np.uint32]) -> Codes:
        above = given >= BMP
        found = self.look(np.where(above, np.uint32(32), given))
        for point in np.unique(given[above]).tolist():
            if point not in self.high:
                self.high[point] = self.meaning(point)
            found[given == point] = self.high[point]
        return found


class Cutter(ABC):
    """One language's cutting; `codes` are below `size`, and the flags say of each code what it is.

    `digit` marks what is said digit by digit, `numeral` what adds up to a number beside others, `stutter` what
    said twice is a stutter in Chinese, `may_repeat` what folding may take for one at all.

    `tokens` are those that matter as written, `sounds` those that matter by sound.
    """

    size: int

    @abstractmethod
    def __init__(self, tokens: Iterable[str], sounds: Iterable[str]) -> None: ...

    def start(self, language: str, size: int) -> None:
        self.language = language
        self.size = size
        self.soft = np.zeros(size, np.bool_)
        self.digit = np.zeros(size, np.bool_)
        self.numeral = np.zeros(size, np.bool_)
        self.stutter = np.zeros(size, np.bool_)
        self.may_repeat = np.zeros(size, np.bool_)

    @abstractmethod
    def cut(self, texts: Sequence[str]) -> Cut:
        """Many texts at once."""

    @abstractmethod
    def code(self, token: str) -> int:
        """The code of one folded token (one sign of it in Chinese)."""

    @abstractmethod
    def codes_of(self, folded: Folded) -> Codes:
        """A folded text as `cut` would give it."""


ODD = BMP
"""Stands for a character that does not become exactly one."""


class Characters(Cutter, PointTable):
    """Chinese: a token is a character, its code its folded code point; letters and digits stand one by one."""

    def __init__(self, tokens: Iterable[str] = (), sounds: Iterable[str] = ()) -> None:
        PointTable.__init__(self)
        self.start("zh", BMP + 1)
        self.digit[[ord(digit) for digit in "0123456789"]] = True
        self.numeral[[self.code(sign) for sign in (*t.NUMERALS_ZH, *"0123456789")]] = True
        self.stutter[[ord(sign) for sign in t.STUTTER_ZH]] = True
        for sign in {*t.SOFT_ZH, "儿", *"".join(t.SOFT_ZH_RUNS)}:
            self.soft[ord(sign)] = may_be_soft(sign, "zh")
        self.may_repeat[0x3000:BMP] = True
        self.may_repeat[[ord(sign) for sign in (*t.NUMERALS_ZH, *t.SOUNDS_ZH)]] = False

    def meaning(self, point: int) -> int:
        if chr(point) == BETWEEN:
            return TEXT_END
        folded = t.fold_character(chr(point))
        if len(folded) != 1:
            return ODD
        if folded in "!?;。\n":
            return END
        is_token = (folded.isascii() and folded.isalnum()) or HAN_CHARACTER.match(folded)
        return self.code(folded) if is_token else 0

    def code(self, token: str) -> int:
        return ord(DIGIT_SIGNS.get(ord(token)) or token)

    def codes_of(self, folded: Folded) -> Codes:
        pieces: list[str] = []
        last = 0
        for token, sentence in zip(folded.tokens, folded.sentences, strict=True):
            if sentence != last:
                pieces.append("!")
                last = sentence
            if token != "?":
                pieces.append(token)
        codes = self.look(points(["".join(pieces)]))
        return codes[codes > 0]

    def cut(self, texts: Sequence[str]) -> Cut:
        codes = self.look(points(texts))
        codes[1:][(codes[1:] == codes[:-1]) & self.stutter[codes[1:]]] = 0
        codes = codes[codes > 0]
        odd = np.zeros(len(texts), np.bool_)
        strange = ((codes >= ord("a")) & (codes <= ord("z"))) | (codes == ODD)
        if strange.any():
            of_text = np.cumsum(codes == TEXT_END)
            for number in np.unique(of_text[strange]).tolist():
                odd[number] = not plain_latin(texts[number])
        return Cut(codes, odd)


LATIN = re.compile("[a-z']+")


def plain_latin(text: str) -> bool:
    """Whether the Latin words of a Chinese text stand for themselves, each at most once."""
    normal = text.translate(t.CHARACTERS)
    if t.EXPANDS in normal:
        return False
    words = LATIN.findall(normal)
    return len(set(words)) == len(words) and all(word_tokens(word) == (word,) for word in words)


SIGN_END, SIGN_TEXT_END, SIGN_ODD, SIGN_BLANK = ord("!"), ord("|"), ord("\\"), ord(" ")
WORDS_MOST = 200_000
"""Distinct written words remembered; a stream of nonsense must not fill the memory."""


class Letters(PointTable):
    """English: each character as one ASCII sign."""

    def meaning(self, point: int) -> int:
        if chr(point) == BETWEEN:
            return SIGN_TEXT_END
        folded = t.fold_character(chr(point))
        if len(folded) != 1 or HAN_CHARACTER.match(folded):
            return SIGN_ODD
        if folded in "!?;。\n":
            return SIGN_END
        if folded.isascii() and (folded.isalnum() or folded in "'.,:"):
            return ord(folded)
        return SIGN_BLANK


NUMBERS_EN = ("0", "00", "000")
"""Stand for numbers in digits, told apart by their length only."""


def digits_sign(token: str) -> str:
    """What stands for a number in digits."""
    return NUMBERS_EN[min(len(token), 3) - 1]


class Words(Cutter):
    """English: a token is a word. One nobody asks for is UNKNOWN, or its sound if it is no usual word."""

    def __init__(self, tokens: Iterable[str] = (), sounds: Iterable[str] = ()) -> None:
        self.letters = Letters()
        known = dict.fromkeys([*NUMBERS_EN, *t.SOFT_EN, *(word for run in t.SOFT_EN_RUNS for word in run)])
        known |= dict.fromkeys([*t.ABBREVIATIONS, *"abcdefghijklmnopqrstuvwxyz", *t.NUMERALS_EN, *tokens])
        self.tokens = {token: number for number, token in enumerate(known, FIRST_CODE)}
        first = FIRST_CODE + len(known)
        self.sounds = {sound: number for number, sound in enumerate(dict.fromkeys(sounds), first)}
        self.start("en", first + len(self.sounds))
        self.dotted = np.zeros(self.size, np.bool_)
        for token, code in self.tokens.items():
            self.soft[code] = may_be_soft(token, "en")
            self.digit[code] = token in t.DIGITS_EN or token == NUMBERS_EN[0]
            self.numeral[code] = token in t.NUMERALS_EN
            self.may_repeat[code] = token not in t.NUMERALS_EN and token not in t.SOUNDS_EN
            self.dotted[code] = token in t.ABBREVIATIONS or (
                len(token) == 1 and token.isalpha() and token != "i"
            )
        self.may_repeat[first:] = True
        self.may_repeat[[self.tokens[sign] for sign in NUMBERS_EN]] = False
        self.forget()

    def forget(self) -> None:
        """Forgets the written words met so far."""
        self.numbers = WordNumbers(self)

    def code(self, token: str) -> int:
        if token[0] in "0123456789":
            return self.tokens[digits_sign(token)]
        found = self.tokens.get(token)
        if found is not None:
            return found
        if not self.sounds or token in words_en():
            return UNKNOWN
        return self.sounds.get(sound_of(token, "en"), UNKNOWN)

    def codes_of(self, folded: Folded) -> Codes:
        found: list[int] = []
        last = 0
        for token, sentence in zip(folded.tokens, folded.sentences, strict=True):
            if sentence != last:
                found.append(END)
                last = sentence
            if token != "?":
                found.append(self.code(token))
        return np.array([*found, TEXT_END], np.int32)

    def cut(self, texts: Sequence[str]) -> Cut:
        signs = self.letters.look(points(texts)).astype(np.uint8)
        odd = np.zeros(len(texts), np.bool_)
        strange = signs == SIGN_ODD
        if strange.any():
            odd[np.cumsum(signs == SIGN_TEXT_END)[strange]] = True
        written = marked(signs).tobytes()
        for mark in (b"!", b"|", b"^"):
            written = written.replace(mark, b" " + mark + b" ")
        words = written.decode("ascii").split()
        numbers = np.fromiter(map(self.numbers.__getitem__, words), np.int64, len(words))
        codes = self.numbers.codes(numbers)
        if len(self.numbers) > WORDS_MOST:
            self.forget()
        return Cut(self.without_abbreviations(codes), odd)

    def without_abbreviations(self, codes: Codes) -> Codes:
        """A dot after `Mr` or an initial ends no sentence; any other does."""
        dots = np.flatnonzero(codes == DOT)
        if not dots.size:
            return codes
        codes[dots] = END
        inside = dots[self.dotted[codes[dots - 1]] & (dots > 0)]
        return np.delete(codes, inside) if inside.size else codes


DOT = 0
"""Code of a dot that may end a sentence, until that is decided."""


def marked(signs: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Dots, commas and colons stay only inside numbers; a dot before a blank or the end becomes `^`."""
    is_digit = (signs >= ord("0")) & (signs <= ord("9"))
    outer = (signs == ord(".")) | (signs == ord(",")) | (signs == ord(":"))
    outer[1:-1] &= ~(is_digit[:-2] & is_digit[2:])
    ends = np.zeros(len(signs), np.bool_)
    ends[:-1] = (signs[:-1] == ord(".")) & ((signs[1:] == SIGN_BLANK) | (signs[1:] == SIGN_TEXT_END))
    return np.where(ends, np.uint8(ord("^")), np.where(outer, np.uint8(SIGN_BLANK), signs))


class WordNumbers(dict[str, int]):
    """Written word -> its number here; `codes` gives the tokens that words stand for."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.words = words
        self.begins = np.zeros(1024, np.int64)
        self.counts = np.zeros(1024, np.int64)
        self.flat: list[int] = []
        self.array = np.zeros(0, np.int32)
        for sign, code in (("!", END), ("^", DOT), ("|", TEXT_END)):
            self.take(sign, [code])

    def __missing__(self, word: str) -> int:
        return self.take(word, [self.words.code(token) for token in tokens_in(word)])

    def take(self, word: str, codes: list[int]) -> int:
        number = len(self)
        if number == len(self.begins):
            self.begins = np.concatenate((self.begins, np.zeros_like(self.begins)))
            self.counts = np.concatenate((self.counts, np.zeros_like(self.counts)))
        self.begins[number] = len(self.flat)
        self.counts[number] = len(codes)
        self.flat += codes
        self[word] = number
        return number

    def codes(self, numbers: NDArray[np.int64]) -> Codes:
        if len(self.array) != len(self.flat):
            self.array = np.array(self.flat, np.int32)
        counts = self.counts[numbers]
        after = np.cumsum(counts)
        total = int(after[-1]) if after.size else 0
        return self.array[np.repeat(self.begins[numbers] - after + counts, counts) + np.arange(total)]


def tokens_in(word: str) -> list[str]:
    """What stands between blanks -> folded tokens, as `folding.tokenise` reads them."""
    found: list[str] = []
    for match in TOKEN.finditer(word):
        if match.lastindex == WORD:
            found.extend(word_tokens(match.group()))
        elif match.lastindex == NUMBER:
            found.append(match.group().replace(",", ""))
    return found
