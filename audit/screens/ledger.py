"""Ledger: who heard, revealed, decided, exported what and when; proves itself whole."""

from __future__ import annotations

import json
from typing import Any

from audit import wording
from audit.errors import IntegrityError
from audit.screens.parts.desk import Desk, desk
from audit.screens.parts.markup import Markup, act, empty, section, table, tag
from audit.screens.parts.retention import retention_panel
from audit.screens.parts.surface import surface

PAGE = 60
_KINDS = (
    "",
    "verdict.",
    "audio.",
    "data.",
    "clip.",
    "case",
    "note.",
    "signin.",
    "user.",
    "rules.",
    "lesson.",
    "sample.",
    "appeal.",
    "job.",
    "hold.",
)


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store import views

    here = desk()
    say = here.say
    surface(
        "head",
        tag(
            "div",
            tag(
                "div",
                tag("h1", say("Ledger")),
                tag("p", say("Every verdict, play, reveal and export; rows can be added, never changed")),
            ),
            class_="au-head",
        ),
    )
    columns = st.columns([1.2, 1.2, 1.4, 1], vertical_alignment="bottom")
    titles = _titles(say)
    kind = columns[0].selectbox(say("What"), _KINDS, format_func=titles.__getitem__, key="g_kind")
    actor = columns[1].text_input(say("Who"), key="g_actor")
    subject = columns[2].text_input(say("Case, call or finding"), key="g_subject")
    columns[3].button(say("Verify all"), icon=":material/verified:", on_click=_verify, width="stretch")
    _proof()
    retention_panel(here)
    offset = int(st.session_state.get("ledger_offset", 0))
    rows, total = here.ask(
        views.ledger_rows, kind or None, actor.strip() or None, subject.strip() or None, PAGE, offset
    )
    surface(
        "rows",
        section(
            say.plural("{count} row", "{count} rows", total),
            _rows(here, rows),
            _foot(here, offset, len(rows), total),
        ),
        _heard,
    )


def _titles(say: wording.Say) -> dict[str, str]:
    return {
        "": say("Everything"),
        "verdict.": say("Verdicts"),
        "audio.": say("Listening"),
        "data.": say("Reveals"),
        "clip.": say("Exports"),
        "case": say("Cases"),
        "note.": say("Notes"),
        "signin.": say("Sign-ins"),
        "user.": say("People"),
        "rules.": say("Rules"),
        "lesson.": say("Lessons"),
        "sample.": say("Unflagged sample"),
        "appeal.": say("Appeals"),
        "job.": say("Runs from the app"),
        "hold.": say("Legal holds"),
    }


def action_title(action: str, say: wording.Say) -> str:
    """What a ledger row says happened, in words."""
    titles = {
        "verdict.confirmed": say("confirmed a finding"),
        "verdict.dismissed": say("dismissed a finding"),
        "verdict.escalated": say("escalated a finding"),
        "verdict.agreed": say("agreed as second person"),
        "verdict.undone": say("took a verdict back"),
        "audio.served": say("was handed sound"),
        "audio.played": say("pressed play"),
        "data.revealed": say("revealed personal data"),
        "data.covered": say("covered personal data again"),
        "clip.exported": say("exported a clip"),
        "case.opened": say("opened a case"),
        "case.assigned": say("assigned a case"),
        "case.reopened": say("case opened again"),
        "case.withdrawn": say("case withdrawn"),
        "cases.dismissed": say("dismissed cases together"),
        "note.added": say("added a note"),
        "words.corrected": say("corrected words"),
        "roles.swapped": say("swapped the roles"),
        "signin.done": say("signed in"),
        "signin.failed": say("failed to sign in"),
        "signin.ended": say("signed out"),
        "user.created": say("user made"),
        "user.changed": say("role changed"),
        "user.removed": say("user removed"),
        "user.locked": say("account locked"),
        "user.password_changed": say("password changed"),
        "user.password_reset": say("password reset"),
        "lesson.saved": say("kept a lesson"),
        "lesson.removed": say("removed a lesson"),
        "rules.changed": say("changed a rule file"),
        "words.correction_outdated": say("a correction no longer fits a new hearing"),
        "sample.drawn": say("drew a sample"),
        "sample.decided": say("decided a call of a sample"),
        "sample.undone": say("took a decision on a sample back"),
        "sample.discarded": say("discarded a sample"),
        "appeal.made": say("contested a finding"),
        "appeal.withdrawn": say("took an appeal back"),
        "appeal.upheld": say("let a contested verdict stand"),
        "appeal.overturned": say("overturned a contested verdict"),
        "job.started": say("started a job"),
        "job.ended": say("a job ended"),
        "job.stop_asked": say("asked a job to stop"),
        "hold.set": say("put a call on hold"),
        "hold.released": say("released a hold"),
        "evidence.exported": say("exported an evidence pack"),
        "contact.purged": say("a contact was purged"),
        "recording.purged": say("a recording was purged"),
        "retention.applied": say("retention in force"),
        "run": say("a run"),
    }
    return titles.get(action, action)


def _rows(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say = here.say
    if not rows:
        return empty(say("No row matches"))
    columns = [
        ("#", "au-num"),
        (say("When (UTC)"), "au-nowrap"),
        (say("Who"), ""),
        (say("What"), "au-min"),
        (say("On"), ""),
        (say("Detail"), ""),
        (say("Hash"), ""),
    ]
    lines = [
        (
            row["seq"],
            wording.format_datetime(row["at"], here.language),
            row["actor"],
            action_title(row["action"], say),
            tag("span", row["subject"], class_="au-mono"),
            tag("span", _detail(row["payload"]), class_="au-soft au-small"),
            tag("span", row["hash"][:8], class_="au-mono au-soft"),
        )
        for row in rows
    ]
    return tag("div", table(columns, lines, caption=say("Ledger")), class_="au-scroll")


def _detail(payload: str) -> str:
    values = json.loads(payload)
    return " · ".join(
        f"{key}: {value}" for key, value in values.items() if not isinstance(value, (list, dict))
    )


def _foot(here: Desk, offset: int, shown: int, total: int) -> Markup:
    say = here.say
    return tag(
        "div",
        act("page", str(max(0, offset - PAGE)), "‹ " + say("Newer"), class_="au-btn", disabled=offset == 0),
        act(
            "page", str(offset + PAGE), say("Older") + " ›", class_="au-btn", disabled=offset + shown >= total
        ),
        class_="au-foot-row",
    )


def _heard(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    if name == "page":
        st.session_state["ledger_offset"] = int(value)


def _verify() -> None:
    import streamlit as st

    from audit.store.ledger import head, verify

    here = desk()
    here.scope.require("ledger")
    try:
        with here.store.read() as connection:
            st.session_state["_proof"] = (True, verify(connection), head(connection)["hash"])
    except IntegrityError as error:
        st.session_state["_proof"] = (False, str(error), "")


def _proof() -> None:
    import streamlit as st

    proof = st.session_state.pop("_proof", None)
    if proof is None:
        return
    say = desk().say
    good, what, last = proof
    if good:
        st.success(
            say.plural("{count} row is whole.", "All {count} rows are whole.", what)
            + " "
            + say("Newest hash: {hash}", hash=last),
            icon=":material/verified:",
        )
    else:
        st.error(what, icon=":material/gpp_bad:")


if __name__ == "__main__":
    page()
