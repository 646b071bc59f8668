"""The English half of the prefilter: words that a name, workplace, address or number needs, and what stands beside them.

All words of a block are looked up at once (tokens.py); every test is a necessary condition of a scanner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.privacy import employers, handles, names_en, prefilter_numbers_en
from audit.privacy.addresses import HOUSE_NAMES, STREET_WORDS
from audit.privacy.alternatives import written_out
from audit.privacy.block import Block, Mask, ahead, table
from audit.privacy.prefilter_numbers_en import NUMBER_WORDS
from audit.privacy.tokens import Index, Kinds, Table, Words, kinds_of, phrase, pieces

_TITLES = "mr mrs ms miss mister missus dr doctor prof professor shri smt sir master madam mx rev reverend officer sergeant captain señor señora senor senora".split()
_NAME_CUES = (
    "name|names|named|called|account under|account is|account belongs|account holder|card holder|cardholder|made out to|goes by|speaking to|speaking with|"
    "reached|talk to|talk with|speak to|speak with|calling for|looking for|asking for|ask for|message for|call for|trying for|looking to reach|trying to reach|"
    "hold of|signed by|file has|file shows|we have|care of|attention|attn|c o|know|known as|is there a|is there an|account for|listed as|registered to|belongs to|"
    "who is|who s|paid to|payable to|spoke to|spoke with|spoken to|spoken with|talked to|talked with|talking to|talking with|letter to|reference is|nominee|guarantor|co signer|cosigner|"
    "emergency contact|contact person"
).split("|")
_INTRODUCTIONS = (
    "this is|my name s|you got|it s me|name s|is that|is this|reach|ring|phone|contact|call|text".split("|")
)
_COURTESIES = tuple(names_en.COURTESIES)
_BETWEEN = "a an is was with s be to for the named called on it card account file there says of".split()
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)(?![a-z])")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_GLUE = _LETTERS | frozenset("0123456789'@._-")
_CHAT = ("wechat", "weixin")
_BIRTH = ("birth", "born", "dob", "d.o", "do.b", "bday")
_PAN = ("pan", "permanent account")
_HOUSE_WORDS = (
    *NUMBER_WORDS,
    *"flat apartment apt plot house door room unit shop office blk block hundred".split(),
    *HOUSE_NAMES,
)

(
    _ONE_SIGN, _TWO_SIGNS, _FIRST, _DOUBTFUL, _LAST, _PLAIN, _TITLE, _COURTESY, _KIN, _STREET, _HOUSE, _BOX, _AT, _JOINS, _FIRM,
    _STOP, _BEING, _OWNER, _MODIFIER, _PARTICLE, _ARTICLE, _CUE_END, _POSSESSIVE, _DOES,
    _SPOKEN_OF, _ABSENT, _FETCH, _SHE, _GONE,
) = (1 << bit for bit in range(29))  # fmt: skip
_NAME_CUE, _JOB_CUE, _INTRODUCTION, _DRIVES = 1, 2, 4, 8
_LISTED = _FIRST | _DOUBTFUL | _LAST


@lru_cache(maxsize=1)
def _tables() -> tuple[Table, tuple[Table, ...]]:
    """(kinds of words, cues by how many words they have: kinds of phrases)."""
    first, doubtful, last = names_en.lists()
    cues = _cues()
    words = kinds_of(
        (
            (_ONE_SIGN, [word for word in NUMBER_WORDS if prefilter_numbers_en.weight(word) & 1]),
            (_TWO_SIGNS, [word for word in (*NUMBER_WORDS, "hundred") if prefilter_numbers_en.weight(word) & 2]),
            (_FIRST, first), (_DOUBTFUL, doubtful), (_LAST, last), (_PLAIN, names_en.NOT_NAMES),
            (_TITLE, set(_TITLES) - set(_COURTESIES)), (_COURTESY, _COURTESIES), (_KIN, names_en.KIN | names_en.MORE_KIN),
            (_STREET, STREET_WORDS), (_HOUSE, _HOUSE_WORDS), (_BOX, ("box",)), (_AT, ("at",)), (_JOINS, _BETWEEN),
            (_FIRM, {ending.rpartition(" ")[2] for ending in written_out(employers.SUFFIX_EN)}), (_STOP, employers.STOP_EN),
            (_BEING, ("s", "is", "was")), (_OWNER, "my your his her their the our".split()),
            (_MODIFIER, "late ex old older younger big little elder first former step".split()),
            (_PARTICLE, names_en.PARTICLES), (_ARTICLE, ("a", "an", "the")), (_CUE_END, {words[-1] for words in cues}),
            (_POSSESSIVE, ("s",)),
            (_DOES, "speaking here calling again to know owes borrowed took takes signed lives".split()),
            (_SPOKEN_OF, names_en.NAMED_BEFORE), (_ABSENT, names_en.ABSENT_AFTER), (_FETCH, names_en.FETCHED_BEFORE),
            (_SHE, "he she he'll she'll".split()), (_GONE, names_en.GONE),
        )
    )  # fmt: skip
    longest = max(map(len, cues))
    return words, tuple(
        Table({phrase(words): kind for words, kind in cues.items() if len(words) == count})
        for count in range(1, longest + 1)
    )


def _cues() -> dict[tuple[str, ...], int]:
    """Every cue cut into words -> what it is one for. The employers' one repeat is looked at by `_drives`."""
    jobs = written_out(employers.CUE_EN_WORDS.replace("|drives? an? [a-z]+ for", ""))
    found: dict[tuple[str, ...], int] = {}
    for kind, cues in (
        (_NAME_CUE, _NAME_CUES),
        (_JOB_CUE, jobs),
        (_INTRODUCTION, _INTRODUCTIONS),
        (_DRIVES, ("drive a", "drive an", "drives a", "drives an")),
    ):
        for cue in cues:
            words = tuple(pieces(cue))
            found[words] = found.get(words, 0) | kind
    return found


