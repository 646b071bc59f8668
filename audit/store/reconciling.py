"""Log against recordings: what the run's contacts and the recordings folder say of each other, kept per run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from audit.models import Contact
from audit.store import tables as t

if TYPE_CHECKING:
    from audit.store import Store


def reconcile_run(
    store: Store, run_id: str, contacts: Sequence[Contact], folder: Path, names: Sequence[str]
) -> int:
    """Compare the log with the recordings `names` of a folder and with what was heard; keeps the
    discrepancies, returns how many."""
    from audit.contact import reconcile

    rows = _heard(store, contacts)
    found = reconcile(contacts, [_facts(name, folder, rows.get(name)) for name in names])
    lines = {
        (one.kind, one.subject): {
            "run_id": run_id,
            "kind": one.kind,
            "subject": one.subject,
            "call_id": one.call_id,
            "agency": one.agency,
            "detail": one.detail,
        }
        for one in found
    }
    with store.begin() as connection:
        connection.execute(delete(t.discrepancies).where(t.discrepancies.c.run_id == run_id))
        if lines:
            connection.execute(insert(t.discrepancies), list(lines.values()))
    return len(lines)


def _heard(store: Store, contacts: Sequence[Contact]) -> dict[str, Any]:
    wanted = {contact.call_id for contact in contacts if contact.recording}
    query = select(
        t.contacts.c.call_id, t.contacts.c.recording, t.contacts.c.recording_hash, t.contacts.c.measures
    )
    with store.read() as connection:
        rows = connection.execute(query.where(t.contacts.c.recording.is_not(None)))
        return {row.recording: row for row in rows if row.call_id in wanted}


def _facts(name: str, folder: Path, row: Any) -> Any:
    from audit.contact import RecordingFacts

    measures = (row.measures or {}) if row is not None else {}
    health = measures.get("health") or {}
    regions = measures.get("regions") or {}
    return RecordingFacts(
        name=name,
        sha256=row.recording_hash if row is not None else None,
        duration_s=measures.get("duration_s"),
        silent=bool(measures) and not any(regions.values()),
        dead_channels=tuple(one["channel"] for one in health.get("channels", ()) if one["dead"]),
        speech_s=sum(end - start for spans in regions.values() for start, end in spans) if measures else None,
        modified_at=(folder / name).stat().st_mtime,
    )


def discrepancy_lines(store: Store, run_id: str) -> list[str]:
    """The discrepancies of a run as sentences, sorted."""
    with store.read() as connection:
        query = select(t.discrepancies).where(t.discrepancies.c.run_id == run_id)
        return sorted(f"{row['subject']}: {row['detail']}" for row in connection.execute(query).mappings())
