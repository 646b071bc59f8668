"""Where a Chinese name may stand in many joined texts: classes of four signs, then a pattern, then its shape.

A necessary condition of `names_zh.find`; whose tables it reads.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.privacy import names_zh
from audit.privacy.block import Block, Mask, ahead

_FIRM_LAST = frozenset(
    "叫是名为栏写人有填主告诉知益表者方东注署: ,的公婆夫妻子妇象友爸妈亲爹娘儿女闺孩哥姐弟妹舅叔姑姨侄甥父母嫂学事室居乡导板戚管伙保下"
)
_AFTER_FIRST = "本先女小您你他她欠借说的是为不在没还了已签接住电手身联出过回躲跑买打上这那家夫妻吗吧呢把让找去来给跟和今昨现最知认答承当走死离失拖拿用做办开能会要可该得就也都又怎什方愿申代替作名同委负转付交收男生户有到从被骗担退"


@lru_cache(maxsize=1)
def _batch_pattern() -> re.Pattern[str]:
    """Where a name may begin: a surname behind an edge or before a title or strong words, a familiar form, a pair."""
    ranks, _, _ = names_zh._ranks()
    sign, han = f"[{''.join(sorted(ranks))}]", f"[{names_zh._HAN}]"
    after = (
        f"(?:[^{names_zh._HAN}]|[{''.join(sorted(names_zh._FUNCTION))}{_AFTER_FIRST}]|{names_zh.TITLES}|\\Z)"
    )
    edges = re.escape("".join(sorted(names_zh._LEFT_LAST | {"\n"})))
    strong = f"(?:{names_zh._AFTER_STRONG.pattern}|{'|'.join(names_zh._POLITE)})"
    return re.compile(
        rf"{sign}(?:{names_zh.TITLES})|{sign}{han}{{1,2}}?{strong}|(?:{'|'.join(sorted(names_zh.surnames()[1]))})(?={han})|"
        rf"[小老阿]{sign}(?={names_zh._NICK_AFTER.pattern})|"
        rf"[{''.join(sorted(names_zh._GIVEN_FIRST))}][{''.join(sorted(names_zh._GIVEN_LAST))}](?={names_zh._GIVEN_AFTER.pattern}|{after})|"
        rf"{sign}(?:(?<=\A.)|(?<=[{edges}].))(?={han}{{1,2}}?{after})|{sign}(?<=[{''.join(sorted(_FIRM_LAST))}].)(?={han})"
    )


def batch_places(block: Block) -> list[int]:
    """Texts of a block in which a name may stand (a necessary condition of `find`)."""
    pattern, low = _batch_pattern(), block.low
    starts = np.flatnonzero(_may_begin(block))
    found: list[int] = []
    for start, place in zip(starts.tolist(), block.places(starts).tolist(), strict=True):
        if found and found[-1] == place:
            continue
        match = pattern.match(low, start)
        if match and (match.end() - start > 1 or _looks_like_one(low, start) or _cued_in(low, start)):
            found.append(place)
    return found


def _may_begin(block: Block) -> Mask:
    """Where `_batch_pattern` may match, by the classes of four signs; with the shape a weak cue asks for."""
    classes, shape, sign = _classes()
    seen = classes[block.codes]

    def at(kind: int, by: int = 0) -> Mask:
        return ahead((seen & kind) != 0, by)

    surname, han = at(_SURNAME), at(_SIGN, 1)
    han_2 = at(_SIGN, 2)
    strong = at(_STRONG_SIGN, 2) | (han_2 & at(_STRONG_SIGN, 3))
    follows = at(_FOLLOWS, 2) | (han_2 & at(_FOLLOWS, 3))
    first = shape[block.codes] + _ahead(sign[block.codes], 1)
    likely = np.maximum(first, first + _ahead(sign[block.codes], 2)) >= names_zh._LEAST - 0.502
    firm = at(_FIRM_SIGN, -1)
    alone = han & ((at(_EDGE, -1) & follows & (likely | firm)) | firm)
    alone[:1] |= True
    pair = at(_PAIR_FIRST) & at(_PAIR_LAST, 1) & (at(_FOLLOWS, 2) | at(_GIVEN_SIGN, 2))
    familiar = at(_FAMILIAR) & at(_SURNAME, 1)
    compound = at(_COMPOUND_FIRST) & at(_COMPOUND_LAST, 1) & han_2
    begins: Mask = (surname & (at(_TITLE_SIGN, 1) | (han & strong) | alone)) | pair | familiar | compound
    return begins


def _ahead(values: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    seen = np.full_like(values, -9.0)
    seen[: len(values) - by] = values[by:]
    return seen


(
    _SURNAME, _SIGN, _STRONG_SIGN, _FOLLOWS, _FIRM_SIGN, _EDGE, _PAIR_FIRST, _PAIR_LAST, _GIVEN_SIGN, _FAMILIAR,
    _COMPOUND_FIRST, _COMPOUND_LAST, _TITLE_SIGN,
) = (1 << bit for bit in range(13))  # fmt: skip


@lru_cache(maxsize=1)
def _classes() -> tuple[NDArray[np.uint16], NDArray[np.float32], NDArray[np.float32]]:
    """(classes of each sign, worth of it as a surname, worth of it in a given name): see `names_zh._shape`."""
    ranks, _, _ = names_zh._ranks()
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    functions = frozenset(_AFTER_FIRST) | names_zh._FUNCTION | names_zh._TITLE_FIRST
    given = frozenset(re.findall(rf"[{names_zh._HAN}]", names_zh._GIVEN_AFTER.pattern))
    compound = names_zh.surnames()[1]
    table = np.zeros(1 << 16, np.uint16)
    table[:] = _FOLLOWS
    table[0x4E00:0xA000] = _SIGN
    for kind, signs in (
        (_SURNAME, ranks), (_STRONG_SIGN, names_zh._STRONG_FIRST), (_FOLLOWS, functions), (_FIRM_SIGN, _FIRM_LAST),
        (_EDGE, names_zh._LEFT_LAST), (_PAIR_FIRST, names_zh._GIVEN_FIRST), (_PAIR_LAST, names_zh._GIVEN_LAST), (_GIVEN_SIGN, given),
        (_FAMILIAR, "小老阿"), (_COMPOUND_FIRST, {name[0] for name in compound}),
        (_COMPOUND_LAST, {name[1] for name in compound}), (_TITLE_SIGN, names_zh._TITLE_FIRST),
    ):  # fmt: skip
        for one in frozenset(signs):
            table[ord(one)] |= kind
    shape, worth = np.full(1 << 16, -9.0, np.float32), np.full(1 << 16, -9.0, np.float32)
    for one in han:
        worth[ord(one)] = names_zh._sign_score(one)
    for one, place in ranks.items():
        base = 0.15 if place < 100 else 0.1 if place < 200 else 0.04
        shape[ord(one)] = base - (0.2 if one in names_zh._RARE_WORDS else 0.0)
    return table, shape, worth


def _looks_like_one(low: str, start: int) -> bool:
    """Shape enough for a weak cue (at most 0.3) and an ordinary continuation (at most 0.2)."""
    shapes = (
        names_zh._shape(low[start : start + length], 1)
        for length in (2, 3)
        if names_zh._all_han(low[start + 1 : start + length], length - 1)
    )
    return any(shape - doubt >= names_zh._LEAST - 0.501 for shape, doubt in shapes)


def _cued_in(low: str, start: int) -> bool:
    """As `_may_hold`, in joined texts: an ordinary word is a name only behind a firm cue or before strong words."""
    left = low[max(0, start - 14) : start].rpartition("\x00")[2]
    if names_zh._CUE_FIRM.search(left) or names_zh._CUE_KIN.search(left):
        return True
    return any(
        low.startswith(names_zh._POLITE, end) or names_zh._AFTER_STRONG.match(low, end) is not None
        for end in (start + 2, start + 3)
    )
