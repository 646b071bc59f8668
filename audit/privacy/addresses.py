"""Postal addresses that lead to a house, Chinese and English, whole from region to room.

A road, city or branch alone is none: an address needs a house, building, unit, group or post-box number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from audit.privacy.places import CITIES_EN, CITIES_ZH, STATES_EN
from audit.privacy.reading import Hit, Reading
from audit.privacy.together import over_turns

_H = "\u4e00-\u9fff"
_NUM = r"(?:[0-9]{1,5}(?:[-—][0-9]{1,5})?|[零〇一二两三四五六七八九十百千幺]{1,7})"
_PAUSE = r"(?:[ ,、]{0,3}(?:(?:嗯{1,3}|呃{1,3}|那个|啊)[ ,、]{0,3})?)"
_ROAD = r"(?:路|街|大道|道|巷子?|弄堂?|胡同|大街|里弄|环路|公路|国道|段|支路|条)"
_NAMED = r"(?:小区|花园|苑|公寓|大厦|广场|新村|家园|府|名邸|庭|园|城|中心|院|世纪|时代|国际|湾|居|里|村|庄|屯|寨|宿舍|楼|山庄|坊|墅|郡|华庭|雅居|名都|豪庭|新城|舍|区|馆|厂|学校|大楼|商城|市场|厦|轩|阁|台|岛|谷|半岛|天下|一品|公馆|首府|学府|御景|社区)"
_UNIT = r"(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼|层|组|户|门|房|队|支弄|梯|区|期|排|铺|档|院)"
_TAIL = re.compile(
    rf"{_PAUSE}(?:(?:之|附|第|地下|负|增|甲|乙|丙|临)?{_PAUSE}{_NUM}{_UNIT}|[a-zA-Z][0-9]?(?:座|栋|幢|区|单元|室|楼|塔|馆)|(?:[{_H}]{{2,8}}?{_NAMED})(?={_PAUSE}(?:[0-9a-zA-Z零〇一二两三四五六七八九十百]|第))|[东西南北前后左右][门楼侧院区座栋单]|[左右](?:手边?|边|侧)(?:第?[一二三]?[家间户])?|[{_H}]{{2,7}}(?:大厦|中心|公寓|小区|花园|广场|苑|家园|公馆|大楼|新村|社区)(?![{_H}]*(?:上班|工作))|"
    rf"(?:[0-9]{{3,4}}|[零〇一二三四五六七八九幺]{{3,4}})(?![0-9零〇一二三四五六七八九幺年月日元块万期]))"
)
HEAD_ZH = re.compile(
    rf"(?:(?:小区|花园|苑|公寓|新村|家园|宿舍|家属院|华庭|雅居|名都|豪庭|新城|公馆|社区)[ ,]?[0-9]{{1,3}}(?:-[0-9]{{1,4}}){{1,3}}(?![-0-9])|{_ROAD}[ ,]?(?:[东南西北中]段?[ ,]?|[一二三四五六七八九]段[ ,]?)?{_PAUSE}(?:第|附|甲|乙|丙|丁|临|新)?{_NUM}(?:号院|号楼|号|弄|巷|栋|幢|院|之|门)|"
    rf"{_NAMED}[ ,]?(?:[一二三四五六七八九东南西北中abc][区期]|[A-Za-z]区)?{_PAUSE}(?:第)?(?:{_NUM}(?:号楼|号院|号|栋|幢|座|单元|组|队|楼|室|门|排|弄|期|区)|[a-zA-Z][0-9]{{0,2}}(?:座|栋|幢|区|塔|馆))|"
    rf"(?:村|镇|乡|庄|屯|寨|营|坪|坡|湾|沟|塘|社区|(?:沟|屯|寨|庄|店|堡|营|洼|湾)子|[{_H}]{{2}}(?:堡|岭|河|桥|店|集|洼)){_PAUSE}{_NUM}(?:组|队|社|号|屯|户)|"
    rf"{_NUM}(?:栋|幢|号楼|号院){_PAUSE}{_NUM}?(?:单元|楼|层|门|室|座|[a-z])"
    rf")"
)
_LEFT_CUE = re.compile(
    r"(?:住在|租在|家在|住的是|住|址(?:还?是|写的是?|为|在|填的是?|[:,])?|寄到|寄往|寄去|寄给|送到|搬到了?|搬去了?|搬|快递送|送|发到|邮到|户籍(?:地|所在地)?(?:是|在)?|户口(?:在|是)?|老家(?:是|在)?|房子(?:是|在)|位于|坐落于?|"
    r"地址|家里?(?:是|在)|就在|停在|在|到|去|回|是|往|从|上门|那套|我家|他家|你家|您家|这边|现居|联系|收件|单位|房产|:|,|。|\?|!|;|\n| |了|的)"
)
_ADMINHEAD_ZH = re.compile(
    rf"(?:{'|'.join(sorted(CITIES_ZH, key=len, reverse=True))})(?:省|市|自治区|特别行政区|地区|州)?|[{_H}]{{1,6}}?(?:省|自治区|市|自治州|地区|盟)(?!场|里)|[{_H}]{{1,4}}?(?:区(?!别|分|块)|县|旗|镇|乡|街道)"
)


def find(reading: Reading) -> Iterator[Hit]:
    """Yields addresses of the language the text is read in, those given over several turns too."""
    scan = _chinese if reading.language == "zh" else _english
    yield from scan(reading)
    yield from over_turns(reading, scan)


def _chinese(reading: Reading) -> Iterator[Hit]:
    text, position = reading.low, 0
    while (match := HEAD_ZH.search(text, position)) is not None:
        start = _left_edge(reading, match.start(), position)
        end = _right_edge(text, match.end())
        position = max(end, match.end())
        if start is None or match.start() - start > 45 or _no_house(text[start:end], text[end : end + 3]):
            continue
        yield Hit("ADDRESS", start, end, 0.9, "road or estate with a number, up to the room")


_AFTER_DATE = re.compile(r"[日天]|之前|以前|前还|还款|还清")
_TIMES = re.compile(r"^[零一二三四五六七八九十0-9]+(?:号|楼|层|期|组)")


def _no_house(found: str, after: str) -> bool:
    return bool(_AFTER_DATE.match(after)) or (bool(_TIMES.match(found)) and len(found) < 5)


def _right_edge(text: str, end: int) -> int:
    while (match := _TAIL.match(text, end)) is not None and match.end() > end:
        end = match.end()
    return end


def _left_edge(reading: Reading, core: int, floor: int) -> int | None:
    """Where the address begins: at its first region, else behind the nearest word that leads to it."""
    text = reading.low
    low = max(floor, core - 32, reading.line_start(core))
    span = text[low:core]
    region = _region_chain(span)
    if region is not None:
        return low + region
    edge = 0
    for match in _LEFT_CUE.finditer(span):
        if match.end() <= len(span) - 1:
            edge = match.end()
    name = span[edge:]
    if not name:
        return core if re.match(r"[0-9一二三四五六七八九十]", text[core : core + 1]) and edge else None
    return low + edge if len(name) <= 12 else None


def _region_chain(span: str) -> int | None:
    """Offset of the first region of a chain that leads up to the end of `span`; None where there is none."""
    best: int | None = None
    for match in _ADMINHEAD_ZH.finditer(span):
        begin = match.start()
        if re.search(r"[,。?!;:]", span[match.end() :].replace(", ", "").strip(",")) and not _only_pauses(
            span[match.end() :]
        ):
            best = None
            continue
        if best is None:
            best = begin + _strip_cue(match[0])
    return best


def _only_pauses(text: str) -> bool:
    return not re.search(r"[。?!;:]", text) and len(re.sub(_PAUSE, "", text)) <= 14


_KNOWN = re.compile("|".join(sorted(CITIES_ZH, key=len, reverse=True)))
_CUE_IN_REGION = re.compile(
    r"^.*(?:住在|租在|家在|住|址是|址|寄到|送到|搬到|搬去|快递送|户籍地?是?|老家是?|位于|就在|停在|在|到|去|是|从|送|搬|联系|的|了)(?=[^在到去是从的了]{2,})"
)


def _strip_cue(region: str) -> int:
    """How many characters of a matched region are words that only lead to it."""
    known = _KNOWN.search(region)
    if known:
        return known.start()
    match = _CUE_IN_REGION.match(region)
    return match.end() if match else 0


_SUFFIX = (
    r"street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|terrace|close|crescent|cres|hill|gardens?|square|sq|parade|highway|hwy|grove|walk|row|mews|circle|trail|parkway|pkwy|pike|rise|view|"
    r"nagar|colony|society|apartments|enclave|marg|cross(?: street| road)?|layout|sector|block|vihar|bagh|chowk|phase|park|complex|heights|residency|towers?|green|bank|broadway|wharf|quay|common|loop|plaza|turnpike|gali|galli|path|extension|pally|puram|peth|garh"
)
STREET_WORDS: tuple[str, ...] = (
    *"line rue calle via avenida rua jalan jln lorong carrera".split(),
    *_SUFFIX.replace("gardens?", "garden|gardens")
    .replace("towers?", "tower|towers")
    .replace("cross(?: street| road)?", "cross")
    .split("|"),
)
"""The words a street, estate or colony ends in, and those some begin with."""

_NUMBER_WORD = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|double|triple)"
)
_HOUSE = rf"(?:(?:h|d|house|door)\.? ?no\.? ?[0-9]{{1,4}}(?:[-/][0-9]{{1,4}}){{0,3}}[a-z]?|[0-9]{{1,5}}(?:[/-][0-9]{{1,4}})?[a-z]?|[a-z]-[0-9]{{1,4}}|{_NUMBER_WORD}(?:[ -](?:and )?{_NUMBER_WORD}){{0,5}}(?: [a-d](?= ))?)"
_PRE = (
    r"(?:(?:[0-9]{1,2}(?:st|nd|rd|th)|first|second|third|ground|top) floor,? |(?:flat|apartment|apt|unit|suite|room|house|plot|door|shop|blk|block|lot|rural route|rr)\.?(?: no\.?| number)? ?(?:[0-9]{1,5}[a-z]?|[a-z]-?[0-9]{1,4}|[a-z]|(?:"
    + _NUMBER_WORD
    + r"(?: |-)?){1,4})[, ]+)"
)
_STREET = re.compile(
    rf"(?<![a-z0-9$])(?:{_PRE})?(?:number |no\.? )?{_HOUSE},? (?:(?!(?:dollars?|pounds?|rupees|days?|weeks?|months?|years?|times|percent|payments?|people|of|and|in|at|for|the|or|to|per|minutes|hours|calls|bucks|grand|o'clock|am|pm|off|more|a|my|is|on)\b)[a-z][a-z'.]* |[0-9]{{1,3}}(?:st|nd|rd|th) ){{1,4}}(?:{_SUFFIX})\b\.?"
)
_STREET_FLAT = re.compile(
    rf"(?<![a-z0-9])(?:flat|apartment|apt|plot|house|door|room|unit|shop|office|blk|block)\.?(?: no\.?| number)? (?:[0-9]{{1,5}}[a-z]?|[a-z]-?[0-9]{{1,4}}),? (?:[a-z][a-z'.]*,? ){{1,4}}(?:{_SUFFIX})\b\.?"
)
HOUSE_NAMES = "cottage lodge farmhouse villa bungalow barn croft rectory vicarage grange".split()
_NAMED_HOUSE = re.compile(
    rf"(?<![a-z'])[a-z']+(?: [a-z']+)? (?:{'|'.join(HOUSE_NAMES)}),? (?:[a-z][a-z']+ ){{1,3}}?(?:{_SUFFIX})\b"
)
"""Houses without a number, as in English villages; only in capitals or behind a word for living."""
_LANE_NUMBER = re.compile(
    r"(?<![a-z0-9])(?:house|plot|flat|h)\.? ?(?:number|no\.?|#)? ?[0-9]{1,5}[a-z]?(?:/[0-9]{1,4})?,? (?:street|lane|gali|road|block|sector|phase|line)\.? (?:no\.? |number )?[0-9a-z]{1,3}(?:[/-][0-9]{1,3})*(?![a-z0-9])"
)
_TYPE_FIRST = re.compile(
    r"(?<![a-z0-9$])[0-9]{1,5}[a-z]?,? (?:rue|calle|via|avenida|rua|jalan|jln|lorong|carrera)(?: (?:d[eiou]s?|da|del|della|la|las|los|el|l'))*(?: [a-z][a-z'-]+){1,2}(?=[,.\n]|$)"
)
"""Streets whose word stands first, up to a pause."""
_NUMBERED = re.compile(
    rf"(?<![a-z0-9$])[0-9]{{1,5}} (?:[nsew]\.? )?[0-9]{{1,3}}(?:st|nd|rd|th)(?: (?:{_SUFFIX})\b\.?)?(?= |,|$)"
)
_PO_BOX = re.compile(rf"(?<![a-z])p\.? ?o\.? box (?:[0-9]{{1,6}}|{_NUMBER_WORD}(?:[ ,-]+{_NUMBER_WORD})*)")
_POSTCODE = r"[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][a-z]{2}|[0-9]{5}(?:-[0-9]{4})?(?![- ]?[0-9])|[0-9]{3} ?[0-9]{3}(?![- ]?[0-9])"
_UNIT_EN = rf"(?:number (?:[0-9]{{1,4}}[a-z]?|{_NUMBER_WORD}(?:[ -]{_NUMBER_WORD})?)(?=[,.\n]|$)|(?:flat|apartment|apt|unit|suite|ste|room|floor|building|block|lot|tower|wing|phase|sector)\.? ?#? ?(?:[0-9]{{1,5}}[a-z]?|[a-z]-?[0-9]{{0,4}}(?:/[0-9]{{1,2}})?|(?:{_NUMBER_WORD}(?: |-)?)+[a-z]?)(?![a-z0-9])|#[0-9]{{1,5}}(?:-[0-9]{{1,5}})?[a-z]?|[0-9]{{1,2}}(?:st|nd|rd|th) (?:floor|cross|main|block|phase)(?: street| road)?|(?:first|second|third|fourth|ground|top) floor)"
_SAID_SIGN = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|[0-9])"
_SAID_POSTCODE = (
    rf"[a-z](?: ?[a-z])? {_SAID_SIGN}(?: {_SAID_SIGN})?(?: [a-z])?[ ,]{{1,2}}{_SAID_SIGN} [a-z] [a-z](?![a-z0-9'])|"
    rf"(?:zip(?: code)?(?: is)?|pin(?: ?code)?(?: is)?|postcode(?: is)?)? ?(?<![a-z0-9]){_SAID_SIGN}(?:[ ,-]{{1,2}}{_SAID_SIGN}){{4,5}}(?![a-z0-9]|[ ,-]{{1,2}}{_SAID_SIGN}(?![a-z]))"
)
"""British ones letter by letter; five or six digits one by one."""
_TAIL_EN = re.compile(
    rf"(?:,? ?(?:{_POSTCODE})(?![a-z0-9])|,? {_UNIT_EN}\b|,? (?:{_SAID_POSTCODE})|(?<=avenue|street) [0-9]{{1,2}}(?=[ ,]+#)|(?<=county road) [0-9]{{1,4}}(?![0-9]))"
)
_LANDMARK = re.compile(
    r", (?:near|opp\.?(?:osite)?|behind|beside|next to|above|across from) (?:to )?(?:the )?[a-z][a-z'.]+(?: [a-z][a-z'.]+){0,3}?(?=,|$|\n)"
)
"""Set off by commas: how people find a house that has no street of its own."""
_STATES = "|".join(sorted(STATES_EN, key=len, reverse=True))
_CITIES = "|".join(sorted(CITIES_EN, key=len, reverse=True))
_PLACE_TAIL = re.compile(
    rf"(?:,? (?:in )?(?:{_CITIES})\b(?: (?:east|west|north|south)\b)?|, ?(?:near |opp(?:osite)? |behind )?(?:[a-z][a-z'.]+(?: [a-z][a-z'.]+){{0,2}})(?=, ?(?:{_STATES}|[a-z]+ ?(?:{_POSTCODE}))\b|,? (?:{_POSTCODE})(?![a-z0-9]))|,? (?:{_STATES})\b(?!')|(?: [a-z]+){{1,2}}(?=,? (?:{_STATES}) (?:{_POSTCODE})))"
)


_PATTERNS = (_STREET, _STREET_FLAT, _NAMED_HOUSE, _LANE_NUMBER, _TYPE_FIRST, _NUMBERED, _PO_BOX)


def _english(reading: Reading) -> Iterator[Hit]:
    text, position = reading.low, 0
    while True:
        found = [m for m in (p.search(text, position) for p in _PATTERNS) if m]
        if not found:
            return
        match = min(found, key=lambda m: (m.start(), -m.end()))
        end = _english_end(reading, match.end())
        position = end
        if not _is_house(reading, match, end):
            continue
        if text[end - 1] == "." and not re.search(
            r"(?:st|rd|ave|ln|dr|ct|pl|blvd|sq|hwy)\.$", text[match.start() : end]
        ):
            end -= 1
        yield Hit("ADDRESS", match.start(), end, 0.88, "house number and street, up to the postcode")


_LIVES = re.compile(
    r"(?:live[sd]?|living|address|mail|send|ship|move[d]?|moving|staying|home|house|door|lives|residence|property|located|resid|deliver|letter|billing|post|visit|come|go(?:es)?|drop|at|on|to|is|has|:|,)[^.!?\n]{0,24}$"
)


def _is_house(reading: Reading, match: re.Match[str], end: int) -> bool:
    """A street suffix that is also a word (way, place, close, park) asks for a capital, a cue or a tail."""
    if match.re is _NAMED_HOUSE:
        words = reading.folded[match.start() : match.end()].split()
        return all(word[0].isupper() for word in words)
    last = match[0].rstrip(".").rsplit(" ", 1)[-1]
    if last in {
        "st",
        "way",
        "place",
        "close",
        "hill",
        "park",
        "view",
        "rise",
        "green",
        "bank",
        "common",
        "path",
        "block",
        "row",
        "walk",
        "circle",
        "phase",
        "sector",
        "extension",
        "cross",
        "drive",
        "court",
        "square",
        "plaza",
        "complex",
        "broadway",
    }:
        capital = reading.folded[match.end() - len(last) - (match[0][-1] == ".") : match.end()][:1].isupper()
        return capital or end > match.end() or bool(_LIVES.search(reading.left(match.start(), 40)))
    return (
        bool(_LIVES.search(reading.left(match.start(), 40)))
        or end > match.end()
        or match[0][0].isdigit()
        or match.start() == reading.line_start(match.start())
    )


_LAST = re.compile(rf",? ?(?:{_POSTCODE}|{_SAID_POSTCODE})")
"""A postcode ends an address: what follows is another number."""


def _english_end(reading: Reading, end: int) -> int:
    """Goes on over units, places, states and postcodes, and over capitals set off by commas."""
    text = reading.low
    while True:
        step = (
            _TAIL_EN.match(text, end)
            or _PLACE_TAIL.match(text, end)
            or _LANDMARK.match(text, end)
            or _capital_place(reading, end)
            or _last_place(text, end)
        )
        if step is None or step.end() == end:
            return end
        end = step.end()
        if _LAST.fullmatch(step[0]):
            return end


_LAST_WORD = re.compile(r", ([a-z]{4,})(?=[,.\n]|$)")


def _last_place(text: str, end: int) -> re.Match[str] | None:
    """One word between commas or at the end that is none of such calls: a town nobody listed, in lower case."""
    from audit.privacy.names_en import is_odd, is_ordinary, lists

    found = _LAST_WORD.match(text, end)
    if found is None or found[1] in lists()[0]:
        return None
    return found if is_odd(found[1]) and not is_ordinary(found[1]) else None


_CAPITALS = re.compile(r", ((?:[A-Z][a-z'.]+)(?: [A-Z][a-z'.]+){0,2})(?=[,.]|$| [A-Z0-9])")


def _capital_place(reading: Reading, end: int) -> re.Match[str] | None:
    return _CAPITALS.match(reading.folded, end)
