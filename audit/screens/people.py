"""People: who may sign in, in which role; new passwords; the table of rights."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.screens.parts.desk import Desk, desk, toast
from audit.screens.parts.markup import Markup, empty, section, table, tag
from audit.screens.parts.surface import surface
from audit.store.accounts import RIGHTS, ROLES


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store.accounts import users

    here = desk()
    say = here.say
    surface(
        "head",
        tag(
            "div",
            tag(
                "div",
                tag("h1", say("People")),
                tag("p", say("Roles decide what the queries return, not only what the pages show")),
            ),
            class_="au-head",
        ),
    )
    _handed_over(here)
    people = here.ask(users)
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        surface("people", section(say("Who may sign in"), _people(here, people)))
        surface("rights", section(say("What each role may do"), _rights(here)))
    with right:
        _add(here)
        _change(here, people)


def _handed_over(here: Desk) -> None:
    import streamlit as st

    given = st.session_state.pop("_given", None)
    if given:
        name, password = given
        st.success(here.say("Hand this to {name} now, it is shown once:", name=name), icon=":material/key:")
        st.code(password, language=None)


def _people(here: Desk, people: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    if not people:
        return empty(say("Nobody has an account yet"), say("In a demo people look in without one."))
    columns = [(say("Name"), ""), (say("Role"), ""), (say("Agency"), ""), (say("State"), "")]
    lines = []
    for one in people:
        state = (
            say("locked")
            if one["locked_until"] and one["locked_until"] > _now()
            else say("must change the password")
            if one["must_change"]
            else say("company account")
            if one["oidc"]
            else "–"
        )
        lines.append((one["name"], wording.role_title(one["role"], language), one["agency"] or "–", state))
    return table(columns, lines, caption=say("People"))


def _now() -> str:
    from audit.store.ledger import now

    return now()


def right_title(right: str, say: wording.Say) -> str:
    """Name of a right."""
    titles = {
        "overview": say("see the overview"),
        "queue": say("see cases"),
        "decide": say("decide"),
        "bulk": say("dismiss in bulk"),
        "assign": say("assign to others"),
        "hear": say("hear masked sound"),
        "reveal": say("reveal with a reason"),
        "export": say("export masked clips"),
        "library": say("use the library"),
        "lessons": say("make lessons"),
        "rulebook": say("read the rulebook"),
        "edit_rules": say("change word lists"),
        "agencies": say("compare agencies"),
        "runs": say("see runs"),
        "start_runs": say("start runs"),
        "ledger": say("read the ledger"),
        "users": say("manage people"),
        "sample": say("hear the unflagged sample"),
        "draw_sample": say("draw the unflagged sample"),
        "appeals": say("see appeals"),
        "judge_appeals": say("judge appeals"),
        "contest": say("contest a finding"),
        "hold": say("put calls on legal hold"),
    }
    return titles[right]


def _rights(here: Desk) -> Markup:
    say, language = here.say, here.language
    rights = sorted(
        {right for role in RIGHTS.values() for right in role},
        key=lambda right: (-sum(right in role for role in RIGHTS.values()), right),
    )
    columns = [(say("Right"), ""), *((wording.role_title(role, language), "") for role in ROLES)]
    yes = tag("span", "●", title=say("yes"), aria_label=say("yes"))
    lines = [
        (right_title(right, say), *(yes if right in RIGHTS[role] else "" for role in ROLES))
        for right in rights
    ]
    note = tag(
        "p",
        say(
            "An agency viewer sees the own agency only, always masked. A trainer sees no agency, agent or debtor."
        ),
        class_="au-soft au-small",
    )
    return tag(
        "div",
        tag("div", table(columns, lines, caption=say("What each role may do")), class_="au-scroll"),
        note,
    )


def _add(here: Desk) -> None:
    import streamlit as st

    from audit.store.accounts import add_user
    from audit.store.views import agency_names

    say = here.say
    with here.store.read() as connection:
        agencies = agency_names(connection)
    with st.form("add", border=True):
        st.markdown(f"**{say('Add a person')}**")
        name = st.text_input(say("User name"))
        role = st.selectbox(
            say("Role"), ROLES, index=1, format_func=lambda r: wording.role_title(r, here.language)
        )
        agency = st.selectbox(
            say("Agency (agency viewers only)"), [None, *agencies], format_func=lambda a: a or "–"
        )
        company = st.checkbox(say("Signs in with the company account"))
        if st.form_submit_button(say("Add"), type="primary", width="stretch"):
            try:
                password = here.act(add_user, name, role, agency, company)
            except AuditError as error:
                st.error(str(error))
                return
            if password:
                st.session_state["_given"] = (name, password)
            st.rerun()


def _change(here: Desk, people: list[dict[str, Any]]) -> None:
    import streamlit as st

    from audit.store.accounts import change_user, remove_user, reset_password

    say = here.say
    with st.container(border=True, key="card_people1"):
        st.markdown(f"**{say('Change a person')}**")
        name = st.selectbox(say("Name"), [one["name"] for one in people], index=None, placeholder="–")
        if name is None:
            return
        current = next(one for one in people if one["name"] == name)
        roles = [role for role in ROLES if role != "agency" or current["agency"]]
        role = st.selectbox(
            say("Role"),
            roles,
            index=roles.index(current["role"]),
            format_func=lambda r: wording.role_title(r, here.language),
            key=f"role_{name}",
        )
        try:
            if st.button(say("Change role"), disabled=role == current["role"], width="stretch"):
                here.act(change_user, name, role, current["agency"])
                st.rerun()
            if st.button(say("New password"), disabled=current["oidc"], width="stretch"):
                st.session_state["_given"] = (name, here.act(reset_password, name))
                st.rerun()
            sure = st.checkbox(say("Yes, remove {name}", name=name), key=f"sure_{name}")
            if st.button(say("Remove"), disabled=not sure, width="stretch"):
                here.act(remove_user, name)
                toast(say("Removed"))
                st.rerun()
        except AuditError as error:
            st.error(str(error))


if __name__ == "__main__":
    page()
