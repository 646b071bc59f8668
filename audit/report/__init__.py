"""A run or a week to papers: findings.csv, contacts.csv, report.html, report.xlsx, run.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit import __version__
from audit.models import SEVERITIES
from audit.report.figures import AgencyFigures, Figures, contact_line, counting, gather
from audit.sampling import SMALL_GROUP
from audit.tables import (
    CONTACT_COLUMNS,
    FINDING_COLUMNS,
    Column,
    Workbook,
    atomic,
    finding_line,
    write_csv,
)

if TYPE_CHECKING:
    from audit.contact import Places
    from audit.store import Store
    from audit.store.samples import Estimate
    from audit.wording import Say

__all__ = ["Paper", "write_papers"]

SHOWN = 40
"""Rows of the report's long tables; all rows stand in the CSV files and the workbook."""


@dataclass(slots=True)
class Paper:
    """What the papers are about. `faults` are lines about the input as a whole (rows, notes, discrepancies).

    With `agency` the papers are for that agency's eyes: no call, agent or name of another stands in them.
    """

    run_id: str
    language: str
    jurisdiction: str
    versions: Mapping[str, Any]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[str] = ()
    moment: str = ""
    call_ids: Sequence[str] | None = None
    agency: str | None = None
    third_reader: Mapping[str, Any] = field(default_factory=dict)


def write_papers(store: Store, places: Places, paper: Paper, out: Path) -> list[Path]:
    """Write the five papers to the folder `out` and return their paths; each appears whole or not at all.

    Raises StoreError where the folder cannot be written.
    """
    from audit.store import ledger, reading
    from audit.store.samples import estimates

    with store.read() as connection:
        contacts = list(reading.contacts(connection, paper.call_ids))
        findings = list(reading.findings(connection, paper.call_ids))
        head = ledger.head(connection)
        if paper.agency is not None:
            contacts, findings = _for_agency(connection, paper.agency, contacts, findings)
        figures = gather(contacts, findings, SHOWN)
        # A sample is drawn over all agencies: it says nothing of one alone.
        heard = estimates(connection, figures.weeks) if paper.agency is None else []
    shown = [row for row in findings if row["excused"] is None and not row["trial"]]
    by_call: dict[str, list[dict[str, Any]]] = {}
    for row in shown:
        by_call.setdefault(row["call_id"], []).append(row)
    write_csv(out / "findings.csv", FINDING_COLUMNS, map(finding_line, shown))
    write_csv(
        out / "contacts.csv",
        CONTACT_COLUMNS,
        (contact_line(row, by_call.get(row["call_id"], [])) for row in contacts),
    )
    with atomic(out / "report.html") as page:
        page.write(render_page(figures, places, paper, heard))
    with atomic(out / "report.xlsx", binary=True) as file:
        write_workbook(file, figures, by_call, paper, heard)
    with atomic(out / "run.json") as receipt:
        json.dump(
            run_receipt(figures, paper, head, heard), receipt, ensure_ascii=False, indent=1, sort_keys=True
        )
        receipt.write("\n")
    return [out / name for name in ("report.html", "report.xlsx", "findings.csv", "contacts.csv", "run.json")]


