"""Judging one call again at once, after a person corrected its words or roles: the tools of a run, kept warm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from audit.errors import AuditError, UsageError
from audit.screens.parts.desk import Desk
from audit.store.correcting import Change, Correction, JudgedRows

if TYPE_CHECKING:
    from audit.pipeline import Tools
    from audit.settings import Settings

ATTEMPTS = 3
BY_ROLE = ("talk_share_", "longest_", "speech_rate_", "agent_confidence")
"""Measures that change with words and roles."""


class _Shelf:
    """The tools of this process, made once for the pack in use; safe for several sessions."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.held: tuple[str, Tools] | None = None

    def tools(self, settings: Settings) -> Tools:
        with self.lock:
            key = str(settings.lexicons)
            if self.held is None or self.held[0] != key:
                self.held = (key, _without_sound(settings))
            return self.held[1]

    def forget(self) -> None:
        with self.lock:
            self.held = None


_SHELF = _Shelf()


def _without_sound(settings: Settings) -> Tools:
    from audit.batch import make_tools

    # A call is judged again by its words; nothing here may load a recogniser or open a recording.
    tools = make_tools(settings.model_copy(update={"second_decoding": False}))
    tools.asker = None  # an endpoint is asked by runs only; what it said of unchanged turns stays
    tools.detector.find("", "zh")
    return tools


def tools_of(here: Desk) -> Tools:
    """The judge, the second reader and the finder of personal data of the pack in use."""
    return _SHELF.tools(here.settings)


def forget_tools() -> None:
    """Read the pack again at the next judgement (after it was changed)."""
    _SHELF.forget()


def tools_soon(here: Desk) -> None:
    """Load the tools beside the page, so that the first correction does not wait for them."""
    if _SHELF.held is None and not _SHELF.lock.locked():
        threading.Thread(target=_ahead, args=(here.settings,), name="tools", daemon=True).start()


def _ahead(settings: Settings) -> None:
    with suppress(AuditError):  # whoever corrects is told
        _SHELF.tools(settings)


def judge_again(here: Desk, case_id: str, asked: Correction) -> Change | None:
    """Make a correction, judge the call by both readers, mask it anew, keep all in one transaction.

    None when nothing would change. Raises RightError without the right `decide`, UsageError for a call
    without words or when others keep changing the same call.
    """
    here.scope.require("decide")
    tools = tools_of(here)
    for _ in range(ATTEMPTS):
        done, change = _once(here, case_id, asked, tools)
        if done:
            return change
    raise UsageError("Somebody else is changing this call. Try again.")


def _once(here: Desk, case_id: str, asked: Correction, tools: Tools) -> tuple[bool, Change | None]:
    from audit.store import reading
    from audit.store.correcting import corrected, keep
    from audit.store.views.case import call_of_case

    with here.store.read() as connection:
        call_id = str(call_of_case(connection, here.scope, case_id)["call_id"])
        before = reading.transcript(connection, call_id)
        after = corrected(connection, call_id, asked)
        row = next(reading.contacts(connection, [call_id]))
    if after is None:
        return True, None
    judged = _judge(row, after, tools)
    with here.store.begin() as connection:
        if reading.transcript(connection, call_id) != before:
            return False, None
        return True, keep(connection, here.scope, case_id, asked, judged)


def _judge(row: dict[str, Any], spoken: Any, tools: Tools) -> JudgedRows:
    from audit.batch import word_rows
    from audit.pipeline import rejudge
    from audit.speakers import measures
    from audit.store.reading import contact_of

    known = row["measures"] or {}
    fresh = measures(spoken, None, known.get("duration_s") or row["duration_s"])
    # Over-talk and silence come from the sound, which nobody corrected.
    own = {**fresh, **known, **{name: value for name, value in fresh.items() if name.startswith(BY_ROLE)}}
    result = rejudge(contact_of(row), spoken, own, tools)
    turns, data, findings = word_rows(result)
    return JudgedRows(turns, data, findings, own)


def masked_text(here: Desk, text: str) -> str:
    """What a person typed with the personal data in it replaced by labels."""
    from audit.phrases import detect_language
    from audit.privacy import mask

    return mask(text, tools_of(here).detector.find(text, detect_language(text)))


def with_data_back(text: str, pieces: list[tuple[str, str]], label: Callable[[str], str]) -> str:
    """A person's text in which the labels of masked data stand for the data again, in their order.

    `pieces` are (type, words) of the turn's personal data, `label` what the person saw for a type. A label that
    was deleted takes its datum away; one that was typed without a datum stays as typed.
    """
    at = 0
    for kind, words in pieces:
        found = text.find(label(kind), at)
        if found >= 0:
            text = text[:found] + words + text[found + len(label(kind)) :]
            at = found + len(words)
    return text
