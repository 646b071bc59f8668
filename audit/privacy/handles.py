"""E-mail addresses and chat names as written and as spelt out ("dot", 点, 圈a, underscore, 下划线)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from audit.privacy.reading import Hit, Reading
from audit.privacy.spoken import EN_DIGITS, EN_TEENS, EN_TENS, EN_TIMES, ZH_DIGITS
from audit.privacy.together import over_turns

_ZH = "".join(ZH_DIGITS)
_WRITTEN = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9](?:[a-z0-9_%+-]|\.(?!\.))*@(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}(?<!-)"
)
_TLD = "com|cn|net|org|edu|gov|me|io|co|uk|in|us|info|biz|xyz|au|ca|vip|top|mail|email|hk|tw|sg"
_AT = r"(?:@|艾特|at符号|圈 ?a(?![a-z])|圈(?=[a-z0-9])|小老鼠|(?<![a-z])at(?: sign)?(?![a-z]))"
_DOT = r" *[(\[{]?(?:\.|点|(?<![a-z])(?:dot|point|period)(?![a-z]))[)\]}]? *"
_LABEL = rf"(?:(?:扣扣|网易|新浪|搜狐|雅虎|谷歌)(?:邮箱)?|[a-z0-9{_ZH}-]+(?: [a-z0-9{_ZH}-]+){{0,5}}?)"
SPOKEN_DOMAIN = re.compile(
    rf" *[(\[{{]? ?{_AT} ?[)\]}}]? *{_LABEL}(?:{_DOT}{_LABEL}){{0,2}}?{_DOT}(?:{_TLD})(?![a-z])(?:{_DOT}(?:{_TLD})(?![a-z]))?"
)
_NUMBER_WORDS = frozenset({*EN_DIGITS, *EN_TEENS, *EN_TENS, *EN_TIMES, "hundred"})
_JOINERS = frozenset(
    "dot point period underscore dash hyphen minus plus slash 点 下划线 横杠 横线 杠 减号 短横 中划线 底线 . _ - + dot. ".split()
)
_STOP = frozenset(
    "is its it's it to email emails mail e-mail at my address try send write on me the please use that's thats and or so "
    "email's yes yeah no ok okay its contact cc via from for are was our your his her their um uh er well there under "
    "here same use just capital forward reply drop ping message".split()
)
_TOKEN = re.compile(rf"[a-z0-9']+|[{_ZH}]+|下划线|横杠|横线|减号|短横|中划线|底线|[点杠]|[._+-]")
_TOKEN_BACK = re.compile(
    rf"(?:([a-z0-9']+)|([{_ZH}]+)|(下划线|横杠|横线|减号|短横|中划线|底线|[点杠._+-]))[ ,]*$"
)
_FILLERS = re.compile(r"[ ,.]*(?:嗯|呃|那个|然后是?|后面是?|uh|um|then|and then)[ ,.]*")


def emails(reading: Reading) -> Iterator[Hit]:
    """Yields e-mail addresses: written ones whole, spelt ones from the first letter to the top-level domain."""
    yield from _emails(reading)
    yield from over_turns(reading, _emails)


def _emails(reading: Reading) -> Iterator[Hit]:
    low = reading.low
    if "@" in low:
        for match in _WRITTEN.finditer(low):
            yield Hit("EMAIL", match.start(), match.end(), 0.99, "written e-mail address")
    for match in SPOKEN_DOMAIN.finditer(low):
        start = _local_part(low, match.start())
        if start is not None:
            start = _words_before(low, start, match.start(), match.end())
            start -= _heard_before(low, start)
            yield Hit("EMAIL", start, match.end(), 0.93, "spelt e-mail address: name, at, domain")


_HEARD = re.compile(r"邮箱(?:地址|号|账号)?(?:写的|就|,| )*(?:是|为|叫|:)(?:,| )*([\u4e00-\u9fff]{1,4})$")
_NOT_HEARD = frozenset("我你您他她的那这个嗯呃哦就是个")


def _heard_before(low: str, start: int) -> int:
    """How many Chinese signs right before the name are letters heard as a name (陈雨八八 for chenyu88)."""
    match = _HEARD.search(low, max(0, start - 24), start)
    return len(match[1]) if match and _NOT_HEARD.isdisjoint(match[1]) else 0


def _local_part(low: str, end: int) -> int | None:
    """Walks back from the at sign over what can be a mail name; None where nothing can."""
    position, start, right, count = end, None, "", 0
    while (match := _back(low, position)) and count < 24:
        token = match[1] if match.re is _SPELT_BACK else match[0].strip(" ,")
        if token in _STOP or not _continues(token, right, match[0].endswith((",", ", ")) and bool(right)):
            break
        position = match.start()
        start, right, count = (position if token not in _JOINERS else start), token, count + 1
    return start


_SPELT_BACK = re.compile(r"(?<![a-z'])([a-z]) (?:as in|for|like) \1[a-z]+[ ,]*$")
_NO_SPACES = re.compile(
    r"[ ,.]*(?:and )?(?:it's |that's |it is )?(?:all )?(?:(?:as )?one word|together|no spaces?|no gaps?)"
)
_EMAIL_IS = re.compile(
    r"(?:e-?mail|mail)(?: address| id)?(?:'s| is|:) +$|"
    r"(?<![a-z])(?:e-?mail|write|mail|send|reach|forward) (?:(?:me|us|him|her|them|it|that|this|one) )?(?:on|at|to) +$"
)


def _back(low: str, position: int) -> re.Match[str] | None:
    """The token that ends at `position`: a letter with its word (k as in kilo), or any other."""
    begin = max(0, position - 40)
    return _SPELT_BACK.search(low, begin, position) or _TOKEN_BACK.search(low, begin, position)


def _words_before(low: str, start: int, at: int, end: int) -> int:
    """Where a mail name of several words begins: they follow "email is", or are said to be one word."""
    begin, joined = start, _NO_SPACES.match(low, end) is not None
    for _ in range(4):
        if _EMAIL_IS.search(low, max(0, begin - 28), begin):
            return begin
        word = _WORD_BACK.search(low, max(0, begin - 24), begin)
        if word is None or word[1] in _STOP or not low[start:at].replace(" ", "").isalnum():
            break
        begin = word.start()
    return begin if joined else start


_WORD_BACK = re.compile(r"(?<![a-z0-9'])([a-z0-9]+) $")


def _continues(token: str, right: str, apart: bool) -> bool:
    """Whether `token` belongs to the mail name whose next token to the right is `right`; `apart`: a comma between."""
    if apart and not all(_single(sign) or sign in _JOINERS for sign in (token, right)):
        return False
    if not right or right in _JOINERS or token in _JOINERS:
        return True
    return _single(token) or _single(right)


def _single(token: str) -> bool:
    return len(token) == 1 or token.isdigit() or token in _NUMBER_WORDS or all(c in ZH_DIGITS for c in token)


_CHAT_CUE = re.compile(
    r"(?:微信|加微|薇信|威信|v信|绿泡泡|(?<![a-z0-9])(?:vx|wx|wechat|weixin)|q ?q(?=号|[ :]*[a-z1-9])|扣扣)(?:号码?|搜索?|id|名|账号|是|为|:|加|就|我的|我|叫|的|同号|and|it's|is|name|handle|[ ,])*"
)
_CHAT_WRITTEN = re.compile(r"[a-z][a-z0-9_-]{4,19}(?![a-z0-9_@.])")
_ENGLISH = re.compile(r"[a-z]+")


def chat_names(reading: Reading) -> Iterator[Hit]:
    """Yields WeChat names beside a word for WeChat, written or spelt; numbers alone are judged as digits."""
    for match in _CHAT_CUE.finditer(reading.low):
        if reading.language == "en" and "w" not in match[0]:
            continue
        hit = _written_name(reading, match.end()) or _spelt_name(reading, match.end())
        if hit is not None:
            yield hit


def _written_name(reading: Reading, start: int) -> Hit | None:
    match = _CHAT_WRITTEN.match(reading.low, start)
    if match is None or (reading.language == "en" and _ENGLISH.fullmatch(match[0])):
        return None
    return Hit("WECHAT_QQ", start, match.end(), 0.93, "chat name beside a word for WeChat")


def _spelt_name(reading: Reading, start: int) -> Hit | None:
    """Letters, digits and signs said one by one; at least five signs, one of them a letter or a joiner."""
    low, position, end, tokens = reading.low, start, start, list[str]()
    while position < len(low):
        match = _TOKEN.match(low, position)
        if match is None:
            gap = _FILLERS.match(low, position) or re.compile(r"[ ,]+").match(low, position)
            if gap is None or gap.end() == position:
                break
            position = gap.end()
            continue
        token = match[0]
        long = reading.language == "en" and len(token) > 1 and token not in _JOINERS and not _single(token)
        if long and not _among_letters(tokens, token, low, match.end()):
            break
        tokens.append(token)
        position = end = match.end()
    return _name_of(tokens, start, end)


_NUMBER_NEXT = re.compile(r" ?[0-9]{2,8}(?![0-9a-z])")


def _among_letters(before: list[str], token: str, low: str, end: int) -> bool:
    """One longer word may stand between letters and a number (j w zhang 1990)."""
    alone = bool(before) and all(map(_single, before)) and token not in _STOP
    return alone and _NUMBER_NEXT.match(low, end) is not None


def _name_of(tokens: list[str], start: int, end: int) -> Hit | None:
    signs = sum(1 if token in _JOINERS else len(token) for token in tokens)
    spelt = any(token[0].isascii() and token[0].isalpha() for token in tokens)
    if not 5 <= signs <= 24 or not spelt or not tokens[0][0].isascii():
        return None
    if not any(_single(token) or token in _JOINERS for token in tokens) or _words_only(tokens):
        return None
    return Hit("WECHAT_QQ", start, end, 0.88, "spelt chat name beside a word for WeChat")


def _words_only(tokens: list[str]) -> bool:
    """Ordinary words side by side are no spelt name."""
    return any(
        len(a) > 2 and len(b) > 2 and a.isalpha() and b.isalpha() and a.isascii() for a, b in pairwise(tokens)
    )
