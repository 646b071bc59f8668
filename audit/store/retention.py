"""What is past its retention, and forgetting it: a legal hold beats retention, a tombstone stays in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, select, update

from audit.errors import UsageError
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import append, now

if TYPE_CHECKING:
    from audit.contact import Places
    from audit.store import Store


YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Due:
    """Contacts before a moment: `past` (call id, recording) may go, `held` stay; `undated` are never due."""

    past: list[tuple[str, str | None]]
    held: list[str]
    undated: int


def due(store: Store, before: datetime) -> Due:
    """The contacts whose start lies before `before`, oldest first."""
    with store.read() as connection:
        held = set(connection.execute(select(t.holds.c.call_id)).scalars())
        rows = connection.execute(
            select(t.contacts.c.call_id, t.contacts.c.recording)
            .where(t.contacts.c.instant_s < before.timestamp())
            .order_by(t.contacts.c.instant_s, t.contacts.c.call_id)
        ).all()
        undated = connection.execute(
            select(func.count()).select_from(t.contacts).where(t.contacts.c.instant_s.is_(None))
        ).scalar_one()
    return Due(
        past=[(row.call_id, row.recording) for row in rows if row.call_id not in held],
        held=[row.call_id for row in rows if row.call_id in held],
        undated=undated,
    )


_OF_A_CALL = (
    t.cases,
    t.verdicts,
    t.notes,
    t.corrections,
    t.rejudgements,
    t.appeals,
    t.findings,
    t.personal_data,
    t.turns,
    t.contacts,
)
"""Tables that hold something of a call."""


@dataclass(frozen=True, slots=True)
class PlaceRetention:
    """One place: what is stored, what it asks for (`asked_years`, None: not known), what is kept here, what is due.

    `due` counts contacts older than both the days kept here and what the place asks, holds left out.
    """

    place: str
    contacts: int
    oldest: datetime | None
    undated: int
    asked_years: int | None
    kept_days: int
    due: int
    held: int

    @property
    def too_short(self) -> bool:
        """Whether less is kept here than the place asks."""
        # Years are told in days of 365 in settings: a leap day does not make a term too short.
        return self.asked_years is not None and self.kept_days < self.asked_years * 365

    @property
    def days(self) -> float:
        """The days after which a contact is due: the longer of both."""
        return max(float(self.kept_days), (self.asked_years or 0) * YEAR_DAYS)


def by_place(
    connection: Connection, scope: Scope, places: Places, records_days: int, today: datetime
) -> list[PlaceRetention]:
    """Retention place by place; needs the right `ledger`. Deletes nothing."""
    scope.require("ledger")
    c = t.contacts.c
    query = (
        select(
            c.jurisdiction, func.count().label("contacts"), func.min(c.instant_s).label("oldest"),
            func.sum(case((c.instant_s.is_(None), 1), else_=0)).label("undated"),
            func.count(t.holds.c.call_id).label("held"),
        )
        .outerjoin(t.holds, t.holds.c.call_id == c.call_id)
        .group_by(c.jurisdiction)
        .order_by(c.jurisdiction)
    )  # fmt: skip
    lines = []
    for row in connection.execute(query).all():
        asked = places.retention_years(row.jurisdiction, today.date())
        line = PlaceRetention(
            place=row.jurisdiction,
            contacts=row.contacts,
            oldest=datetime.fromtimestamp(row.oldest, UTC) if row.oldest is not None else None,
            undated=int(row.undated or 0),
            asked_years=asked,
            kept_days=records_days,
            due=0,
            held=int(row.held or 0),
        )
        old = select(func.count()).select_from(t.contacts).where(*_is_due(line, today))
        lines.append(replace(line, due=connection.execute(old).scalar_one()))
    return lines


def _is_due(line: PlaceRetention, today: datetime) -> tuple[ColumnElement[bool], ...]:
    """What a contact of a place must be to go: old enough and not held."""
    c = t.contacts.c
    before = (today - timedelta(days=line.days)).timestamp()
    return (
        c.jurisdiction == line.place,
        c.instant_s < before,
        c.call_id.not_in(select(t.holds.c.call_id)),
    )


def due_in(
    connection: Connection, scope: Scope, line: PlaceRetention, today: datetime, limit: int = 100_000
) -> list[dict[str, Any]]:
    """The contacts of a place that may go, oldest first: call_id, agency, started_at; needs the right `ledger`."""
    scope.require("ledger")
    c = t.contacts.c
    query = (
        select(c.call_id, c.agency, c.started_at)
        .where(*_is_due(line, today))
        .order_by(c.instant_s, c.call_id)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def holds(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """All legal holds, newest first; needs the right `ledger`."""
    scope.require("ledger")
    query = select(t.holds).order_by(t.holds.c.at.desc(), t.holds.c.call_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def hold(connection: Connection, scope: Scope, call_id: str, reason: str) -> None:
    """Put a contact on legal hold, so that no purge touches it; needs the right `hold`.

    Raises UsageError without a reason or for a call that is not in the store.
    """
    scope.require("hold")
    known = connection.execute(select(t.contacts.c.call_id).where(t.contacts.c.call_id == call_id)).first()
    if known is None or not reason.strip():
        raise UsageError("A hold needs a call of the store and a reason.")
    connection.execute(delete(t.holds).where(t.holds.c.call_id == call_id))
    connection.execute(
        insert(t.holds).values(call_id=call_id, reason=reason.strip(), actor=scope.user, at=now())
    )
    append(connection, scope.user, "hold.set", call_id, {"reason": reason.strip()})


def release(connection: Connection, scope: Scope, call_id: str) -> None:
    """Take a legal hold off; needs the right `hold`. What is due then goes with the next `audit purge --yes`."""
    scope.require("hold")
    if connection.execute(delete(t.holds).where(t.holds.c.call_id == call_id)).rowcount:
        append(connection, scope.user, "hold.released", call_id, {})


def longest_known(store: Store) -> dict[str, int]:
    """The longest retention that was ever in force here, by name; empty before the first purge."""
    longest: dict[str, int] = {}
    with store.read() as connection:
        rows = connection.execute(select(t.ledger.c.payload).where(t.ledger.c.action == "retention.applied"))
        for payload in rows.scalars():
            for name, days in json.loads(payload).items():
                longest[name] = max(longest.get(name, 0), days)
    return longest


def apply(store: Store, retention: Mapping[str, int]) -> None:
    """Note the retention in force; raises UsageError where it is shorter than one that was in force before."""
    longest = longest_known(store)
    for name, days in retention.items():
        if days < longest.get(name, 0):
            raise UsageError(
                f"[retention] {name} = {days}: it was {longest[name]} before. Retention can grow, never shrink."
            )
    if any(days > longest.get(name, 0) for name, days in retention.items()):
        with store.begin() as connection:
            append(connection, "audit", "retention.applied", "store", dict(retention))


def forget(store: Store, call_ids: Sequence[str], recordings: Sequence[str]) -> None:
    """Delete contacts with all that hangs on them, in one transaction, and leave a tombstone each."""
    with store.begin() as connection:
        for call_id in call_ids:
            for table in _OF_A_CALL:
                connection.execute(delete(table).where(table.c.call_id == call_id))
            # That a call was drawn and how it was decided stays: an estimate was made of it.
            own = update(t.sample_items).where(t.sample_items.c.call_id == call_id)
            connection.execute(own.values(note="", turn=None, moment_s=None))
            append(connection, "audit", "contact.purged", call_id, {})
        for name in recordings:
            append(connection, "audit", "recording.purged", name, {})
