"""Records behind the work: runs, the ledger, rules as they fared in reviews, and a stamp of the store's state."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, case, func, select

from audit.sampling import rate
from audit.store import tables as t
from audit.store.accounts import Scope


def stamp(connection: Connection) -> str:
    """Changes whenever a verdict or a run changed what is counted: what caches of the screens are keyed by.

    Reading and hearing leave it as it is, so that opening cases does not make the overview count again.
    """
    verdicts = connection.execute(
        select(
            t.verdicts.c.verdict,
            func.count(),
            func.max(t.verdicts.c.at),
            func.count(t.verdicts.c.second_actor),
        )
        .group_by(t.verdicts.c.verdict)
        .order_by(t.verdicts.c.verdict)
    ).all()
    runs = connection.execute(
        select(func.count(), func.sum(t.runs.c.done), func.max(t.runs.c.heartbeat_at))
    ).one()
    people = connection.execute(select(func.count()).select_from(t.users)).scalar_one()
    return repr(([tuple(row) for row in verdicts], tuple(runs), people))


def run_rows(connection: Connection, scope: Scope, limit: int = 30) -> list[dict[str, Any]]:
    """The newest runs; needs the right `runs`."""
    scope.require("runs")
    query = select(t.runs).order_by(t.runs.c.started_at.desc()).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def failures(connection: Connection, scope: Scope, limit: int = 200) -> list[dict[str, Any]]:
    """Contacts that failed, with file and reason, newest first; needs the right `runs`."""
    scope.require("runs")
    c = t.contacts.c
    query = (
        select(c.call_id, c.agency, c.recording, c.transcript, c.status, c.reason, c.last_run, c.started_at)
        .where(c.status == "failed")
        .order_by(c.started_at.desc(), c.call_id)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def skipped(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """Contacts whose words were not judged, counted by reason and agency; needs the right `runs`."""
    scope.require("runs")
    c = t.contacts.c
    query = (
        select(c.reason, c.agency, func.count().label("contacts"))
        .where(c.status == "skipped")
        .group_by(c.reason, c.agency)
        .order_by(func.count().desc(), c.reason, c.agency)
        .limit(100)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def undecided(connection: Connection, scope: Scope, week: str | None = None) -> list[dict[str, Any]]:
    """What could not be decided and what was missing: per rule and reason the number of contacts; needs `runs`.

    Each row: rule, category, reason, contacts, details (of one of them, for words in the reader's language).
    """
    scope.require("runs")
    f = t.findings.c
    query = (
        select(
            f.rule, f.category, f.reason, func.count(f.call_id.distinct()).label("contacts"),
            func.min(f.finding_id).label("example"),
        )
        .join(t.contacts, t.contacts.c.call_id == f.call_id)
        .where(f.decision == "undecided", f.excused.is_(None), f.trial.is_(False))
        .group_by(f.rule, f.category, f.reason)
        .order_by(func.count(f.call_id.distinct()).desc(), f.rule)
        .limit(100)
    )  # fmt: skip
    if week is not None:
        query = query.where(t.contacts.c.week == week)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    ids = [row["example"] for row in rows]
    details = {
        row.finding_id: row.details
        for row in connection.execute(select(f.finding_id, f.details).where(f.finding_id.in_(ids)))
    }
    return [row | {"details": details.get(row["example"]) or {}} for row in rows]


def discrepancies(connection: Connection, scope: Scope, run_id: str | None) -> list[dict[str, Any]]:
    """Where the call log and the folder of recordings of a run disagree; needs the right `runs`."""
    scope.require("runs")
    query = select(t.discrepancies).order_by(t.discrepancies.c.kind, t.discrepancies.c.subject).limit(500)
    if run_id is not None:
        query = query.where(t.discrepancies.c.run_id == run_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def ledger_rows(
    connection: Connection,
    scope: Scope,
    action: str | None = None,
    actor: str | None = None,
    subject: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[dict[str, Any]], int]:
    """Ledger rows, newest first, and how many match; needs the right `ledger`. `action` is a beginning."""
    scope.require("ledger")
    where: list[Any] = []
    if action:
        where.append(t.ledger.c.action.startswith(action, autoescape=True))
    if actor:
        where.append(t.ledger.c.actor == actor)
    if subject:
        where.append(t.ledger.c.subject == subject)
    total = connection.execute(select(func.count()).select_from(t.ledger).where(*where)).scalar_one()
    query = select(t.ledger).where(*where).order_by(t.ledger.c.seq.desc()).limit(limit).offset(offset)
    return [dict(row) for row in connection.execute(query).mappings()], int(total)


def rule_lines(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """Per rule: findings, excused, verdicts and precision with its 95 % interval; needs the right `rulebook`."""
    scope.require("rulebook")
    verdict, excused = t.verdicts.c.verdict, t.findings.c.excused
    query = (
        select(
            t.findings.c.rule,
            t.findings.c.category,
            func.count().label("findings"),
            func.sum(case((excused.is_not(None), 1), else_=0)).label("excused"),
            func.sum(case((verdict.in_(("confirmed", "escalated")), 1), else_=0)).label("right"),
            func.sum(case((verdict == "dismissed", 1), else_=0)).label("wrong"),
        )
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
        .group_by(t.findings.c.rule, t.findings.c.category)
        .order_by(t.findings.c.rule)
    )
    lines = []
    for row in connection.execute(query).mappings():
        right, wrong = int(row["right"] or 0), int(row["wrong"] or 0)
        lines.append(dict(row) | {"right": right, "wrong": wrong, "precision": rate(right, right + wrong)})
    return lines


def decided_findings(connection: Connection, scope: Scope, limit: int = 60) -> list[dict[str, Any]]:
    """Findings with a verdict, newest first, with the masked words of their turn; needs the right `rulebook`."""
    scope.require("rulebook")
    f, v = t.findings.c, t.verdicts.c
    query = (
        select(
            f.finding_id, f.rule, f.category, f.speaker, v.verdict, v.at, v.note, t.turns.c.masked, t.contacts.c.language
        )
        .join(t.verdicts, v.finding_id == f.finding_id)
        .join(t.turns, (t.turns.c.call_id == f.call_id) & (t.turns.c.turn == f.turn))
        .join(t.contacts, t.contacts.c.call_id == f.call_id)
        .where(v.verdict.in_(("confirmed", "dismissed")))
        .order_by(v.at.desc(), f.finding_id)
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]
