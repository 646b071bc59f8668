"""Tables that more than one page shows: agencies with intervals, cases of a page of the queue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from audit import wording
from audit.screens.parts.desk import Desk
from audit.screens.parts.markup import (
    EMPTY,
    Markup,
    empty,
    go,
    link,
    severity_badge,
    status_badge,
    table,
    tag,
)

if TYPE_CHECKING:
    from audit.sampling import Rate
    from audit.store.views import AgencyLine


def interval(share: Rate, language: str, top: float = 1.0) -> Markup:
    """A rate as a dot on its 95 % interval; `top` is the share at the right end."""
    if share.share is None:
        return tag("span", "–", class_="au-soft")
    width = f"{max(1.0, 100 * (min(share.high, top) - share.low) / top):.1f}%"
    words = f"{wording.format_percent(share.share, language)} [{wording.format_percent(share.low, language)} – {wording.format_percent(share.high, language)}]"
    return tag(
        "div",
        tag("i", style=f"left:{_percent(share.low, top)};width:{width}"),
        tag("b", style=f"left:{_percent(share.share, top)}"),
        class_="au-interval",
        title=words,
        role="img",
        aria_label=words,
    )


def _percent(value: float, top: float) -> str:
    return f"{min(100.0, 100 * value / top):.1f}%"


def rate_words(share: Rate, language: str) -> Markup:
    """A rate with its numbers: 7.3% (11/151)."""
    if share.share is None:
        return tag("span", "–", class_="au-soft")
    of = f"{wording.format_number(share.hits, language)}/{wording.format_number(share.of, language)}"
    return tag(
        "span",
        wording.format_percent(share.share, language),
        tag("span", f" {of}", class_="au-soft au-small"),
        class_="au-nowrap",
    )


def agency_table(
    here: Desk, lines: Iterable[AgencyLine], week: str | None, of: str = "agency", agency: str = ""
) -> Markup:
    """Agencies (or agents of `agency`) side by side; ranked ones first."""
    say, language = here.say, here.language
    shown = sorted(lines, key=lambda line: (not line.words.ranked, -(line.words.share or 0.0)))
    if not shown:
        return empty(say("No contacts in this week"))
    columns = [
        (say("Agency") if of == "agency" else say("Agent"), ""),
        (say("Contacts"), "au-num"),
        (say("Heard"), "au-num"),
        (say("With a breach"), "au-num"),
        (tag("span", say("Interval"), class_="au-hide"), "au-wide"),
        (say("Log breaches"), "au-num"),
        (say("Critical"), "au-num"),
        (say("Good practice"), "au-num"),
    ]
    may_open = here.scope.may("agencies") if of == "agency" else here.scope.may("queue")
    rows = []
    for line in shown:
        target = (
            link("agencies", agency=line.name, week=week)
            if of == "agency"
            else link("queue", agency=agency, agent=line.name, week=week, status="all")
        )
        name = go(target, line.name, class_="au-link") if may_open else line.name
        thin = "" if line.words.ranked else "au-thin"
        rows.append(
            (
                name,
                here.number(line.contacts),
                rate_words(line.coverage, language),
                _opening(here, rate_words(line.words, language), of, line, agency, week),
                tag("div", interval(line.words, language), class_=thin),
                here.number(line.log.hits),
                _opening(here, here.number(line.critical), of, line, agency, week, severity="critical"),
                here.number(line.good),
            )
        )
    return tag("div", table(columns, rows, caption=say("Agencies")), class_="au-scroll")


def _opening(
    here: Desk, shown: Any, of: str, line: AgencyLine, agency: str, week: str | None, **asked: str
) -> Markup:
    """A number that opens the cases behind it, where the person may see cases."""
    if not here.scope.may("queue") or (asked and not line.critical):
        return tag("span", shown)
    who = {"agency": line.name} if of == "agency" else {"agency": agency, "agent": line.name}
    return go(link("queue", week=week, status="flagged", **who, **asked), shown, class_="au-link")


def age(since: str | None, language: str) -> str:
    """How long ago a moment lies: hours under two days, then whole days."""
    if not since:
        return "–"
    hours = max(0, int((datetime.now(UTC) - _aware(since)).total_seconds() // 3600))
    say = wording.translator(language)
    if hours < 1:
        return say("under an hour")
    if hours < 48:
        return say.plural("{count} hour", "{count} hours", hours)
    return say.plural("{count} day", "{count} days", hours // 24)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def due(until: str | None, waiting: bool, language: str) -> Markup:
    """When a case is due; late ones say so in words."""
    if not until or not waiting:
        return tag("span", "–", class_="au-soft")
    say = wording.translator(language)
    days = (_aware(until) - datetime.now(UTC)).total_seconds() / 86400
    if days < 0:
        return tag(
            "span",
            say.plural("{count} day late", "{count} days late", max(1, round(-days))),
            class_="au-late",
        )
    return tag(
        "span", say("today") if days < 1 else say.plural("in {count} day", "in {count} days", round(days))
    )


def case_what(row: dict[str, Any], language: str) -> Markup:
    """What a case is about: its categories, worst known first, as names."""
    names = [wording.category_title(one, language) for one in row["categories"].split("|") if one]
    shown = (" · " if language == "en" else "、").join(names[:3])
    return tag(
        "span", shown, tag("span", f" +{len(names) - 3}", class_="au-soft") if len(names) > 3 else None
    )


def case_rows(here: Desk, rows: list[dict[str, Any]], pick: bool) -> Markup:
    """The cases of one page of the queue as a table whose rows answer j, k, x and Enter."""
    say, language = here.say, here.language
    heads = [
        tag("th", tag("input", type="checkbox", data_pick_all=True, aria_label=say("Select all on this page")), scope="col") if pick else None,
        *(
            tag("th", name, scope="col", class_=kind or None)
            for name, kind in (
                (say("Severity"), ""), (say("Case"), ""), (say("Agency"), ""), (say("Contact"), ""), (say("State"), ""),
                (say("Assigned"), ""), (say("Due"), ""),
            )
        ),
    ]  # fmt: skip
    body = []
    for row in rows:
        target = link("case", id=row["case_id"])
        waiting = row["status"] in ("open", "second_look", "escalated")
        distress = (
            tag("span", say("Distress"), class_="au-chip au-chip-distress") if row["distress"] else EMPTY
        )
        what = tag(
            "div",
            tag("span", go(target, case_what(row, language), class_="au-link"), " ", distress),
            tag(
                "span",
                say.plural("{count} finding", "{count} findings", row["findings"]),
                " · ",
                wording.channel_title(row["channel"], language),
                " · ",
                wording.format_clock(row["duration_s"]),
                class_="au-soft au-small",
            ),
            class_="au-what",
        )
        who = tag(
            "div", row["agency"], tag("span", row["agent"], class_="au-soft au-small"), class_="au-what"
        )
        when = tag(
            "div",
            tag("span", wording.format_datetime(row["started_at"], language), class_="au-nowrap"),
            tag(
                "span",
                row["debtor_id"] or "–",
                " · ",
                wording.party_title(row["called_party"], language),
                class_="au-soft au-small",
            ),
            class_="au-what",
        )
        cells = [
            tag("td", tag("input", type="checkbox", data_pick=row["case_id"], aria_label=say("Select case")))
            if pick
            else None,
            tag("td", severity_badge(row["severity"], language)),
            tag("td", what),
            tag("td", who),
            tag("td", when),
            tag("td", status_badge(row["status"], language)),
            tag("td", row["assignee"] or tag("span", "–", class_="au-soft")),
            tag(
                "td",
                due(row["due_at"], waiting, language),
                tag(
                    "div",
                    say("open for {age}", age=age(row["opened_at"], language)),
                    class_="au-soft au-small",
                )
                if waiting
                else None,
            ),
        ]
        body.append(tag("tr", cells, data_row=True, data_act="go", data_value=target))
    return tag(
        "div",
        tag("table", tag("thead", tag("tr", heads)), tag("tbody", body), class_="au-table au-queue"),
        class_="au-scroll",
    )
