"""Agencies and agents compared on rates with denominators and 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from audit.sampling import Rate, rate
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.views.within import STANDS, within


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One agency (or agent) in one week: `words` = conversations with a breach of conduct of those heard,
    `log` = contacts with a breach of hours, counts and the like of all contacts. `coverage` = heard of the
    conversations the log names."""

    name: str
    contacts: int
    failed: int
    words: Rate
    log: Rate
    coverage: Rate
    critical: int
    good: int


def agency_lines(connection: Connection, scope: Scope, week: str | None) -> list[AgencyLine]:
    """One line an agency, highest rate first; `week` None counts all weeks."""
    return _lines(connection, scope, week, t.contacts.c.agency, None)


def agent_lines(connection: Connection, scope: Scope, week: str | None, agency: str) -> list[AgencyLine]:
    """One line an agent of one agency; needs the right `agencies`."""
    scope.require("agencies")
    return _lines(connection, scope, week, t.contacts.c.agent, agency)


def _lines(
    connection: Connection, scope: Scope, week: str | None, by: Any, agency: str | None
) -> list[AgencyLine]:
    here = within(scope)
    if week is not None:
        here = here & (t.contacts.c.week == week)
    if agency is not None:
        here = here & (t.contacts.c.agency == agency)
    heard = t.contacts.c.transcript_source.is_not(None)
    talk = (t.contacts.c.outcome == "conversation") | heard
    base = connection.execute(
        select(
            by.label("name"),
            func.count().label("contacts"),
            func.sum(case((t.contacts.c.status == "failed", 1), else_=0)).label("failed"),
            func.sum(case((heard, 1), else_=0)).label("heard"),
            func.sum(case((talk, 1), else_=0)).label("talks"),
        )
        .where(here)
        .group_by(by)
    )
    found = _found(connection, here, by)
    lines = []
    for row in base.mappings():
        mine = found.get(row["name"], {})
        heard_count, talks = int(row["heard"] or 0), int(row["talks"] or 0)
        lines.append(
            AgencyLine(
                name=row["name"],
                contacts=row["contacts"],
                failed=int(row["failed"] or 0),
                words=rate(min(mine.get("words", 0), heard_count), heard_count),
                log=rate(min(mine.get("log", 0), row["contacts"]), row["contacts"]),
                coverage=rate(min(heard_count, talks), talks),
                critical=mine.get("critical", 0),
                good=mine.get("good", 0),
            )
        )
    return sorted(lines, key=lambda line: (-(line.words.share or 0.0), -line.contacts, line.name))


def _found(connection: Connection, here: Any, by: Any) -> dict[str, dict[str, int]]:
    breach = STANDS & (t.findings.c.decision == "breach")
    call = t.findings.c.call_id

    def calls(condition: Any) -> Any:
        return func.count(case((condition, call)).distinct())

    query = (
        select(
            by.label("name"),
            calls(breach & (t.findings.c.origin == "words")).label("words"),
            calls(breach & (t.findings.c.origin == "log")).label("log"),
            calls(breach & (t.findings.c.severity_rank == 0)).label("critical"),
            calls(t.findings.c.category.startswith("good.")).label("good"),
        )
        .join(t.contacts, t.contacts.c.call_id == t.findings.c.call_id)
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
        .where(here)
        .group_by(by)
    )
    return {row["name"]: dict(row) for row in connection.execute(query).mappings()}


def agency_trend(
    connection: Connection, scope: Scope, agency: str | None, last: int = 12
) -> list[dict[str, Any]]:
    """Per week in which something was heard, oldest first: contacts heard, conversations with a breach, their rate with its interval."""
    scope.require("agencies")
    here = within(scope) & t.contacts.c.week.is_not(None)
    if agency is not None:
        here = here & (t.contacts.c.agency == agency)
    lines = _lines_by_week(connection, here)
    return lines[-last:]


def _lines_by_week(connection: Connection, here: Any) -> list[dict[str, Any]]:
    heard = t.contacts.c.transcript_source.is_not(None)
    base = connection.execute(
        select(t.contacts.c.week, func.sum(case((heard, 1), else_=0)).label("heard"))
        .where(here)
        .group_by(t.contacts.c.week)
        .order_by(t.contacts.c.week)
    )
    found = _found(connection, here, t.contacts.c.week)
    out = []
    for week, heard_count in base:
        count = int(heard_count or 0)
        if not count:
            continue
        share = rate(min(found.get(week, {}).get("words", 0), count), count)
        out.append({"week": week, "heard": count, "breached": share.hits, "share": share.share, "low": share.low, "high": share.high})  # fmt: skip
    return out


def recording_health(connection: Connection, scope: Scope, agency: str) -> list[dict[str, Any]]:
    """How often the recordings of an agency disagree with the log, by kind, over all runs; needs `agencies`."""
    scope.require("agencies")
    if scope.role == "agency" and scope.agency != agency:
        return []
    d = t.discrepancies.c
    query = (
        select(d.kind, func.count(d.subject.distinct()).label("count"))
        .where(d.agency == agency)
        .group_by(d.kind)
        .order_by(func.count(d.subject.distinct()).desc(), d.kind)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def agency_calls(connection: Connection, scope: Scope, agency: str, week: str | None) -> list[str]:
    """The call ids of one agency in a week (None: all weeks); needs the right `agencies`."""
    scope.require("agencies")
    query = select(t.contacts.c.call_id).where(t.contacts.c.agency == agency, within(scope))
    if week is not None:
        query = query.where(t.contacts.c.week == week)
    return [row.call_id for row in connection.execute(query.order_by(t.contacts.c.call_id))]


def agency_categories(connection: Connection, scope: Scope, week: str | None) -> dict[str, dict[str, int]]:
    """agency -> category -> contacts with at least one standing finding; for agencies side by side."""
    scope.require("agencies")
    here = within(scope) if week is None else within(scope) & (t.contacts.c.week == week)
    query = (
        select(t.contacts.c.agency, t.findings.c.category, func.count(t.findings.c.call_id.distinct()))
        .join(t.findings, t.findings.c.call_id == t.contacts.c.call_id)
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
        .where(here, STANDS)
        .group_by(t.contacts.c.agency, t.findings.c.category)
    )
    found: dict[str, dict[str, int]] = {}
    for agency, category, count in connection.execute(query):
        found.setdefault(agency, {})[category] = int(count)
    return found
