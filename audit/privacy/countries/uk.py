"""United Kingdom: National Insurance number, telephone, passport.

Sources: HMRC NIM39110 (prefixes), Ofcom numbering plan (0 + 9–10 digits; 0800, 0808, 03xx, 084x, 087x serve
the public and identify nobody).
"""

from __future__ import annotations

import re

from audit.privacy import checks
from audit.privacy.window import NO, NumberType, Verdict, Window


def nino(window: Window) -> Verdict:
    """Two letters, six digits, A–D."""
    if not checks.nino(window.signs):
        return NO
    return (
        0.97 if window.cues.says("nino") else 0.85,
        "prefix, six digits and suffix of a National Insurance number",
    )


def misheard_nino(window: Window) -> Verdict:
    """A wrong letter in a number named as a National Insurance number."""
    if window.cues.says("nino") and re.fullmatch(r"[A-Z]{2}\d{6}[A-Z]?", window.signs):
        return (0.55, "two letters and six digits beside the name; a letter does not hold")
    return NO


_PUBLIC = re.compile(r"0(?:800|808|3\d\d|84\d|87\d|9)")


def phone(window: Window) -> Verdict:
    """0 or 44 and nine to ten digits."""
    digits = window.signs.lstrip("+")
    if digits.startswith("44") and len(digits) in (11, 12, 13):
        digits = "0" + digits[2:].lstrip("0")
        abroad = True
    else:
        abroad = False
    if not digits.isdigit() or digits[0] != "0" or digits[1] not in "12357" or len(digits) not in (10, 11):
        return NO
    if _PUBLIC.match(digits) or not window.bare or window.cues.says("aadhaar", "card"):
        return NO
    if window.cues.says("phone") or window.plus:
        return (0.95, "UK number beside a word for a telephone")
    if len(digits) == 10 and not abroad:
        return (0.55, "ten digits from 0") if window.whole else NO
    return (0.85, "eleven digits from 0, a UK number")


_PASSPORT = re.compile(r"[A-Z]{2}\d{7}|\d{9}")


def passport(window: Window) -> Verdict:
    """Nine digits, or since 2023 two letters and seven, beside the word passport."""
    if _PASSPORT.fullmatch(window.signs) and window.cues.says("passport"):
        return (0.93, "nine signs beside the word passport")
    return NO


NUMBER_TYPES: tuple[NumberType, ...] = (
    NumberType("UK_NINO", (9,), nino, letters=True, languages=("en",)),
    NumberType("UK_NINO", (9,), nino, letters=True, languages=("zh",), cued=frozenset(("nino",))),
    NumberType("UK_NINO", (8, 9), misheard_nino, letters=True, languages=("en",)),
    NumberType("PHONE", (10, 11, 12, 13), phone, languages=("en",)),
    NumberType("PASSPORT", (9,), passport, letters=True, languages=("en",)),
)
