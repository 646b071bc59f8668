"""Streams of digits and letters as they are written and said, read into signs with their way back.

A text becomes runs (digits, letters, fillers, corrections, turn changes; anything else ends a run), a run
becomes one or more readings: strings over 0–9 A–Z and plate provinces in which every sign knows the
characters it came from. Quantities with 千, 万, "thousand" end a run: amounts are not dictated numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from audit.privacy import spoken
from audit.privacy.reading import Reading

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

GLUED, SAID, DASH, SPACE, COMMA, FILLER, TURN = range(7)
"""How far two neighbouring signs stand apart; a number may begin or end where it is more than GLUED."""

_ZH = "".join(spoken.ZH_DIGITS)
_SOUND = "".join(spoken.ZH_SOUNDS)
_UNIT_AFTER = "期天元块年月日号岁个分万千亿点多名位笔次条张路栋幢楼层室单门弄组巷角毛%周季届家套份成线折"
_DIGIT_WORDS = "|".join(spoken.EN_DIGITS)
_TENS = "|".join(spoken.EN_TENS)
_TEENS = "|".join(spoken.EN_TEENS)
_TIMES = "|".join(spoken.EN_TIMES)
_NATO = "|".join(spoken.NATO)
_NOT_LETTERS = (
    "is it my to on in at of or no so we he me us be by do go if an as am up id ok hi uh um er ah rs st rd nd th "
    "mr ms dr ya ye oh".split()
)

_HEARD = "|".join(spoken.EN_SOUNDS)


def _strange() -> str:
    """A class of the Chinese signs that begin no token: passed over at once instead of tried with each of them."""
    words = spoken.ZH_FILLER + spoken.ZH_CORRECTION + PROVINCES + _ZH + _SOUND + "十百千万亿叉艾爱埃"
    known = sorted({0x4DFF, 0xA000, *(ord(sign) for sign in words if "\u4e00" <= sign <= "\u9fff")})
    pieces = ((low + 1, high - 1) for low, high in pairwise(known) if high - low > 1)
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in pieces)


_TOKEN = re.compile(
    "|".join(
        (
            rf"(?P<strange>[{_strange()}]+)",
            rf"(?P<turn>{spoken.TURN_GAP})",
            r"(?P<dated>(?<![a-z0-9])(?:(?:qq|tel|phone|mob|ssn|dob|no|nino|pan|id)(?=[0-9]{5})|(?:aadhaa?r|adhaar|ssn|passport|mobile|wechat|weixin|card|cell)(?=[0-9]{3}))|(?<![0-9a-z.])[0-9]{1,4}(?=[年月日期元块%](?![0-9])))",
            r"(?P<written>[a-z0-9]*[0-9][a-z0-9]*)",
            rf"(?P<times>[2-9二两三四五六七八九] ?个 ?[{_ZH}0-9](?![十百千万月多]))",
            rf"(?P<tens>(?:[一二两三四五六七八九]百(?:零?[一二三四五六七八九](?:十[一二三四五六七八九]?)?)?|[一二三四五六七八九]?十[一二三四五六七八九]?)(?![{_UNIT_AFTER}]))",
            rf"(?P<amount>(?<![{_ZH}])[{_ZH}](?=[月块元期天])|[{_ZH}0-9十百] ?[十百千万亿])",
            rf"(?P<zh>[{_ZH}])",
            r"(?P<sign_x>叉|[艾爱埃]克斯)",
            rf"(?P<sound>(?<=[{_ZH}])[{_SOUND}](?=[{_ZH}]))",
            rf"(?P<province>[{PROVINCES}](?=[ ,]*[a-hj-np-z](?:[ ·.,-]|[^a-z]|[a-z0-9]{{5}})))",
            rf"(?P<fix>{spoken.ZH_CORRECTION}|(?<![a-z'])(?:{spoken.EN_CORRECTION})(?![a-z']))",
            r"(?P<spelt>(?<![a-z])(?P<letter>[a-z]) (?:for|as in|like) (?P<word>[a-z]+))",
            rf"(?P<many>(?<![a-z])(?P<factor>{_TIMES}) (?:(?P<thing>{_DIGIT_WORDS})(?![a-z])|(?P<thing_sign>[a-z0-9])(?![a-z0-9])))",
            rf"(?P<hundred>(?<![a-z])(?P<hundreds>{_DIGIT_WORDS}) hundred(?![a-z])(?! and ))",
            rf"(?P<two>(?<![a-z])(?P<ten>{_TENS})(?:[ -](?P<unit>{_DIGIT_WORDS}))?(?![a-z]))",
            rf"(?P<teen>(?<![a-z])(?:{_TEENS})(?![a-z]))",
            rf"(?P<en>(?<![a-z'])(?:{_DIGIT_WORDS})(?![a-z']))",
            rf"(?P<nato>(?<![a-z])(?:{_NATO})(?![a-z]))",
            rf"(?P<filler>{spoken.ZH_FILLER}|(?<![a-z'])(?:{spoken.EN_FILLER})(?![a-z']))",
            rf"(?P<heard>(?<![a-z'])(?:{_HEARD})(?![a-z']))",
            r"(?P<plus>\+|(?<![a-z])plus(?= [0-9a-z]))",
            r"(?P<letters>(?<![a-z'])[a-z]{1,5}(?![a-z']))",
            r"(?P<gap>[ \t,.、。\-·:;()~…]+)",
            r"(?P<ordinary>(?<![a-z'])[a-z]+(?:'[a-z]+)*)",
        )
    )
)


@dataclass(frozen=True, slots=True)
class Item:
    """One token of a run: `kind` sign | gap | fix, `value` its signs, `level` how far it sets apart."""

    kind: str
    value: str
    start: int
    end: int
    level: int = SAID


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of a run: `signs[k]` came from `spans[k]`; `gaps[k]` stands before it, `gaps[len]` = TURN.

    `fixed` says that a correction was applied, `sounds` how many signs were only homophones.
    """

    signs: str
    spans: tuple[tuple[int, int], ...]
    gaps: tuple[int, ...]
    fixed: bool = False
    sounds: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of digits and letters with what stands between them, offsets `start`–`end` (exclusive)."""

    items: tuple[Item, ...]
    start: int
    end: int


def _gap_level(text: str) -> int:
    if "," in text or "、" in text or "。" in text or ";" in text or ". " in text:
        return COMMA
    if " " in text or "\t" in text:
        return SPACE
    return DASH


def _letters(match: re.Match[str], reading: Reading) -> str | None:
    """Letters said or written one by one, or a short group in capitals; None for an ordinary word."""
    word = match["letters"]
    if len(word) == 1:
        return word.upper()
    raw = reading.folded[match.start() : match.end()]
    if word == "qq" and reading.language == "zh":
        return None
    if raw.isupper() and word not in {"ni", "pan", "ssn", "dob", "gps", "vx", "wx", "hr", "usa", "pin"}:
        return word.upper()
    if (
        len(word) == 2
        and word not in _NOT_LETTERS
        and reading.low[match.end() : match.end() + 2].strip()[:1].isdigit()
    ):
        return word.upper()
    if _PAN_LETTERS.fullmatch(word) and "pan" in reading.low and _DIGIT_NEXT.match(reading.low, match.end()):
        return word.upper()
    return None


_PAN_LETTERS = re.compile(r"[a-z]{3}[abcfghjlpt][a-z]")
_DIGIT_NEXT = re.compile(rf" ?(?:[0-9]|(?:{_DIGIT_WORDS}|{_TENS}|{_TEENS}|{_TIMES})(?![a-z]))")


def _english(match: re.Match[str], kind: str) -> str:
    if kind == "many":
        thing = match["thing"] or match["thing_sign"]
        return spoken.EN_DIGITS.get(thing, thing.upper()) * spoken.EN_TIMES[match["factor"]]
    if kind == "hundred":
        return spoken.EN_DIGITS[match["hundreds"]] + "00"
    if kind == "two":
        return spoken.EN_TENS[match["ten"]] + (spoken.EN_DIGITS[match["unit"]] if match["unit"] else "0")
    if kind == "teen":
        return spoken.EN_TEENS[match["teen"]]
    if kind == "en":
        return spoken.EN_DIGITS[match["en"]]
    return spoken.NATO[match["nato"]]


def _tens_value(text: str) -> str:
    """The digits of a number up to 999 said with 十 and 百."""
    hundreds, _, rest = text.rpartition("百")
    rest = rest.lstrip("零")
    tens, mark, units = rest.partition("十")
    value = int(spoken.ZH_DIGITS.get(hundreds, "0")) * 100
    if mark:
        return str(value + int(spoken.ZH_DIGITS.get(tens, "1")) * 10 + int(spoken.ZH_DIGITS.get(units, "0")))
    return str(value + int(spoken.ZH_DIGITS.get(rest, "0")))


_SPACERS = {"turn": TURN, "filler": FILLER, "fix": FILLER, "gap": SPACE}


def _value(match: re.Match[str], kind: str, reading: Reading) -> str | None:
    text = match[0]
    if kind == "plus":
        return "+"
    if kind in ("written", "province"):
        return text.upper()
    if kind == "times":
        return spoken.ZH_DIGITS.get(text[-1], text[-1]) * int(spoken.ZH_DIGITS.get(text[0], text[0]))
    if kind == "tens":
        return _tens_value(text)
    if kind == "zh":
        return spoken.ZH_DIGITS[text]
    if kind == "sign_x":
        return "X"
    if kind == "sound":
        return spoken.ZH_SOUNDS[text]
    if kind == "heard":
        return spoken.EN_SOUNDS[text]
    if kind == "letters":
        return _letters(match, reading)
    if kind == "spelt":
        return match["letter"].upper()
    return _english(match, kind)


_NO_SIGNS = frozenset(("strange", "ordinary", "amount", "dated"))


def runs(reading: Reading, least: int = 5) -> Iterator[Run]:
    """Yields the runs that hold at least `least` signs, in order."""
    low, position, items = reading.low, 0, list[Item]()
    for match in _TOKEN.finditer(low):
        kind = match.lastgroup or ""  # the alternative: groups inside it close before it does
        item = None if kind in _NO_SIGNS else _item_of(match, kind, reading)
        if items and (match.start() != position or item is None):
            yield from _close(items, reading, least)
            items = []
        position = match.end()
        if item is not None:
            items.append(item)
    yield from _close(items, reading, least)


def _item_of(match: re.Match[str], kind: str, reading: Reading) -> Item | None:
    start, end = match.span()
    if kind in _SPACERS:
        level = _gap_level(match[0]) if kind == "gap" else _SPACERS[kind]
        return Item("fix" if kind == "fix" else "gap", "", start, end, level)
    value = _value(match, kind, reading)
    return None if value is None else Item("sound" if kind in ("sound", "heard") else kind, value, start, end)


_MEASURES = "个下张次些样起直共般定会边笔种份位把"


def _close(items: list[Item], reading: Reading, least: int) -> Iterator[Run]:
    """Trims what is no sign at both ends, splits at sounds that no digit surrounds, yields what is left."""
    part: list[Item] = []
    signs = [k for k, item in enumerate(items) if item.value and item.kind != "sound"]
    if not signs:
        return
    for k, item in enumerate(items[signs[0] : signs[-1] + 1], signs[0]):
        if item.kind == "sound" and not _surrounded(items, k):
            yield from _run(part, reading, least)
            part = []
        else:
            part.append(item)
    yield from _run(part, reading, least)


def _surrounded(items: list[Item], k: int) -> bool:
    """Whether the nearest signs on both sides of item `k` are said digits, nothing but blanks between."""
    before = next((i for i in reversed(items[:k]) if i.kind != "gap" or i.level > SPACE), None)
    after = next((i for i in items[k + 1 :] if i.kind != "gap" or i.level > SPACE), None)
    said = ("zh", "times", "en", "many", "two", "teen")
    return before is not None and after is not None and before.kind in said and after.kind in said


def _run(items: list[Item], reading: Reading, least: int) -> Iterator[Run]:
    while items and not items[0].value:
        items = items[1:]
    items = _trim_end(items, reading)
    if sum(len(item.value) for item in items) >= least:
        yield Run(tuple(items), items[0].start, items[-1].end)


def _trim_end(items: list[Item], reading: Reading) -> list[Item]:
    """Drops trailing gaps and a last 一 or 两 that counts what follows (一下, 一个)."""
    while items:
        last = items[-1]
        after = reading.low[last.end : last.end + 1]
        counts = last.kind == "zh" and len(items) > 1 and after and after in _MEASURES
        if last.value and not counts:
            break
        items = items[:-1]
    return items


_MOST_CORRECTIONS = 6
"""More in one run are no corrections of a number any more; such a run is read as said."""


def readings(run: Run) -> list[Read]:
    """All sensible readings of a run, the likeliest first: as said, corrected, echoes dropped; at most 12."""
    parts: list[list[Item]] = [[]]
    for item in run.items:
        if item.kind == "fix":
            parts.append([])
        else:
            parts[-1].append(item)
    parts = [part for part in parts if any(item.value for item in part)]
    if 1 < len(parts) <= _MOST_CORRECTIONS:
        corrected = [_read(items, run, fixed=True) for items in islice(_corrections(parts), 9)]
        return [*corrected, _read(list(run.items), run)]
    found = [_read(list(run.items), run)]
    echo = _without_echo(run.items)
    if echo is not None:
        found.append(_read(echo, run, fixed=True))
    split = [piece for item in run.items for piece in _split_tens(item)]
    if len(split) != len(run.items):
        found.append(_read(split, run))
    return found


def _split_tens(item: Item) -> list[Item]:
    """ "twenty two" may also be 20 2."""
    if item.kind != "two" or item.value[1] == "0":
        return [item]
    return [
        Item("two", item.value[0] + "0", item.start, item.end),
        Item("en", item.value[1], item.start, item.end),
    ]


def _corrections(parts: list[list[Item]]) -> Iterator[list[Item]]:
    """What was meant: the new piece takes the place of the last group, of as many signs, or of everything."""
    if len(parts) == 1:
        yield parts[0]
        return
    *earlier, last = parts
    while not last[0].value:
        last = last[1:]
    for base in _corrections(earlier):
        group = _first_group(last)
        whole = sum(len(item.value) for item in last)
        for count in dict.fromkeys((group, whole)):
            kept = _drop_signs(base, count)
            if kept is not None:
                yield [*kept, *last]
        tail = _drop_group(base)
        if tail:
            yield [*tail, *last]
        yield last


def _first_group(items: list[Item]) -> int:
    """How many signs stand before the first pause."""
    count = 0
    for item in items:
        if item.value:
            count += len(item.value)
        elif (count and item.level >= SPACE and not all(i.kind in ("en", "gap") for i in items)) or (
            count and item.level >= COMMA
        ):
            break
    return count


def _drop_signs(items: list[Item], count: int) -> list[Item] | None:
    """Items without their last `count` signs; None where that cuts through one item said as a whole."""
    kept = list(items)
    while kept and count > 0:
        last = kept.pop()
        if len(last.value) > count:
            if last.kind != "written":
                return None
            kept.append(Item("written", last.value[:-count], last.start, last.end - count))
            return kept
        count -= len(last.value)
    return kept if count == 0 else None


def _drop_group(items: list[Item]) -> list[Item]:
    kept = list(items)
    while kept and not kept[-1].value:
        kept.pop()
    while kept and (kept[-1].value or kept[-1].level < COMMA):
        kept.pop()
    return kept


def _without_echo(items: tuple[Item, ...]) -> list[Item] | None:
    """Drops a turn that only says the digits of the turn before again; None where there is none."""
    turns: list[list[Item]] = [[]]
    for item in items:
        if item.level == TURN:
            turns.append([])
        turns[-1].append(item)
    kept, said = list[Item](), ""
    for turn in turns:
        signs = "".join(item.value for item in turn)
        if signs and len(signs) > 1 and said.endswith(signs):
            continue
        said += signs
        kept.extend(turn)
    return kept if len(kept) != len(items) else None


def _read(items: list[Item], run: Run, fixed: bool = False) -> Read:
    signs, spans, gaps, sounds = list[str](), list[tuple[int, int]](), list[int](), 0
    level = TURN
    for item in items:
        if not item.value:
            level = max(level, item.level)
            continue
        exact = len(item.value) == item.end - item.start
        for k, sign in enumerate(item.value):
            spans.append((item.start + k, item.start + k + 1) if exact else (item.start, item.end))
            gaps.append(level if k == 0 else GLUED)
            signs.append(sign)
        sounds += item.kind == "sound"
        level = SAID
    if fixed and spans:
        spans[0] = (run.start, spans[0][1])
        spans[-1] = (spans[-1][0], run.end) if items[-1].end >= run.items[-1].start else spans[-1]
    return Read("".join(signs), tuple(spans), (*gaps, TURN), fixed, sounds)
