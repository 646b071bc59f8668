"""The English half of the prefilter: literal words that a name, workplace, address, address or number needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from audit.privacy import employers, names_en
from audit.privacy.addresses import STREET_WORDS
from audit.privacy.block import Block, Codes, table_of
from audit.privacy.dates import BIRTH
from audit.privacy.digits import PAN
from audit.privacy.reading import Reading
from audit.privacy.spoken import EN_DIGITS, EN_TEENS, EN_TENS, EN_TIMES

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
_JOB_WORDS = (
    "work works worked working employed employer employers workplace company firm school job shift position career place desk boss manager supervisor colleague colleagues coworker coworkers hr payroll office reception accounts "
    "resources teach teaches teaching taught nurse teacher driver cashier welder cook chef clerk porter guard mechanic receptionist engineer accountant electrician janitor cleaner waiter waitress bartender student barista carpenter plumber "
    "picker packer foreman assistant technician operator tutor professor coach still now back currently over laid fired let retired resigned quit quits left started starting hired joined studies study studying studied enrolled enroll enrolls "
    "graduated graduate go goes going went attends attend attending drive drives driving drove daughter son kid kids wife husband sister brother mother father intern interns interned interning contract contracts contracting contracted "
    "paid wages paycheck salary manage manages managed run runs clean cleans cleaning cleaned"
).split()
_JOB_PHRASES = [
    "s at",
    "s with",
    "i'm at",
    "i'm with",
    "am at",
    "am with",
    "is at",
    "is with",
    "are at",
    "are with",
    "they're at",
    "they're with",
    "you're at",
    "you're with",
]
_ADDRESS_START = re.compile(
    rf"[0-9]|(?<![a-z])(?:{'|'.join(sorted(_NUMBER_WORDS))}|flat|apartment|apt|plot|house|door|thirty|hundred)(?![a-z])"
)
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)(?![a-z])")
_DIGITS = re.compile(rf"[0-9](?:[^0-9\x00]{{0,40}}[0-9]){{4}}|{PAN}")
_DOT = re.compile(r"\.|(?<![a-z])(?:dot|point|period)(?![a-z])")

Look = Callable[[Reading, str, int, int], bool]


def places(block: Block) -> Iterator[tuple[str, Sequence[int]]]:
    """(scanner, texts in which it might find something)."""
    digits = block.counts(block.is_any("0123456789"))
    yield "numbers", block.searched(_DIGITS, digits > 3)
    yield "numbers", block.matched(_PAN)
    yield "addresses", block.searched(_ORDINAL, digits > 0)
    yield "emails", np.flatnonzero(block.holding(block.is_any("@"))).tolist()
    yield "chat names", block.searched(_CHAT, block.holding(block.is_any("x")))
    yield "chat names", block.matched(_WECHAT)
    yield "birth dates", block.matched(BIRTH["en"])
    yield from _by_words(block).items()


_PAN = re.compile(r"pan(?<![a-z]pan)(?![a-z])|permanent account")
_WECHAT = re.compile("wechat")
_CHAT = re.compile("weixin|vx|wx")


def _by_words(block: Block) -> dict[str, list[int]]:
    """Scanner -> texts with a word for it whose closer look holds; a text is looked at until one does."""
    words = block.mapped(_spaces()).replace("'s ", " s ").replace("' ", "  ")
    automaton, meanings = _automaton()
    matches = automaton.find_overlapping(words)
    begun = np.array([match[0] for match in matches], np.int64) + 1
    found: dict[str, list[int]] = {}
    for (start, end, value), place in zip(matches, block.places(begun).tolist(), strict=True):
        for scanner, look in meanings[value]:
            texts = found.setdefault(scanner, [])
            if texts and texts[-1] == place:
                continue
            if look is None or look(block, words, start + 1, end - 1):
                texts.append(place)
    return found


@lru_cache(maxsize=1)
def _spaces() -> Codes:
    # Half a surrogate pair cannot be handed to the automaton, which reads UTF-8.
    return table_of(lambda sign: " " if "\ud800" <= sign <= "\udfff" else sign.translate(_BREAKS))


@lru_cache(maxsize=1)
def _automaton() -> tuple[Any, list[list[tuple[str, Look | None]]]]:
    """(automaton over ` word ` literals, what each of them means: scanner and the closer look to take)."""
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
        ((*_JOB_WORDS, *_JOB_PHRASES), "employers", _job),
        (STREET_WORDS, "addresses", _numbered),
        (("box",), "addresses", None),
        (_NUMBER_WORDS, "numbers", _more_numbers),
        (("at",), "emails", _spelt_domain),
    )
    for words, scanner, look in groups:
        for word in words:
            literal = f" {word.replace('-', ' ')} "
            meanings.setdefault(literal, []).append((scanner, look))
    literals = sorted(meanings)
    return daachorse.CharwiseDoubleArrayAhoCorasick(literals), [meanings[literal] for literal in literals]


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
    if words[start:end] not in _COURTESIES:
        return after != ""
    first, _, last = names_en.lists()
    return after in first or after in last or reading.folded[end : end + 4].strip(" .")[:1].isupper()


_BETWEEN = frozenset("a an is was with s be to for the".split())


def _before_a_name(reading: Reading, words: str, start: int, end: int) -> bool:
    """The first word after the cue, articles and the like aside, is no ordinary one."""
    rest = words[end : end + 48].partition("\x00")[0].split()
    word = next((word for word in rest if word not in _BETWEEN), "")
    return "'" in word or (bool(word) and not names_en.is_common(word))


def _before_a_capital(reading: Reading, words: str, start: int, end: int) -> bool:
    return reading.folded[end : end + 3].strip(" ,")[:1].isupper()


def _relation(reading: Reading, words: str, start: int, end: int) -> bool:
    """A relation with a name after it, or said of somebody just before ("'s my sister")."""
    if re.search(
        r" (?:s|is|was) (?:(?:my|his|her|our|their|the) )?(?:late |ex |old |former |step)?$",
        words[max(0, start - 26) : start],
    ):
        return True
    return _before_a_name(reading, words, start, end)


def _job(reading: Reading, words: str, start: int, end: int) -> bool:
    """The employers' own cue stands here or just before, and a word follows it."""
    low = reading.low
    begin = low.rfind("\x00", max(0, start - 30), start) + 1 or max(0, start - 30)
    match = employers.CUE_EN.search(low, begin, min(len(low), end + 60))
    while match is not None and match.end() <= end + 60:
        if match.start() <= end and match.end() > start:
            after = _next_word(words, match.end() - 1)
            return bool(after)
        match = employers.CUE_EN.search(low, match.start() + 1, min(len(low), end + 60))
    return False


def _numbered(reading: Reading, words: str, start: int, end: int) -> bool:
    """A number or a word for a flat stands within an address's reach before the street's word."""
    before = reading.low[max(0, start - 90) : start].rpartition("\x00")[2]
    return _ADDRESS_START.search(before) is not None


def _more_numbers(reading: Reading, words: str, start: int, end: int) -> bool:
    """Two more number words or digits stand near."""
    around = (
        words[max(0, start - 30) : start].rpartition("\x00")[2] + words[end : end + 100].partition("\x00")[0]
    )
    return sum(word in _NUMBER_WORDS or word[0].isdigit() for word in around.split()) >= 2


def _spelt_domain(reading: Reading, words: str, start: int, end: int) -> bool:
    return _DOT.search(reading.low[end : end + 80].partition("\x00")[0]) is not None
