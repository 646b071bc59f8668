"""Check digits, shapes and calendars: pure arithmetic over strings of digits and capital letters."""

from __future__ import annotations

import re
from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_REGIONS = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
_LUHN_TWICE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _dihedral(a: int, b: int) -> int:
    """The product of the dihedral group D5, on which Verhoeff's check is built."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5


_VERHOEFF_PRODUCT = tuple(tuple(_dihedral(a, b) for b in range(10)) for a in range(10))
_VERHOEFF_TURN = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def luhn(digits: str) -> bool:
    """Luhn's mod 10 check (ISO/IEC 7812-1)."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        total += _LUHN_TWICE[int(sign)] if place % 2 else int(sign)
    return total % 10 == 0


def verhoeff(digits: str) -> bool:
    """Verhoeff's check over all digits, the check digit last (Aadhaar)."""
    state = 0
    for place, sign in enumerate(reversed(digits)):
        state = _VERHOEFF_PRODUCT[state][_VERHOEFF_TURN[place % 8][int(sign)]]
    return state == 0


def real_date(year: int, month: int, day: int) -> bool:
    """Whether the day exists and lies between 1900 and 2100."""
    try:
        return 1900 <= date(year, month, day).year <= 2100
    except ValueError:
        return False


def cn_id_shape(value: str) -> bool:
    """A resident ID's region and birth date hold (GB 11643), the check digit aside; 15 or 18 signs."""
    if value[:2] not in _REGIONS:
        return False
    born = value[6:14] if len(value) == 18 else "19" + value[6:12]
    return born.isdigit() and real_date(int(born[:4]), int(born[4:6]), int(born[6:8]))


def cn_id_check(value: str) -> bool:
    """The check sign of an 18-sign resident ID (MOD 11-2)."""
    if len(value) != 18 or not value[:17].isdigit():
        return False
    total = sum(weight * int(sign) for weight, sign in zip(_ID_WEIGHTS, value, strict=False))
    return value[17] == _ID_CHECKS[total % 11]


def ssn(digits: str) -> bool:
    """Nine digits the Social Security Administration could have issued; advertised samples excluded."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if area in {"000", "666"} or area[0] == "9" or group == "00" or serial == "0000":
        return False
    return len(set(digits)) > 1 and digits not in {"078051120", "219099999", "123456780"}


_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_PAN = re.compile(r"[A-Z]{3}[ABCFGHJLPTK][A-Z](?!0000)\d{4}[A-Z]")
_PAN_LOOSE = re.compile(r"[A-Z]{5}\d{4}[A-Z]")


def nino(value: str) -> bool:
    """A UK National Insurance number's prefix, length and suffix."""
    return _NINO.fullmatch(value) is not None


def pan(value: str) -> bool:
    """An Indian PAN: the fourth letter is a holder type, the digits are not all zero."""
    return _PAN.fullmatch(value) is not None


def pan_loose(value: str) -> bool:
    """Five letters, four digits, a letter: a PAN as far as a recogniser's letters can be trusted."""
    return _PAN_LOOSE.fullmatch(value) is not None


def aadhaar(digits: str) -> bool:
    """Twelve digits, first 2–9, no palindrome, Verhoeff."""
    return digits[0] in "23456789" and digits != digits[::-1] and verhoeff(digits)


def cn_mobile(digits: str) -> bool:
    """Eleven digits in a range the mainland has given out (loosely: 13–19)."""
    return (
        len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789" and digits[:3] not in {"154", "194"}
    )


_AREA_THREE = frozenset({"010", "020", "021", "022", "023", "024", "025", "026", "027", "028", "029"})


def cn_landline(digits: str) -> bool:
    """Area code 3–4 digits and a local number of 7–8 that begins 2–8."""
    area = 3 if digits[:3] in _AREA_THREE else 4
    if digits[0] != "0" or digits[1] not in "123456789":
        return False
    if area == 4 and digits[1] in "12":
        return False
    local = digits[area:]
    return len(local) in (7, 8) and local[0] in "2345678"


def nanp(digits: str) -> bool:
    """Ten digits of the North American plan (area and exchange not from 0 or 1)."""
    return len(digits) == 10 and digits[0] in "23456789" and digits[3] in "23456789" and digits[1:3] != "11"


TOLL_FREE = frozenset({"800", "822", "833", "844", "855", "866", "877", "888"})
