"""Retention on the ledger page: what each place asks, what is kept, what is due, legal holds. Nothing is deleted here."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts.desk import Desk, desk, toast
from audit.screens.parts.markup import Markup, act, empty, section, table, tag
from audit.screens.parts.surface import surface
from audit.store import retention as store

if TYPE_CHECKING:
    from audit.contact import Places

SHOWN = 100


@lru_cache(maxsize=4)
def _places(lexicons: Any) -> Places:
    from audit.contact import load_places

    return load_places(lexicons / "places" if lexicons else None)


def retention_panel(here: Desk) -> None:
    """A folded panel: per place, then what is due, then holds."""
    import streamlit as st

    say = here.say
    with st.expander(
        say("Retention and legal holds"), icon=":material/inventory_2:", key="retention", on_change="rerun"
    ) as panel:
        if not panel.open:
            return
        today = datetime.now(UTC)
        days = here.settings.retention.records_days
        lines = here.ask(store.by_place, _places(here.settings.lexicons), days, today)
        surface("retention_places", section(say("By place"), _lines(here, lines)))
        due = [line for line in lines if line.due]
        if due:
            _due(here, due, today)
        _holds(here)


def _lines(here: Desk, lines: list[store.PlaceRetention]) -> Markup:
    say = here.say
    if not lines:
        return empty(say("No contacts have been audited yet"))
    columns = [
        (say("Place"), ""),
        (say("Contacts"), "au-num"),
        (say("Oldest"), "au-nowrap"),
        (say("The place asks"), "au-num"),
        (say("Kept here"), "au-num"),
        (say("Due now"), "au-num"),
        (say("On hold"), "au-num"),
        (say("Without a date"), "au-num"),
    ]
    rows = []
    for line in lines:
        asked = (
            say.plural("{count} year", "{count} years", line.asked_years)
            if line.asked_years is not None
            else say("not known")
        )
        kept = say.plural("{count} day", "{count} days", line.kept_days)
        rows.append(
            (
                line.place,
                here.number(line.contacts),
                wording.format_date(line.oldest, here.language) if line.oldest else "–",
                asked,
                tag("span", kept, " ", tag("b", say("shorter than asked"), class_="au-late"))
                if line.too_short
                else kept,
                here.number(line.due),
                here.number(line.held),
                here.number(line.undated),
            )
        )
    return tag("div", table(columns, rows, caption=say("By place")), class_="au-scroll")


def _due(here: Desk, lines: list[store.PlaceRetention], today: datetime) -> None:
    import streamlit as st

    say = here.say
    place = st.selectbox(say("Due at"), [line.place for line in lines], key="retention_place")
    line = next(one for one in lines if one.place == place)
    found = here.ask(store.due_in, line, today, SHOWN)
    columns = [(say("Call"), ""), (say("Agency"), ""), (say("Contact"), "au-nowrap"), (tag("span", say("Act"), class_="au-hide"), "au-right")]  # fmt: skip
    rows = [
        (
            tag("span", row["call_id"], class_="au-mono"),
            row["agency"],
            wording.format_datetime(row["started_at"], here.language),
            act("hold", row["call_id"], say("Hold…"), class_="au-btn") if here.scope.may("hold") else "",
        )
        for row in found
    ]
    title = say.plural("{count} contact is due", "{count} contacts are due", line.due)
    body = tag("div", table(columns, rows, caption=title), class_="au-scroll")
    hint = say("nothing is deleted here: `audit purge` says what would go, `audit purge --yes` deletes it")
    surface("retention_due", section(title, body, hint=hint), _heard)


def _holds(here: Desk) -> None:
    import streamlit as st

    say = here.say
    found = here.ask(store.holds)
    if found:
        columns = [(say("Call"), ""), (say("Reason"), ""), (say("Who"), ""), (say("When (UTC)"), "au-nowrap"), (tag("span", say("Act"), class_="au-hide"), "au-right")]  # fmt: skip
        rows = [
            (
                tag("span", row["call_id"], class_="au-mono"),
                row["reason"],
                row["actor"],
                wording.format_datetime(row["at"], here.language),
                act("release", row["call_id"], say("Release"), class_="au-btn")
                if here.scope.may("hold")
                else "",
            )
            for row in found
        ]
        surface(
            "holds", section(say("Legal holds"), table(columns, rows, caption=say("Legal holds"))), _heard
        )
    if not here.scope.may("hold"):
        return
    left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
    call_id = left.text_input(say("Call"), key="hold_call")
    reason = middle.text_input(say("Reason"), key="hold_reason", max_chars=300)
    right.button(
        say("Put on hold"), disabled=not (call_id.strip() and reason.strip()), on_click=_hold, width="stretch",
        args=(here, call_id.strip(), reason),
    )  # fmt: skip


def _hold(here: Desk, call_id: str, reason: str) -> None:
    import streamlit as st

    try:
        here.act(store.hold, call_id, reason)
    except AuditError as error:
        toast(str(error), ":material/error:")
        return
    st.session_state["hold_call"] = st.session_state["hold_reason"] = ""
    toast(here.say("On hold: no purge touches it"), ":material/lock:")


def _heard(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    here = desk()
    if name == "hold":
        st.session_state["hold_call"] = value
    elif name == "release":
        try:
            here.act(store.release, value)
            toast(here.say("Released"))
        except AuditError as error:
            toast(str(error), ":material/error:")
