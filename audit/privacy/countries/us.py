"""United States and Canada: Social Security number, NANP telephone, passport.

Sources: SSA issuance rules (areas 000, 666, 9xx and zero groups never issued), NANPA; passports nine signs.
"""

from __future__ import annotations

import re

from audit.privacy import checks
from audit.privacy.window import NO, NumberType, Verdict, Window


def ssn(window: Window) -> Verdict:
    """Nine digits; by name, or grouped 3-2-4 where no other name stands beside them."""
    if not window.signs.isdigit() or not checks.ssn(window.signs):
        return NO
    if window.cues.says("ssn"):
        return (0.97, "nine digits the SSA may have issued, beside their name")
    grouped = window.groups == (3, 2, 4) or window.phrases == (3, 2, 4)
    if grouped and window.bare and not window.cues.says("passport", "phone"):
        return (0.7, "nine digits grouped 3-2-4")
    if "ssn" in window.cues.before and window.bare:
        return (0.6, "nine digits, the name of a Social Security number further off")
    return NO


def phone(window: Window) -> Verdict:
    """Ten digits of the North American plan, 1 before them; toll-free numbers are hotlines."""
    digits = window.signs.lstrip("+")
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if not digits.isdigit() or not checks.nanp(digits) or digits[:3] in checks.TOLL_FREE or not window.bare:
        return NO
    if window.cues.says("phone") or window.plus:
        return (0.95, "ten digits of the North American plan beside a word for a telephone")
    grouped = (
        window.groups == (3, 3, 4)
        or window.phrases in {(3, 3, 4), (3, 7)}
        or window.groups == (1, 3, 3, 4)
        or window.groups[-2:] == (3, 4)
    )
    if grouped:
        return (0.85, "ten digits grouped 3-3-4")
    if window.cues.says("card", "ssn", "passport", "aadhaar"):
        return NO
    return (0.6, "ten digits of the North American plan") if window.whole else NO


def local(window: Window) -> Verdict:
    """Seven digits 3-4 right beside a word for a telephone."""
    if (
        window.signs.isdigit()
        and window.whole
        and window.cues.nearest == "phone"
        and window.signs[0] in "23456789"
    ):
        return (0.55, "seven digits beside a word for a telephone")
    return NO


_PASSPORT = re.compile(r"[0-9]{9}|[A-Z][0-9]{8}")


def passport(window: Window) -> Verdict:
    """Nine digits, or a letter and eight, beside the word passport."""
    if _PASSPORT.fullmatch(window.signs) and (window.cues.says("passport") or _near_passport(window)):
        return (0.93, "nine signs beside the word passport")
    return NO


def _near_passport(window: Window) -> bool:
    return window.bare and "passport" in window.cues.before and window.cues.nearest not in ("ssn", "phone")


NUMBER_TYPES: tuple[NumberType, ...] = (
    NumberType("US_SSN", (9,), ssn, languages=("en",)),
    NumberType("US_SSN", (9,), ssn, languages=("zh",), cued=frozenset(("ssn",))),
    NumberType("PHONE", (10, 11), phone, languages=("en",)),
    NumberType("PHONE", (7,), local, languages=("en",)),
    NumberType("PASSPORT", (9,), passport, letters=True, languages=("en",)),
)
