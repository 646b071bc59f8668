"""The Chinese half of the prefilter: signs that a name, workplace, address or chat name needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from audit.privacy import addresses, employers, names_zh
from audit.privacy.reading import Reading

_NUMBERED = re.compile(
    r"[0-9零〇一二两三四五六七八九十百千幺](?:号|栋|幢|座|单元|组|队|楼|室|门|排|弄|期|区|巷|院|之|社|屯|户)|[a-z][0-9]{0,2}(?:座|栋|幢|区|塔|馆)"
)
_AT = re.compile(r"@|艾特|圈|小老鼠|at")
_CHAT = re.compile(r"(?:微信|加微|薇信|威信|v信|绿泡泡|vx|wx|wechat|weixin|q ?q|扣扣)[^\x00]{0,24}?[a-z0-9]")


def positions(reading: Reading) -> Iterator[tuple[str, int]]:
    """(scanner, position) wherever a scanner might find something."""
    low = reading.low
    for name, pattern in (("emails", _AT), ("chat names", _CHAT)):
        for match in pattern.finditer(low):
            yield name, match.start()
    for match in _NUMBERED.finditer(low):
        begin = low.rfind("\x00", max(0, match.start() - 40), match.start()) + 1 or max(0, match.start() - 40)
        if addresses.HEAD_ZH.search(low, begin, match.end() + 12):
            yield "addresses", match.start()
    for match in _workplace().finditer(low):
        begin = max(low.rfind("\n", max(0, match.start() - 30), match.start()) + 1, match.start() - 30, 0)
        if employers.CUE_ZH.search(low, begin, match.end()):
            yield "employers", match.start()
    for start in names_zh.batch_positions(low):
        yield "names", start


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
