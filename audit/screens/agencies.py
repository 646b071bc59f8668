"""Agencies: side by side with intervals; one agency with its agents, trend, categories, worst cases."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.screens.parts.charts import trend_chart
from audit.screens.parts.desk import Desk, asked, desk
from audit.screens.parts.markup import Markup, empty, facts, go, link, section, tag
from audit.screens.parts.surface import surface
from audit.screens.parts.tables import agency_table, case_rows, rate_words
from audit.store.views import AgencyLine, QueueFilter


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store import views

    here = desk()
    say = here.say
    known = here.remembered(views.weeks)
    opened = asked("agencies")
    if opened is not None:
        st.session_state["agency"] = opened.get("agency", [None])[0]
        if opened.get("week") and opened["week"][0] in known:
            st.session_state["agencies_week"] = opened["week"][0]
    if here.scope.role == "agency":
        st.session_state["agency"] = here.scope.agency
    if not known:
        surface("none", empty(say("No contacts have been audited yet")))
        return
    if st.session_state.get("agencies_week") not in known:
        st.session_state["agencies_week"] = known[0]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        week = st.selectbox(
            say("Week"),
            known,
            key="agencies_week",
            format_func=lambda w: wording.format_week(w, here.language),
            label_visibility="collapsed",
        )
    lines = here.remembered(views.agency_lines, week)
    chosen = next((line for line in lines if line.name == st.session_state.get("agency")), None)
    with left:
        surface("head", _head(here, chosen))
    if chosen is None:
        surface(
            "all",
            section(
                say("Side by side"),
                agency_table(here, lines, week),
                hint=say("share of conversations with a breach of conduct, with its 95 % interval"),
            ),
        )
        _trend(here, None)
    else:
        _profile(here, chosen, week)


def _head(here: Desk, chosen: AgencyLine | None) -> Markup:
    say = here.say
    if chosen is None:
        return tag(
            "div",
            tag(
                "div",
                tag("h1", say("Agencies")),
                tag("p", say("Fewer than 20 conversations are shown, not ranked")),
            ),
            class_="au-head",
        )
    back = (
        go(link("agencies"), "‹ " + say("All agencies"), class_="au-btn au-btn-plain")
        if here.scope.role != "agency"
        else None
    )
    return tag("div", tag("div", tag("h1", chosen.name), tag("p", back)), class_="au-head")


def _trend(here: Desk, agency: str | None) -> None:
    import streamlit as st

    from audit.store import views

    say = here.say
    points = here.remembered(views.agency_trend, agency)
    if len(points) < 2:
        return
    with st.container(border=True, key="card_trend1"):
        st.markdown(f"**{say('Conversations with a breach, by week')}**")
        st.altair_chart(trend_chart(points, say), width="stretch", theme="streamlit")


def _profile(here: Desk, line: AgencyLine, week: str) -> None:
    from audit.store import views

    say, language = here.say, here.language
    pairs: list[tuple[str, Any]] = [
        (say("Contacts"), here.number(line.contacts)),
        (say("Conversations heard"), rate_words(line.coverage, language)),
        (say("With a breach"), rate_words(line.words, language)),
        (say("Log breaches"), rate_words(line.log, language)),
        (say("Critical"), here.number(line.critical)),
        (say("Good practice"), here.number(line.good)),
        (say("Failed"), here.number(line.failed)),
    ]
    surface("profile", section(say("This week"), facts(pairs)))
    agents = here.remembered(views.agent_lines, week, line.name)
    surface("agents", section(say("Agents"), agency_table(here, agents, week, "agent", line.name)))
    _trend(here, line.name)
    rows, total = here.ask(views.queue, QueueFilter(status="flagged", week=week, agency=line.name), 5)
    if not here.scope.may("queue"):
        return
    body = case_rows(here, rows, False) if rows else empty(say("Nothing was flagged this week"))
    everything = go(
        link("queue", agency=line.name, week=week, status="flagged"),
        say.plural("Open {count} case", "Open all {count} cases", total),
        class_="au-btn",
    )
    surface("worst", section(say("Worst cases"), body, aside=everything))


if __name__ == "__main__":
    page()
