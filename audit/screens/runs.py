"""Runs: what ran, what runs now, what failed and why; recordings that the log and the folder disagree on."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.screens.parts.desk import Desk, desk
from audit.screens.parts.discrepancies import kind_title
from audit.screens.parts.markup import Markup, empty, section, status_badge, table, tag
from audit.screens.parts.reasons import reason_words
from audit.screens.parts.surface import surface


def page() -> None:
    """Draw the page; a running run is read again every three seconds."""
    import streamlit as st

    from audit.store import views
    from audit.store.views.records import discrepancies, failures, skipped, undecided

    here = desk()
    say = here.say
    surface(
        "head",
        tag(
            "div",
            tag(
                "div",
                tag("h1", say("Runs")),
                tag("p", say("Started by the weekly job or from here; each runs in its own process")),
            ),
            class_="au-head",
        ),
    )
    if here.scope.may("start_runs"):
        from audit.screens.parts.start_run import start_panel

        start_panel(here)
    rows = here.ask(views.run_rows)
    running = any(row["status"] == "running" for row in rows)

    @st.fragment(run_every=3.0 if running else None)
    def live() -> None:
        surface("runs", section(say("History"), _runs(here, here.ask(views.run_rows))))

    live()
    failed = here.ask(failures)
    surface(
        "failures",
        section(
            say("Contacts that failed"),
            _failures(here, failed),
            hint=say("they are tried again in the next run"),
        ),
    )
    surface(
        "skipped",
        section(
            say("Words that were not judged"),
            _skipped(here, here.ask(skipped)),
            hint=say("nothing that was skipped looks clear"),
        ),
    )
    surface(
        "undecided",
        section(
            say("Could not be decided"),
            _undecided(here, here.ask(undecided)),
            hint=say("what was missing, and for how many contacts"),
        ),
    )
    surface(
        "gaps",
        section(
            say("Call log against recordings"),
            _gaps(here, here.ask(discrepancies, rows[0]["run_id"] if rows else None)),
        ),
    )


def _runs(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    if not rows:
        return empty(
            say("Nothing has run yet"),
            say("Run `audit run` over a call log, or `audit demo` for the sample week."),
        )
    columns = [
        (say("Started"), "au-nowrap"),
        (say("State"), ""),
        (say("Progress"), ""),
        (say("Contacts"), "au-num"),
        (say("Unchanged"), "au-num"),
        (say("Failed"), "au-num"),
        (say("Stage"), ""),
    ]
    lines = []
    for row in rows:
        share = 100 * (row["done"] + row["failed"]) / row["total"] if row["total"] else 0
        bar = tag(
            "div",
            tag("span", tag("i", style=f"width:{min(100, share):.0f}%"), class_="au-bar au-tone-good"),
            class_="au-bars",
            style="grid-template-columns:minmax(90px,1fr)",
        )
        lines.append(
            (
                wording.format_datetime(row["started_at"], language),
                status_badge(row["status"], language),
                bar,
                here.number(row["total"]),
                here.number(row["unchanged"]),
                here.number(row["failed"]),
                row["message"] or row["stage"] or "–",
            )
        )
    return tag("div", table(columns, lines, caption=say("Runs")), class_="au-scroll")


def _failures(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    if not rows:
        return empty(say("Nothing failed"))
    columns = [
        (say("Call"), ""),
        (say("Agency"), ""),
        (say("State"), ""),
        (say("Reason"), ""),
        (say("File"), ""),
    ]
    lines = [
        (
            tag("span", row["call_id"], class_="au-mono"),
            row["agency"],
            status_badge(row["status"], language),
            reason_words(row["reason"], {}, here.language) or "–",
            row["recording"] or row["transcript"] or "–",
        )
        for row in rows
    ]
    return tag("div", table(columns, lines, caption=say("Failed")), class_="au-scroll")


def _skipped(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say = here.say
    if not rows:
        return empty(say("All words were judged"))
    columns = [(say("Reason"), ""), (say("Agency"), ""), (say("Contacts"), "au-num")]
    lines = [
        (reason_words(row["reason"], {}, here.language), row["agency"], here.number(row["contacts"]))
        for row in rows
    ]
    return tag("div", table(columns, lines, caption=say("Words that were not judged")), class_="au-scroll")


def _undecided(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    if not rows:
        return empty(say("Everything could be decided"))
    columns = [
        (say("Category"), ""),
        (say("What was missing"), ""),
        (say("Contacts"), "au-num"),
        (say("Rule"), ""),
    ]
    lines = [
        (
            wording.category_title(row["category"], language),
            reason_words(row["reason"], row["details"], language),
            wording.format_number(row["contacts"], language),
            tag("span", row["rule"], class_="au-mono"),
        )
        for row in rows
    ]
    return tag("div", table(columns, lines, caption=say("Could not be decided")), class_="au-scroll")


def _gaps(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say = here.say
    if not rows:
        return empty(say("Log and recordings agree"))
    columns = [(say("What"), ""), (say("File or call"), ""), (say("Agency"), ""), (say("Detail"), "")]
    lines = [
        (
            kind_title(row["kind"], say),
            tag("span", row["subject"], class_="au-mono"),
            row["agency"] or "–",
            row["detail"],
        )
        for row in rows
    ]
    return tag("div", table(columns, lines, caption=say("Call log against recordings")), class_="au-scroll")


if __name__ == "__main__":
    page()
