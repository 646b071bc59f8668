"""One case as a reviewer sees it: contact, findings with verdicts, turns cut into pieces, masked unless revealed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from audit.cases import DISTRESS
from audit.errors import UsageError
from audit.models import PersonalDatum
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.reading import turn_of
from audit.store.views.own import own_calls, own_row
from audit.store.views.within import within

REVEAL = timedelta(minutes=30)
"""How long a reveal with its reason holds for one person and one call."""

DAY_S = 86400.0
"""The end of a call whose end is not known."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a turn that is shown as one: `masked` is the type of personal data that stands there.

    `start_s`/`end_s` are the times of its words (None where there are none); `findings` the ids that cover it.
    """

    text: str
    start_s: float | None = None
    end_s: float | None = None
    findings: tuple[str, ...] = ()
    masked: str | None = None


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn: who, when, its pieces in order.

    Where a person corrected the words, `heard` is what the recogniser wrote (masked unless revealed) and
    `corrected_by` who did; `corrected` is a correction from before corrected words were judged, in no force.
    """

    index: int
    speaker: str
    start_s: float | None
    end_s: float | None
    channel: int | None
    pieces: tuple[Piece, ...]
    corrected: str | None = None
    heard: str | None = None
    corrected_by: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """A finding with its verdict; `quote` is masked unless the case is revealed."""

    finding_id: str
    rule: str
    rule_version: int
    category: str
    severity: str
    basis: str
    confidence: float
    decision: str
    reason: str
    citation: str
    turn: int | None
    speaker: str
    start_s: float | None
    end_s: float | None
    quote: str
    excused: str | None
    trial: bool
    doubt: str | None
    details: dict[str, Any]
    verdict: str | None
    actor: str | None
    at: str | None
    note: str
    second_actor: str | None

    @property
    def counts(self) -> bool:
        """Whether a verdict is asked for: the same as audit.cases.counts."""
        if self.excused is not None or self.trial or (self.decision == "undecided" and self.basis == "log"):
            return False
        return self.decision != "noted" or self.category in DISTRESS


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with all that its screen shows. `bleeps` are (channel, start_s, end_s) that must not be heard."""

    case: dict[str, Any]
    contact: dict[str, Any]
    findings: tuple[CaseFinding, ...]
    turns: tuple[TurnView, ...]
    notes: tuple[dict[str, Any], ...]
    revealed: bool
    bleeps: tuple[tuple[int | None, float, float], ...]


_CONTACT = (
    "call_id", "started_at", "timezone", "week", "duration_s", "channel", "direction", "outcome", "agency", "agent",
    "debtor_id", "account_id", "called_party", "consent_hours", "jurisdiction", "language", "recording", "transcript", "status",
    "reason", "agent_confidence", "agent_evidence", "transcript_source", "measures", "receipt", "recording_hash",
    "last_run", "audited_at",
)  # fmt: skip


def case_view(connection: Connection, scope: Scope, case_id: str) -> CaseView | None:
    """The case, or None when there is none that the scope may see; needs the right `queue`.

    Personal data is revealed only while the ledger holds a fresh reveal of this call by this person.
    """
    scope.require("queue")
    row = connection.execute(
        select(t.cases).where(t.cases.c.case_id == case_id, within(scope, t.cases))
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        return None
    call_id = row["call_id"]
    shown = revealed(connection, scope, call_id)
    contact = connection.execute(
        select(*(t.contacts.c[name] for name in _CONTACT)).where(t.contacts.c.call_id == call_id)
    ).mappings().one()  # fmt: skip
    spoken = _turn_rows(connection, call_id)
    data = _data(connection, call_id)
    findings = _findings(connection, call_id)
    if scope.role == "agency":
        own = own_calls(connection, str(scope.agency), findings)
        findings = [own_row(one, str(scope.agency), own) for one in findings]
    notes = select(t.notes).where(t.notes.c.call_id == call_id).order_by(t.notes.c.at)
    private = scope.role == "agency"
    return CaseView(
        case=dict(row),
        contact=dict(contact),
        findings=tuple(_finding(one, shown, scope.agency if private else None) for one in findings),
        turns=tuple(
            turn_view(
                turn | {"corrected_by": None} if private else turn,
                data.get(turn["turn"], ()),
                findings,
                shown,
            )
            for turn in spoken
        ),
        notes=() if private else tuple(dict(note) for note in connection.execute(notes).mappings()),
        revealed=shown,
        bleeps=() if shown else bleeps(spoken, data),
    )


def call_view(connection: Connection, scope: Scope, call_id: str) -> CaseView | None:
    """A call without its findings, always masked, for somebody who listens blind; needs the right `sample`."""
    scope.require("sample")
    row = connection.execute(
        select(*(t.contacts.c[name] for name in _CONTACT)).where(t.contacts.c.call_id == call_id, within(scope))
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        return None
    spoken, data = _turn_rows(connection, call_id), _data(connection, call_id)
    return CaseView(
        case={"case_id": call_id, "distress": False, "status": "open"},
        contact=dict(row),
        findings=(),
        turns=tuple(turn_view(turn, data.get(turn["turn"], ()), (), False) for turn in spoken),
        notes=(),
        revealed=False,
        bleeps=bleeps(spoken, data),
    )


def revealed(connection: Connection, scope: Scope, call_id: str) -> bool:
    """Whether this person has revealed this call within the last half hour (the ledger says so)."""
    if not scope.may("reveal"):
        return False
    since = (datetime.now(UTC) - REVEAL).isoformat(timespec="seconds")
    query = (
        select(t.ledger.c.action)
        .where(t.ledger.c.subject == call_id, t.ledger.c.actor == scope.user, t.ledger.c.at >= since)
        .where(t.ledger.c.action.in_(("data.revealed", "data.covered")))
        .order_by(t.ledger.c.seq.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() == "data.revealed"


def _turn_rows(connection: Connection, call_id: str) -> list[dict[str, Any]]:
    query = (
        select(
            t.turns,
            t.corrections.c.text.label("corrected"),
            t.corrections.c.heard,
            t.corrections.c.actor.label("corrected_by"),
        )
        .outerjoin(
            t.corrections,
            (t.corrections.c.call_id == t.turns.c.call_id) & (t.corrections.c.turn == t.turns.c.turn),
        )
        .where(t.turns.c.call_id == call_id)
        .order_by(t.turns.c.turn)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _data(connection: Connection, call_id: str) -> dict[int, list[tuple[int, int, str]]]:
    found: dict[int, list[tuple[int, int, str]]] = {}
    query = select(t.personal_data).where(t.personal_data.c.call_id == call_id)
    for row in connection.execute(query.order_by(t.personal_data.c.start)):
        found.setdefault(row.turn, []).append((row.start, row.end, row.type))
    return found


def _findings(connection: Connection, call_id: str) -> list[dict[str, Any]]:
    query = (
        select(
            t.findings, t.verdicts.c.verdict, t.verdicts.c.actor, t.verdicts.c.at, t.verdicts.c.note,
            t.verdicts.c.second_actor,
        )
        .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
        .where(t.findings.c.call_id == call_id)
        .order_by(func.coalesce(t.findings.c.turn, -1), t.findings.c.start, t.findings.c.severity_rank, t.findings.c.rule)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]


def _finding(row: Mapping[str, Any], shown: bool, agency: str | None) -> CaseFinding:
    """A findings row as the screen shows it; with `agency` as that agency may read it."""
    names = [name for name in CaseFinding.__dataclass_fields__ if name not in ("quote", "note", "details")]
    values = {name: row[name] for name in names}
    details, note = dict(row["details"] or {}), row["note"] or ""
    if agency is not None:
        # An agency reads the outcome, not who among the lender's people decided, nor what others did.
        note = ""
        values |= {"actor": None, "second_actor": None}
        if row["origin"] == "log":
            values["reason"] = ""
    return CaseFinding(**values, quote=row["text"] if shown else row["evidence"], note=note, details=details)


def turn_view(
    turn: Mapping[str, Any],
    data: Iterable[tuple[int, int, str]],
    findings: Sequence[Mapping[str, Any]],
    shown: bool,
) -> TurnView:
    """A turns row cut into pieces at words, findings and personal data (start, end, type)."""
    flags = [
        (one["start"], one["end"], one["finding_id"])
        for one in findings
        if one["turn"] == turn["turn"] and one["start"] is not None and one["end"] is not None
    ]
    heard = turn.get("heard")
    return TurnView(
        index=turn["turn"],
        speaker=turn["speaker"],
        start_s=turn["start_s"],
        end_s=turn["end_s"],
        channel=turn["channel"],
        pieces=tuple(_pieces(turn["text"], word_spans(turn), list(data), flags, shown)),
        corrected=turn.get("corrected") if heard is None and (shown or not data) else None,
        heard=None if heard is None else heard["text" if shown else "masked"],
        corrected_by=turn.get("corrected_by") if heard is not None else None,
    )


def word_spans(turn: Mapping[str, Any]) -> list[tuple[int, int, float, float]]:
    """(start, end, start_s, end_s) of each word in the turn's text; a word that does not stand there is left out."""
    spans, at = [], 0
    text = turn["text"]
    for word in turn["words"] or ():
        needle = word[0].strip()
        start = text.find(needle, at) if needle else -1
        if start < 0:
            continue
        at = start + len(needle)
        spans.append((start, at, float(word[1]), float(word[2])))
    return spans


