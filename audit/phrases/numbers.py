"""Numbers in a folded text, in digits or in words of either language."""

from __future__ import annotations

from audit.phrases import tables as t
from audit.phrases.folding import Folded


def number_words(language: str) -> frozenset[str]:
    """The words a spoken number can begin with."""
    if language == "zh":
        return frozenset(t.NUMERALS_ZH) | frozenset(t.UNITS_ZH)
    return frozenset(t.NUMERALS_EN) | frozenset(t.UNITS_EN)


def number_at(folded: Folded, start: int) -> tuple[int, float] | None:
    """(end, value) of the number that begins at token `start`; vague ones (几十, dozens) get their least value."""
    token = folded.tokens[start]
    if token[0].isdigit():
        return digits_at(folded, start)
    if folded.language == "zh":
        return words_at(folded, start, t.NUMERALS_ZH, t.UNITS_ZH)
    return words_at(folded, start, t.NUMERALS_EN, t.UNITS_EN)


def digits_at(folded: Folded, start: int) -> tuple[int, float]:
    """`80`, `1,200.50`, `3万`, `5k`."""
    units = t.UNITS_ZH if folded.language == "zh" else t.UNITS_EN
    text = folded.tokens[start].replace(":", ".")
    value = float(text) if text.count(".") <= 1 else float(text.split(".")[0])
    end = start + 1
    while end < len(folded) and folded.tokens[end] in units:
        value *= units[folded.tokens[end]]
        end += 1
    return tail(folded, end), value


def words_at(
    folded: Folded, start: int, numerals: dict[str, int] | dict[str, float], units: dict[str, int]
) -> tuple[int, float] | None:
    """`三十几`, `两万三`, `a hundred and twenty`, `one lakh`."""
    total: float = 0
    section: float = 0
    pending: float | None = None
    last_unit = 0
    end = start
    while end < len(folded) and folded.clauses[end] == folded.clauses[start]:
        token = folded.tokens[end]
        if token in numerals:
            section, pending = section + (pending or 0), numerals[token]
            last_unit = 0 if token == "零" else last_unit
        elif token in units:
            section, pending = grown(section, pending, units[token])
            last_unit = units[token]
            if units[token] >= 10_000 or folded.language != "zh":
                total, section = total + section, 0
        else:
            break
        end += 1
    if end == start:
        return None
    if folded.language == "zh" and last_unit >= 100:  # 两万三 is 23000, 三百五 is 350
        pending = (pending or 0) * last_unit / 10
    return tail(folded, end), total + section + (pending or 0)


def grown(section: float, pending: float | None, unit: int) -> tuple[float, float | None]:
    """What a unit makes of the numeral before it (三 百 -> 300; 十 alone -> 10)."""
    if unit >= 10_000:
        return (section + (pending or 0) or 1) * unit, None
    return section + (1 if pending is None else pending) * unit, None


def tail(folded: Folded, end: int) -> int:
    """Takes in 多, 来, 余 (三十多)."""
    if folded.language == "zh" and end < len(folded) and folded.tokens[end] in t.NUMBER_TAIL_ZH:
        return end + 1 if folded.tokens[end] != "好" else end
    return end
