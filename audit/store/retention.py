"""What is past its retention, and forgetting it: a legal hold beats retention, a tombstone stays in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from audit.errors import UsageError
from audit.store import tables as t
from audit.store.ledger import append

if TYPE_CHECKING:
    from audit.store import Store


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
            for table in (t.cases, t.verdicts, t.findings, t.personal_data, t.turns, t.contacts):
                connection.execute(delete(table).where(table.c.call_id == call_id))
            append(connection, "audit", "contact.purged", call_id, {})
        for name in recordings:
            append(connection, "audit", "recording.purged", name, {})