def _pieces(
    text: str,
    words: list[tuple[int, int, float, float]],
    data: list[tuple[int, int, str]],
    flags: list[tuple[int, int, str]],
    shown: bool,
) -> Iterable[Piece]:
    edges = {0, len(text)}
    for span in (*words, *data, *flags):
        edges |= {min(max(0, int(span[0])), len(text)), min(max(0, int(span[1])), len(text))}
    if not shown:
        # What is masked stays whole: nothing of it may stand between two edges.
        edges = {edge for edge in edges if not any(start < edge < end for start, end, _ in data)}
        edges |= {edge for start, end, _ in data for edge in (start, end)}
    order = sorted(edges)
    for start, end in itertools.pairwise(order):
        kind = next((name for first, last, name in data if first < end and start < last), None)
        inside = [word for word in words if word[0] < end and start < word[1]]
        yield Piece(
            text="" if kind and not shown else text[start:end],
            start_s=inside[0][2] if inside else None,
            end_s=inside[-1][3] if inside else None,
            findings=tuple(name for first, last, name in flags if first < end and start < last),
            masked=kind,
        )


def bleeps(
    turns: Sequence[Mapping[str, Any]], data: Mapping[int, Sequence[tuple[int, int, str]]]
) -> tuple[tuple[int | None, float, float], ...]:
    """What must not be heard of a masked call, guard band included, on all channels.

    Placed by audit.privacy.locate, which fails closed: a datum whose words have no times silences its whole
    turn, a turn without times everything between its neighbours. All channels, since the far end is often
    heard on the other line too.
    """
    from audit.privacy.locate import locate

    spoken = [turn_of(row) for row in turns]
    found = [
        PersonalDatum(kind, start, end, 1.0, turn)
        for turn, spans in data.items()
        for start, end, kind in spans
    ]
    return tuple((None, start_s, min(end_s, DAY_S)) for _, start_s, end_s in locate(spoken, found))


