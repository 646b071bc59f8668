"""Appeals: what agencies contest and why; an officer lets the verdict stand or overturns it, with an answer."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts.desk import Desk, desk, toast
from audit.screens.parts.markup import Markup, act, empty, go, link, section, severity_badge, table, tag
from audit.screens.parts.masked import masked_words
from audit.screens.parts.surface import surface
from audit.screens.parts.tables import age
from audit.store import appeals as store


def page() -> None:
    """Draw the page."""
    here = desk()
    say = here.say
    surface("head", _head(here))
    waiting = here.ask(store.appeals, True)
    body = [_card(here, row) for row in waiting] or empty(say("No appeal waits"))
    surface(
        "open",
        section(
            say("Waiting for an answer"), body, hint=say("oldest first; an answer is due within 15 days")
        ),
        _heard,
    )
    closed = here.ask(store.appeals, False)
    if closed:
        surface("closed", section(say("Answered"), _closed(here, closed)))
    surface("counts", section(say("By agency"), _counts(here)))
    _dialog(here, waiting)


def _head(here: Desk) -> Markup:
    say = here.say
    line = (
        say("Findings of yours that you contested, and the answers")
        if here.scope.may("contest")
        else say("Findings that agencies contest; reasons are masked, every ruling stands in the ledger")
    )
    return tag("div", tag("div", tag("h1", say("Appeals")), tag("p", line)), class_="au-head")


def ruling_title(status: str, say: wording.Say) -> str:
    """The state of an appeal."""
    titles = {
        "open": say("Waiting"),
        "upheld": say("Verdict stands"),
        "overturned": say("Verdict overturned"),
        "withdrawn": say("Taken back"),
    }
    return titles[status]


def _card(here: Desk, row: dict[str, Any]) -> Markup:
    say, language = here.say, here.language
    judges = here.scope.may("judge_appeals")
    buttons = [
        go(link("case", id=row["case_id"]), say("Open the case"), class_="au-btn")
        if row["case_id"]
        else None,
        act("answer", row["appeal_id"], say("Answer…"), class_="au-btn au-btn-main") if judges else None,
        act("withdraw", row["appeal_id"], say("Take back"), class_="au-btn")
        if here.scope.may("contest")
        else None,
    ]
    confirmed = (
        say("confirmed by {who}", who=row["verdict_actor"])
        if row["verdict_actor"] and row["verdict"] == "confirmed"
        else None
    )
    return tag(
        "article",
        tag(
            "div",
            severity_badge(row["severity"], language) if row["severity"] else None,
            tag("b", wording.category_title(row["category"], language)),
            tag("span", f"{row['agency']} · {row['agent']} · {row['call_id']}", class_="au-soft"),
            tag("span", say("since {age}", age=age(row["at"], language)), class_="au-soft au-small"),
            class_="au-row",
            style="gap:10px",
        ),
        tag("blockquote", masked_words(row["evidence"] or "–", here), lang=row["language"]),
        tag("p", tag("b", say("They say:") + " "), masked_words(row["reason"], here)),
        tag("footer", confirmed, *buttons, class_="au-row", style="gap:8px"),
        class_=f"au-example au-tone-{row['severity'] or 'info'}",
        style="margin-bottom:10px",
    )


def _closed(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    columns = [
        (say("When (UTC)"), "au-nowrap"),
        (say("Agency"), ""),
        (say("Category"), ""),
        (say("Reason"), "au-evidence"),
        (say("Ruling"), ""),
        (say("Answer"), "au-evidence"),
        (say("Who"), ""),
    ]
    lines = [
        (
            wording.format_datetime(row["decided_at"], language),
            row["agency"],
            wording.category_title(row["category"], language),
            masked_words(row["reason"], here),
            tag("b", ruling_title(row["status"], say)),
            masked_words(row["answer"] or "–", here),
            row["decided_by"] or "–",
        )
        for row in rows
    ]
    return tag("div", table(columns, lines, caption=say("Answered")), class_="au-scroll")


def _counts(here: Desk) -> Markup:
    say = here.say
    found = here.ask(store.counts)
    if not found:
        return empty(say("Nobody has contested a finding yet"))
    columns = [(say("Agency"), ""), *((ruling_title(status, say), "au-num") for status in store.STATUSES)]
    lines = [
        (agency, *(here.number(counts[status]) for status in store.STATUSES))
        for agency, counts in sorted(found.items())
    ]
    return tag("div", table(columns, lines, caption=say("By agency")), class_="au-scroll")


def _heard(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    here = desk()
    if name == "answer":
        st.session_state["_appeal"] = value
    elif name == "withdraw":
        try:
            here.act(store.withdraw, value)
            toast(here.say("Taken back"), ":material/undo:")
        except AuditError as error:
            toast(str(error), ":material/error:")


def _dialog(here: Desk, waiting: list[dict[str, Any]]) -> None:
    import streamlit as st

    asked_for = st.session_state.pop("_appeal", None)
    row = next((one for one in waiting if one["appeal_id"] == asked_for), None)
    if row is None:
        return
    say = here.say

    @st.dialog(say("Answer the appeal"), width="large")
    def ask() -> None:
        surface("appeal", _card(here, row))
        answer = st.text_area(say("Answer to the agency"), max_chars=1000, key="appeal_answer")
        st.caption(say("Names and numbers in it are masked before it is kept."))
        short = len(answer.strip()) < store.SHORTEST
        left, right = st.columns(2)
        for column, ruling in ((left, "upheld"), (right, "overturned")):
            if column.button(
                ruling_title(ruling, say), disabled=short, width="stretch", on_click=_rule,
                args=(here, row["appeal_id"], ruling, answer), type="primary" if ruling == "upheld" else "secondary",
            ):  # fmt: skip
                st.rerun()

    ask()


def _rule(here: Desk, appeal_id: str, ruling: Any, answer: str) -> None:
    from audit.screens.parts.judging import masked_text

    try:
        here.act(store.decide, appeal_id, ruling, masked_text(here, answer))
        toast(ruling_title(ruling, here.say))
    except AuditError as error:
        toast(str(error), ":material/error:")


def contest_panel(here: Desk, call_id: str) -> None:
    """On a case of the viewer's own agency: contest a confirmed finding, with a reason; what became of it."""
    import streamlit as st

    say = here.say
    open_to = {row["finding_id"]: row for row in here.ask(store.contestable, call_id)}
    known = [*here.ask(store.appeals, True, call_id), *here.ask(store.appeals, False, call_id)]
    if not open_to and not known:
        return
    with st.expander(say("Contest a finding"), icon=":material/balance:", expanded=bool(known)):
        for row in known:
            title = wording.category_title(row["category"], here.language)
            st.markdown(f"**{title}** · {ruling_title(row['status'], say)}")
            if row["answer"]:
                st.text(masked_words(row["answer"], here))
        if not open_to:
            return
        chosen = st.selectbox(
            say("Finding"), list(open_to), key=f"contest_{call_id}",
            format_func=lambda one: _finding_title(here, open_to[one]),
        )  # fmt: skip
        reason = st.text_area(say("Why it is not right"), max_chars=1000, key=f"reason_{call_id}")
        st.caption(say("Names and numbers in it are masked before it is kept."))
        st.button(
            say("Contest"), type="primary", disabled=len(reason.strip()) < store.SHORTEST, on_click=_contest,
            args=(here, chosen, reason, f"reason_{call_id}"),
        )  # fmt: skip


def _finding_title(here: Desk, row: dict[str, Any]) -> str:
    return f"{wording.category_title(row['category'], here.language)}: {masked_words(row['evidence'], here)[:60]}"


def _contest(here: Desk, finding_id: str, reason: str, key: str) -> None:
    import streamlit as st

    from audit.screens.parts.judging import masked_text

    try:
        here.act(store.contest, finding_id, masked_text(here, reason))
        st.session_state[key] = ""
        toast(here.say("Contested; the lender's compliance officer answers"), ":material/balance:")
    except AuditError as error:
        toast(str(error), ":material/error:")


if __name__ == "__main__":
    page()
