"""Where a Chinese name may stand in many joined texts: the scores of `names_zh`, bounded for all places at once.

A necessary condition of `names_zh.find`, whose tables it reads: cue, shape and continuation are looked up by the
signs around a place; each bound is what the scanner's own pattern gives at most when it ends or begins with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.privacy import names_zh
from audit.privacy.alternatives import written_out
from audit.privacy.block import EDGE, Block, Mask, ahead, table

Numbers = NDArray[np.int64]
Scores = NDArray[np.float64]

_CUE_BETWEEN = frozenset("一下的是叫:, ")
_CUE_ENDS = frozenset(
    "叫做是为的写栏人名记字有填头主表户告诉知东上公婆夫妻子妇象友爸妈亲爹娘儿女闺孩哥姐弟妹舅叔姑姨侄甥父母嫂学事室居乡导板戚管伙保婿孙襟妯娌徒了"
)
"""Last signs of a firm cue or of a relation, and small words that may come after them."""
_CALL_ENDS = frozenset("问下您你是好, 喂我找识得给跟和让叫请帮替系烦接于被把对向为以由有与及者或、代")
_EDGE_ENDS = frozenset("\n\x00\t\r 　,。!?;:、…嗯呃啊哦喂那个是为果在来以实且天次才前说道思起歉谢烦苦好的行")
_NICK_ENDS = frozenset("室部科组厂店里的务服计理管员事台位司们壁下地")
_AFTER_OF = "电手号家名借欠贷账朋同妈爸老儿女哥弟姐妹身卡车户邻单爱妻丈父母领担债钱事"
_AFTER_IS = "我你您他她谁不哪什本担紧同"
_AFTER_FIRST = frozenset(
    "本先女小您你他她欠借说不在还没已签接住电手身联出过回躲跑买打上这那家夫吗吧呢把让找去来给跟和今昨现最知认答承当走死离失拖拿用做办开能会要可该得就也都又怎什方愿申代替作名同委负转付交收男生户有到从被骗担退"
)
_GIVEN_AFTER = frozenset("给接呀啊出你您说不他她欠借还在去的没跑回打人是到跟把已最现又")
_ASKED_AFTER = frozenset("本先女小吗吧不在接")


def batch_places(block: Block) -> list[int]:
    """Texts of a block in which a name may stand."""
    classes = _classes()
    seen = classes[block.codes]

    def at(kind: int, by: int = 0) -> Mask:
        return ahead((seen & kind) != 0, by)

    han = at(_HAN, 1)
    surnames = np.flatnonzero(at(_SURNAME) & han)
    compound = np.flatnonzero(at(_COMPOUND_FIRST) & at(_COMPOUND_LAST, 1) & at(_HAN, 2))
    familiar = np.flatnonzero(at(_FAMILIAR) & at(_COMMON, 1))
    given = np.flatnonzero(at(_PAIR_FIRST) & at(_PAIR_LAST, 1))
    whole = np.concatenate(
        (
            compound[_pair_in(block, compound, _compounds())],
            surnames[_full(block, surnames)],
            _titled(block, surnames),
        )
    )
    block.name_starts = np.unique(whole)
    others = familiar[_familiar(block, familiar)], _given(block, given), _doubled(block), _foreign(block)
    found: list[int] = block.places(np.concatenate((whole, *others))).tolist()
    return found


_HAN, _SURNAME, _COMMON, _COMPOUND_FIRST, _COMPOUND_LAST, _FAMILIAR, _PAIR_FIRST, _PAIR_LAST = (
    1 << bit for bit in range(8)
)


@lru_cache(maxsize=1)
def _classes() -> NDArray[np.uint8]:
    ranks, compound = names_zh.ranks(), names_zh.surnames()[1]
    classes = np.zeros(1 << 16, np.uint8)
    classes[0x4E00:0xA000] = _HAN
    for kind, signs in (
        (_SURNAME, ranks), (_COMMON, {sign for sign, rank in ranks.items() if rank < names_zh.COMMON}),
        (_COMPOUND_FIRST, {name[0] for name in compound}), (_COMPOUND_LAST, {name[1] for name in compound}),
        (_FAMILIAR, "小老阿"), (_PAIR_FIRST, names_zh._GIVEN_FIRST), (_PAIR_LAST, names_zh._GIVEN_LAST),
    ):  # fmt: skip
        for one in frozenset(signs):
            classes[ord(one)] |= kind
    return classes


def _full(block: Block, starts: Numbers) -> Mask:
    """Where surname and given name may reach `names_zh._LEAST`."""
    signs = [block.back(starts, -by) for by in range(5)]
    shape, worth, rare, after_table = _worths()
    pairs, triples, known = _word_codes()
    two, rest = (signs[0] << 16) | signs[1], (signs[1] << 16) | signs[2]
    word, base = _among(two, pairs), shape[signs[0]] + worth[signs[1]]
    cued, cue = _cue(block, starts)
    longer = _han(signs[2])
    after = [_after(signs[2], signs[3], after_table), _after(signs[3], signs[4], after_table)]
    spelt = _spelt(block, starts, signs[0])
    after = [np.where(spelt, np.maximum(each, names_zh._STRONG), each) for each in after]
    after[1] = np.where(longer, after[1], -1.0)
    doubts = (
        rare[signs[0]] + np.where(word, 0.4, 0.15 * _among(two, known)),
        rare[signs[0]] + 0.4 * (word | _among((two << 16) | signs[2], triples)) + 0.1 * _among(rest, pairs),
    )
    scores = []
    for step, length in enumerate((base, base + worth[signs[2]])):
        sure = cued | (after[step] >= names_zh._STRONG)
        alone = cued & ~_han(signs[2 + step]) & (rare[signs[0]] == 0)
        scores.append(cue + length + after[step] + 0.45 * alone - doubts[step] * np.where(sure, 0.3, 1.0))
    best = np.maximum(scores[0], np.where(longer, scores[1], -1.0))
    holds = cued | ~word | (np.maximum(*after) >= names_zh._STRONG)
    found: Mask = holds & (best >= names_zh._LEAST - 0.002) & ~_counted(block, starts)
    return found


def _spelt(block: Block, starts: Numbers, signs: Numbers) -> Mask:
    """Whether the surname stands again soon (`names_zh._spelt`)."""
    found = np.zeros(len(starts), bool)
    for by in range(3, names_zh._SPELT_WITHIN + 3):
        found |= block.back(starts, -by) == signs
    return found


def _han(signs: Numbers) -> Mask:
    found: Mask = (signs >= 0x4E00) & (signs < 0xA000)
    return found


def _counted(block: Block, starts: Numbers) -> Mask:
    """A measure word after a number or a pointing word (`names_zh._counts`)."""
    measures, counted = table(names_zh._MEASURES), table(names_zh._COUNTED)
    found: Mask = measures[block.back(starts, 0)] & counted[block.back(starts, 1)]
    return found


def _cue(block: Block, starts: Numbers) -> tuple[Mask, Scores]:
    """(whether a firm cue or a relation may end there, the most any cue gives)."""
    ends, between = table(_CUE_ENDS), table(_CUE_BETWEEN)
    cued, open_ = np.zeros(len(starts), bool), np.ones(len(starts), bool)
    for by in range(1, 7):
        sign = block.back(starts, by)
        cued |= open_ & ends[sign]
        open_ &= between[sign]
    # 的 is the end of a cue only in a few of them (好的, 名字写的, 登记的, 抬头的): not after anything else.
    last, before = block.back(starts, 1), block.back(starts, 2)
    of = (last == ord("的")) & ~table(frozenset("好写记字头栏人名是一下叫:, "))[before]
    cued &= ~of
    edge = np.where(table(_EDGE_ENDS)[last] & ~of, 0.25, 0.0)
    cue = np.where(cued, names_zh._FIRM, np.where(table(_CALL_ENDS)[last], 0.3, edge))
    return cued, cue


def _after(sign: Numbers, following: Numbers, after: Scores) -> Scores:
    """The most `names_zh._after_score` gives where these two signs follow a name."""
    strong, polite = _after_pairs()
    pair = (sign << 16) | following
    of = (sign == ord("的")) & ~table(frozenset(_AFTER_OF))[following]
    being = (sign == ord("是")) & ~table(frozenset(_AFTER_IS))[following]
    worth = np.where(of | being, 0.08, after[sign])
    asked = table(frozenset("吗吧"))[sign] & table(frozenset(",。? \n"))[following]
    asked |= (sign == ord(",")) & table(frozenset("他她"))[following]
    worth = np.where(asked | (sign == ord("躲")) | _among(pair, strong), names_zh._STRONG, worth)
    return np.where(_among(pair, polite), 0.5, worth)


@lru_cache(maxsize=1)
def _after_pairs() -> tuple[Numbers, Numbers]:
    """(the first two signs of what `names_zh._AFTER_STRONG` matches, marks and 躲 aside; of the polite titles)."""
    strong = {words[:2] for words in written_out(names_zh.AFTER_STRONG_WORDS)}
    return _codes(strong), _codes(names_zh._POLITE)


@lru_cache(maxsize=1)
def _worths() -> tuple[Scores, Scores, Scores, Scores]:
    """(worth of each sign as a surname, in a given name, its doubt as a surname, its worth after a name)."""
    shape, worth, rare = np.full(1 << 16, -9.0), np.full(1 << 16, -9.0), np.zeros(1 << 16)
    after = np.full(1 << 16, 0.2)
    for code in range(0x4E00, 0xA000):
        worth[code] = names_zh._sign_score(chr(code))
        after[code] = 0.08 if chr(code) in names_zh._FUNCTION else -0.12
    after[[ord(sign) for sign in _AFTER_FIRST | names_zh._TITLE_FIRST | {"的", "是", "为"}]] = 0.2
    for sign, place in names_zh.ranks().items():
        shape[ord(sign)] = names_zh.surname_score(place)
    rare[[ord(sign) for sign in names_zh._RARE_WORDS]] = 0.2
    return shape, worth, rare, after


def _among(codes: Numbers, known: Numbers) -> Mask:
    """Which of `codes` stand in the sorted array."""
    found: Mask = known[np.minimum(np.searchsorted(known, codes), len(known) - 1)] == codes
    return found


def _codes(words: Iterable[str]) -> Numbers:
    return np.array(sorted(int.from_bytes(word.encode("utf-16-be"), "big") for word in words), np.int64)


@lru_cache(maxsize=1)
def _word_codes() -> tuple[Numbers, Numbers, Numbers]:
    """(words of two signs, words of three, words of two that only the dictionary knows), as sorted numbers."""
    words = names_zh._words()
    return (
        _codes(word for word in words if len(word) == 2),
        _codes(word for word in words if len(word) == 3),
        _codes(word for word in names_zh.dictionary() if len(word) == 2 and max(word) < "\uffff"),
    )


def _pair_in(block: Block, starts: Numbers, known: Numbers) -> Mask:
    return _among((block.back(starts, 0) << 16) | block.back(starts, -1), known)


@lru_cache(maxsize=1)
def _compounds() -> Numbers:
    return _codes(names_zh.surnames()[1])


def _titled(block: Block, starts: Numbers) -> Numbers:
    """Surnames before a title (`names_zh._titled`)."""
    starts = starts[table(names_zh._TITLE_FIRST)[block.back(starts, -1)]]
    left = block.back(starts, 1)
    led = table(names_zh._FUNCTION | _CALL_ENDS | _EDGE_ENDS | _CUE_ENDS)[left]
    plain = table(frozenset(title[0] for title in names_zh._PLAIN_TITLES))[block.back(starts, -1)]
    starts = starts[(led | plain) & ~_pair_in(block, starts, _word_codes()[0])]
    titles = [bool(names_zh._title_at(block.low, start + 1)) for start in starts.tolist()]
    found: Numbers = starts[np.array(titles, bool)]
    return found


def _familiar(block: Block, starts: Numbers) -> Mask:
    """小, 老 or 阿 before a common surname with a person's company (`names_zh._nicknames`)."""
    left = table(_CALL_ENDS | _EDGE_ENDS | _CUE_ENDS | _NICK_ENDS)[block.back(starts, 1)]
    after = table(names_zh.NICK_AFTER_FIRST)[block.back(starts, -2)]
    found: Mask = left & after & ~_pair_in(block, starts, _no_nicknames())
    return found


