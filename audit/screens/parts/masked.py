"""The labels that stand where personal data was, in the reader's language."""

from __future__ import annotations

import re

from audit.screens.parts.desk import Desk

_LABEL = re.compile(r"\[([A-Z][A-Z_]{2,30})\]")


def datum_title(kind: str, here: Desk) -> str:
    """The name of a type of personal data; an unknown type is shown as it is."""
    say = here.say
    titles = {
        "PERSON": say("name"),
        "PHONE": say("phone"),
        "PHONE_NUMBER": say("phone"),
        "CN_ID_CARD": say("ID number"),
        "BANK_CARD": say("card number"),
        "ADDRESS": say("address"),
        "EMPLOYER": say("employer"),
        "EMAIL": say("e-mail address"),
        "WECHAT_QQ": say("WeChat or QQ"),
        "PLATE": say("number plate"),
        "PASSPORT": say("passport"),
        "DATE_OF_BIRTH": say("date of birth"),
    }
    return titles.get(kind, kind)


def masked_words(text: str, here: Desk) -> str:
    """Masked text with its labels ([PERSON]) in the reader's language."""
    return _LABEL.sub(lambda found: f"〔{datum_title(found.group(1), here)}〕", text)
