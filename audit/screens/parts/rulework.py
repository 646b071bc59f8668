"""The rulebook's working tabs: change a file of the pack, see what it would do, take examples from verdicts."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts import jobs, whatif, workshop
from audit.screens.parts.desk import Desk, desk, toast
from audit.screens.parts.markup import Markup, act, empty, section, table, tag
from audit.screens.parts.masked import masked_words
from audit.screens.parts.surface import surface
from audit.store import jobs as job_table


def edit_tab(here: Desk) -> None:
    """Edit a word list or a rule file; check, see what would change, keep; its history below."""
    import streamlit as st

    say = here.say
    if not here.scope.may("edit_rules"):
        st.caption(say("Your role reads the rules and does not change them."))
        return
    if not workshop.own(here):
        st.info(
            say(
                "This is the shipped pack; it can be tried here, not changed. To change it, copy the folder lexicons and name the copy as `lexicons` in audit.toml."
            ),
            icon=":material/lock:",
        )
    name = st.selectbox(say("File"), workshop.files(here), key="work_file")
    if not name:
        return
    if st.session_state.get("work_open") != name:
        st.session_state["work_open"] = name
        st.session_state["work_text"] = workshop.text_of(here, name)
        st.session_state.pop("work_checked", None)
    text = st.text_area(say("Text"), key="work_text", height=380, label_visibility="collapsed")
    columns = st.columns(4)
    changed = text != workshop.text_of(here, name)
    if columns[0].button(say("Check"), disabled=not changed, icon=":material/rule:", width="stretch"):
        with st.spinner(say("Running the examples…")):
            st.session_state["work_checked"] = (text, workshop.check(here, name, text))
    checked_text, checked = st.session_state.get("work_checked", (None, None))
    good = checked is not None and checked_text == text and checked.good
    period = columns[1].selectbox(
        say("Over"),
        list(whatif.PERIODS),
        index=1,
        format_func=lambda key: whatif.period_title(key, say),
        key="work_period",
        label_visibility="collapsed",
    )
    if columns[2].button(
        say("What would change"), disabled=not good, icon=":material/compare_arrows:", width="stretch"
    ):
        whatif.begin(here, name, text, period)
    if columns[3].button(
        say("Switch on…"),
        disabled=not (good and workshop.own(here)),
        type="primary",
        icon=":material/save:",
        width="stretch",
    ):
        _confirm(here, name, text)
    if checked is not None and checked_text == text:
        _verdict(here, checked)
    whatif.watch(here)
    _recheck(here)
    rows = here.ask(workshop.history, name)
    if rows:
        surface("work_history", section(say("Kept versions"), _history(here, rows)), _restore)


def _confirm(here: Desk, name: str, text: str) -> None:
    """Ask once more, with what the change would do, before the file is written."""
    import streamlit as st

    say = here.say

    @st.dialog(say("Switch on"))
    def ask() -> None:
        seen = whatif.outcome_of(text)
        if seen is None or seen.end is None:
            st.warning(say("Nobody has looked at what this would change in stored calls."))
        else:
            st.write(
                say(
                    "Over {contacts} stored calls: {gained} findings would come, {lost} would go.",
                    contacts=here.number(seen.end["contacts"]),
                    gained=here.number(seen.end["gained"]),
                    lost=here.number(seen.end["lost"]),
                )
            )
        st.caption(say("The next run judges by it. Stored findings stay until the calls are judged again."))
        if st.button(
            say("Switch on"), type="primary", width="stretch", on_click=_keep, args=(here, name, text)
        ):
            st.rerun()

    ask()


def _keep(here: Desk, name: str, text: str) -> None:
    import streamlit as st

    try:
        workshop.keep(here, name, text)
    except AuditError as error:
        toast(str(error), ":material/error:")
        return
    _forget_pack()
    st.session_state["work_kept"] = True
    toast(here.say("Kept. The next run judges by it."))


def _recheck(here: Desk) -> None:
    """After a change was kept: the stored calls judged again by it, where somebody wants that now."""
    import streamlit as st

    say = here.say
    if not here.scope.may("start_runs"):
        return
    jobs.settle(here)
    newest = next(iter(here.ask(job_table.rows, "recheck", 1)), None)
    if newest is not None and newest["status"] == "running":
        st.info(say("Stored calls are being judged again by the pack in use."), icon=":material/sync:")
    elif st.session_state.get("work_kept") and st.button(
        say("Judge stored calls again now"), icon=":material/replay:"
    ):
        st.session_state.pop("work_kept")
        jobs.start(here, "recheck", ["recheck", "--lexicons", str(workshop.directory(here))])
        st.rerun()


def _forget_pack() -> None:
    from audit.screens.parts import judging, reasons, rules

    rules.forget()
    reasons.forget()
    judging.forget_tools()


def _verdict(here: Desk, checked: workshop.Checked) -> None:
    import streamlit as st

    say = here.say
    if checked.good:
        st.success(
            say.plural(
                "The pack holds; {count} example is judged as it says.",
                "The pack holds; {count} examples are judged as they say.",
                checked.examples,
            ),
            icon=":material/check_circle:",
        )
        return
    st.error(say("This cannot be kept:"), icon=":material/error:")
    st.code("\n".join((*checked.faults, *checked.failures)), language=None, wrap_lines=True)


def _history(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say = here.say
    columns = [
        (say("When (UTC)"), "au-nowrap"),
        (say("Who"), ""),
        (say("Hash"), ""),
        (tag("span", say("Act"), class_="au-hide"), "au-right"),
    ]
    lines = [
        (
            wording.format_datetime(row["at"], here.language),
            row["actor"],
            tag("span", row["after_hash"][:12], class_="au-mono"),
            act("restore", row["edit_id"], say("Open this version"), class_="au-btn"),
        )
        for row in rows
    ]
    return table(columns, lines, caption=say("Kept versions"))


def _restore(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    here = desk()
    found = next((row for row in here.ask(workshop.history) if row["edit_id"] == value), None)
    if name == "restore" and found is not None:
        st.session_state["work_text"] = found["text"]


def verdicts_tab(here: Desk) -> None:
    """Findings people decided, offered as examples of their rule; the gates run before one is kept."""
    import streamlit as st

    from audit.store.views.records import decided_findings

    say = here.say
    rows = here.ask(decided_findings)
    if not rows:
        surface(
            "no_verdicts",
            empty(
                say("Nobody has decided a finding yet"),
                say(
                    "Confirmed findings become examples that must be found, dismissed ones examples that must not."
                ),
            ),
        )
        return
    surface(
        "verdict_examples",
        section(
            say("Decided findings"),
            _offers(here, rows),
            hint=say("masked words; the gates run before an example is kept"),
        ),
        _offer,
    )
    shown = st.session_state.pop("_example_fate", None)
    if shown:
        (st.success if shown[0] else st.error)(shown[1])


def _offers(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    columns = [
        (say("Verdict"), ""),
        (say("Category"), ""),
        (say("Words"), "au-evidence"),
        (say("Rule"), ""),
        (tag("span", say("Act"), class_="au-hide"), "au-right"),
    ]
    lines = []
    for row in rows:
        kind = "miss" if row["verdict"] == "dismissed" else "hit"
        title = say("Add as hit") if kind == "hit" else say("Add as miss")
        button = act(kind, row["finding_id"], title, class_="au-btn") if here.scope.may("edit_rules") else ""
        lines.append(
            (
                tag(
                    "span",
                    wording.verdict_title(row["verdict"], language),
                    class_=f"au-status au-status-{row['verdict']}",
                ),
                wording.category_title(row["category"], language),
                tag("span", masked_words(row["masked"], here), lang=row["language"]),
                tag("span", row["rule"], class_="au-mono"),
                button,
            )
        )
    return tag("div", table(columns, lines, caption=say("Decided findings")), class_="au-scroll")


def _offer(name: str, value: str, _extra: dict[str, Any]) -> None:
    import streamlit as st

    from audit.store.views.records import decided_findings

    here = desk()
    row = next((one for one in here.ask(decided_findings) if one["finding_id"] == value), None)
    if row is None or name not in ("hit", "miss"):
        return
    try:
        st.session_state["_example_fate"] = add_example(here, row, name)
    except AuditError as error:
        st.session_state["_example_fate"] = (False, str(error))


def add_example(here: Desk, row: dict[str, Any], kind: str) -> tuple[bool, str]:
    """Add a decided finding's masked words to its rule's file if the gates hold; (kept, what to tell)."""
    say = here.say
    language, _, rule = str(row["rule"]).partition(".")
    path = next(
        (one for one in workshop.files(here) if one.removesuffix(".yaml").replace("/", ".") == rule), None
    )
    if path is None:
        return False, say("The rule's file is not in the pack in use.")
    text = workshop.with_example(workshop.text_of(here, path), language, kind, row["masked"], row["speaker"])
    checked = workshop.check(here, path, text)
    if not checked.good:
        return False, say(
            "The gates do not hold with this example: {why}",
            why="; ".join((*checked.faults, *checked.failures)[:2]),
        )
    workshop.keep(here, path, text)
    _forget_pack()
    return True, say("The example is kept in {file}.", file=path)