@lru_cache(maxsize=1)
def _no_nicknames() -> Numbers:
    return _codes(word for word in names_zh._NICK_NOT if len(word) == 2)


def _given(block: Block, starts: Numbers) -> Numbers:
    """Two signs of given names at the edge of a phrase (`names_zh._given_only`)."""
    cued, _ = _cue(block, starts)
    last, following = block.back(starts, 1), block.back(starts, -2)
    asked = table(_CALL_ENDS)[last] & table(_ASKED_AFTER)[following]
    edge = (table(_EDGE_ENDS)[last] | table(frozenset("给跟让找叫和替帮"))[last] | cued) & table(
        _GIVEN_AFTER
    )[following]
    edge &= ~_pair_in(block, starts, _no_given())
    sure = cued & (_after(following, block.back(starts, -3), _worths()[3]) >= 0.2)
    low = block.low
    marked = np.flatnonzero(asked | edge | sure).tolist()
    holds = [
        place
        for place in marked
        if sure[place] or asked[place] or names_zh._GIVEN_AFTER.match(low, int(starts[place]) + 2)
    ]
    return starts[np.array(holds, np.int64)]


def _doubled(block: Block) -> Numbers:
    """One sign of given names twice, right behind a word for a child (`names_zh._doubled`)."""
    twice = (block.codes == block.padded[EDGE + 1 : EDGE + 1 + len(block.codes)]) & table(_given_signs())[
        block.codes
    ]
    at = np.flatnonzero(twice)
    found: Numbers = at[table(frozenset("子女儿孩孙侄宝是叫, 给跟让找和替帮"))[block.back(at, 1)]]
    return found


@lru_cache(maxsize=1)
def _given_signs() -> frozenset[str]:
    return frozenset(sign for sign in names_zh._given() if "\u4e00" <= sign <= "\u9fff")


def _foreign(block: Block) -> Numbers:
    """Texts with a dot between Chinese signs, or a piece of another people's name (`names_zh._foreign`)."""
    (named,) = block.saying(tuple(names_zh.PIECES))
    dotted = np.flatnonzero(block.are("·")[0])
    return np.concatenate((block.starts[named], dotted))


@lru_cache(maxsize=1)
def _no_given() -> Numbers:
    words = {
        word for word in names_zh._words() | names_zh.dictionary() if len(word) == 2 and max(word) < "\uffff"
    }
    return _codes(words | names_zh._GIVEN_NOT)
