"""The English half of the prefilter: literal words that a name, workplace, address, address or number needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.privacy import employers, handles, names_en
from audit.privacy.addresses import STREET_WORDS
from audit.privacy.alternatives import written_out
from audit.privacy.block import Block, Codes, Mask, ahead, table_of
from audit.privacy.reading import Reading
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

_BREAKS = str.maketrans(dict.fromkeys(',.!?;:"()-/\n\t', " "))
_NUMBER_WORDS = frozenset({*EN_DIGITS, *EN_TEENS, *EN_TENS, *EN_TIMES})

_TITLES = "mr mrs ms miss mister missus dr doctor prof professor shri smt sir master madam mx rev reverend officer sergeant captain señor señora senor senora".split()
_NAME_CUES = (
    "name|names|named|called|account under|account is|account belongs|account holder|card holder|cardholder|made out to|goes by|speaking to|speaking with|"
    "reached|talk to|talk with|speak to|speak with|calling for|looking for|asking for|ask for|message for|call for|trying for|looking to reach|trying to reach|"
    "hold of|signed by|file has|file shows|we have|care of|attention|attn|c o|know|known as|is there a|is there an|account for|listed as|registered to|belongs to|"
    "who is|who s|paid to|payable to|spoke to|spoke with|spoken to|spoken with|talked to|talked with|letter to|reference is|nominee|guarantor|co signer|cosigner|"
    "emergency contact|contact person"
).split("|")
_INTRODUCTIONS = "this is|my name s|you got|it s me|name s".split("|")
_ADDRESS_START = re.compile(
    rf"[0-9]|(?<![a-z])(?:{'|'.join(sorted(_NUMBER_WORDS))}|flat|apartment|apt|plot|house|door|thirty|hundred)(?![a-z])"
)
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)(?![a-z])")
_SIGNS = re.compile(rf"(?<![a-z])(?:(?:{'|'.join(sorted(_NUMBER_WORDS))})(?![a-z]))|[0-9]+|(?<![a-z])hundred(?![a-z])")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")

Look = Callable[[Reading, str, int, int], bool]


def places(block: Block) -> Iterator[tuple[str, Sequence[int]]]:
    """(scanner, texts in which it might find something)."""
    digit, letter = block.is_any("0123456789"), block.is_any(_LETTERS)
    digits = block.counts(digit)
    yield "addresses", block.searched(_ORDINAL, block.holding(digit & ahead(letter, 1)))
    yield "emails", np.flatnonzero(block.holding(block.is_any("@")))
    yield "chat names", np.flatnonzero(block.saying("wechat", "weixin", "vx", "wx"))
    yield "birth dates", np.flatnonzero(block.saying("birth", "born", "dob", "d.o", "do.b", "bday"))
    words = block.mapped(_spaces()).replace("'s ", " s ").replace("' ", "  ")
    automaton, meanings, weights = _automaton()
    matches = np.fromiter(chain.from_iterable(automaton.find_overlapping(words)), np.int64).reshape(-1, 3)
    starts, ends, values = matches[:, 0], matches[:, 1], matches[:, 2]
    within = block.places(starts + 1)
    np.add.at(digits, within, weights[values])
    yield "numbers", _numbers(block, digits, letter & (ahead(digit, 1) | ahead(digit, 2) | ahead(digit, 3)))
    looked = np.flatnonzero(weights[values] < _NO_LOOK)
    rows = zip(*(part[looked].tolist() for part in (starts, ends, values, within)), strict=True)
    yield from _by_words(block, words, meanings, rows).items()


_LEAST_SIGNS, _LEAST_QQ, _LEAST_WITH_SOUNDS, _NO_LOOK = 6, 5, 3, 1
_QQ = re.compile("qq|we ?chat|weixin")
_SAID = "|".join(sorted(_NUMBER_WORDS))
_SOUNDED = re.compile(
    rf"(?<![a-z])(?:{_SAID})[^a-z0-9\x00]{{1,4}}(?:{'|'.join(EN_SOUNDS)})[^a-z0-9\x00]{{1,4}}(?:{_SAID})(?![a-z])"
)
"""A word that sounds like a digit between two that are said (`numbers._surrounded`)."""


def _numbers(block: Block, signs: NDArray[np.int64], glued: Mask) -> list[int]:
    """Texts with signs enough for a number in one stretch, or the head of a PAN."""
    found, low = np.flatnonzero(block.saying("pan", "permanent account")).tolist(), block.low
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
        total += len(match[0]) if match[0].isdigit() else _weight(match[0])
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
    return frozenset(words | {*NATO, *EN_SOUNDS, *EN_TIMES} | {"um", "uh", "umm", "uhh", "uhm", "er", "erm", "ah", "ahh", "hm", "hmm", "mm", "mmm", "as", "in"})


def _weight(word: str) -> int:
    """How many digits a number word may stand for beside the word it multiplies."""
    if word in EN_TIMES:
        return EN_TIMES[word] - 1
    return 1 if word in EN_DIGITS else 2


def _by_words(block: Block, words: str, meanings: Meanings, rows: Iterable[tuple[int, int, int, int]]) -> dict[str, list[int]]:
    """Scanner -> texts with a word for it whose closer look holds; a text is looked at until one does."""
    found: dict[str, list[int]] = {}
    for start, end, value, place in rows:
        for scanner, look in meanings[value]:
            texts = found.setdefault(scanner, [])
            if texts and texts[-1] == place:
                continue
            if look is None or look(block, words, start + 1, end - 1):
                texts.append(place)
    return found


Meanings = list[list[tuple[str, Look | None]]]


@lru_cache(maxsize=1)
def _spaces() -> Codes:
    # Half a surrogate pair cannot be handed to the automaton, which reads UTF-8.
    return table_of(lambda sign: " " if "\ud800" <= sign <= "\udfff" else sign.translate(_BREAKS))


@lru_cache(maxsize=1)
def _automaton() -> tuple[Any, Meanings, NDArray[np.int64]]:
    """(automaton over ` word ` literals, what each means: scanner and closer look, digits it may stand for)."""
    import daachorse

    first, doubtful, last = names_en.lists()
    meanings: dict[str, list[tuple[str, Look | None]]] = {}
    groups: tuple[tuple[Any, str, Look | None], ...] = (
        (first, "names", None),
        (doubtful, "names", _doubtful),
        (last, "names", _capitals),
        (_TITLES, "names", _before_a_word),
        (_NAME_CUES, "names", _before_a_name),
        (_INTRODUCTIONS, "names", _before_a_capital),
        (names_en.KIN | names_en.MORE_KIN, "names", _relation),
        (_job_cues(), "employers", _job),
        (("drive a", "drive an", "drives a", "drives an"), "employers", _drives),
        (STREET_WORDS, "addresses", _numbered),
        (("box",), "addresses", None),
        (("at",), "emails", _spelt_domain),
    )
    for words, scanner, look in groups:
        for word in words:
            meanings.setdefault(_literal(word), []).append((scanner, look))
    numbers = {_literal(word): _weight(word) for word in (*_NUMBER_WORDS, "hundred")}
    literals = sorted({*meanings, *numbers})
    # A number word that also means something else is looked at as well: its weight then counts from elsewhere.
    weights = np.array([numbers.get(literal, 0) for literal in literals], np.int64)
    automaton = daachorse.CharwiseDoubleArrayAhoCorasick(literals)
    return automaton, [meanings.get(literal, []) for literal in literals], weights


def _literal(word: str) -> str:
    """The word as it stands in the mapped text."""
    return f" {word.replace('-', ' ')} ".replace("'s ", " s ").replace("' ", "  ")


def _job_cues() -> list[str]:
    """All that `employers.CUE_EN` matches but for its one repeat, which `_drives` looks at."""
    return written_out(employers.CUE_EN_WORDS.replace("|drives? an? [a-z]+ for", ""))


def _next_word(words: str, end: int) -> str:
    """The word after `end`; "" at the end of the text."""
    rest = words[end : end + 40].partition("\x00")[0].split(None, 1)
    return rest[0] if rest else ""


def _doubtful(reading: Reading, words: str, start: int, end: int) -> bool:
    """A first name that is also a word: another name, a capital or a question about someone beside it."""
    after = _next_word(words, end)
    first, doubtful, last = names_en.lists()
    if after in last or after in first or after in doubtful:
        return True
    if words[max(0, start - 5) : start].endswith((" is ", " was ", "isn t ")):
        return True
    capital = reading.folded[start].isupper() and reading.folded[end + 1 : end + 2].isupper()
    return capital or words[end : end + 3] == " s "


def _capitals(reading: Reading, words: str, start: int, end: int) -> bool:
    """A surname counts without a cue only with capitals and another name after it."""
    return reading.folded[start].isupper() and reading.folded[end + 1 : end + 2].isupper()


_COURTESIES = ("sir", "master", "madam", "doctor", "officer", "miss")


def _before_a_word(reading: Reading, words: str, start: int, end: int) -> bool:
    after = _next_word(words, end)
    first, doubtful, last = names_en.lists()
    if words[start:end] not in _COURTESIES:
        return after != "" and (after not in names_en.NOT_NAMES or after in doubtful)
    return after in first or after in last or reading.folded[end : end + 4].strip(" .")[:1].isupper()


_BETWEEN = frozenset("a an is was with s be to for the named called".split())


def _before_a_name(reading: Reading, words: str, start: int, end: int) -> bool:
    """What follows the cue, articles and the like aside, may be a name."""
    position = end
    for word in words[end : end + 48].partition("\x00")[0].split():
        position = words.index(word, position)
        if word not in _BETWEEN:
            return _may_be_name(reading, words, position, word)
        position += len(word)
    return False


def _may_be_name(reading: Reading, words: str, start: int, word: str) -> bool:
    """Behind a cue: a word of the lists or in capitals, or two words in a row that are no ordinary ones."""
    first, doubtful, last = names_en.lists()
    if word in names_en.NOT_NAMES and word not in doubtful:
        return False
    end = start + len(word)
    if word in first or word in doubtful or reading.folded[start].isupper() or reading.folded[end] in "-'":
        return True
    after = _next_word(words, end)
    if after in names_en.PARTICLES or len(after) == 1:
        return True
    return after not in names_en.NOT_NAMES and (after in last or after in first or names_en.is_odd(after))


def _before_a_capital(reading: Reading, words: str, start: int, end: int) -> bool:
    return reading.folded[end : end + 3].strip(" ,")[:1].isupper()


_SAID_OF = re.compile(r" (?:s|is|was) (?:(?:my|his|her|our|their|the) )?(?:late |ex |old |former |step)?$")
_OWNED = re.compile(r"(?:my|your|his|her|their|the|our) (?:late |ex |older |younger |big |little |elder |first |former |step)?$")


def _relation(reading: Reading, words: str, start: int, end: int) -> bool:
    """A relation of somebody with a name after it, or said of somebody just before ("'s my sister")."""
    before = words[max(0, start - 26) : start]
    said = _SAID_OF.search(before)
    if said is not None and _named_before(reading, words, start - len(said[0])):
        return True
    return _OWNED.search(before) is not None and _before_a_name(reading, words, start, end)


def _named_before(reading: Reading, words: str, end: int) -> bool:
    """One of the three words before may begin a name."""
    first, doubtful, last = names_en.lists()
    begin = max(0, end - 60)
    pieces = words[begin:end].rpartition("\x00")[2].split()[-3:]
    for place, word in enumerate(pieces):
        if word in names_en.NOT_NAMES and word not in doubtful:
            continue
        follows = pieces[place + 1 : place + 2]
        if word in first or word in doubtful or word in last or (follows and follows[0] not in names_en.NOT_NAMES):
            return True
    return any(sign.isupper() for sign in reading.folded[max(begin, words.rfind("\x00", begin, end) + 1) : end])


def _job(reading: Reading, words: str, start: int, end: int) -> bool:
    """Behind a cue for work stands what `employers` may take: capitals, a firm's last word, or unusual words."""
    tokens = words[end : end + 110].partition("\x00")[0].split()[:9]
    if tokens and tokens[0] in ("the", "a", "an"):
        end, tokens = words.index(tokens[0], end) + len(tokens[0]), tokens[1:]
    if not tokens:
        return False
    if reading.folded[words.index(tokens[0], end)].isupper():
        return True
    if tokens[0] in employers.STOP_EN:
        return False
    return not _firm_ends().isdisjoint(tokens[1:]) or not names_en.is_ordinary(tokens[0])


@lru_cache(maxsize=1)
def _firm_ends() -> frozenset[str]:
    return frozenset(ending.rpartition(" ")[2] for ending in written_out(employers.SUFFIX_EN))


def _drives(reading: Reading, words: str, start: int, end: int) -> bool:
    return employers.CUE_EN.match(reading.low, start) is not None


def _numbered(reading: Reading, words: str, start: int, end: int) -> bool:
    """A number or a word for a flat stands within an address's reach before the street's word."""
    before = reading.low[max(0, start - 90) : start].rpartition("\x00")[2]
    return _ADDRESS_START.search(before) is not None


def _spelt_domain(reading: Reading, words: str, start: int, end: int) -> bool:
    return handles.SPOKEN_DOMAIN.match(reading.low, start) is not None
