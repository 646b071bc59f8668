"""The Chinese half of the prefilter: signs that a name, workplace, address or chat name needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.privacy import addresses, employers, prefilter_names_zh, spoken
from audit.privacy.block import Block, Mask, ahead
from audit.privacy.dates import BIRTH
from audit.privacy.digits import BATCH_POSSIBLE
from audit.privacy.numbers import PROVINCES
from audit.privacy.spoken import ZH_DIGITS

_NUMBERED = re.compile(
    r"[0-9零〇一二两三四五六七八九十百千幺](?:号|栋|幢|座|单元|组|队|楼|室|门|排|弄|期|区|巷|院|之|社|屯|户)|[a-z][0-9]{0,2}(?:座|栋|幢|区|塔|馆)|[0-9]-[0-9]"
)
_CHAT = re.compile(r"(?:微信|加微|薇信|威信|v信|绿泡泡|vx|wx|wechat|weixin|q ?q|扣扣)[^\x00]{0,24}?[a-z0-9]")
_CHAT_WORDS = (
    "微信",
    "加微",
    "薇信",
    "威信",
    "v信",
    "绿泡泡",
    "扣扣",
    "vx",
    "wx",
    "wechat",
    "weixin",
    "qq",
    "q q",
)
_QQ_WORDS = (*_CHAT_WORDS, "企鹅", "球球", "we chat")
_AT = ("艾特", "小老鼠", "at")
_PAN = ("pan", "permanent account")

_NUMERALS = frozenset("0123456789零〇一二两三四五六七八九十百千幺")
_UNITS = frozenset("号栋幢座单组队楼室门排弄期区巷院之社屯户塔馆")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789") | frozenset(ZH_DIGITS)
_BIRTH = frozenset("生辰诞落历")
_WITHIN = frozenset(re.sub("[^\u4e00-\u9fff]", "", spoken.ZH_FILLER + spoken.ZH_CORRECTION)) | {
    *spoken.ZH_SOUNDS, *ZH_DIGITS, *PROVINCES, *"十百个叉艾爱埃克斯",
}  # fmt: skip
"""Chinese signs that may stand inside a dictated number: digits, their sounds, fillers, corrections."""


Places = Sequence[int] | NDArray[np.int64]


def places(block: Block) -> Iterator[tuple[str, Places]]:
    """(scanner, texts in which it might find something)."""
    latin, birth, at, units, numerals, digit, dash = block.are(
        _LATIN, _BIRTH, "@圈", _UNITS, _NUMERALS, "0123456789", "-"
    )
    spelt, chat, qq, pan, firm = block.saying(_AT, _CHAT_WORDS, _QQ_WORDS, _PAN, _FIRM)
    yield "numbers", _numbers(block, latin, qq, pan)
    yield "birth dates", block.searched(BIRTH["zh"], block.holding(birth))
    yield "emails", np.flatnonzero(block.holding(at) | spelt)
    yield "chat names", block.searched(_CHAT, chat)
    numbered, several = numerals & ahead(units, 1), np.flatnonzero(block.several_lines())
    held = block.holding(digit & ahead(dash, 1))
    held |= block.holding(latin) & block.holding(units)
    yield "addresses", _addresses(block, block.holding(numbered) | held)
    yield from ((name, several) for name in ("addresses", "emails"))
    yield "employers", _employers(block, firm)
    school, learns = block.are("中小", "教上念读当的老学初高")
    yield "employers", block.searched(employers.SCHOOL_ALONE, block.holding(school & ahead(learns, 1)))
    yield "names", prefilter_names_zh.batch_places(block)


_LEAST_SIGNS, _LEAST_QQ = 6, 5
"""Digits of the shortest numbers: passports and the like; a QQ number beside its word. Plates have their own look."""


def _numbers(block: Block, latin: Mask, qq: Mask, pan: Mask) -> Places:
    """Texts with enough digits in one stretch that no other word breaks; with plates, PANs and 三个八."""
    digits, ten, hundred, sounds, count, province, gap = block.are(
        _DIGITS, "十", "百", spoken.ZH_SOUNDS, "个", PROVINCES, " ,"
    )
    weights = digits + ten.astype(np.int16) + 2 * hundred
    most = _most_in_a_stretch(block, weights)
    sounds = sounds & ahead(digits, -1) & ahead(digits, 1)
    times = count & (ahead(digits, 1) | ahead(digits, 2))
    enough = (most >= _LEAST_SIGNS) | ((most >= _LEAST_QQ) & (qq | block.holding(sounds)))
    glued = latin & (ahead(digits, 1) | ahead(digits, 2) | ahead(digits, 3))
    plates = province & ahead(latin | gap, 1)
    screen = enough | block.holding(times | glued | plates) | block.several_lines() | pan
    return block.searched(BATCH_POSSIBLE["zh"], screen)


def _most_in_a_stretch(block: Block, weights: NDArray[np.int16]) -> NDArray[np.int64]:
    """The largest sum of weights between two signs that no dictated number holds, for each text."""
    ends = np.flatnonzero(_breaks()[block.codes])  # the last one is the NUL behind the last text
    sums = np.add.reduceat(weights, np.concatenate(([0], ends[:-1])), dtype=np.int64)
    most = np.zeros(len(block.starts), np.int64)
    full = np.flatnonzero(sums >= _LEAST_QQ)
    np.maximum.at(most, block.places(ends[full]), sums[full])
    return most


@lru_cache(maxsize=1)
def _breaks() -> Mask:
    """Signs over which no number is read on: Chinese ones that are neither digits nor fillers, and NUL."""
    table = np.zeros(1 << 16, bool)
    table[0x4E00:0xA000] = True
    table[[ord(sign) for sign in _WITHIN]] = False
    table[0] = True
    return table


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


def _employers(block: Block, firm: Mask) -> Places:
    """Texts with a workplace's suffix or name, a cue within reach before it, and a firm cue or staff after it."""
    found, low, pattern = list[int](), block.low, _workplace()
    alone, before, last, after = block.are(*_ends(), _AFTER)
    ends = np.flatnonzero(alone | (last & ahead(before, -1)))
    places = block.places(ends)
    kept = ahead(after, 1)[ends] | firm[places]
    ends, places = ends[kept], places[kept]
    for end, place, start in zip(ends.tolist(), places.tolist(), block.starts[places].tolist(), strict=True):
        if (found and found[-1] == place) or not pattern.match(low, end):
            continue
        begin = max(low.rfind("\n", max(start, end - 30), end) + 1, end - 30, start)
        if employers.CUE_ZH.search(low, begin, end + 1):
            found.append(place)
    return found