def places(block: Block) -> Iterator[tuple[str, Sequence[int] | Index]]:
    """(scanner, texts in which it might find something)."""
    digit, letter, at, x, before_x = block.are("0123456789", _LETTERS, "@", "x", "vw")
    chat, birth, pan = block.saying(_CHAT, _BIRTH, _PAN)
    glued = letter & (ahead(digit, 1) | ahead(digit, 2) | ahead(digit, 3))
    yield "addresses", block.searched(_ORDINAL, block.holding(digit & ahead(letter, 1)))
    several = np.flatnonzero(block.several_lines())
    yield from ((name, several) for name in ("addresses", "emails"))
    yield "emails", np.flatnonzero(block.holding(at))
    yield "chat names", np.flatnonzero(chat | block.holding(x & ahead(before_x, -1)))
    yield "birth dates", np.flatnonzero(birth)
    yield "numbers", np.flatnonzero(pan)
    talk = _Talk(block, digit)
    yield "numbers", prefilter_numbers_en.places(block, talk.signs, glued)
    yield from talk.places()


class _Talk:
    """The words of a block with their kinds, and what each scanner needs to see among them."""

    def __init__(self, block: Block, digit: Mask) -> None:
        self.block, self.words, self.digit = block, Words(block), digit
        self.kinds: Kinds = _tables()[0].of(self.words.hashes)
        starts = self.words.starts
        self.capital = block.is_capital(starts)
        weights = np.bincount(self.words.places, self.kinds & (_ONE_SIGN | _TWO_SIGNS), len(block.starts))
        self.signs = block.counts(digit) + weights.astype(np.int64)
        self.cues = self._phrases()
        self.named = self._may_be_name()
        block.name_starts = self._begins()

    def places(self) -> Iterator[tuple[str, Index]]:
        """(scanner, texts in which it might find something)."""
        of = self.words.places
        yield "names", of[self._names()]
        yield "employers", of[self._workplaces()]
        yield "addresses", of[self._streets()]
        low, at = self.block.low, np.flatnonzero(self.kinds & _AT)
        spelt = [
            handles.SPOKEN_DOMAIN.match(low, start) is not None for start in self.words.starts[at].tolist()
        ]
        yield "emails", of[at[np.array(spelt, bool)]]

    def _is(self, kind: int) -> Mask:
        found: Mask = (self.kinds & kind) != 0
        return found

    def _begins(self) -> Index:
        """Where `names_en` finds a word that may begin a name: all but words that `named` rules out.

        Its words begin with a letter behind anything but a letter, digit or a few marks; some stand inside ours.
        """
        letters, glue = self.block.are(_LETTERS, _GLUE)
        begins = letters & ~ahead(glue, -1)
        out = np.zeros(len(begins), bool)
        out[self.words.starts] = ~self.named
        return np.flatnonzero(begins & ~out)

    def _phrases(self) -> NDArray[np.int64]:
        """For each word the kinds of cues that end with it."""
        found = np.zeros(len(self.kinds), np.int64)
        ends = np.flatnonzero(self.kinds & _CUE_END)
        for count, phrases in enumerate(_tables()[1], 1):
            found[ends] |= phrases.of(self.words.ending(ends, count))
        return found

    def _next(self, at: Index, by: int = 1) -> tuple[Index, Mask]:
        """The word `by` further on from each of `at`, and whether it stands in the same text."""
        following = np.minimum(at + by, len(self.kinds) - 1)
        same = (at + by < len(self.kinds)) & (self.words.places[following] == self.words.places[at])
        return following, same

    def _may_be_name(self) -> Mask:
        """Behind a cue: a word of the lists or in capitals, or two words in a row that are no ordinary ones."""
        ordinary = self._is(_PLAIN) & ~self._is(_DOUBTFUL)
        glued = table(frozenset("-'"))[self.block.codes[self.words.ends]]
        goes_on = self._is(_PARTICLE) | (self.words.lengths == 1)
        goes_on |= ~self._is(_PLAIN) & (self._is(_LAST | _FIRST) | (self.words.lengths > 2))
        found: Mask = ~ordinary & (self._is(_FIRST | _DOUBTFUL) | self.capital | glued | ahead(goes_on, 1))
        return found

    def _names(self) -> Index:
        """Words at which a name may begin, or a cue for one ends."""
        first = np.flatnonzero(self._is(_FIRST))
        cued = np.flatnonzero(self.cues & _NAME_CUE)
        kin = np.flatnonzero(self._is(_KIN))
        both = self.capital & ahead(self.capital, 1)
        paired = self.capital & ~self._is(_PLAIN) & ahead(self._is(_LAST) & self.capital, 1)
        introduced = ((self.cues & _INTRODUCTION) != 0) & ahead(self.capital, 1)
        gone = ahead(self._is(_ABSENT), 1) | (ahead(self._is(_BEING), 1) & ahead(self._is(_GONE), 2))
        introduced |= self.capital & ~self._is(_PLAIN) & gone
        return np.concatenate(
            (
                first,
                np.flatnonzero((self._is(_LAST) & both) | introduced | paired),
                self._doubtful(np.flatnonzero(self._is(_DOUBTFUL)), both),
                self._titles(np.flatnonzero(self._is(_TITLE | _COURTESY))),
                cued[self._before_a_name(cued)],
                kin[self._relation(kin)],
            )
        )

    def _doubtful(self, at: Index, both: Mask) -> Index:
        """First names that are also words: another name, a capital or a question about someone beside them."""
        following, same = self._next(at)
        before = self.kinds[np.maximum(at - 1, 0)]
        asked = (before & (_BEING | _SPOKEN_OF)) != 0
        asked |= ((before & _FETCH) != 0) & ((self.kinds[following] & _SHE) != 0)
        asked |= self.words.hashes[np.maximum(at - 1, 0)] == _hash_of("isn't")
        named = same & ((self.kinds[following] & (_LISTED | _POSSESSIVE | _DOES)) != 0)
        found: Index = at[named | asked | both[at]]
        return found

    def _titles(self, at: Index) -> Index:
        following, same = self._next(at)
        kinds = self.kinds[following]
        plain = ((kinds & _PLAIN) == 0) | ((kinds & _DOUBTFUL) != 0)
        known = ((kinds & (_FIRST | _LAST)) != 0) | self.capital[following]
        same &= table(frozenset(" ."))[self.block.codes[self.words.ends[at]]]
        found: Index = at[same & np.where((self.kinds[at] & _TITLE) != 0, plain, known)]
        return found

    def _before_a_name(self, at: Index) -> Mask:
        """What follows the cue, articles and the like aside, may be a name."""
        following, same = self._next(at)
        for _ in range(8):
            skipped = ((self.kinds[following] & _JOINS) != 0) & same
            following = np.minimum(following + skipped, len(self.kinds) - 1)
            same &= self.words.places[following] == self.words.places[at]
        return same & self.named[following]

    def _relation(self, at: Index) -> Mask:
        """A relation of somebody with a name after it, or said of somebody just before ("'s my sister")."""
        before = np.maximum(at - 1, 0)
        before = np.maximum(before - self._is(_MODIFIER)[before], 0)
        owned = self._is(_OWNER)[before]
        before = np.maximum(before - owned, 0)
        said = self._is(_BEING)[before] & (self._named_words()[before])
        found: Mask = said | (owned & self._before_a_name(at))
        return found

    def _named_words(self) -> Mask:
        """Whether one of the three words before may begin a name."""
        plain = self._is(_PLAIN) & ~self._is(_DOUBTFUL)
        likely = ~plain & (self._is(_LISTED) | self.capital | ~ahead(self._is(_PLAIN), 1))
        likely |= self.capital
        return ahead(likely, -1) | ahead(likely, -2) | ahead(likely, -3)

    def _workplaces(self) -> Index:
        """Cues for work before what `employers` may take: capitals, a firm's last word, or unusual words."""
        at = np.flatnonzero(self.cues & _JOB_CUE)
        following, same = self._next(at)
        article = self._is(_ARTICLE)[following] & same
        following = np.minimum(following + article, len(self.kinds) - 1)
        same &= self.words.places[following] == self.words.places[at]
        capital = self.capital[following]
        firm = _near_after(self._is(_FIRM), following, 9)
        usual = self._is(_STOP)[following] | (self._is(_PLAIN)[following] & ~firm)
        driving = np.flatnonzero(self.cues & _DRIVES)
        return np.concatenate((at[same & (capital | ~usual)], driving))

    def _streets(self) -> Index:
        """Words of streets with a number or a word for a flat within an address's reach before them; boxes."""
        streets = np.flatnonzero(self._is(_STREET))
        starts = self.words.starts
        digits = np.flatnonzero(self.digit)
        numbered = np.sort(np.concatenate((starts[self._is(_HOUSE)], digits)))
        if not numbered.size:
            return np.flatnonzero(self._is(_BOX))
        last = np.searchsorted(numbered, starts[streets]) - 1
        reached = numbered[np.maximum(last, 0)]
        near = (last >= 0) & (reached >= starts[streets] - 110)
        near &= self.block.starts[self.words.places[streets]] <= reached
        return np.concatenate((streets[near], np.flatnonzero(self._is(_BOX))))


def _near_after(marked: Mask, at: Index, reach: int) -> Mask:
    """Whether one of the `reach` words after each of `at` is marked."""
    places = np.append(np.flatnonzero(marked), len(marked) + reach)
    found: Mask = places[np.searchsorted(places, at, "right")] <= at + reach
    return found


def _hash_of(word: str) -> np.uint64:
    return np.uint64(phrase([word]))
