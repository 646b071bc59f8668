"""Text to signs and words for the second reader, the same for training and reading, many texts at once.

Mandarin: characters in simplified script, Latin in lower case, a run of digits as one 0, any run of marks as one
blank. English: words in lower case with contractions written out, then lemmas (irregular verbs and family words by
a table, common endings cut); a word with digits is 0. Fillers are dropped. Only the first LONGEST characters count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.phrases.tables import simplified

LONGEST = 400
"""Characters read of one utterance; speech turns are shorter."""
LONGEST_WORD = 6
"""Characters of the longest Mandarin word with a sense."""

Codes = NDArray[np.uint32]
Index = NDArray[np.int32]

BLANK, DIGIT, DROPPED = ord(" "), ord("0"), 0
_FILLERS = frozenset("嗯呃")
START, END, NEXT, FRAME = "^", "$", "\n", " $ ^ "
_MARKS = re.compile(r"[^\w'\n]+")
_ASCII = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() or chr(code) in "_'\n" else BLANK for code in range(128)
) + bytes(128)
_COMMON_SIGNS = (
    ("’", "'"), ("‘", "'"), ("“", " "), ("”", " "), ("—", " "), ("–", " "), ("…", " "), ("£", " "), ("€", " "),
)  # fmt: skip
"""Signs that mostly stand alone between plain letters: without them a block is read the fast way."""
_DIGITS = re.compile(r"\w*\d\w*")
_CONTRACTIONS = (
    ("won't", "will not"), ("can't", "can not"), ("gonna", "going to"), ("gotta", "got to"), ("n't", " not"),
    ("'ll", " will"), ("'re", " are"), ("'ve", " have"), ("'m", " am"), ("'d", " would"), ("'s", " "),
)  # fmt: skip
FILLER_WORDS = ("uh", "um", "erm", "hmm", "'")
_ENDINGS = ("ing", "edly", "ed", "ies", "es", "ly", "s")
_SAME = """
go went gone goes|tell told|say said|pay paid|ring rang rung|take took taken|give gave given|get got gotten|come came
see saw seen|know knew known|leave left|lose lost|sell sold|send sent|make made|do did done does|have has had
be is are was were been being am|break broke broken|write wrote written|speak spoke spoken|think thought|find found
hear heard|keep kept|buy bought|bring brought|sit sat|stand stood|steal stole stolen|hold held|lend lent|feel felt
sleep slept|die died dying|lie lying lied|spend spent|child children kids kid|man men|woman women|wife wives|life lives
mum mom mam mummy mama|dad daddy papa|dollar dollars bucks buck|pound pounds quid|cop cops police|phone telephone
grand granny gran|colour color|neighbour neighbor|favour favor|cheque check|licence license|meet met|begin began begun
show shown|choose chose chosen|drive drove driven|eat ate eaten|fall fell fallen|forget forgot forgotten
grow grew grown|hide hid hidden|run ran|shake shook|shoot shot|throw threw|wake woke|wear wore|win won|catch caught
teach taught|swear swore sworn|draw drew drawn|freeze froze frozen|bite bit bitten|drink drank|sue sued suing
"""
_LEMMAS = {word: group.split()[0] for group in re.split(r"[|\n]", _SAME) for word in group.split()}


@lru_cache(maxsize=100_000)
def lemma(word: str) -> str:
    """The form under which a word's forms are counted together; not a linguist's, only the same for the same word."""
    if word in _LEMMAS:
        return _LEMMAS[word]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def english(texts: Sequence[str]) -> list[str]:
    """The words of all texts, each text between START and END."""
    block = NEXT.join(text[:LONGEST].replace(NEXT, " ") for text in texts)
    for sign, plain in _COMMON_SIGNS:
        block = block.replace(sign, plain)
    if block.isascii():
        block = block.encode().translate(_ASCII).decode()
    else:
        block = _MARKS.sub(" ", unicodedata.normalize("NFKC", block).lower().replace("’", "'"))
    if "'" in block or "gonna" in block or "gotta" in block:
        for short, full in _CONTRACTIONS:
            block = block.replace(short, full)
    return f"{START} {block.replace(NEXT, FRAME)} {END}".split()


def plain_word(word: str) -> str:
    """A word as its pieces are cut: "0" for one with a digit in it."""
    return "0" if _DIGITS.fullmatch(word) else word


def mandarin(text: str) -> str:
    """One text as its pieces are cut."""
    return "".join(map(chr, signs([text])[0]))


def signs(texts: Sequence[str]) -> tuple[Codes, Index, Index]:
    """The characters of all texts after folding, the text each belongs to, and its offset there."""
    heads = [text[:LONGEST] for text in texts]
    sizes = np.array([len(head) for head in heads], np.int32)
    codes = np.frombuffer("".join(heads).encode("utf-32-le", "surrogatepass"), np.uint32)
    owner = np.repeat(np.arange(len(heads), dtype=np.int32), sizes)
    offset = np.arange(len(codes), dtype=np.int32) - np.repeat(np.cumsum(sizes) - sizes, sizes).astype(
        np.int32
    )
    table = _table()
    codes = table[np.minimum(codes, len(table) - 1)]
    for kept in (_spoken, _first_of_many, _inside):
        mask = kept(codes, owner)
        codes, owner, offset = codes[mask], owner[mask], offset[mask]
    return codes, owner, offset


def _spoken(codes: Codes, _: Index) -> NDArray[np.bool_]:
    return np.asarray(codes != DROPPED)


def _first_of_many(codes: Codes, owner: Index) -> NDArray[np.bool_]:
    """All but blanks after a blank and digits after a digit."""
    doubled = np.zeros(len(codes), bool)
    doubled[1:] = (codes[1:] == codes[:-1]) & (owner[1:] == owner[:-1])
    return np.asarray(~(doubled & ((codes == BLANK) | (codes == DIGIT))))


def _inside(codes: Codes, owner: Index) -> NDArray[np.bool_]:
    """All but blanks at the beginning or end of a text."""
    edge = np.ones(len(codes) + 1, bool)
    edge[1:-1] = owner[1:] != owner[:-1]
    return np.asarray((codes != BLANK) | ~(edge[1:] | edge[:-1]))


@lru_cache(maxsize=1)
def _table() -> Codes:
    """Code point -> folded code point of the Basic Multilingual Plane; 0 drops a sign, all beyond is a blank."""
    simple = simplified()
    table = np.full(0x10000 + 1, BLANK, np.uint32)
    for code in range(0x10000):
        if 0xD800 <= code < 0xE000:
            continue
        sign = chr(code)
        if sign.isspace() or sign in _FILLERS:
            table[code] = DROPPED
            continue
        folded = (unicodedata.normalize("NFKC", sign).lower() or " ")[0]
        folded = simple.get(folded, folded)[0]
        if folded.isdigit():
            table[code] = DIGIT
        elif folded.isalnum() or folded == "_":
            table[code] = ord(folded)
    return table
