"""What the batch writes: one contact a transaction, the findings of the call table, the cases they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from audit.cases import CaseFacts, Judged, build_case, case_status, counts, due_at, fingerprint, severity_rank
from audit.models import CallResult, Finding
from audit.store import tables as t
from audit.store.ledger import append, now

T = TypeVar("T")


def contact_row(result: CallResult, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The contacts row of a result; `extra` brings the columns the batch computes (keys, local time, run)."""
    contact, transcript = result.contact, result.transcript
    row = asdict(contact)
    row["log_row"] = row.pop("row")
    row["started_at"] = contact.started_at.isoformat() if contact.started_at else None
    row |= {
        "status": result.status,
        "reason": result.reason,
        "language": transcript.language if transcript else contact.language,
        "log_language": contact.language,
        "agent_confidence": transcript.agent_confidence if transcript else None,
        "agent_evidence": transcript.agent_evidence if transcript else None,
        "transcript_source": transcript.source if transcript else None,
        "measures": dict(result.measures),
        "receipt": asdict(result.receipt) if result.receipt else None,
        "recording_hash": result.recording_hash,
        "audited_at": now(),
    }
    return row | dict(extra)


def turn_rows(result: CallResult, masked: Mapping[int, str]) -> list[dict[str, Any]]:
    """The turns rows of a result; `masked` maps a turn's index to its masked text."""
    if result.transcript is None:
        return []
    return [
        {
            "call_id": result.contact.call_id,
            "turn": turn.index,
            "speaker": turn.speaker,
            "start_s": turn.start_s,
            "end_s": turn.end_s,
            "channel": turn.channel,
            "text": turn.text,
            "masked": masked[turn.index],
            "words": [[word.text, word.start_s, word.end_s, word.probability] for word in turn.words],
            "no_speech_probability": turn.no_speech_probability,
            "mean_log_probability": turn.mean_log_probability,
        }
        for turn in result.transcript.turns
    ]