_FIRM = tuple(
    "单位 地方 子读 儿读 娃读 女读 子念 儿念 娃念 女念 就职 任职 供职 毕业 就读 受雇 入职 雇主 公司是 公司叫 公司名 学校是 学校叫 厂叫 厂里叫 店叫 店名叫 考上 考进 跳槽 分配".split()
)
"""The words of `employers._FIRM_CUE`."""
_AFTER = frozenset(
    " ,.。?!\n的里那门前附上学大中小班初高教卖修带读念收理开跑扫站值管工打任当做送干实兼职员老护医保司会财人领同电厨销辞离裁对是吗呢没不搬拧住这已早倒发扣了退毕就一二三四五六123456流产车后柜食财帮看记出切端"
)
"""What `employers._NEED_AFTER` may begin with."""


@lru_cache(maxsize=1)
def _ends() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """(suffixes of one sign, last signs but one, last signs) of what `_workplace` may match."""
    words = {*employers.SUFFIX_ZH.split("|"), *employers.BRANDS_ZH.split("|")}
    numerals, schools, kinds = "一二三四五六七八九十省市县区镇", "小中高院", "铁建国交冶"
    last = {word[-1] for word in words} | set(schools) | set(kinds)
    before = {word[-2] for word in words if len(word) > 1} | set(numerals) | {"中"}
    alone = {word for word in words if len(word) == 1}
    return frozenset(alone), frozenset(before), frozenset(last)


@lru_cache(maxsize=1)
def _workplace() -> re.Pattern[str]:
    """The last sign of a workplace's name or suffix, looked at with what stands before it."""
    words = sorted({*employers.SUFFIX_ZH.split("|"), *employers.BRANDS_ZH.split("|")}, key=len)
    by_length: dict[int, list[str]] = {}
    for word in words:
        by_length.setdefault(len(word), []).append(word)
    behind = "|".join(f"(?<=(?:{'|'.join(group)}))" for group in by_length.values())
    return re.compile(rf".(?:{behind}|(?<=[一二三四五六七八九十省市县区镇][小中高院])|(?<=中[铁建国交冶]))")