def debtor_strip(connection: Connection, scope: Scope, debtor_id: str | None) -> list[dict[str, Any]]:
    """All contacts of one debtor in time order with their case, for the strip of time; needs `queue`.

    An agency viewer sees the own agency's contacts only.
    """
    scope.require("queue")
    if debtor_id is None:
        return []
    c = t.contacts.c
    query = (
        select(
            c.call_id, c.started_at, c.channel, c.outcome, c.agency, c.called_party, c.local_hour, c.duration_s,
            t.cases.c.case_id, t.cases.c.severity, t.cases.c.status.label("case_status"),
        )
        .outerjoin(t.cases, t.cases.c.call_id == c.call_id)
        .where(c.debtor_id == debtor_id, c.started_at.is_not(None), within(scope))
        .order_by(c.started_at)
        .limit(300)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]


def call_of_case(connection: Connection, scope: Scope, case_id: str) -> dict[str, Any]:
    """call_id, agency, recording of a case the scope may see; raises UsageError when there is none."""
    query = (
        select(t.cases.c.case_id, t.cases.c.call_id, t.cases.c.agency, t.contacts.c.recording)
        .join(t.contacts, t.contacts.c.call_id == t.cases.c.call_id)
        .where(or_(t.cases.c.case_id == case_id), within(scope, t.cases))
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise UsageError("There is no such case.")
    return dict(row)
