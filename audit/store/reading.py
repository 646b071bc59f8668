"""What papers and the batch read back: contacts, transcripts, findings, for one week, one run or all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from audit.models import Contact, Transcript, Turn, Word
from audit.store import tables as t

CONTACT_NAMES = tuple(Contact.__dataclass_fields__)


def contact_of(row: Any) -> Contact:
    """A contacts row back as the record of the log."""
    values = {name: row[name] for name in CONTACT_NAMES if name not in ("row", "started_at", "language")}
    values["language"] = row["log_language"]
    started = row["started_at"]
    return Contact(
        row=row["log_row"], started_at=datetime.fromisoformat(started) if started else None, **values
    )


def contacts(connection: Connection, call_ids: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The contacts rows, all or some, by call_id; streamed."""
    query: Select[Any] = select(t.contacts).order_by(t.contacts.c.call_id)
    if call_ids is not None:
        wanted = set(call_ids)
        if len(wanted) <= 500:
            query = query.where(t.contacts.c.call_id.in_(wanted))
    result = connection.execution_options(yield_per=2000).execute(query)
    for row in result.mappings():
        if call_ids is None or row["call_id"] in wanted:
            yield dict(row)


def keys(connection: Connection) -> dict[str, tuple[str, str | None, str | None]]:
    """call_id -> (status, hearing_key, judging_key): what a re-run need not do again."""
    query = select(
        t.contacts.c.call_id, t.contacts.c.status, t.contacts.c.hearing_key, t.contacts.c.judging_key
    )
    return {row.call_id: (row.status, row.hearing_key, row.judging_key) for row in connection.execute(query)}


def recording_hashes(connection: Connection) -> dict[str, str]:
    """call_id -> hash of what the contact was heard from, where it is known."""
    query = select(t.contacts.c.call_id, t.contacts.c.recording_hash)
    return {row.call_id: row.recording_hash for row in connection.execute(query) if row.recording_hash}


def transcript(connection: Connection, call_id: str) -> Transcript | None:
    """The transcript of a call as it was heard, with words and times; None when there is none."""
    head = connection.execute(
        select(
            t.contacts.c.language,
            t.contacts.c.transcript_source,
            t.contacts.c.agent_confidence,
            t.contacts.c.agent_evidence,
        ).where(t.contacts.c.call_id == call_id)
    ).one_or_none()
    if head is None or head.transcript_source is None:
        return None
    rows = connection.execute(select(t.turns).where(t.turns.c.call_id == call_id).order_by(t.turns.c.turn))
    return Transcript(
        language=head.language,
        turns=tuple(turn_of(row) for row in rows.mappings()),
        source=head.transcript_source,
        agent_confidence=head.agent_confidence if head.agent_confidence is not None else 1.0,
        agent_evidence=head.agent_evidence or "",
    )


def turn_of(row: Any) -> Turn:
    """A turns row back as the record."""
    return Turn(
        index=row["turn"],
        speaker=row["speaker"],
        text=row["text"],
        start_s=row["start_s"],
        end_s=row["end_s"],
        words=tuple(Word(*word) for word in row["words"] or ()),
        channel=row["channel"],
        no_speech_probability=row["no_speech_probability"],
        mean_log_probability=row["mean_log_probability"],
    )


def findings(connection: Connection, call_ids: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Findings rows with agency, agent, week of their contact and the verdict, worst first; streamed.

    Excused and trial findings are included: filter by `excused` / `trial`.
    """
    query: Select[Any] = (
        select(
            t.findings,
            t.contacts.c.agency,
            t.contacts.c.agent,
            t.contacts.c.week,
            t.contacts.c.started_at,
            t.verdicts.c.verdict,
        )
        .join(t.contacts, t.contacts.c.call_id == t.findings.c.call_id)
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
        .order_by(
            t.findings.c.severity_rank,
            t.findings.c.call_id,
            func.coalesce(t.findings.c.turn, -1),
            func.coalesce(t.findings.c.start, -1),
            t.findings.c.rule,
        )
    )
    wanted = None if call_ids is None else set(call_ids)
    if wanted is not None and len(wanted) <= 500:
        query = query.where(t.findings.c.call_id.in_(wanted))
    for row in connection.execution_options(yield_per=2000).execute(query).mappings():
        if wanted is None or row["call_id"] in wanted:
            yield dict(row)
