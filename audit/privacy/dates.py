"""Dates of birth: the date only, solar or lunar, where words or the rest of the record say it is one.

Any other date (payment, contract, call) is no personal data. Ages are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from audit.privacy.checks import real_date
from audit.privacy.reading import Hit, Reading
from audit.privacy.spoken import EN_CORRECTION, ZH_CORRECTION
from audit.privacy.together import over_turns

_N = "零〇一二三四五六七八九"
_YEAR = rf"(?:(?:19|20)[0-9]{{2}}|[{_N}幺]{{4}}|[{_N}幺][{_N}]|[0-9]{{2}})"
_MONTH = r"(?:闰?(?:零[一二三四五六七八九]|十[一二]|[一二三四五六七八九十]|正|冬|腊|0?[1-9]|1[0-2]))"
_DAY = r"(?:初[一二三四五六七八九十]|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|零[一二三四五六七八九]|[一二三四五六七八九]|3[01]|[12][0-9]|0?[1-9])"
_ZH_DATE = re.compile(
    rf"{_YEAR}年,? ?(?:农历|阴历|阳历)?,? ?{_MONTH}月份?(?:,? ?(?:不对|不是|错了),? ?(?:是)?{_MONTH}月)?,? ?(?:那个|嗯)?,? ?(?:{_DAY}(?:[日号])?)?|"
    rf"(?<![0-9])(?:19|20)[0-9]{{2}}[-./](?:0?[1-9]|1[0-2])[-./](?:3[01]|[12][0-9]|0?[1-9])(?![0-9])|"
    rf"(?<![0-9])(?:19[3-9][0-9]|200[0-9])(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])|"
    rf"[{_N}幺]{{4}},? ?(?:零?[一二三四五六七八九]|[幺一]零|[幺一][幺一二两])[ ,]?(?:[零一二三幺两][{_N}幺])(?![{_N}幺])|"
    rf"(?<![{_N}幺两])[{_N}]{{2}}(?:零[一二三四五六七八九]|[幺一]零|[幺一][幺一二两])[零一二三幺两][{_N}幺](?![{_N}幺])|"
    rf"{_MONTH}月,? ?{_DAY}[日号]?(?:,? ?{_YEAR}年)?|{_YEAR}年(?=出?生)"
)
_ZH_LUNAR = re.compile(r"(?:农历|阴历)[ ,]*(?:的)?$")
_ZH_BEFORE = re.compile(r"(?:生日|出生(?:日期|年月日?|时间|的?日子)?|生辰|诞辰|落地)[^。!?\n]{0,12}$")
_ZH_FIRM_BEFORE = re.compile(
    r"(?:生日|出生日期|出生年月日?)(?:写的)?(?:是|为|:|,| |应该|农历|阴历|阳历|公历|就是|在|呢|对吗|的|您|你|我|报一下|告诉我)*(?:\n[^:\n]{1,8}:)?[ ]*(?:是|嗯,?|农历|阴历)*$"
)
_ZH_AFTER = re.compile(
    r"^[ ,]*(?:那天|当天|的|份)?[ ]*(?:出?生(?!效|成|意|活|病)|生人|落地|(?:[我他她你您]的?)?生日|的生日)"
)
_ZH_NOT = re.compile(
    r"^[ ,]*(?:的?(?:还款|账单|合同|放款|借款|逾期|到期|签|还清|结清|入职|发薪|发工资|前|之前|以前|来|打))"
)

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_ORDINALS = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    "sixteenth|seventeenth|eighteenth|nineteenth|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|"
    "twentieth|thirtieth"
)
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_TWO = rf"(?:(?:{_TENS})(?:[ -](?:{_UNITS}))?|{_TEENS}|(?:oh|zero|o) (?:{_UNITS}))"
_DAY_EN = rf"(?:(?:{_ORDINALS})|[0-3]?[0-9](?:st|nd|rd|th)?|{_TWO}|{_UNITS})"
_YEAR_EN = (
    rf"(?:(?:19|20)[0-9]{{2}}|'?[0-9]{{2}}|nineteen (?:hundred(?: and)? )?(?:{_TWO}|{_UNITS})|two thousand(?: and)?(?: (?:{_TWO}|{_UNITS}))?|twenty (?:{_TEENS}|twenty)|"
    rf"{_TWO})"
)
_SEP = r"(?:[ ,.]+(?:(?:uh|um|er),? )?|(?<=[0-9a-z])[-/](?=[0-9a-z]))"
_EN_DATE = re.compile(
    rf"(?<![a-z0-9])(?:"
    rf"(?:the )?{_DAY_EN}(?: day)?(?: of)?{_SEP}(?:{_MONTHS})(?:{_SEP}(?:of )?{_YEAR_EN})?"
    rf"|(?:the )?(?:{_ORDINALS})(?: of)?(?: the)? (?:{_ORDINALS}){_SEP}{_YEAR_EN}"
    rf"|(?:{_MONTHS}){_SEP}(?:the )?(?:(?:uh|um|er),? )?{_DAY_EN}(?:{_SEP}{_YEAR_EN})?"
    rf"|(?:{_MONTHS})(?: of|,)? (?:(?:19|20)[0-9]{{2}}|nineteen (?:{_TWO}|{_UNITS}))"
    rf"|[0-3]?[0-9][/-](?:{_MONTHS})[/-](?:19|20)?[0-9]{{2}}"
    rf"|[0-3]?[0-9][/.-][0-3]?[0-9][/.-](?:19|20)?[0-9]{{2}}"
    rf"|(?:19|20)[0-9]{{2}} [01]?[0-9] [0-3]?[0-9]"
    rf"|[0-3]?[0-9] [0-3]?[0-9] (?:19|20)[0-9]{{2}}"
    rf"|(?:19|20)[0-9]{{2}}[/.-][01]?[0-9][/.-][0-3]?[0-9]"
    rf"|(?:{_TWO}|{_UNITS}){_SEP}(?:{_TWO}|{_UNITS}){_SEP}{_YEAR_EN}"
    rf")(?![a-z0-9])"
)
_EN_BEFORE = re.compile(
    r"(?:date of birth|d\.?o\.?b\.?|birth ?date|birth ?day|born|birthday's|bday|birth)\b[^.!?\n]{0,28}[.?!]?\s*(?:\n[^:\n]{1,20}:\s*)?"
    r"(?:(?:um|uh|er|yeah|yes|sure|it's|it is|that's|that would be|okay|ok|so|well|the)[,. ]+)*$"
)
_EN_AFTER = re.compile(
    r"^[,. ]*(?:is|was|that's|'s)?[,. ]*(?:my |his |her |the |their )?(?:date of birth|birthday|dob|birth date)"
)
_EN_NOT = re.compile(
    r"(?:paid|due|opened|loan|payment|signed|charged|expires?|expiry|since|until|by|before|settled|dated|contract|statement|account)[^.!?\n]{0,24}$"
)


BIRTH = {
    "zh": re.compile(
        r"生日|出生|农历|阴历|生辰|诞辰|落地|(?<=[日号月年天的份初廿 ,零〇一二三四五六七八九十0-9])生"
    ),
    "en": re.compile(r"birth|born|d\.?o\.?b|bday"),
}
"""Words without which no date is one of birth, unless a record is being read out."""


def find(reading: Reading, record: bool = False) -> Iterator[Hit]:
    """Yields dates of birth. `record`: other data that identify a person stand in the same text."""
    if not record and BIRTH[reading.language].search(reading.low) is None:
        return
    yield from _dates(reading, record)
    yield from over_turns(reading, lambda joined: _dates(joined, record))


def _dates(reading: Reading, record: bool) -> Iterator[Hit]:
    pattern = _ZH_DATE if reading.language == "zh" else _EN_DATE
    for match in pattern.finditer(reading.low):
        start, end = match.span()
        while end > start and reading.low[end - 1] in " ,.":
            end -= 1
        start, end = _corrected(reading, start, end)
        score, reason = _judge(reading, start, end, record)
        if score:
            yield Hit("DATE_OF_BIRTH", start, end, score, reason)


def _corrected(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """The date with what was said first and taken back ("june, no, july second", 五月三号不对四号)."""
    low = reading.low
    begin = max(reading.line_start(start), start - 48)
    before = _FALSE_START[reading.language].search(low, begin, start)
    after = _ZH_AGAIN.match(low, end) if reading.language == "zh" else None
    return before.start() if before else start, after.end() if after else end


_FALSE_START = {
    "zh": re.compile(
        rf"(?:{_YEAR}年(?:{_MONTH}月?)?|(?:{_MONTH}月)(?:{_DAY}[日号]?)?)[ ,]{{0,2}}(?:{ZH_CORRECTION})[ ,是]{{0,3}}$"
    ),
    "en": re.compile(
        rf"(?<![a-z0-9])(?:the )?(?:(?:{_DAY_EN} (?:of )?)?(?:{_MONTHS})(?: (?:the )?{_DAY_EN})?|{_ORDINALS})[, ]{{1,2}}(?:{EN_CORRECTION})[, ]{{1,2}}$"
    ),
}
_ZH_AGAIN = re.compile(
    rf"[ ,]{{0,2}}(?:{ZH_CORRECTION})[ ,是]{{0,3}}(?:{_YEAR}年[ ,]?(?:{_MONTH}月[ ,]?{_DAY}[日号]?)?|(?:{_MONTH}月[ ,]?)?{_DAY}[日号])"
)


def _judge(reading: Reading, start: int, end: int, record: bool) -> tuple[float, str]:
    left, right = reading.left(start, 60), reading.right(end)
    if reading.language == "zh":
        if _ZH_NOT.match(right):
            return 0.0, ""
        if _ZH_FIRM_BEFORE.search(left) or _ZH_AFTER.match(right) or _ZH_BEFORE.search(left):
            return 0.93, "a date beside a word for birth"
        if _ZH_LUNAR.search(left) and "年" in reading.low[start:end]:
            return 0.8, "a lunar date with its year"
    elif _EN_AFTER.match(right) or (_EN_BEFORE.search(left) and not _EN_NOT.search(left[-24:])):
        return 0.93, "a date beside a word for birth"
    if record and _full_date_of_adult(reading.low[start:end]) and not _EN_NOT.search(left):
        return 0.55, "a full date of a grown-up's birth among other data of a person"
    return 0.0, ""


_NUMERIC = re.compile(r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})")


def _full_date_of_adult(text: str) -> bool:
    match = _NUMERIC.match(text)
    if match is None:
        return bool(re.search(r"nineteen [a-z]+|19[3-9]\d", text))
    first, middle, last = (int(group) for group in match.groups())
    if first > 31:
        return 1930 <= first <= 2007 and real_date(first, middle, last)
    year = last
    return 1930 <= year <= 2007 and (real_date(year, middle, first) or real_date(year, first, middle))
