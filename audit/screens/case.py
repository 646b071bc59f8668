"""Case: hear, read, decide; the debtor's other contacts on one strip of time; reveal with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts.corrections import correct_words, history, swap_roles
from audit.screens.parts.desk import Desk, asked, desk, goto, toast
from audit.screens.parts.handing import handed_sound, move_window
from audit.screens.parts.judging import tools_soon
from audit.screens.parts.markup import (
    Markup,
    act,
    empty,
    facts,
    go,
    link,
    section,
    severity_badge,
    status_badge,
    tag,
)
from audit.screens.parts.surface import surface
from audit.screens.parts.tables import case_what, due
from audit.screens.player import play
from audit.screens.player.scene import build_scene
from audit.store import correcting
from audit.store.views import CaseView, QueueFilter


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store import views

    here = desk()
    say = here.say
    opened = asked("case") or st.query_params.to_dict()
    given = opened.get("id")
    if given:
        st.session_state["case_id"] = given[0] if isinstance(given, list) else given
    case_id = str(st.session_state.get("case_id") or "")
    seen = here.ask(views.case_view, case_id) if case_id else None
    if seen is None:
        surface("none", empty(say("No case is open"), say("Open one from the queue.")))
        st.button(say("To the queue"), on_click=goto, args=("queue",))
        return
    if st.query_params.get("id") != case_id:
        st.query_params["id"] = case_id
    st.session_state["_case"] = seen
    _note_opening(here, case_id)
    surface("head", _head(here, seen), _heard)
    sound, why = handed_sound(here, seen)
    play(
        "player",
        build_scene(here, seen, sound, why, st.session_state.get("finding_id")),
        sound,
        _player_heard,
    )
    strip = here.ask(views.debtor_strip, seen.contact["debtor_id"])
    surface(
        "strip",
        section(
            say("All contacts with this debtor"),
            _strip(here, strip, seen),
            hint=say("over all agencies you may see"),
        ),
    )
    if here.scope.may("contest"):
        from audit.screens.appeals import contest_panel

        contest_panel(here, seen.contact["call_id"])
    _more(here, seen)
    if here.scope.may("decide"):
        tools_soon(here)
    _ask_reveal(here, seen)


def _note_opening(here: Desk, case_id: str) -> None:
    """Opening a case is a ledger row, once a session."""
    import streamlit as st

    from audit.store import acts

    if here.store.read_only:
        return
    known: set[str] = st.session_state.setdefault("_opened", set())
    if case_id not in known:
        known.add(case_id)
        here.act(acts.opened, case_id)


def _queue_filter() -> QueueFilter:
    import streamlit as st

    return st.session_state.get("queue_filter") or QueueFilter()


def _head(here: Desk, seen: CaseView) -> Markup:
    say, language, case, contact = here.say, here.language, seen.case, seen.contact
    who = " · ".join(
        (
            case["agency"],
            case["agent"],
            wording.format_datetime(contact["started_at"], language),
            wording.party_title(contact["called_party"], language),
            contact["debtor_id"] or "–",
            contact["jurisdiction"],
        )
    )
    waiting = case["status"] in ("open", "second_look", "escalated")
    title = tag(
        "div",
        tag(
            "div",
            severity_badge(case["severity"], language),
            status_badge(case["status"], language),
            due(case["due_at"], waiting, language) if waiting else None,
            tag("span", say("Distress"), class_="au-chip au-chip-distress") if case["distress"] else None,
            class_="au-row",
            style="gap:10px",
        ),
        tag("h1", case_what(case, language)),
        tag("p", who),
        class_="au-grow",
    )
    if here.scope.may("reveal"):
        mask = (
            act("cover", "", say("Cover again"), class_="au-btn au-btn-main")
            if seen.revealed
            else act("reveal", "", say("Reveal…"), class_="au-btn")
        )
    else:
        mask = tag("span", say("Masked"), class_="au-chip")
    buttons = tag(
        "div",
        go(link("queue"), "‹ " + say("Queue"), class_="au-btn au-btn-plain"),
        mask,
        act(
            "move",
            "previous",
            "↑",
            class_="au-btn",
            title=say("Previous case") + " (K)",
            aria_label=say("Previous case"),
        ),
        act("move", "next", say("Next case") + " ↓", class_="au-btn", title="J"),
        class_="au-row",
        style="gap:6px",
    )
    return tag("div", title, buttons, class_="au-head")


def _heard(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    from audit.store import acts

    here = desk()
    case_id = st.session_state["case_id"]
    if name == "move":
        _move(here, value)
    elif name == "reveal":
        st.session_state["_reveal"] = True
    elif name == "cover":
        here.act(acts.cover, case_id)
    elif name == "take":
        here.act(acts.assign, [case_id], here.scope.user)
    elif name == "give":
        here.act(acts.assign, [case_id], None)
    elif name == "swap":
        try:
            swap_roles(here, case_id)
        except AuditError as error:
            toast(str(error), ":material/error:")


def _player_heard(name: str, values: dict[str, Any]) -> None:
    """What the player reports; rights are checked again by each act."""
    import streamlit as st

    here = desk()
    seen: CaseView = st.session_state["_case"]
    try:
        _deed(here, seen, name, values)
    except AuditError as error:
        toast(str(error), ":material/error:")


def _deed(here: Desk, seen: CaseView, name: str, values: dict[str, Any]) -> None:

    from audit.store import acts

    say, case_id = here.say, seen.case["case_id"]
    mine = {finding.finding_id for finding in seen.findings}
    finding = values.get("finding")
    if name == "verdict" and finding in mine:
        status = here.act(acts.decide, [finding], values["verdict"], str(values.get("note", ""))[:2000])
        done = say(
            "{verdict}. Case: {status}",
            verdict=wording.verdict_title(values["verdict"], here.language),
            status=wording.status_title(status, here.language),
        )
        toast(done)
    elif name == "undo" and finding in mine:
        here.act(acts.undo, [finding])
        toast(say("Taken back"), ":material/undo:")
    elif name == "note":
        here.act(acts.note, case_id, str(values["text"])[:2000])
        toast(say("Note kept"))
    elif name == "correct":
        correct_words(here, seen, int(values["turn"]), str(values["text"])[:2000])
    elif name == "played":
        here.act(acts.played, seen.contact["call_id"])
    elif name == "window":
        move_window(seen, float(values["at"]))
    elif name == "go":
        _move(here, str(values.get("to")))


def _move(here: Desk, where: str) -> None:
    import streamlit as st

    from audit.store import views

    before, after = here.ask(views.neighbours, _queue_filter(), st.session_state["case_id"])
    target = before if where == "previous" else after
    if target is None:
        toast(here.say("That was the last case of this list"), ":material/flag:")
        return
    st.session_state["case_id"] = target
    st.session_state.pop("finding_id", None)
    st.query_params["id"] = target


def _strip(here: Desk, rows: list[dict[str, Any]], seen: CaseView) -> Markup:
    """The debtor's contacts as dots on a line of time; flagged ones open their case."""
    dated = [(datetime.fromisoformat(row["started_at"]).replace(tzinfo=None), row) for row in rows]
    if not dated:
        return empty(here.say("The log gives no debtor or no time"))
    first = min(at for at, _ in dated).replace(hour=0, minute=0, second=0)
    last = max(at for at, _ in dated) + timedelta(hours=8)
    whole_s = max((last - first).total_seconds(), 86400.0)
    days = max(1, round(whole_s / 86400))
    step = max(1, days // 10)
    ticks = [
        tag(
            "span",
            wording.format_date(first + timedelta(days=day), here.language),
            class_="au-day",
            style=_left(first + timedelta(days=day), first, whole_s),
        )
        for day in range(0, days, step)
    ]
    return tag(
        "div",
        tag(
            "div",
            ticks,
            [_dot(here, at, row, seen, _left(at, first, whole_s)) for at, row in dated],
            class_="au-strip",
        ),
        tag("div", style="height:20px"),
    )


def _left(at: datetime, first: datetime, whole_s: float) -> str:
    return f"left:{100 * (at - first).total_seconds() / whole_s:.2f}%"


def _dot(here: Desk, at: datetime, row: dict[str, Any], seen: CaseView, style: str) -> Markup:
    language = here.language
    words = " · ".join(
        (
            wording.format_datetime(at, language),
            row["agency"],
            wording.channel_title(row["channel"], language),
            wording.outcome_title(row["outcome"], language),
            wording.party_title(row["called_party"], language),
        )
    )
    if row["case_id"] is None:
        talk = row["outcome"] in ("conversation", "connected")
        return tag("span", class_="au-dot" + ("" if talk else " au-silent"), style=style, title=words)
    here_now = " au-here" if row["call_id"] == seen.contact["call_id"] else ""
    flagged = f"{words} · {wording.severity_title(row['severity'], language)}"
    return go(
        link("case", id=row["case_id"]),
        class_=f"au-flag-{row['severity']}{here_now}",
        style=style,
        title=flagged,
        aria_label=flagged,
    )


def _more(here: Desk, seen: CaseView) -> None:
    import streamlit as st

    say, contact = here.say, seen.contact
    left, right = st.columns(2)
    with left, st.expander(say("Facts of the contact"), icon=":material/info:"):
        surface("facts", _contact_facts(here, seen), _heard)
    with right, st.expander(say("Notes") + f" · {len(seen.notes)}", icon=":material/sticky_note_2:"):
        if not seen.notes:
            st.caption(say("No notes yet. Press M and keep one."))
        for note in seen.notes:
            st.markdown(f"**{note['actor']}** · {wording.format_datetime(note['at'], here.language)}")
            st.text(note["text"])
    with left, st.expander(say("What decided: receipt"), icon=":material/verified:"):
        receipt = contact["receipt"] or {}
        pairs: list[tuple[str, Any]] = []
        pairs += [(name, tag("span", str(value)[:24], class_="au-mono")) for name, value in receipt.items()]
        pairs += [
            (say("Transcript from"), contact["transcript_source"] or "–"),
            (say("Last run"), contact["last_run"] or "–"),
        ]
        surface("receipt", facts(pairs))
    changes = here.ask(correcting.changes, seen.case["case_id"])
    if changes:
        title = say("Judged again") + f" · {len(changes)}"
        with st.expander(title, icon=":material/history:"):
            history(here, changes, contact["language"])
    if here.scope.may("export"):
        with right, st.expander(say("Evidence pack"), icon=":material/folder_zip:"):
            _evidence(here, seen)


def _evidence(here: Desk, seen: CaseView) -> None:
    """The masked evidence pack of the case, to be proved elsewhere with `audit verify`."""
    import tempfile
    from pathlib import Path

    import streamlit as st

    from audit.evidence import make_pack

    say, case_id = here.say, seen.case["case_id"]
    st.caption(
        say(
            "Clips, transcript, rule and clause, receipts, verdicts and hashes, masked; proves itself offline by `audit verify`."
        )
    )
    if st.button(say("Prepare evidence pack"), width="stretch"):
        with tempfile.TemporaryDirectory() as folder:
            made = make_pack(here.store, case_id, here.recordings, Path(folder), here.scope.user)
            st.session_state["_evidence"] = (case_id, made.read_bytes())
    held = st.session_state.get("_evidence")
    if held and held[0] == case_id:
        st.download_button(
            say("Save evidence pack (zip)"),
            held[1],
            file_name=f"{case_id}-masked.zip",
            mime="application/zip",
            type="primary",
            width="stretch",
        )


def _contact_facts(here: Desk, seen: CaseView) -> Markup:
    say, language, contact, case = here.say, here.language, seen.contact, seen.case
    measures = contact["measures"] or {}
    pairs = [
        (say("Call"), tag("span", contact["call_id"], class_="au-mono")),
        (say("Channel"), wording.channel_title(contact["channel"], language)),
        (say("Outcome"), wording.outcome_title(contact["outcome"], language)),
        (say("Length"), wording.format_clock(contact["duration_s"])),
        (say("Language"), wording.language_title(contact["language"], language)),
        (say("Account"), contact["account_id"] or "–"),
        (say("Time zone"), contact["timezone"] or "–"),
        (say("Agreed hours"), contact["consent_hours"] or "–"),
        (
            say("Collector decided by"),
            f"{contact['agent_evidence'] or '–'} · {wording.format_percent(contact['agent_confidence'], language, 0)}",
        ),
        (
            say("Talk: collector / customer"),
            f"{wording.format_percent(measures.get('talk_share_agent'), language, 0)} / {wording.format_percent(measures.get('talk_share_customer'), language, 0)}",
        ),
        (say("Assigned"), case["assignee"] or "–"),
    ]
    acts = []
    if here.scope.may("decide"):
        acts.append(
            act("give", "", say("Give back"), class_="au-btn")
            if case["assignee"] == here.scope.user
            else act("take", "", say("Assign to me"), class_="au-btn")
        )
        if seen.turns:
            acts.append(act("swap", "", say("Collector and customer are swapped"), class_="au-btn"))
    return tag(
        "div", facts(pairs), tag("div", acts, class_="au-row", style="margin-top:10px") if acts else None
    )


def _ask_reveal(here: Desk, seen: CaseView) -> None:
    import streamlit as st

    from audit.store import acts

    if not st.session_state.pop("_reveal", False):
        return
    say = here.say

    @st.dialog(say("Reveal personal data"))
    def ask() -> None:
        st.write(
            say(
                "Names, numbers and addresses of this case are shown and heard for half an hour. Your name, the time and your reason go into the ledger."
            )
        )
        reason = st.text_input(
            say("Reason"), max_chars=200, placeholder=say("e.g. identity disputed by the debtor")
        )
        if st.button(say("Reveal"), type="primary", width="stretch"):
            if len(reason.strip()) < 3:
                st.error(say("A reason is needed."))
                return
            here.act(acts.reveal, seen.case["case_id"], reason)
            st.rerun()

    ask()


if __name__ == "__main__":
    page()