def finding_row(
    call_id: str, finding: Finding, origin: str, evidence: str, details: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A findings row; `evidence` is the finding's text masked, `details` the numbers behind its reason."""
    row = asdict(finding)
    row["pieces"] = list(finding.pieces)
    return row | {
        "finding_id": fingerprint(call_id, finding),
        "call_id": call_id,
        "origin": origin,
        "severity_rank": severity_rank(finding.severity),
        "evidence": evidence,
        "doubt": (details or {}).get("doubt"),
        "details": dict(details or {}),
    }


def finding_of(row: Mapping[str, Any]) -> Finding:
    """A findings row back as the record it was made of."""
    names = Finding.__dataclass_fields__
    values = {name: row[name] for name in names}
    values["pieces"] = tuple(values["pieces"] or ())
    return Finding(**values)


def write_contact(
    connection: Connection,
    row: dict[str, Any],
    turns: Sequence[dict[str, Any]],
    data: Sequence[dict[str, Any]],
    findings: Sequence[dict[str, Any]],
) -> None:
    """Replace all that is known of one contact's words; findings of the call table stay."""
    call_id = row["call_id"]
    known = connection.execute(select(t.contacts.c.call_id).where(t.contacts.c.call_id == call_id)).first()
    if known:
        connection.execute(update(t.contacts).where(t.contacts.c.call_id == call_id).values(row))
    else:
        connection.execute(insert(t.contacts).values(row))
    replace_words(connection, call_id, turns, data, findings)
    if turns:  # a file that is missing today takes nobody's corrections away
        _drop_outdated(connection, call_id, turns)


def replace_words(
    connection: Connection,
    call_id: str,
    turns: Sequence[dict[str, Any]],
    data: Sequence[dict[str, Any]],
    findings: Sequence[dict[str, Any]],
) -> None:
    """Replace a contact's turns, personal data and findings on words.

    What a second decoding said of a finding stays with it while its turn says the same: judging again does
    not hear again.
    """
    known = _doubts(connection, call_id, {row["turn"]: row["text"] for row in turns})
    findings = [_with_doubt(row, known.get(row["finding_id"])) for row in findings]
    for table in (t.turns, t.personal_data):
        connection.execute(delete(table).where(table.c.call_id == call_id))
    connection.execute(
        delete(t.findings).where(t.findings.c.call_id == call_id, t.findings.c.origin == "words")
    )
    for table, rows in ((t.turns, turns), (t.personal_data, data), (t.findings, findings)):
        if rows:
            connection.execute(insert(table), list({_key(table, r): r for r in rows}.values()))


def _doubts(connection: Connection, call_id: str, texts: Mapping[int, str]) -> dict[str, str]:
    """finding id -> doubt, of findings whose turn still says what it said."""
    query = (
        select(t.findings.c.finding_id, t.findings.c.doubt, t.turns.c.turn, t.turns.c.text)
        .join(t.turns, (t.turns.c.call_id == t.findings.c.call_id) & (t.turns.c.turn == t.findings.c.turn))
        .where(t.findings.c.call_id == call_id, t.findings.c.doubt.is_not(None))
    )
    return {row.finding_id: row.doubt for row in connection.execute(query) if texts.get(row.turn) == row.text}


def _with_doubt(row: dict[str, Any], doubt: str | None) -> dict[str, Any]:
    if doubt is None or row["doubt"] is not None:
        return row
    return row | {"doubt": doubt, "details": {**row["details"], "doubt": doubt}}


def _drop_outdated(connection: Connection, call_id: str, turns: Sequence[dict[str, Any]]) -> None:
    """Corrections that a new hearing no longer carries go, and the ledger says so."""
    texts = {row["turn"]: row["text"] for row in turns}
    query = select(t.corrections).where(
        t.corrections.c.call_id == call_id, t.corrections.c.heard.is_not(None)
    )
    for row in connection.execute(query).all():
        if texts.get(row.turn) != row.text:
            where = (t.corrections.c.call_id == call_id) & (t.corrections.c.turn == row.turn)
            connection.execute(delete(t.corrections).where(where))
            append(connection, "audit", "words.correction_outdated", call_id, {"turn": row.turn})


def _key(table: Any, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def write_log_findings(
    connection: Connection, call_ids: Iterable[str] | None, rows: Sequence[dict[str, Any]]
) -> None:
    """Replace the findings of the call table for `call_ids` (None: for all contacts)."""
    stale = delete(t.findings).where(t.findings.c.origin == "log")
    if call_ids is None:
        connection.execute(stale)
    else:
        for chunk in _chunks(sorted(set(call_ids)), 500):
            connection.execute(stale.where(t.findings.c.call_id.in_(chunk)))
    unique = list({row["finding_id"]: row for row in rows}.values())
    for part in _chunks(unique, 1000):
        connection.execute(insert(t.findings), part)


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    for at in range(0, len(items), size):
        yield list(items[at : at + size])


def refresh_cases(
    connection: Connection, call_ids: Iterable[str], four_eyes: bool, keep: bool = False
) -> int:
    """Bring the cases of some contacts in line with their findings and verdicts; returns how many stand.

    A decided case with a new finding opens again (with a ledger row); one whose findings are all gone is
    withdrawn if somebody had decided or corrected it (or with `keep`) and removed if nobody had.
    """
    standing = 0
    for chunk in _chunks(sorted(set(call_ids)), 400):
        by_call = _findings_by_call(connection, chunk)
        contacts = {
            row.call_id: row
            for row in connection.execute(
                select(
                    t.contacts.c.call_id, t.contacts.c.agency, t.contacts.c.agent, t.contacts.c.week
                ).where(t.contacts.c.call_id.in_(chunk))
            )
        }
        before = {
            row["call_id"]: dict(row)
            for row in connection.execute(select(t.cases).where(t.cases.c.call_id.in_(chunk))).mappings()
        }
        verdicts = read_verdicts(connection, chunk)
        for call_id, contact in contacts.items():
            found = by_call.get(call_id, [])
            facts = build_case(finding for _, finding in found)
            standing += facts is not None
            if facts is None:
                _withdraw(connection, before.get(call_id), keep)
            else:
                _write_case(connection, contact, facts, found, before.get(call_id), verdicts, four_eyes)
    return standing


def _findings_by_call(connection: Connection, call_ids: list[str]) -> dict[str, list[tuple[str, Finding]]]:
    found: dict[str, list[tuple[str, Finding]]] = {}
    query = select(t.findings).where(t.findings.c.call_id.in_(call_ids))
    for row in connection.execute(query).mappings():
        found.setdefault(row["call_id"], []).append((row["finding_id"], finding_of(dict(row))))
    return found


def read_verdicts(connection: Connection, call_ids: list[str]) -> dict[str, Judged]:
    """The verdicts on the findings of some contacts, by finding id."""
    query = select(t.verdicts).where(t.verdicts.c.call_id.in_(call_ids))
    return {
        row.finding_id: Judged(row.verdict, row.actor, row.second_actor) for row in connection.execute(query)
    }


def _write_case(
    connection: Connection,
    contact: Any,
    facts: CaseFacts,
    found: list[tuple[str, Finding]],
    before: dict[str, Any] | None,
    verdicts: Mapping[str, Judged],
    four_eyes: bool,
) -> None:
    call_id = contact.call_id
    mine = {finding_id: finding.severity for finding_id, finding in found if counts(finding)}
    status = case_status(mine, verdicts, four_eyes)
    opened = before["opened_at"] if before else now()
    row = {
        "agency": contact.agency,
        "agent": contact.agent,
        "week": contact.week,
        "severity": facts.severity,
        "severity_rank": severity_rank(facts.severity),
        "worth": facts.worth,
        "categories": "|" + "|".join(facts.categories) + "|",
        "findings": facts.findings,
        "distress": facts.distress,
        "status": status,
        "due_at": due_at(facts.severity, datetime.fromisoformat(opened)).isoformat(),
    }
    if before is None:
        case_id = "C" + fingerprint(call_id, Finding("case", "case", "info", "log", 1.0))[:11]
        connection.execute(
            insert(t.cases).values(row | {"case_id": case_id, "call_id": call_id, "opened_at": opened})
        )
        return
    if before["status"] in ("confirmed", "dismissed", "withdrawn") and status == "open":
        row |= {"decided_at": None, "decided_by": None}
        append(connection, "audit", "case.reopened", before["case_id"], {"was": before["status"]})
    connection.execute(update(t.cases).where(t.cases.c.call_id == call_id).values(row))


def _withdraw(connection: Connection, before: dict[str, Any] | None, keep: bool) -> None:
    if before is None or before["status"] == "withdrawn":
        return
    where = t.cases.c.case_id == before["case_id"]
    if before["decided_by"] is None and not keep:
        connection.execute(delete(t.cases).where(where))
        return
    connection.execute(update(t.cases).where(where).values(status="withdrawn", findings=0))
    append(connection, "audit", "case.withdrawn", before["case_id"], {"was": before["status"]})
