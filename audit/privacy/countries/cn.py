"""Mainland China: resident ID, mobile and landline numbers, bank cards' home lengths, QQ, plates, passports.

Sources: GB 11643-1999 (resident ID), YD/T 1149 numbering (13–19 mobile ranges), GA 36 (plates), exit and
entry documents E/G + 8. Not judged: carriers, whether a number was ever given out, ID holders' sex.
"""

from __future__ import annotations

import re

from audit.privacy import checks
from audit.privacy.numbers import PROVINCES
from audit.privacy.window import NO, NumberType, Verdict, Window


def resident_id(window: Window) -> Verdict:
    """18 signs: region, birth date and check sign; without the check sign only beside a word for it."""
    signs = window.signs
    if not signs[:17].isdigit() or signs[17] not in "0123456789X" or not checks.cn_id_shape(signs):
        return NO
    if checks.cn_id_check(signs):
        return (0.99, "18 signs, region, birth date and GB 11643 check sign hold")
    if window.cues.says("id"):
        return (
            0.7,
            "18 signs beside a word for the identity card; region and date hold, the check sign fails",
        )
    return NO


def old_id(window: Window) -> Verdict:
    """15 digits of the first generation, beside a word for it."""
    if window.signs.isdigit() and checks.cn_id_shape(window.signs) and window.cues.says("id"):
        return (0.75, "15 digits, region and birth date hold, beside a word for the identity card")
    return NO


_OTHER_THAN_PHONE = ("not", "hotline")


def mobile(window: Window) -> Verdict:
    """11 digits from 13 to 19, the country code inside the span."""
    digits = window.signs
    if window.plus:
        digits = digits.lstrip("+")
    if len(digits) in (13, 15):
        prefix = {13: "86", 15: "0086"}[len(digits)]
        if not digits.startswith(prefix):
            return NO
        digits = digits[len(prefix) :]
    if not digits.isdigit() or not checks.cn_mobile(digits) or window.cues.says(*_OTHER_THAN_PHONE):
        return NO
    if window.language == "en" and window.groups == (1, 3, 3, 4):
        return NO
    if window.cues.says("qq"):
        return (0.5, "11 digits of a mobile range beside a word for QQ")
    if window.language == "en" and not window.cues.says("phone") and not window.plus:
        return (0.5, "11 digits of a Chinese mobile range")
    return (0.97 if window.cues.says("phone") else 0.9, "11 digits in a mainland mobile range")


def landline(window: Window) -> Verdict:
    """Area code and local number; a local number alone only right beside a word for a telephone."""
    digits = window.signs
    if not digits.isdigit() or not window.bare or window.language != "zh":
        return NO
    if len(digits) >= 10:
        return (0.85, "mainland area code and local number") if checks.cn_landline(digits) else NO
    if (
        window.whole
        and window.cues.nearest == "phone"
        and digits[0] in "2345678"
        and window.left_over != 3  # with three more it is a mobile number of no range that exists
        and digits[:3] not in ("400", "800")
    ):
        return (0.6, "local number beside a word for a telephone")
    return NO


def qq(window: Window) -> Verdict:
    """5–11 digits that do not begin with 0, beside a word for QQ or, from a number, WeChat."""
    if window.signs.isdigit() and window.signs[0] != "0" and window.whole:
        if window.cues.says("qq"):
            return (0.9, "5 to 11 digits beside a word for QQ")
        if window.cues.nearest == "wechat" and len(window.signs) != 11:
            return (0.75, "digits beside a word for WeChat")
    return NO


_PLATE = re.compile(rf"[{PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{5,6}}")


def plate(window: Window) -> Verdict:
    """Province, letter, five signs, six on green plates (then D or F first or last)."""
    signs = window.signs
    if not _PLATE.fullmatch(signs) or sum(sign.isdigit() for sign in signs) < 2:
        return NO
    if len(signs) == 8 and not (signs[2] in "ABCDEFGHJK" or signs[7] in "ABCDEFGHJK"):
        return NO
    return (0.93, "province, letter and five or six signs of a number plate")


_PASSPORT = re.compile(r"E\d{8}|E[A-HJ-NP-Z]\d{7}|[GDSPHMCK]\d{8}|(?:DE|SE|PE|MA)\d{7}|[HM]\d{10}")


def passport(window: Window) -> Verdict:
    """E or G with eight digits, E with a letter and seven; other documents beside a word for them."""
    if not _PASSPORT.fullmatch(window.signs):
        return NO
    if window.cues.says("passport"):
        return (0.95, "letter and digits of a travel document beside a word for it")
    strong = window.signs[0] in "EG" and window.bare and window.language == "zh"
    return (0.6, "letter and digits as on Chinese passports") if strong else NO


NUMBER_TYPES: tuple[NumberType, ...] = (
    NumberType("CN_ID_CARD", (18,), resident_id, letters=True),
    NumberType("CN_ID_CARD", (15,), old_id, languages=("zh",)),
    NumberType("PHONE", (11, 13, 15), mobile),
    NumberType("PHONE", (10, 11, 12, 7, 8), landline, languages=("zh",)),
    NumberType("WECHAT_QQ", (5, 6, 7, 8, 9, 10, 11), qq, cued=frozenset(("qq", "wechat"))),
    NumberType("PLATE", (7, 8), plate, letters=True),
    NumberType("PASSPORT", (9, 11), passport, letters=True),
)
