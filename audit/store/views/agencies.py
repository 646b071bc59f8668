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
    conversations the log names; `dead` = recordings with a dead channel."""

    name: str
    contacts: int
    failed: int
    words: Rate
    log: Rate
    coverage: Rate
    critical: int
    good: int
    dead: int = 0


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
    """Per week, oldest first: contacts heard, conversations with a breach, their rate with its interval."""
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
        share = rate(min(found.get(week, {}).get("words", 0), count), count)
        out.append({"week": week, "heard": count, "breached": share.hits, "share": share.share, "low": share.low, "high": share.high})  # fmt: skip
    return out
