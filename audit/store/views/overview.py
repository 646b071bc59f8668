"""The overview: one week in numbers, each of which names the list behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from audit.models import SEVERITIES
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.review import COUNTS
from audit.store.views.agencies import AgencyLine, agency_lines
from audit.store.views.within import STANDS, within

UNDECIDED = ("open", "second_look", "escalated")
"""States of a case that waits for somebody."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A week: counts of contacts by status, conversations and how many were listened to, cases by severity.

    `before` is the number of flagged contacts per severity in the week before; `heat` maps (weekday, hour) of
    the debtor's local time to (contacts, breaches of hours); `distress` are the open cases of the distress
    lane, oldest first, of any week; `cannot_decide` are contacts with a finding that lacks a fact.
    """

    week: str
    contacts: int = 0
    audited: int = 0
    failed: int = 0
    skipped: int = 0
    conversations: int = 0
    heard: int = 0
    flagged: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    overdue: int = 0
    cannot_decide: int = 0
    undated: int = 0
    heat: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    categories: list[dict[str, Any]] = field(default_factory=list)
    agencies: list[AgencyLine] = field(default_factory=list)
    distress: list[dict[str, Any]] = field(default_factory=list)


def weeks(connection: Connection, scope: Scope) -> list[str]:
    """The weeks with contacts the scope may see, newest first."""
    query = (
        select(t.contacts.c.week)
        .where(t.contacts.c.week.is_not(None), within(scope))
        .distinct()
        .order_by(t.contacts.c.week.desc())
    )
    return [row.week for row in connection.execute(query)]


def overview(connection: Connection, scope: Scope, week: str, before: str | None = None) -> Overview:
    """The numbers of `week`, compared with `before`; needs the right `overview`."""
    scope.require("overview")
    counts = _counts(connection, scope, week)
    return Overview(
        week=week,
        **counts,
        flagged=_flagged(connection, scope, week),
        before=_flagged(connection, scope, before) if before else {},
        **_waiting(connection, scope, week),
        cannot_decide=_cannot_decide(connection, scope, week),
        heat=_heat(connection, scope, week),
        categories=_categories(connection, scope, week),
        agencies=agency_lines(connection, scope, week),
        distress=_distress(connection, scope),
    )


def _counts(connection: Connection, scope: Scope, week: str) -> dict[str, int]:
    status, talk = t.contacts.c.status, t.contacts.c.outcome == "conversation"
    heard = t.contacts.c.transcript_source.is_not(None)
    row = connection.execute(
        select(
            func.count().label("contacts"),
            *(func.sum(case((status == name, 1), else_=0)).label(name) for name in ("audited", "failed", "skipped")),
            func.sum(case((talk | heard, 1), else_=0)).label("conversations"),
            func.sum(case((heard, 1), else_=0)).label("heard"),
        ).where(t.contacts.c.week == week, within(scope))
    ).one()  # fmt: skip
    undated = connection.execute(
        select(func.count()).where(t.contacts.c.week.is_(None), within(scope))
    ).scalar_one()
    return {key: int(value or 0) for key, value in row._mapping.items()} | {"undated": undated}


def _flagged(connection: Connection, scope: Scope, week: str) -> dict[str, int]:
    query = (
        select(t.cases.c.severity, func.count())
        .where(t.cases.c.week == week, t.cases.c.status.not_in(("dismissed", "withdrawn")))
        .where(within(scope, t.cases))
        .group_by(t.cases.c.severity)
    )
    found = {severity: int(count) for severity, count in connection.execute(query)}
    return {severity: found[severity] for severity in SEVERITIES if severity in found}


def _waiting(connection: Connection, scope: Scope, week: str) -> dict[str, int]:
    moment = datetime.now(UTC).isoformat()
    row = connection.execute(
        select(
            func.count().label("waiting"),
            func.sum(case((t.cases.c.due_at < moment, 1), else_=0)).label("overdue"),
        ).where(t.cases.c.week == week, t.cases.c.status.in_(UNDECIDED), within(scope, t.cases))
    ).one()
    return {"waiting": int(row.waiting), "overdue": int(row.overdue or 0)}


def _cannot_decide(connection: Connection, scope: Scope, week: str) -> int:
    query = (
        select(func.count(t.findings.c.call_id.distinct()))
        .join(t.contacts, t.contacts.c.call_id == t.findings.c.call_id)
        .where(t.contacts.c.week == week, within(scope), t.findings.c.decision == "undecided")
        .where(t.findings.c.excused.is_(None), t.findings.c.trial.is_(False))
    )
    return int(connection.execute(query).scalar_one())


def _heat(connection: Connection, scope: Scope, week: str) -> dict[tuple[int, int], tuple[int, int]]:
    cell = (t.contacts.c.local_weekday, t.contacts.c.local_hour)
    here = (t.contacts.c.week == week) & within(scope) & t.contacts.c.local_hour.is_not(None)
    all_of = {
        (int(day), int(hour)): int(count)
        for day, hour, count in connection.execute(select(*cell, func.count()).where(here).group_by(*cell))
    }
    breaches = (
        select(*cell, func.count(t.contacts.c.call_id.distinct()))
        .join(t.findings, t.findings.c.call_id == t.contacts.c.call_id)
        .where(here, t.findings.c.category == "contact.hours", t.findings.c.decision == "breach", COUNTS)
        .group_by(*cell)
    )
    bad = {(int(day), int(hour)): int(count) for day, hour, count in connection.execute(breaches)}
    return {key: (count, bad.get(key, 0)) for key, count in all_of.items()}


def _categories(connection: Connection, scope: Scope, week: str) -> list[dict[str, Any]]:
    query = (
        select(
            t.findings.c.category,
            func.min(t.findings.c.severity_rank).label("rank"),
            func.count().label("findings"),
            func.count(t.findings.c.call_id.distinct()).label("contacts"),
        )
        .join(t.contacts, t.contacts.c.call_id == t.findings.c.call_id)
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
        .where(t.contacts.c.week == week, within(scope), STANDS)
        .group_by(t.findings.c.category)
        .order_by(func.count(t.findings.c.call_id.distinct()).desc(), t.findings.c.category)
    )
    return [
        dict(row) | {"severity": SEVERITIES[min(row["rank"], 4)]}
        for row in connection.execute(query).mappings()
    ]


def _distress(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    query = (
        select(
            t.cases.c.case_id, t.cases.c.agency, t.cases.c.agent, t.cases.c.opened_at, t.cases.c.due_at,
            t.cases.c.status, t.contacts.c.started_at, t.contacts.c.debtor_id,
        )
        .join(t.contacts, t.contacts.c.call_id == t.cases.c.call_id)
        .where(t.cases.c.distress.is_(True), t.cases.c.status.in_(UNDECIDED), within(scope, t.cases))
        .order_by(t.cases.c.due_at, t.cases.c.case_id)
        .limit(6)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]
