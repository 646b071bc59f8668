"""India: Aadhaar, PAN, mobile numbers, passport.

Sources: UIDAI (12 digits, first 2–9, Verhoeff), Income-tax Rules 114 (PAN), DoT numbering (mobiles from 6–9).
"""

from __future__ import annotations

import re

from audit.privacy import checks
from audit.privacy.window import NO, NumberType, Verdict, Window


def aadhaar(window: Window) -> Verdict:
    """Twelve digits with Verhoeff's check; failing it only beside the name."""
    digits = window.signs
    if not digits.isdigit() or digits[0] in "01":
        return NO
    named = window.cues.says("aadhaar")
    if checks.aadhaar(digits):
        if named:
            return (0.98, "twelve digits with Verhoeff's check beside their name")
        plain = window.bare and not window.cues.says("phone", "card", "qq")
        return (0.75, "twelve digits with Verhoeff's check") if plain and window.language == "en" else NO
    return (0.6, "twelve digits named as Aadhaar; the check fails") if named and window.whole else NO


def pan(window: Window) -> Verdict:
    """Five letters, four digits, a letter."""
    if checks.pan(window.signs):
        return (0.97 if window.cues.says("pan") else 0.85, "letters and digits of a PAN, holder type holds")
    if checks.pan_loose(window.signs) and window.cues.says("pan"):
        return (0.7, "five letters, four digits, a letter beside the name of a PAN")
    return NO


def phone(window: Window) -> Verdict:
    """Ten digits from 6–9, 0 or 91 before them."""
    digits = window.signs.lstrip("+")
    if len(digits) == 12 and digits.startswith("91"):
        digits = digits[2:]
    elif len(digits) == 11 and digits[0] == "0":
        digits = digits[1:]
    if digits[:3] in checks.TOLL_FREE and window.groups[-3:] == (3, 3, 4):
        return NO
    if len(digits) != 10 or not digits.isdigit() or digits[0] not in "6789" or not window.bare:
        return NO
    if window.cues.says("phone", "wechat") or window.plus:
        return (0.95, "ten digits from 6 to 9 beside a word for a telephone")
    if window.cues.says("card", "ssn", "passport", "aadhaar"):
        return NO
    if len(window.signs) != 10:
        return (0.55, "Indian mobile number with a prefix") if window.whole else NO
    split = window.phrases in {(5, 5), (4, 6), (3, 3, 4)} or window.groups == (5, 5)
    return (0.8 if split else 0.6, "ten digits from 6 to 9") if window.whole or split else NO


_PASSPORT = re.compile(r"[A-PR-WY][1-9]\d{6}")


def passport(window: Window) -> Verdict:
    """A letter and seven digits beside the word passport."""
    if _PASSPORT.fullmatch(window.signs) and window.cues.says("passport"):
        return (0.9, "letter and seven digits beside the word passport")
    return NO


NUMBER_TYPES: tuple[NumberType, ...] = (
    NumberType("IN_AADHAAR", (12,), aadhaar, languages=("en", "zh")),
    NumberType("IN_PAN", (10,), pan, letters=True),
    NumberType("PHONE", (10, 11, 12), phone, languages=("en",)),
    NumberType("PASSPORT", (8,), passport, letters=True, languages=("en",)),
)