def _for_agency(
    connection: Any, agency: str, contacts: list[dict[str, Any]], findings: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that an agency may read: its own contacts, and their findings without others' calls."""
    from audit.store.views.own import own_calls, own_row

    mine = [row for row in contacts if row["agency"] == agency]
    theirs = [row for row in findings if row["agency"] == agency]
    own = own_calls(connection, agency, theirs)
    return mine, [own_row(row, agency, own) for row in theirs]


def run_receipt(
    figures: Figures, paper: Paper, ledger_head: Mapping[str, Any], heard: Sequence[Estimate] = ()
) -> dict[str, Any]:
    """run.json: versions and hashes of everything that decided, and what came of it; no words of a call."""
    return {
        "run_id": paper.run_id,
        "made_at": paper.moment,
        "versions": dict(paper.versions),
        "inputs": dict(paper.inputs),
        "contacts": dict(sorted(figures.statuses.items())),
        "findings": {"breach": figures.decisions["breach"], "undecided": figures.decisions["undecided"]},
        "severities": {name: figures.severities[name] for name in SEVERITIES},
        "excused": figures.excused,
        "unflagged_samples": [
            {
                "week": one.week,
                "sample": one.sample_id,
                "unflagged": one.frame,
                "heard": one.share.of,
                "missed": one.share.hits,
                "low": round(one.share.low, 4),
                "high": round(one.share.high, 4),
            }
            for one in heard
        ],
        "faults": list(paper.faults),
        "ledger": dict(ledger_head),
        **({"third_reader": dict(paper.third_reader)} if paper.third_reader else {}),
    }


def render_page(figures: Figures, places: Places, paper: Paper, heard: Sequence[Estimate] = ()) -> str:
    """report.html as one self-contained page without scripts."""
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    from audit.report import charts
    from audit.wording import category_title, format_week, severity_title, translator

    say = translator(paper.language)
    environment = Environment(loader=PackageLoader("audit", "report"), autoescape=True, trim_blocks=True)
    weeks = figures.weeks
    period = format_week(weeks[-1], paper.language) if weeks else say("No dated contact")
    if len(weeks) > 1:
        period = f"{format_week(weeks[0], paper.language)} … {format_week(weeks[-1], paper.language)}"
    day = date.fromisocalendar(int(weeks[-1][:4]), int(weeks[-1][6:]), 3) if weeks else date.today()
    unjudged = _unjudged(figures, paper)
    return environment.get_template("page.html").render(
        say=say,
        language=paper.language,
        period=period,
        run_id=paper.run_id,
        moment=paper.moment,
        tiles=_tiles(figures, say),
        distress=[_shown(row, paper.language) for row in figures.distress[:SHOWN]],
        categories_svg=Markup(charts.categories(figures, say, paper.language)),
        agencies_svg=Markup(charts.agencies(figures, say)),
        hours_svg=Markup(
            charts.hour_map(figures, places.hours_on(paper.jurisdiction, day), say, paper.language)
        ),
        place=paper.jurisdiction,
        severities=[severity_title(name, paper.language) for name in SEVERITIES[:4]],
        agencies=[_agency(one, paper.language) for one in figures.agencies],
        worst=[_shown(row, paper.language) for row in figures.worst],
        signals=[(category_title(name, paper.language), count) for name, count in figures.signals],
        unjudged=unjudged[:SHOWN],
        unjudged_more=max(0, len(unjudged) - SHOWN),
        versions=sorted((name, value) for name, value in paper.versions.items() if value),
        small_group=SMALL_GROUP,
        samples=[_sampled(one, paper.language) for one in heard],
        version=__version__,
    )


def _tiles(figures: Figures, say: Say) -> list[tuple[str, str]]:
    from audit.wording import format_number

    def number(value: int) -> str:
        return format_number(value, say.language)

    return [
        (number(len(figures.contacts)), say("Contacts in the log")),
        (number(figures.statuses["audited"]), say("Audited")),
        (number(figures.heard), say("With words judged")),
        (number(figures.statuses["failed"]), say("Failed")),
        (number(figures.flagged), say("Contacts with a breach")),
        (
            number(figures.severities["critical"] + figures.severities["high"]),
            say("Critical and high findings"),
        ),
        (number(figures.decisions["undecided"]), say("Undecided findings")),
    ]


def reason_in(row: Mapping[str, Any], language: str) -> str:
    """The reason of a findings row in a language: those of the call table are said anew from their figures."""
    from audit.contact import explain
    from audit.wording import translator

    details = row["details"] or {}
    if row["origin"] == "log" and "kind" in details:
        return explain(details, language)
    return translator(language)(str(row["reason"]))


def _shown(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    from audit.wording import category_title, decision_title, format_clock, severity_title

    return {
        **{name: row[name] for name in ("call_id", "agency", "agent", "evidence", "citation")},
        "reason": reason_in(row, language),
        "severity_id": row["severity"],
        "severity": severity_title(row["severity"], language),
        "category": category_title(row["category"], language),
        "decision": decision_title(row["decision"], language),
        "at": format_clock(row["start_s"]) if row["start_s"] is not None else "",
    }


def _agency(one: AgencyFigures, language: str) -> dict[str, Any]:
    from audit.wording import format_percent

    flagged, coverage = one.flagged_rate, one.coverage
    interval = f"{format_percent(flagged.low, language, 0)}–{format_percent(flagged.high, language, 0)}"
    return {
        "agency": one.agency,
        "contacts": one.contacts,
        "audited": one.audited,
        "failed": one.failed,
        "skipped": one.skipped,
        "coverage": f"{coverage.hits}/{coverage.of}" if coverage.of else "–",
        "flagged": one.flagged,
        "share": f"{format_percent(flagged.share, language)} ({interval})" if flagged.of else "–",
        "undecided": one.undecided,
        "severities": [one.severities[name] for name in SEVERITIES[:4]],
    }


def _sampled(one: Estimate, language: str) -> dict[str, str]:
    """A sample of unflagged calls as the page shows it."""
    from audit.wording import format_number, format_percent, format_week

    share = one.share
    span = f"{format_percent(share.low, language)} – {format_percent(share.high, language)}"
    return {
        "week": format_week(one.week, language),
        "frame": format_number(one.frame, language),
        "heard": f"{format_number(share.of, language)} / {format_number(one.size, language)}",
        "missed": format_number(share.hits, language),
        "share": f"{format_percent(share.share, language)} ({span})",
        "count": f"{format_number(round(one.missed), language)} ({format_number(round(one.low), language)} – {format_number(round(one.high), language)})",
    }


def _unjudged(figures: Figures, paper: Paper) -> list[tuple[str, str]]:
    rows = [
        (contact["call_id"], contact["reason"])
        for contact in figures.contacts
        if contact["status"] in ("failed", "skipped")
    ]
    return [("", fault) for fault in paper.faults] + sorted(rows, key=lambda row: row[1])


def write_workbook(
    file: Any,
    figures: Figures,
    by_call: Mapping[str, Sequence[Any]],
    paper: Paper,
    heard: Sequence[Estimate] = (),
) -> None:
    """report.xlsx: summary, agencies, findings, contacts, not judged, receipt; one sheet each."""
    from audit.wording import translator

    say = translator(paper.language)
    book = Workbook(file)
    book.sheet(
        say("Summary"),
        [Column(say("Figure"), 34), Column(say("Value"), 16)],
        [*_summary(figures, say), *_missed(heard, say)],
    )
    _agency_sheet(book, figures, say)
    _finding_sheet(book, by_call, say)
    _contact_sheet(book, figures, by_call, say)
    unjudged = [Column(say("Call"), 22), Column(say("Reason"), 90)]
    book.sheet(say("Not judged"), unjudged, _unjudged(figures, paper))
    receipt = sorted({**paper.versions, **{f"input {k}": v for k, v in paper.inputs.items()}}.items())
    book.sheet(
        say("Receipt"), [Column(say("Item"), 26), Column(say("Value"), 80)], [(k, str(v)) for k, v in receipt]
    )
    book.close()


def _summary(figures: Figures, say: Say) -> list[tuple[str, Any]]:
    from audit.wording import severity_title

    rows: list[tuple[str, Any]] = [
        (say("Weeks"), ", ".join(figures.weeks)),
        (say("Contacts in the log"), len(figures.contacts)),
        (say("Audited"), figures.statuses["audited"]),
        (say("Failed"), figures.statuses["failed"]),
        (say("Skipped"), figures.statuses["skipped"]),
        (say("With words judged"), figures.heard),
        (say("Contacts with a breach"), figures.flagged),
        (say("Undecided findings"), figures.decisions["undecided"]),
        (say("Hits excused by an exception"), figures.excused),
    ]
    return rows + [(severity_title(name, say.language), figures.severities[name]) for name in SEVERITIES]


def _missed(heard: Sequence[Estimate], say: Say) -> list[tuple[str, Any]]:
    """What samples of unflagged calls say is missed, for the summary."""
    rows: list[tuple[str, Any]] = []
    for one in heard:
        rows += [
            (say("Unflagged calls, week {week}", week=one.week), one.frame),
            (say("Of them heard by lot"), one.share.of),
            (say("Of those with something missed"), one.share.hits),
            (say("Share missed, from"), round(one.share.low, 4)),
            (say("Share missed, to"), round(one.share.high, 4)),
        ]
    return rows


def _agency_sheet(book: Workbook, figures: Figures, say: Say) -> None:
    from audit.wording import severity_title

    names = [say("Contacts"), say("Audited"), say("Failed"), say("Skipped"), say("Conversations")]
    names += [say("Conversations heard"), say("Contacts with a breach")]
    shares = [say("Share with a breach"), say("Interval from"), say("Interval to")]
    columns = [Column(say("Agency"), 24), *(Column(name, 14) for name in names)]
    columns += [Column(name, 14, share=True) for name in shares] + [Column(say("Undecided"), 12)]
    columns += [Column(severity_title(name, say.language), 10) for name in SEVERITIES]
    rows = [
        [
            *(
                one.agency,
                one.contacts,
                one.audited,
                one.failed,
                one.skipped,
                one.spoken,
                one.heard,
                one.flagged,
            ),
            *(one.flagged_rate.share, one.flagged_rate.low, one.flagged_rate.high, one.undecided),
            *(one.severities[name] for name in SEVERITIES),
        ]
        for one in figures.agencies
    ]
    book.sheet(say("Agencies"), columns, rows)


def _finding_sheet(book: Workbook, by_call: Mapping[str, Sequence[Any]], say: Say) -> None:
    from audit.wording import basis_title, category_title, decision_title, severity_title, speaker_title

    columns = [Column(say("Call"), 18), Column(say("Agency"), 18), Column(say("Agent"), 11)]
    columns += [Column(say("Severity"), 11), Column(say("Category"), 20), Column(say("Decision"), 11)]
    columns += [Column(say("Speaker"), 11), Column(say("From (s)"), 10), Column(say("To (s)"), 10)]
    columns += [Column(say("Evidence (masked)"), 60), Column(say("Reason"), 50), Column(say("Clause"), 40)]
    columns += [
        Column(say("Basis"), 14),
        Column(say("Confidence"), 11),
        Column(say("Rule"), 34),
        Column(say("Status"), 12),
    ]
    lang = say.language
    rows = (
        [
            *(row["call_id"], row["agency"], row["agent"], severity_title(row["severity"], lang)),
            *(category_title(row["category"], lang), decision_title(row["decision"], lang)),
            *(
                speaker_title(row["speaker"], lang),
                line["start"],
                line["end"],
                row["evidence"],
                row["reason"],
            ),
            *(
                row["citation"],
                basis_title(row["basis"], lang),
                line["confidence"],
                row["rule"],
                line["status"],
            ),
        ]
        for row in sorted((row for rows in by_call.values() for row in rows), key=_by_severity)
        for line in (finding_line(row),)
    )
    book.sheet(say("Findings"), columns, rows)


def _by_severity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return not counting(row), row["severity_rank"], row["call_id"], row["start_s"] or 0.0, row["rule"]


def _contact_sheet(book: Workbook, figures: Figures, by_call: Mapping[str, Sequence[Any]], say: Say) -> None:
    from audit.wording import severity_title, status_title

    columns = [
        Column(say("Call"), 20),
        Column(say("Agency"), 18),
        Column(say("Agent"), 12),
        Column(say("Start"), 22),
    ]
    columns += [Column(say("Status"), 10), Column(say("Reason"), 40)]
    columns += [Column(severity_title(name, say.language), 9) for name in SEVERITIES]
    columns += [Column(say("Highest severity"), 14), Column(say("Undecided"), 10)]
    rows = []
    for contact in figures.contacts:
        line = contact_line(contact, by_call.get(contact["call_id"], []))
        worst = line["highest_severity"]
        rows.append(
            [
                *(line["call_id"], line["agency"], line["agent"], line["started_at"]),
                *(status_title(line["status"], say.language), line["reason"]),
                *(line[name] for name in SEVERITIES),
                *(severity_title(worst, say.language) if worst else "", line["undecided"]),
            ]
        )
    book.sheet(say("Contacts"), columns, rows)
