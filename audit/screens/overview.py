"""Overview: the week in ten seconds; every number opens the list behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit import wording
from audit.screens.parts.desk import Desk, asked, desk
from audit.screens.parts.heat import heat_map
from audit.screens.parts.markup import Markup, empty, go, link, section, severity_badge, tag
from audit.screens.parts.surface import surface
from audit.screens.parts.tables import agency_table
from audit.store import appeals, samples

if TYPE_CHECKING:
    from audit.store.samples import Estimate
    from audit.store.views import Overview


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store import views

    here = desk()
    say = here.say
    known = here.remembered(views.weeks)
    opened = asked("overview") or {}
    if not known:
        surface("head", _heading(here, say("Overview"), ""))
        surface(
            "none",
            empty(
                say("No contacts have been audited yet"),
                say("Run `audit run` over a call log, or `audit demo` for the sample week."),
            ),
        )
        return
    if opened.get("week"):
        st.session_state["week"] = opened["week"][0]
    if st.session_state.get("week") not in known:
        st.session_state["week"] = known[0]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        week = st.selectbox(
            say("Week"),
            known,
            key="week",
            format_func=lambda w: wording.format_week(w, here.language),
            label_visibility="collapsed",
        )
    before = next((w for w in known if w < week), None)
    seen = here.remembered(views.overview, week, before)
    with left:
        surface("head", _heading(here, say("Overview"), _line(here, seen)))
    if seen.distress and here.scope.may("queue"):
        surface("distress", _lane(here, seen.distress))
    _appeals_lane(here)
    surface("tiles", _tiles(here, seen, here.ask(samples.of_week, week)))
    surface("maps", tag("div", _heat(here, seen), _categories(here, seen), class_="au-grid au-grid-2"))
    surface("agencies", _agencies(here, seen))


def _heading(here: Desk, title: str, line: str) -> Markup:
    return tag("div", tag("div", tag("h1", title), tag("p", line) if line else None), class_="au-head")


def _line(here: Desk, seen: Overview) -> str:
    say = here.say
    parts = [
        say.plural("{count} contact", "{count} contacts", seen.contacts),
        say.plural("{count} conversation", "{count} conversations", seen.conversations),
        say.plural("{count} agency", "{count} agencies", len(seen.agencies)),
    ]
    if seen.undated:
        parts.append(
            say.plural(
                "{count} contact without a time stands in no week",
                "{count} contacts without a time stand in no week",
                seen.undated,
            )
        )
    return " · ".join(parts)


def _lane(here: Desk, cases: list[dict[str, Any]]) -> Markup:
    say = here.say
    people = [
        go(
            link("case", id=case["case_id"]),
            f"{case['agency']} · {wording.format_datetime(case['started_at'], here.language)}",
            class_="au-btn",
        )
        for case in cases[:4]
    ]
    more = (
        go(link("queue", distress="1", status="waiting"), say("All"), class_="au-btn au-btn-plain")
        if len(cases) > 4
        else None
    )
    title = say.plural("{count} person may be in distress", "{count} people may be in distress", len(cases))
    return tag(
        "div",
        tag(
            "div",
            tag("strong", title),
            tag("p", say("Look today: self-harm, illness, bereavement. Sound starts quiet.")),
        ),
        tag("div", people, more, class_="au-people"),
        class_="au-lane",
        role="region",
        aria_label=say("Distress lane"),
    )


def _appeals_lane(here: Desk) -> None:
    """Appeals that wait for an officer, above the numbers."""
    if not here.scope.may("judge_appeals"):
        return
    total, late = here.ask(appeals.waiting)
    if not total:
        return
    say = here.say
    title = say.plural("{count} appeal waits for an answer", "{count} appeals wait for an answer", total)
    foot = say("{count} of them longer than 15 days", count=here.number(late)) if late else ""
    lane = tag(
        "div",
        tag("div", tag("strong", title), tag("p", foot) if foot else None),
        tag("div", go(link("appeals"), say("To the appeals"), class_="au-btn"), class_="au-people"),
        class_="au-lane au-lane-plain",
        role="region",
        aria_label=say("Appeals"),
    )
    surface("appeals", lane)


def _tile(target: str | None, label: Any, value: str, foot: str, tone: str = "", small: str = "") -> Markup:
    body = (
        tag("span", label, class_="au-label"),
        tag("span", value, tag("small", f" {small}") if small else None, class_="au-value"),
        tag("span", foot, class_="au-foot"),
    )
    if target is None:
        return tag("div", *body, class_="au-tile", data_tone=tone or None)
    return go(target, *body, class_="au-tile", data_tone=tone or None)


def _change(here: Desk, now: int, before: int | None) -> str:
    if before is None:
        return ""
    difference = now - before
    say = here.say
    if difference == 0:
        return say("as last week")
    sign = "▲ +" if difference > 0 else "▼ −"
    return say(
        "{change} on last week", change=f"{sign}{wording.format_number(abs(difference), here.language)}"
    )


def _to(here: Desk, seen: Overview, **asked_for: Any) -> str | None:
    return link("queue", week=seen.week, **asked_for) if here.scope.may("queue") else None


def _tiles(here: Desk, seen: Overview, sample: Estimate | None) -> Markup:
    say, language = here.say, here.language
    runs = link("runs") if here.scope.may("runs") else None
    tiles = [
        _tile(
            _to(here, seen, status="waiting"),
            say("Waiting for a decision"),
            here.number(seen.waiting),
            say("{count} overdue", count=here.number(seen.overdue)),
            "brand",
        ),
    ]
    for severity in ("critical", "high", "medium", "low"):
        count = seen.flagged.get(severity, 0)
        before = seen.before.get(severity, 0) if seen.before else None
        tiles.append(
            _tile(
                _to(here, seen, status="flagged", severity=severity),
                severity_badge(severity, language),
                here.number(count),
                _change(here, count, before),
                severity,
            )
        )
    share = seen.heard / seen.conversations if seen.conversations else None
    tiles += [
        _tile(
            runs,
            say("Audited"),
            here.number(seen.audited),
            say(
                "{failed} failed · {skipped} not judged",
                failed=here.number(seen.failed),
                skipped=here.number(seen.skipped),
            ),
            small=f"/ {here.number(seen.contacts)}",
        ),
        _tile(
            runs,
            say("Coverage"),
            wording.format_percent(share, language, 0),
            say(
                "{heard} of {total} conversations heard",
                heard=here.number(seen.heard),
                total=here.number(seen.conversations),
            ),
        ),
        _tile(
            runs,
            say("Cannot decide"),
            here.number(seen.cannot_decide),
            say("a fact is missing"),
        ),
    ]
    if here.scope.may("sample") or sample is not None:
        tiles.append(_missed_tile(here, sample))
    return tag("div", tiles, class_="au-tiles")


def _missed_tile(here: Desk, sample: Estimate | None) -> Markup:
    """What the unflagged sample of the week says is missed."""
    say, language = here.say, here.language
    target = link("sample", id=sample.sample_id if sample else None) if here.scope.may("sample") else None
    if sample is None or sample.share.share is None:
        return _tile(target, say("Missed, by sample"), "–", say("no sample of this week is heard"))
    low, high = (wording.format_percent(one, language) for one in (sample.share.low, sample.share.high))
    words = say("{low} – {high}, {heard} heard", low=low, high=high, heard=here.number(sample.share.of))
    return _tile(
        target,
        say("Missed, by sample"),
        wording.format_percent(sample.share.share, language),
        words,
        small=f"≈ {here.number(round(sample.missed))} / {here.number(sample.frame)}",
    )


def _heat(here: Desk, seen: Overview) -> Markup:
    say = here.say
    return section(
        say("Contacts by hour and weekday"),
        heat_map(here, seen.heat, seen.week),
        hint=say("at the debtor's own place"),
    )


def _categories(here: Desk, seen: Overview) -> Markup:
    say, language = here.say, here.language
    shown = [line for line in seen.categories if not line["category"].startswith("good.")][:10]
    if not shown:
        return section(say("What was found"), empty(say("Nothing was flagged this week")))
    top = max(line["contacts"] for line in shown)
    rows = []
    for line in shown:
        title = wording.category_title(line["category"], language)
        meaning = wording.category_meaning(line["category"], language)
        opener = (
            go(
                link("queue", week=seen.week, status="flagged", category=line["category"]),
                title,
                class_="au-link",
                title=meaning,
            )
            if here.scope.may("queue")
            else tag("span", title, title=meaning)
        )
        width = f"width:{max(2, round(100 * line['contacts'] / top))}%"
        rows += [
            opener,
            tag("span", tag("i", style=width), class_=f"au-bar au-tone-{line['severity']}"),
            tag("span", wording.format_number(line["contacts"], language), class_="au-num"),
        ]
    return section(
        say("What was found"),
        tag("div", rows, class_="au-bars"),
        hint=say("contacts with at least one finding"),
    )


def _agencies(here: Desk, seen: Overview) -> Markup:
    say = here.say
    return section(
        say("Agencies"),
        agency_table(here, seen.agencies, seen.week),
        hint=say(
            "conversations with a breach of conduct, with the 95 % interval; fewer than 20 conversations are shown thin and not ranked"
        ),
    )


if __name__ == "__main__":
    page()
