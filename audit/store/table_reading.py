"""What the judgement of the call table reads: signals of refusals, and the contacts a run has to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, or_, select

from audit.models import CONTACT_CATEGORIES, Contact, Finding
from audit.store import tables as t
from audit.store.reading import contact_of
from audit.store.writing import finding_of

if TYPE_CHECKING:
    from audit.contact import Places, Signal

_MANY = 900
"""More values than this are not put into one SQL statement (SQLite's limit of variables)."""


def signals(connection: Connection) -> list[Signal]:
    """What was heard in any call that may bind later contacts."""
    from audit.contact import signals_of

    by_call: dict[str, list[Finding]] = {}
    query = select(t.findings).where(
        t.findings.c.origin == "words",
        t.findings.c.category.startswith("customer."),
        t.findings.c.excused.is_(None),
    )
    for row in connection.execute(query).mappings():
        by_call.setdefault(row["call_id"], []).append(finding_of(dict(row)))
    return [signal for call_id in sorted(by_call) for signal in signals_of(call_id, by_call[call_id])]


def table(
    connection: Connection,
    contacts: Sequence[Contact],
    places: Places,
    heard: Sequence[Signal],
    since: date | None,
) -> list[Contact]:
    """The contacts to judge: all of the store, or with `since` those from that day on and their history."""
    from audit.contact import history

    query: Select[Any] = select(t.contacts).order_by(t.contacts.c.call_id)
    if since is None:
        return list(_contacts(connection, query))
    wanted = history(contacts, places, heard, since)
    first_s = datetime.combine(wanted.from_day, time(), UTC).timestamp()
    near = or_(t.contacts.c.instant_s >= first_s, t.contacts.c.instant_s.is_(None))
    found = {one.call_id: one for one in _contacts(connection, query.where(near))}
    for column, values in ((t.contacts.c.debtor_id, wanted.debtors), (t.contacts.c.call_id, wanted.call_ids)):
        ordered = sorted(values)
        for at in range(0, len(ordered), _MANY):
            chunk = query.where(column.in_(ordered[at : at + _MANY]))
            found |= {one.call_id: one for one in _contacts(connection, chunk)}
    return [found[call_id] for call_id in sorted(found)]


def _contacts(connection: Connection, query: Select[Any]) -> Iterator[Contact]:
    for row in connection.execution_options(yield_per=5000).execute(query).mappings():
        yield contact_of(row)


def answered(contacts: Sequence[Contact], since: date | None) -> set[str]:
    """The contacts to answer for: those whose log day is `since` or later, and undated ones."""
    return {
        one.call_id
        for one in contacts
        if since is None or one.started_at is None or one.started_at.date() >= since
    }


def said(connection: Connection) -> set[tuple[str, str]]:
    """(call id, category) of contact categories that the words of the call already show."""
    query = select(t.findings.c.call_id, t.findings.c.category).where(
        t.findings.c.origin == "words",
        t.findings.c.category.in_(CONTACT_CATEGORIES),
        t.findings.c.excused.is_(None),
        t.findings.c.trial.is_(False),
    )
    return {(row.call_id, row.category) for row in connection.execute(query)}


def with_log_findings(connection: Connection, call_ids: set[str]) -> set[str]:
    """Which of some contacts have findings of the call table."""
    query = select(t.findings.c.call_id).where(t.findings.c.origin == "log").distinct()
    return call_ids.intersection(connection.execute(query).scalars())


def last_versions(connection: Connection, but_run: str) -> dict[str, Any] | None:
    """The versions of the newest run that ended well, other than `but_run`; None when there is none."""
    query = (
        select(t.runs.c.inputs)
        .where(t.runs.c.status == "done", t.runs.c.run_id != but_run)
        .order_by(t.runs.c.started_at.desc(), t.runs.c.run_id.desc())
        .limit(1)
    )
    inputs = connection.execute(query).scalar_one_or_none()
    return None if inputs is None else dict(inputs.get("versions") or {})
