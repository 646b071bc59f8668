"""Appeals: an agency contests a confirmed finding of its own calls, an officer lets the verdict stand or overturns it.

One appeal a finding, within WINDOW of the verdict. Reasons and answers are kept masked. Whoever confirmed the
finding does not judge the appeal where somebody else could. Every step is a ledger row.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select, update

from audit.errors import RightError, UsageError
from audit.store import review
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import append, now
from audit.store.views.within import within

WINDOW = timedelta(days=30)
"""How long after a verdict it can be contested."""

ANSWER_WITHIN = timedelta(days=15)
"""When an appeal should have its answer."""

SHORTEST = 10
"""Signs a reason or an answer has at least."""

Ruling = Literal["upheld", "overturned"]
"""upheld: the verdict stands; overturned: the finding is dismissed."""

STATUSES = ("open", "upheld", "overturned", "withdrawn")


def contestable(connection: Connection, scope: Scope, call_id: str) -> list[dict[str, Any]]:
    """The confirmed findings of a call that the viewer's agency may contest now; needs the right `contest`."""
    scope.require("contest")
    f, v = t.findings.c, t.verdicts.c
    taken = select(t.appeals.c.finding_id).where(t.appeals.c.status != "withdrawn")
    query = (
        select(f.finding_id, f.rule, f.category, f.severity, f.evidence, v.at)
        .join(t.verdicts, v.finding_id == f.finding_id)
        .join(t.contacts, t.contacts.c.call_id == f.call_id)
        .where(f.call_id == call_id, within(scope), v.verdict == "confirmed", f.finding_id.not_in(taken))
        .where((f.severity != "critical") | v.second_actor.is_not(None))
        .where(v.at >= (datetime.now(UTC) - WINDOW).isoformat(timespec="seconds"))
        .order_by(f.severity_rank, f.turn)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def contest(connection: Connection, scope: Scope, finding_id: str, reason: str) -> str:
    """Contest a finding with a masked reason and return the appeal's id.

    Raises RightError without the right or for another agency's finding, UsageError for a reason that is too
    short or a finding that cannot be contested (not confirmed, too old, contested already).
    """
    scope.require("contest")
    if len(reason.strip()) < SHORTEST:
        raise UsageError(f"A reason of at least {SHORTEST} signs is needed.")
    row = connection.execute(
        select(t.findings, t.contacts.c.agency, t.verdicts.c.actor)
        .join(t.contacts, t.contacts.c.call_id == t.findings.c.call_id)
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
        .where(t.findings.c.finding_id == finding_id, within(scope))
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise RightError("This finding is not of your agency.")
    if finding_id not in {one["finding_id"] for one in contestable(connection, scope, row["call_id"])}:
        raise UsageError(
            "This finding cannot be contested: not confirmed, too long ago, or contested already."
        )
    appeal_id = "A" + secrets.token_hex(6)
    values = {name: row[name] for name in ("finding_id", "call_id", "agency", "rule", "category")}
    values |= {"reason": reason.strip(), "actor": scope.user, "at": now(), "status": "open"}
    connection.execute(insert(t.appeals).values(appeal_id=appeal_id, verdict_actor=row["actor"], **values))
    append(connection, scope.user, "appeal.made", finding_id, {"appeal": appeal_id, "agency": row["agency"]})
    return appeal_id


def withdraw(connection: Connection, scope: Scope, appeal_id: str) -> None:
    """Take an open appeal back; the finding can be contested again within the window."""
    scope.require("contest")
    row = _open(connection, scope, appeal_id)
    _close(connection, appeal_id, "withdrawn", None, None)
    append(connection, scope.user, "appeal.withdrawn", row["finding_id"], {"appeal": appeal_id})


def decide(connection: Connection, scope: Scope, appeal_id: str, ruling: Ruling, answer: str) -> str | None:
    """Let a verdict stand or overturn it, with a masked answer; returns the case's status where it changed.

    Needs the right `judge_appeals`. Raises RightError for the person who gave the verdict while another could
    judge, UsageError without an answer or for an appeal that is closed.
    """
    scope.require("judge_appeals")
    if len(answer.strip()) < SHORTEST:
        raise UsageError(f"An answer of at least {SHORTEST} signs is needed.")
    row = _open(connection, scope, appeal_id)
    if row["verdict_actor"] == scope.user and _others(connection, scope.user):
        raise RightError("Whoever confirmed a finding does not judge the appeal against it.")
    _close(connection, appeal_id, ruling, scope.user, answer.strip())
    payload = {"appeal": appeal_id, "agency": row["agency"], "ruling": ruling}
    append(connection, scope.user, f"appeal.{ruling}", row["finding_id"], payload)
    standing = select(t.findings.c.finding_id).where(t.findings.c.finding_id == row["finding_id"])
    if ruling == "overturned" and connection.execute(standing).first() is not None:
        return review.decide(connection, scope.user, [row["finding_id"]], "dismissed", f"appeal {appeal_id}")
    return None


def _others(connection: Connection, user: str) -> bool:
    query = select(t.users.c.name).where(t.users.c.role == "officer", t.users.c.name != user).limit(1)
    return connection.execute(query).first() is not None


def _open(connection: Connection, scope: Scope, appeal_id: str) -> dict[str, Any]:
    query = select(t.appeals).where(t.appeals.c.appeal_id == appeal_id, within(scope, t.appeals))
    row = connection.execute(query).mappings().one_or_none()
    if row is None or row["status"] != "open":
        raise UsageError("There is no such open appeal.")
    return dict(row)


def _close(connection: Connection, appeal_id: str, status: str, by: str | None, answer: str | None) -> None:
    values = {"status": status, "decided_by": by, "decided_at": now(), "answer": answer}
    connection.execute(update(t.appeals).where(t.appeals.c.appeal_id == appeal_id).values(values))


def appeals(
    connection: Connection, scope: Scope, waiting: bool, call_id: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Appeals with what they are about: open ones oldest first, closed ones newest first; needs `appeals`.

    An agency viewer reads its own agency's and not who at the lender decided.
    """
    scope.require("appeals")
    a, f = t.appeals.c, t.findings.c
    order = a.at if waiting else a.decided_at.desc()
    query = (
        select(
            t.appeals, f.severity, f.evidence, f.turn, f.start_s, t.cases.c.case_id, t.contacts.c.started_at,
            t.contacts.c.agent, t.contacts.c.language, t.verdicts.c.verdict,
        )
        .outerjoin(t.findings, f.finding_id == a.finding_id)
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == a.finding_id)
        .join(t.contacts, t.contacts.c.call_id == a.call_id)
        .outerjoin(t.cases, t.cases.c.call_id == a.call_id)
        .where(a.status == "open" if waiting else a.status != "open", within(scope, t.appeals))
        .order_by(order, a.appeal_id)
        .limit(limit)
    )  # fmt: skip
    if call_id is not None:
        query = query.where(a.call_id == call_id)
    hidden = {"decided_by": None, "verdict_actor": None} if scope.role == "agency" else {}
    return [dict(row) | hidden for row in connection.execute(query).mappings()]


def counts(connection: Connection, scope: Scope) -> dict[str, dict[str, int]]:
    """agency -> status -> appeals; needs the right `agencies`."""
    scope.require("agencies")
    query = (
        select(t.appeals.c.agency, t.appeals.c.status, func.count())
        .where(within(scope, t.appeals))
        .group_by(t.appeals.c.agency, t.appeals.c.status)
        .order_by(t.appeals.c.agency)
    )
    found: dict[str, dict[str, int]] = {}
    for agency, status, count in connection.execute(query):
        found.setdefault(agency, dict.fromkeys(STATUSES, 0))[status] = int(count)
    return found


def waiting(connection: Connection, scope: Scope) -> tuple[int, int]:
    """How many appeals wait for an answer, and how many of them too long; needs `judge_appeals`."""
    scope.require("judge_appeals")
    late = (datetime.now(UTC) - ANSWER_WITHIN).isoformat(timespec="seconds")
    base = select(func.count()).select_from(t.appeals).where(t.appeals.c.status == "open")
    total = connection.execute(base).scalar_one()
    return int(total), int(connection.execute(base.where(t.appeals.c.at < late)).scalar_one())
