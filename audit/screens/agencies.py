"""Agencies: side by side with intervals; one agency with its agents, trend, categories, worst cases."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.screens.parts.charts import trend_chart
from audit.screens.parts.desk import Desk, asked, desk
from audit.screens.parts.discrepancies import kind_title
from audit.screens.parts.markup import Markup, empty, facts, go, link, section, table, tag
from audit.screens.parts.oversight import oversight_pack
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
        surface("grid", _grid(here, week))
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


def _grid(here: Desk, week: str) -> Markup:
    """Categories by agency: how many contacts, darker where more."""
    from audit.store.views.agencies import agency_categories

    say, language = here.say, here.language
    found = here.remembered(agency_categories, week)
    totals: dict[str, int] = {}
    for counts in found.values():
        for category, count in counts.items():
            totals[category] = totals.get(category, 0) + count
    shown = sorted(totals, key=lambda category: (-totals[category], category))[:12]
    if not shown:
        return empty(say("Nothing was flagged this week"))
    top = max(count for counts in found.values() for count in counts.values())
    columns = [(say("Category"), ""), *((agency, "au-num") for agency in sorted(found))]
    rows = []
    for category in shown:
        cells: list[Any] = [wording.category_title(category, language)]
        for agency in sorted(found):
            count = found[agency].get(category, 0)
            fill = f"background:color-mix(in srgb,var(--brand) {round(45 * count / top)}%,transparent);display:inline-block;min-width:34px;padding:1px 8px;border-radius:4px"
            target = link("queue", week=week, agency=agency, category=category, status="flagged")
            can = count and here.scope.may("queue")
            cells.append(
                go(target, here.number(count), style=fill + ";border:0;cursor:pointer")
                if can
                else tag("span", here.number(count) if count else "·", style=fill)
            )
        rows.append(cells)
    return section(
        say("Categories by agency"),
        tag("div", table(columns, rows, caption=say("Categories by agency")), class_="au-scroll"),
        hint=say("contacts with at least one finding"),
    )


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
        (say("Appeals"), _appeals(here, line.name)),
    ]
    surface("profile", section(say("This week"), facts(pairs)))
    agents = here.remembered(views.agent_lines, week, line.name)
    _export(here, line.name, week)
    surface("recordings", section(say("Recordings against the log"), _health(here, line.name)))
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


def _appeals(here: Desk, agency: str) -> Markup:
    """How many findings the agency contested, of all weeks, and what came of it."""
    from audit.store.appeals import counts

    say = here.say
    mine = here.ask(counts).get(agency)
    if mine is None:
        return tag("span", "–", class_="au-soft")
    made = sum(mine.values()) - mine["withdrawn"]
    detail = say(
        "{open} waiting, {overturned} overturned", open=here.number(mine["open"]), overturned=here.number(mine["overturned"])
    )  # fmt: skip
    number = here.number(made)
    shown = go(link("appeals"), number, class_="au-link") if here.scope.may("appeals") else number
    return tag("span", shown, tag("span", f" {detail}", class_="au-soft au-small"))


def _health(here: Desk, agency: str) -> Markup:
    from audit.store.views.agencies import recording_health

    say = here.say
    rows = here.ask(recording_health, agency)
    if not rows:
        return empty(say("Log and recordings agree"))
    return facts([(kind_title(row["kind"], say), here.number(row["count"])) for row in rows])


def _export(here: Desk, agency: str, week: str) -> None:
    import streamlit as st

    if not here.scope.may("export"):
        return
    say = here.say
    if st.button(say("Prepare oversight pack"), icon=":material/folder_zip:"):
        with st.spinner(say("Writing the papers…")):
            st.session_state["_pack"] = (agency, week, oversight_pack(here, agency, week))
    held = st.session_state.get("_pack")
    if held and held[:2] == (agency, week):
        st.download_button(
            say("Save oversight pack (zip)"),
            held[2],
            file_name=f"oversight-{week}.zip",
            mime="application/zip",
            type="primary",
        )


if __name__ == "__main__":
    page()
