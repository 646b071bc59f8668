"""Runs: what ran, what runs now, what failed and why; recordings that the log and the folder disagree on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from audit import wording
from audit.intake import shown_name
from audit.screens.parts.desk import Desk, desk
from audit.screens.parts.discrepancies import kind_title
from audit.screens.parts.markup import Markup, empty, section, status_badge, table, tag
from audit.screens.parts.reasons import reason_words
from audit.screens.parts.surface import surface

Cells = Callable[[dict[str, Any]], tuple[Any, ...]]
_HAN = re.compile("[\u3400-\u9fff]+")
SILENT_S = 600
"""After so many seconds without a heartbeat a run is said to be silent."""


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
        from audit.screens.parts.jobs import settle
        from audit.screens.parts.start_run import busy, job_list, start_panel

        settle(here)
        start_panel(here)
    rows = here.ask(views.run_rows)
    starts = here.scope.may("start_runs")
    running = any(row["status"] == "running" for row in rows) or (starts and busy(here))

    @st.fragment(run_every=2.0 if running else None)
    def live() -> None:
        if starts:
            settle(here)
            job_list(here)
        now = here.ask(views.run_rows)
        surface("runs", section(say("History"), _runs(here, now)))
        if running and not (any(row["status"] == "running" for row in now) or (starts and busy(here))):
            st.rerun()  # what it failed on stands outside of this part

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
    if failed and starts:
        from audit.screens.parts.start_run import retry_panel

        retry_panel(here, rows[0] if rows else None)
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
        (say("Started by"), ""),
        (say("State"), ""),
        (say("Progress"), ""),
        (say("Contacts"), "au-num"),
        (say("Unchanged"), "au-num"),
        (say("Failed"), "au-num"),
        (say("Stage"), ""),
    ]
    lines = []
    for row in rows:
        share = 100 * row["done"] / row["total"] if row["total"] else 0
        bar = tag(
            "div",
            tag("span", tag("i", style=f"width:{min(100, share):.0f}%"), class_="au-bar au-tone-good"),
            class_="au-bars",
            style="grid-template-columns:minmax(90px,1fr)",
        )
        lines.append(
            (
                wording.format_datetime(row["started_at"], language),
                origin_title(row["origin"], say),
                _state(here, row),
                bar,
                here.number(row["total"]),
                here.number(row["unchanged"]),
                here.number(row["failed"]),
                tag("span", row["message"] or row["stage"] or "–", style="overflow-wrap:anywhere"),
            )
        )
    return tag("div", table(columns, lines, caption=say("Runs")), class_="au-scroll")


def origin_title(origin: str, say: wording.Say) -> str:
    """Who started a run."""
    titles = {"app": say("from the app"), "cron": say("by the clock"), "command": say("by hand")}
    return titles.get(origin, origin)


def _state(here: Desk, row: dict[str, Any]) -> Markup:
    """The state of a run, doubted where it says that it runs: the writer's lock and the heartbeat know better."""
    from audit.store.locks import is_writing

    say = here.say
    badge = status_badge(row["status"], here.language)
    if row["status"] != "running":
        return badge
    if is_writing(here.store) is False:
        why = say("its process is gone; what it did is kept, start it again to go on")
        return tag("div", status_badge("died", here.language), tag("div", why, class_="au-soft au-small"))
    silent_s = silence_of(row)
    if silent_s > SILENT_S:
        minutes = here.number(silent_s // 60)
        why = say("no news for {minutes} minutes: a very long call, or it hangs", minutes=minutes)
        return tag("div", badge, tag("div", why, class_="au-late au-small"))
    return badge


def silence_of(row: dict[str, Any]) -> int:
    """Seconds since a run last said how far it is."""
    last = datetime.fromisoformat(row["heartbeat_at"] or row["started_at"])
    return max(0, int((datetime.now(UTC) - last).total_seconds()))


def _listed(
    here: Desk,
    rows: list[dict[str, Any]],
    columns: list[tuple[str, str]],
    cells: Cells,
    words: tuple[str, str],
) -> Markup:
    """A list of one shape: `cells` makes a row's cells; `words` are what an empty list says, and the caption."""
    if not rows:
        return empty(words[0])
    return tag("div", table(columns, map(cells, rows), caption=words[1]), class_="au-scroll")


def file_words(name: str | None, call_id: str) -> str:
    """A file's name as the screen shows it: agencies put names and numbers of people into names of files.

    Whole where it is made of the call id; else numbers keep their last four and Chinese words are left out.
    """
    if not name:
        return "–"
    if call_id and name.rpartition("/")[2].rpartition(".")[0] == call_id:
        return name
    return _HAN.sub("…", shown_name(name))


def _failures(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say = here.say
    columns = [
        (say("Call"), ""),
        (say("Agency"), ""),
        (say("State"), ""),
        (say("Reason"), ""),
        (say("File"), ""),
    ]

    def cells(row: dict[str, Any]) -> tuple[Any, ...]:
        return (
            tag("span", row["call_id"], class_="au-mono"),
            row["agency"],
            status_badge(row["status"], here.language),
            reason_words(row["reason"], {}, here.language) or "–",
            file_words(row["recording"] or row["transcript"], row["call_id"]),
        )

    return _listed(here, rows, columns, cells, (say("Nothing failed"), say("Failed")))


def _skipped(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say = here.say
    columns = [(say("Reason"), ""), (say("Agency"), ""), (say("Contacts"), "au-num")]

    def cells(row: dict[str, Any]) -> tuple[Any, ...]:
        return reason_words(row["reason"], {}, here.language), row["agency"], here.number(row["contacts"])

    return _listed(
        here, rows, columns, cells, (say("All words were judged"), say("Words that were not judged"))
    )


def _undecided(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    columns = [
        (say("Category"), ""),
        (say("What was missing"), ""),
        (say("Contacts"), "au-num"),
        (say("Rule"), ""),
    ]

    def cells(row: dict[str, Any]) -> tuple[Any, ...]:
        return (
            wording.category_title(row["category"], language),
            reason_words(row["reason"], row["details"], language),
            here.number(row["contacts"]),
            tag("span", row["rule"], class_="au-mono"),
        )

    return _listed(
        here, rows, columns, cells, (say("Everything could be decided"), say("Could not be decided"))
    )


def _gaps(here: Desk, rows: list[dict[str, Any]]) -> Markup:
    say = here.say
    columns = [(say("What"), ""), (say("File or call"), ""), (say("Agency"), ""), (say("Detail"), "")]

    def cells(row: dict[str, Any]) -> tuple[Any, ...]:
        # A call says more than the name of its file, which may hold a number or a name.
        subject = row["call_id"] or file_words(row["subject"], "")
        return (
            kind_title(row["kind"], say),
            tag("span", subject, class_="au-mono"),
            row["agency"] or "–",
            shown_name(row["detail"]),
        )

    return _listed(
        here, rows, columns, cells, (say("Log and recordings agree"), say("Call log against recordings"))
    )


if __name__ == "__main__":
    page()
