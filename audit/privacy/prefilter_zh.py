"""The Chinese half of the prefilter: signs that a name, workplace, address or chat name needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.privacy import addresses, employers, prefilter_names_zh
from audit.privacy.block import Block, Mask, ahead
from audit.privacy.dates import BIRTH
from audit.privacy.digits import BATCH_POSSIBLE
from audit.privacy.spoken import ZH_DIGITS

_NUMBERED = re.compile(
    r"[0-9零〇一二两三四五六七八九十百千幺](?:号|栋|幢|座|单元|组|队|楼|室|门|排|弄|期|区|巷|院|之|社|屯|户)|[a-z][0-9]{0,2}(?:座|栋|幢|区|塔|馆)"
)
_AT = re.compile(r"@|艾特|圈|小老鼠|at")
_CHAT = re.compile(r"(?:微信|加微|薇信|威信|v信|绿泡泡|vx|wx|wechat|weixin|q ?q|扣扣)[^\x00]{0,24}?[a-z0-9]")


_NUMERALS = frozenset("0123456789零〇一二两三四五六七八九十百千幺")
_UNITS = frozenset("号栋幢座单组队楼室门排弄期区巷院之社屯户塔馆")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789") | frozenset(ZH_DIGITS)
_BIRTH = frozenset("生辰诞落")


Places = Sequence[int] | NDArray[np.int64]


def places(block: Block) -> Iterator[tuple[str, Places]]:
    """(scanner, texts in which it might find something)."""
    latin = block.holding(block.is_any(_LATIN))
    digits = block.counts(block.is_any(_DIGITS))
    times = block.holding(block.is_any("个"))
    yield "numbers", block.searched(BATCH_POSSIBLE["zh"], (digits > 4) | latin | (times & (digits > 0)))
    yield "birth dates", block.searched(BIRTH["zh"], block.holding(block.is_any(_BIRTH)))
    yield "emails", block.matched(_AT)
    yield "chat names", block.searched(_CHAT, latin)
    units = block.is_any(_UNITS)
    numbered = block.is_any(_NUMERALS) & ahead(units, 1)
    yield "addresses", _addresses(block, block.holding(numbered) | (latin & block.holding(units)))
    yield "employers", _employers(block)
    yield "names", prefilter_names_zh.batch_places(block)


def _addresses(block: Block, texts: Mask) -> Places:
    """Texts in which a numeral with a unit stands at the end of an address's head."""
    found, low = list[int](), block.low
    for start, end in block.spans(texts):
        for match in _NUMBERED.finditer(low, start, end):
            begin = max(start, match.start() - 40)
            if addresses.HEAD_ZH.search(low, begin, min(end, match.end() + 12)):
                found.append(start)
                break
    return block.places(np.array(found, np.int64))


def _employers(block: Block) -> Places:
    """Texts with a workplace's suffix or name that has a cue within reach before it."""
    found, low = list[int](), block.low
    pattern = _workplace()
    alone, before, last = _ends()
    screen = block.is_any(alone) | (block.is_any(last) & ahead(block.is_any(before), -1))
    for start, end in block.spans(block.holding(screen)):
        for match in pattern.finditer(low, start, end):
            begin = max(
                low.rfind("\n", max(start, match.start() - 30), match.start()) + 1, match.start() - 30, start
            )
            if employers.CUE_ZH.search(low, begin, match.end()):
                found.append(start)
                break
    return block.places(np.array(found, np.int64))


@lru_cache(maxsize=1)
def _ends() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """(suffixes of one sign, last signs but one, last signs) of what `_workplace` may match."""
    words = {*employers.SUFFIX_ZH.split("|"), *employers.BRANDS_ZH.split("|")}
    numerals, schools, kinds = "一二三四五六七八九十", "小中高", "铁建国交冶"
    last = {word[-1] for word in words} | set(schools) | set(kinds)
    before = {word[-2] for word in words if len(word) > 1} | set(numerals) | {"中"}
    alone = {word for word in words if len(word) == 1}
    return frozenset(alone), frozenset(before), frozenset(last)


@lru_cache(maxsize=1)
def _workplace() -> re.Pattern[str]:
    """The last sign of a workplace's suffix, then the suffix behind it: rare signs first keep it cheap."""
    suffixes = sorted({*employers.SUFFIX_ZH.split("|")}, key=len)
    last = "".join(sorted({suffix[-1] for suffix in suffixes}))
    by_length: dict[int, list[str]] = {}
    for suffix in suffixes:
        by_length.setdefault(len(suffix), []).append(suffix)
    behind = "|".join(
        f"(?<={'|'.join(group)})" if len(group) == 1 else f"(?<=(?:{'|'.join(group)}))"
        for group in by_length.values()
    )
    return re.compile(
        rf"[{last}](?:{behind})|[一二三四五六七八九十][小中高]|中[铁建国交冶]|{employers.BRANDS_ZH}"
    )
