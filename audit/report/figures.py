"""The figures of a report: what was audited, what was found, by agency, category, hour; plain counts, no files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.cases import severity_rank, worst_severity
from audit.models import AGENT_CATEGORIES, CONTACT_CATEGORIES, SEVERITIES
from audit.sampling import Rate, rate

SPOKEN = ("connected", "conversation")
AGAINST_AGENT = frozenset(AGENT_CATEGORIES + CONTACT_CATEGORIES)


@dataclass(slots=True)
class AgencyFigures:
    """One agency in one report. `flagged` = contacts with at least one breach."""

    agency: str
    contacts: int = 0
    audited: int = 0
    failed: int = 0
    skipped: int = 0
    spoken: int = 0
    heard: int = 0
    flagged: int = 0
    undecided: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    good: int = 0

    @property
    def flagged_rate(self) -> Rate:
        """Contacts with a breach, of all in the log, with the 95 % interval. Words that nobody heard count as
        clear here, so read it beside `coverage`."""
        return rate(self.flagged, self.contacts)

    @property
    def coverage(self) -> Rate:
        """Conversations whose words were judged, of those the log tells of."""
        return rate(min(self.heard, self.spoken), self.spoken)


@dataclass(slots=True)
class Figures:
    """All figures of one report; lists are in the order they are shown."""

    contacts: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    statuses: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    categories: list[tuple[str, int, int]] = field(default_factory=list)
    signals: list[tuple[str, int]] = field(default_factory=list)
    agencies: list[AgencyFigures] = field(default_factory=list)
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)
    hours_breached: Counter[tuple[int, int]] = field(default_factory=Counter)
    distress: list[dict[str, Any]] = field(default_factory=list)
    worst: list[dict[str, Any]] = field(default_factory=list)
    heard: int = 0
    flagged: int = 0
    excused: int = 0
    weeks: tuple[str, ...] = ()


def counting(row: Mapping[str, Any]) -> bool:
    """Whether a findings row is held against the agent: neither excused, nor on trial, nor a mere note."""
    return row["excused"] is None and not row["trial"] and row["decision"] != "noted"


def gather(
    contacts: Sequence[dict[str, Any]], findings: Iterable[dict[str, Any]], worst: int = 40
) -> Figures:
    """The figures over contacts rows and findings rows of the store."""
    figures = Figures(list(contacts), list(findings))
    by_call: dict[str, list[dict[str, Any]]] = {}
    for row in figures.findings:
        if row["excused"] is not None:
            figures.excused += 1
        elif not row["trial"]:
            by_call.setdefault(row["call_id"], []).append(row)
    agencies: dict[str, AgencyFigures] = {}
    for contact in figures.contacts:
        mine = by_call.get(contact["call_id"], [])
        _count_contact(
            figures, agencies.setdefault(contact["agency"], AgencyFigures(contact["agency"])), contact, mine
        )
    figures.agencies = sorted(agencies.values(), key=lambda one: (-(one.flagged_rate.share or 0), one.agency))
    _count_findings(figures, [row for rows in by_call.values() for row in rows], worst)
    figures.weeks = tuple(sorted({contact["week"] for contact in figures.contacts if contact["week"]}))
    return figures


def _count_contact(
    figures: Figures, agency: AgencyFigures, contact: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]
) -> None:
    against = [row for row in findings if counting(row)]
    breach = any(row["decision"] == "breach" for row in against)
    heard = contact["transcript_source"] is not None
    agency.contacts += 1
    figures.statuses[contact["status"]] += 1
    setattr(agency, contact["status"], getattr(agency, contact["status"]) + 1)
    agency.spoken += contact["outcome"] in SPOKEN and contact["channel"] == "call"
    agency.heard += heard and contact["channel"] == "call"
    agency.flagged += breach
    agency.undecided += any(row["decision"] == "undecided" for row in against)
    agency.severities.update(row["severity"] for row in against if row["decision"] == "breach")
    agency.good += any(row["category"].startswith("good.") for row in findings)
    figures.heard += heard
    figures.flagged += breach
    if contact["local_hour"] is not None and contact["direction"] == "outbound":
        cell = (contact["local_weekday"], contact["local_hour"])
        figures.hours[cell] += 1
        figures.hours_breached[cell] += any(
            row["category"] == "contact.hours" and row["decision"] == "breach" for row in findings
        )


def _count_findings(figures: Figures, findings: Sequence[dict[str, Any]], worst: int) -> None:
    breach: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    signals: Counter[str] = Counter()
    for row in findings:
        if not counting(row):
            signals[row["category"]] += 1
            continue
        figures.decisions[row["decision"]] += 1
        (breach if row["decision"] == "breach" else undecided)[row["category"]] += 1
        if row["decision"] == "breach":
            figures.severities[row["severity"]] += 1
    names = sorted(set(breach) | set(undecided), key=lambda name: (-breach[name], -undecided[name], name))
    figures.categories = [(name, breach[name], undecided[name]) for name in names]
    figures.signals = sorted(signals.items(), key=lambda pair: (-pair[1], pair[0]))
    figures.distress = [
        row for row in findings if row["category"] in ("customer.distress", "distress.ignored")
    ]
    against = [row for row in findings if counting(row)]
    against.sort(
        key=lambda row: (severity_rank(row["severity"]), row["decision"] != "breach", -row["confidence"])
    )
    figures.worst = against[:worst]


def contact_line(contact: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A contacts row as a line of contacts.csv: numbers of findings per severity, the highest severity."""
    against = [row for row in findings if counting(row)]
    counts = Counter(row["severity"] for row in against)
    return {
        "call_id": contact["call_id"],
        "status": contact["status"],
        "reason": contact["reason"],
        **{severity: counts[severity] for severity in SEVERITIES},
        "highest_severity": worst_severity(list(counts)),
        "undecided": sum(row["decision"] == "undecided" for row in against),
        "agency": contact["agency"],
        "agent": contact["agent"],
        "started_at": contact["started_at"],
    }
