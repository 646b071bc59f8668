"""Long work that the app started: one row a process, so that every session sees it and a restart loses nothing."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, insert, select, update

from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import append, now

NEEDS = {"run": "start_runs", "recheck": "start_runs", "compare": "edit_rules"}
"""Kind of job -> the right to start and to stop it."""


def begun(
    connection: Connection, scope: Scope, kind: str, arguments: list[str], process: dict[str, Any]
) -> str:
    """Note a started process (at, host, process_id, process_start, folder) and return the job's id."""
    scope.require(NEEDS[kind])
    job_id = "J" + secrets.token_hex(6)
    connection.execute(
        insert(t.jobs).values(
            job_id=job_id, kind=kind, actor=scope.user, arguments=arguments, status="running", **process
        )
    )  # fmt: skip
    append(connection, scope.user, "job.started", job_id, {"kind": kind})
    return job_id


def rows(connection: Connection, scope: Scope, kind: str, limit: int = 8) -> list[dict[str, Any]]:
    """The newest jobs of a kind with the run they became (its progress), newest first."""
    scope.require(NEEDS[kind])
    query = select(t.jobs).where(t.jobs.c.kind == kind).order_by(t.jobs.c.at.desc(), t.jobs.c.job_id)
    found = [dict(row) for row in connection.execute(query.limit(limit)).mappings()]
    return [row | {"run": run_of(connection, row)} for row in found]


def run_of(connection: Connection, job: dict[str, Any]) -> dict[str, Any] | None:
    """The row of `runs` that a job's process wrote; None while it reads its input."""
    query = (
        select(t.runs)
        .where(t.runs.c.process_id == job["process_id"], t.runs.c.started_at >= job["at"])
        .order_by(t.runs.c.started_at)
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row is not None else None


def open_jobs(connection: Connection) -> list[dict[str, Any]]:
    """Jobs that nobody has seen the end of."""
    query = select(t.jobs).where(t.jobs.c.status == "running").order_by(t.jobs.c.at)
    return [dict(row) for row in connection.execute(query).mappings()]


def ended(connection: Connection, job_id: str, status: str, exit_status: int | None) -> None:
    """Note how a job ended; the first to see it writes it."""
    done = connection.execute(
        update(t.jobs)
        .where(t.jobs.c.job_id == job_id, t.jobs.c.status == "running")
        .values(status=status, exit_status=exit_status, ended_at=now())
    )
    if done.rowcount:
        append(connection, "audit", "job.ended", job_id, {"status": status, "exit_status": exit_status})


def stopping(connection: Connection, scope: Scope, job_id: str) -> dict[str, Any] | None:
    """Note who asks a running job to stop and return it; None when it does not run any more."""
    row = connection.execute(
        select(t.jobs).where(t.jobs.c.job_id == job_id, t.jobs.c.status == "running")
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        return None
    scope.require(NEEDS[row["kind"]])
    connection.execute(update(t.jobs).where(t.jobs.c.job_id == job_id).values(stopped_by=scope.user))
    append(connection, scope.user, "job.stop_asked", job_id, {"kind": row["kind"]})
    return dict(row)
