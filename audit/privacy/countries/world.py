"""Everywhere: payment cards, telephone numbers with a country code, numbers a word names as a telephone.

Sources: ISO/IEC 7812 (issuer ranges, Luhn), UnionPay 62 with 16–19 digits, ITU-T E.164 (at most 15 digits).
"""

from __future__ import annotations

import re

from audit.privacy import checks
from audit.privacy.window import NO, NumberType, Verdict, Window

_ISSUER = re.compile(r"[3-6]|2[2-7]|9[0-9]|8[0-9]")
_SHORT = {13: "4", 14: "3", 15: "3"}
_AMERICAN = re.compile(r"3[47]|1[28]|2131|1800")


def card(window: Window) -> Verdict:
    """16–19 digits with Luhn's check (14–15 for Diners and American Express).

    A number named as a card whose check fails stays hidden with a low score: one misheard digit breaks it.
    """
    digits = window.signs
    if not digits.isdigit() or not window.bare:
        return NO
    named = window.cues.says("card") or "card" in (window.cues.before | {window.cues.after})
    if len(digits) < 16:
        short = len(digits) != 13 and (
            digits[0] == "3" or (len(digits) == 15 and bool(_AMERICAN.match(digits)))
        )
        fits = short and checks.luhn(digits)
        return (0.9 if named else 0.7, "fourteen or fifteen digits with Luhn's check") if fits else NO
    cut_short = digits.startswith("62") and 0 < window.left_over <= 19 - len(digits)
    if checks.luhn(digits) and _ISSUER.match(digits) and not cut_short:
        if not named and not _card_like(window):
            return NO
        home = 16 if not digits.startswith("62") else len(digits)
        if named:
            return (0.98, "card length, issuer range and Luhn's check beside a word for a card")
        return (0.9 if len(digits) == home else 0.7, "card length, issuer range and Luhn's check")
    likely = window.cues.says("card") and bool(_ISSUER.match(digits)) and window.whole
    home_card = digits.startswith("62") and window.whole and not window.cues.says("id", "phone")
    if likely or home_card:
        return (0.6, "named or numbered as a card; Luhn's check fails, a digit may be misheard")
    return NO


def _card_like(window: Window) -> bool:
    """Grouped as cards are read, or in one go: a postcode and a telephone number side by side are not."""
    first = window.phrases[0]
    return len(window.phrases) == 1 or first % 4 == 0 or first in (6, 7, 10) or first > 12


def abroad(window: Window) -> Verdict:
    """A plus sign and 8–15 digits, or 00 and a country code beside a word for a telephone."""
    digits = window.signs.lstrip("+")
    if not digits.isdigit() or not window.bare:
        return NO
    if window.plus and 8 <= len(digits) <= 15 and digits[0] != "0":
        return (0.85, "country code and number")
    if window.cues.says("phone") and window.whole and digits.startswith("00") and len(digits) >= 11:
        return (0.7, "international prefix and number")
    if window.language == "zh" and window.whole and _NEAR.fullmatch(digits) and len(window.groups) > 1:
        return (0.6, "number of Hong Kong, Macao or Taiwan with its country code")
    return NO


_NEAR = re.compile(r"85[23][4-9]\d{7}|8869\d{8}")


_ANY_PASSPORT = re.compile(r"[A-Z]\d{7,8}|[A-Z]{2}\d{6,7}")


def passport(window: Window) -> Verdict:
    """A letter or two and six to eight digits, eight or nine signs in all, right beside the word passport, of whatever country."""
    if _ANY_PASSPORT.fullmatch(window.signs) and window.cues.says("passport"):
        return (0.8, "letters and digits beside the word passport")
    return NO


def named(window: Window) -> Verdict:
    """9–11 digits from 0 beside a word for a telephone."""
    served = window.signs.startswith(("0800", "0808", "03", "084", "087")) and window.language == "en"
    if (
        window.signs.isdigit()
        and window.whole
        and window.cues.nearest == "phone"
        and window.signs[0] == "0"
        and not served
    ):
        return (0.55, "digits from 0 beside a word for a telephone")
    return NO


NUMBER_TYPES: tuple[NumberType, ...] = (
    NumberType("BANK_CARD", (14, 15, 16, 17, 18, 19), card),
    NumberType("PHONE", tuple(range(8, 17)), abroad),
    NumberType("PHONE", (9, 10, 11), named),
    NumberType("PASSPORT", (8, 9), passport, letters=True),
)
