"""A finding in plain words: the rule, the question to ask, why, and the clause with its address."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from audit import wording
from audit.wording.names import mark


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    """Rules of the pack in use by id without the language; those that can be read, where some cannot."""
    from audit.errors import AuditError
    from audit.lexicon import load_with_faults
    from audit.screens.parts.desk import settings

    try:
        return dict(load_with_faults(settings().lexicons)[0].rules)
    except AuditError:
        return {}


def forget() -> None:
    """Read the pack again at the next question: it was changed."""
    _rules.cache_clear()


def _rule(rule: str) -> Any:
    return _rules().get(rule) or _rules().get(rule.partition(".")[2])


def _text(value: Any, language: str) -> str:
    if isinstance(value, dict):
        return str(value.get(language) or value.get("en") or "")
    return str(value or "")


def rule_words(rule: str, category: str, language: str) -> tuple[str, str]:
    """Title of the finding and one sentence on what it says."""
    title = wording.category_title(category, language)
    known = _rule(rule)
    own = _text(getattr(known, "title", ""), language)
    return title, own or wording.category_meaning(category, language)


def question(rule: str, category: str, language: str) -> str:
    """What the reviewer should ask before deciding."""
    own = _text(getattr(_rule(rule), "asks", ""), language)
    if own and (language == "en" or any("一" <= sign <= "鿿" for sign in own)):
        return own
    say = wording.translator(language)
    if category.startswith(("contact.", "recording_notice", "identification", "disclosure")):
        return say("Do the facts of the contact hold, and was nothing else agreed?")
    if category.startswith("customer."):
        return say("Did the customer say it, and what was done about it?")
    if category.startswith("good."):
        return say("Is this an example others should hear?")
    return say("Did the collector say it, mean it, and say it of this debt?")


KNOWN_REASONS = (
    mark("unlike every reviewed example of this category"),
    mark("like reviewed examples of this category; no phrase of a rule was heard: listen before it counts"),
    mark("like reviewed examples of this category, and the third reader agrees: listen before it counts"),
    mark(
        "like reviewed examples of this category, but the third reader does not see it: listen before it counts"
    ),
    mark("only the third reader found it: listen before it counts"),
    mark("a rule's hit was excused, yet the third reader sees it: listen before it counts"),
    mark("the third reader says that a rule in plain words is met: listen before it counts"),
    mark("not said in the first 30 s of the agent's speech"),
    mark("no recording, transcript or text: the words were not judged; hours and counts were"),
    mark("a visit: no words to judge; hours and counts were judged"),
)
"""Reasons of the judging rooms that are fixed sentences: said in the reader's language."""


def reason_words(reason: str, details: dict[str, Any], language: str, rule: str = "") -> str:
    """Why it was found or what is missing: the arithmetic of a contact finding in the reader's language.

    Empty where the reason only repeats what the rule says.
    """
    if "kind" in details:
        from audit.contact import explain

        try:
            return explain(details, language)
        except KeyError:
            return reason
    if rule and reason == str(getattr(_rule(rule), "says", "")):
        return ""
    return wording.translator(language)(reason) if reason in KNOWN_REASONS else reason


def excused_words(why: str | None, language: str) -> str | None:
    """Why a hit was excused, as the rule says it; in the language of the call, so another reader is told that first."""
    if not why:
        return why
    shown = reason_words(why, {}, language)
    chinese = any("一" <= sign <= "鿿" for sign in shown)
    if chinese == (language == "zh"):
        return shown
    say = wording.translator(language)
    return say("an exception of the rule holds ({why})", why=shown)


_ADDRESSES: tuple[tuple[str, str], ...] = (
    (r"1006\.(\d+)", "https://www.ecfr.gov/current/title-12/section-1006.{0}"),
    (r"GB/T\s*(\d+)-(\d{4})", "https://openstd.samr.gov.cn/bzgk/gb/std_list?p.p2=GB/T%20{0}-{1}"),
    (r"CONC\s*(\d+\.\d+)", "https://www.handbook.fca.org.uk/handbook/CONC/{0}.html"),
)


def clause_link(citation: str) -> str:
    """The public address of a clause where its form is known; empty otherwise. Opened only by a click."""
    for pattern, address in _ADDRESSES:
        found = re.search(pattern, citation)
        if found:
            return address.format(
                *(part.replace(".", "/") if "CONC" in pattern else part for part in found.groups())
            )
    return ""
