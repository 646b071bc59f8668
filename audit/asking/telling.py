"""What papers say of the third reader: turns it left open and answers that were thrown away, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.wording import translator
from audit.wording.names import mark

FIXED = (
    mark("the turn is too long"),
    mark("not surely masked"),
    mark("not asked in a dry run"),
    mark("the endpoint is left alone after its failures"),
    mark("the budget of turns is spent"),
    mark("the budget of tokens is spent"),
    mark("the budget of seconds is spent"),
    mark("no whole answer in time"),
    mark("the connection broke off"),
    mark("the endpoint refuses connections"),
    mark("the endpoint's name does not resolve"),
    mark("the answer is not of the schema"),
    mark("the answer names a category that was not asked about"),
    mark("the answer quotes what was not said"),
    mark("the answer holds no JSON object"),
    mark("the answer holds several objects"),
    mark("the answer gives a key twice"),
    mark("the answer is too long"),
)
"""Reasons that are fixed sentences; the others (a status of the endpoint) are told as they are."""


def left_open(told: Mapping[str, Any], language: str) -> list[str]:
    """A line a reason, from `Asker.told`; empty where no third reader is set or nothing was left."""
    say = translator(language)
    kinds = {
        "left": say("The third reader left turns open"),
        "wrong": say("Answers of the third reader that were thrown away"),
    }
    return [
        f"{words}: {count} ({say(why) if why in FIXED else why})"
        for kind, words in kinds.items()
        for why, count in told.get(kind, {}).items()
    ]
