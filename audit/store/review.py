"""What people do in the store: verdicts with undo, assignment, plays, reveals; each act is a ledger row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from audit.cases import VERDICTS, Judged, Verdict, case_status
from audit.errors import UsageError
from audit.store import tables as t
from audit.store.ledger import append, now
from audit.store.writing import read_verdicts

COUNTS = (
    (t.findings.c.excused.is_(None))
    & (t.findings.c.trial.is_(False))
    & ((t.findings.c.decision != "undecided") | (t.findings.c.basis != "log"))
    & ((t.findings.c.decision != "noted") | (t.findings.c.category == "customer.distress"))
)
"""The findings that count, as SQL: what audit.cases.counts says of one."""


def decide(
    connection: Connection,
    actor: str,
    finding_ids: Sequence[str],
    verdict: Verdict,
    note: str = "",
    four_eyes: bool = True,
) -> str:
    """Put one verdict on findings of one case and return the case's new status.

    A second person giving the same verdict on a critical finding is the second pair of eyes; another verdict
    replaces the first. The note is kept with the verdict, not in the ledger (it may quote the call).
    Raises UsageError for an unknown finding or verdict.
    """
    if verdict not in VERDICTS:
        raise UsageError(f"A verdict is one of {', '.join(VERDICTS)}, not {verdict!r}.")
    rows = _findings(connection, finding_ids)
    standing = read_verdicts(connection, sorted({row["call_id"] for row in rows}))
    for row in rows:
        before = standing.get(row["finding_id"])
        agrees = before is not None and before.verdict == verdict and before.actor != actor
        if agrees:
            connection.execute(
                update(t.verdicts)
                .where(t.verdicts.c.finding_id == row["finding_id"])
                .values(second_actor=actor)
            )
        else:
            _replace_verdict(connection, row, actor, verdict, note)
        append(
            connection,
            actor,
            "verdict.agreed" if agrees else "verdict." + verdict,
            row["finding_id"],
            {"call_id": row["call_id"], "rule": row["rule"], "rule_version": row["rule_version"]},
        )
    return settle(connection, rows[0]["call_id"], actor, four_eyes)


def _findings(connection: Connection, finding_ids: Sequence[str]) -> list[dict[str, Any]]:
    query = select(t.findings).where(t.findings.c.finding_id.in_(list(finding_ids)))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    missing = set(finding_ids) - {row["finding_id"] for row in rows}
    if missing or not rows:
        raise UsageError(f"No such finding: {', '.join(sorted(missing)) or '(none given)'}.")
    return rows


def _replace_verdict(
    connection: Connection, row: dict[str, Any], actor: str, verdict: str, note: str
) -> None:
    connection.execute(delete(t.verdicts).where(t.verdicts.c.finding_id == row["finding_id"]))
    connection.execute(
        insert(t.verdicts).values(
            finding_id=row["finding_id"],
            call_id=row["call_id"],
            rule=row["rule"],
            category=row["category"],
            verdict=verdict,
            actor=actor,
            at=now(),
            note=note,
        )
    )


def undo(connection: Connection, actor: str, finding_ids: Sequence[str], four_eyes: bool = True) -> str:
    """Take verdicts back and return the case's new status; the ledger keeps both acts."""
    rows = _findings(connection, finding_ids)
    for row in rows:
        connection.execute(delete(t.verdicts).where(t.verdicts.c.finding_id == row["finding_id"]))
        append(connection, actor, "verdict.undone", row["finding_id"], {"call_id": row["call_id"]})
    return settle(connection, rows[0]["call_id"], actor, four_eyes)


def settle(connection: Connection, call_id: str, actor: str, four_eyes: bool) -> str:
    """Recompute the status of the case of `call_id` from its findings and verdicts."""
    query = select(t.findings.c.finding_id, t.findings.c.severity).where(
        t.findings.c.call_id == call_id, COUNTS
    )
    mine = {row.finding_id: row.severity for row in connection.execute(query)}
    verdicts: dict[str, Judged] = read_verdicts(connection, [call_id])
    status = case_status(mine, verdicts, four_eyes)
    decided = status in ("confirmed", "dismissed", "escalated")
    connection.execute(
        update(t.cases)
        .where(t.cases.c.call_id == call_id)
        .values(
            status=status,
            decided_at=now() if decided else None,
            decided_by=actor if decided else None,
        )
    )
    return status


def assign(connection: Connection, actor: str, case_ids: Sequence[str], assignee: str | None) -> None:
    """Give cases to a reviewer, or back to all (None)."""
    connection.execute(update(t.cases).where(t.cases.c.case_id.in_(list(case_ids))).values(assignee=assignee))
    for case_id in case_ids:
        append(connection, actor, "case.assigned", case_id, {"assignee": assignee})
