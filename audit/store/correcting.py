"""What people heard otherwise: corrected words and swapped roles, and the call judged again by them.

A corrected turn stands in `turns` as corrected (so that papers, clips and masks follow it); what the
recogniser wrote stays with the correction. Judging is done above the store; here its rows replace the old
ones in one transaction, and what was found before is kept with who changed it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from audit.errors import UsageError
from audit.models import Transcript, Turn, Word
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import append, now
from audit.store.reading import transcript
from audit.store.realign import with_words
from audit.store.views.case import call_of_case
from audit.store.writing import refresh_cases, replace_words

Kind = Literal["words", "words_back", "roles"]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person asks for: other words of one turn, the recogniser's words back, or the roles swapped."""

    kind: Kind
    turn: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class JudgedRows:
    """A call judged again, as rows of the store: turns, personal data, findings on words, measures."""

    turns: Sequence[dict[str, Any]]
    data: Sequence[dict[str, Any]]
    findings: Sequence[dict[str, Any]]
    measures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction did: findings (finding_id, rule, category, severity, evidence, verdict) new and gone."""

    appeared: tuple[dict[str, Any], ...]
    vanished: tuple[dict[str, Any], ...]
    case_status: str | None


def corrected(connection: Connection, call_id: str, asked: Correction) -> Transcript | None:
    """The transcript in force with the correction made; None when it would change nothing.

    Raises UsageError for a call without words or a turn that it does not have.
    """
    from audit.speakers import swap_roles

    spoken = transcript(connection, call_id)
    if spoken is None:
        raise UsageError("This contact has no words to correct.")
    if asked.kind == "roles":
        return swap_roles(spoken)
    if asked.turn is None or not 0 <= asked.turn < len(spoken.turns):
        raise UsageError("There is no such turn.")
    before = spoken.turns[asked.turn]
    heard = _heard_turn(connection, call_id, before)
    text = asked.text.strip()
    after = heard if asked.kind == "words_back" or text in ("", heard.text) else with_words(heard, text)
    if after.text == before.text:
        return None
    turns = tuple(after if turn.index == asked.turn else turn for turn in spoken.turns)
    return replace(spoken, turns=turns)


def _heard_turn(connection: Connection, call_id: str, turn: Turn) -> Turn:
    """The turn as the recogniser wrote it."""
    kept = connection.execute(
        select(t.corrections.c.heard).where(
            t.corrections.c.call_id == call_id, t.corrections.c.turn == turn.index
        )
    ).scalar_one_or_none()
    if kept is None:
        return turn
    return replace(turn, text=kept["text"], words=tuple(Word(*word) for word in kept["words"]))


def keep(
    connection: Connection,
    scope: Scope,
    case_id: str,
    asked: Correction,
    judged: JudgedRows,
    four_eyes: bool = True,
) -> Change:
    """Put a correction and its judgement in force: rows, verdicts, case, history, ledger. Needs `decide`."""
    scope.require("decide")
    call_id = str(call_of_case(connection, scope, case_id)["call_id"])
    before = _counted(connection, call_id)
    _note_words(connection, scope, call_id, asked, judged)
    answered = _of_the_endpoint(connection, call_id, judged)
    replace_words(connection, call_id, judged.turns, judged.data, [*judged.findings, *answered])
    values: dict[str, Any] = {"judging_key": None, "measures": dict(judged.measures)}
    if asked.kind == "roles":
        values |= {"agent_confidence": 1.0, "agent_evidence": "swapped by the reviewer"}
    connection.execute(update(t.contacts).where(t.contacts.c.call_id == call_id).values(values))
    _carry_verdicts(connection, before, call_id)
    after = _counted(connection, call_id)
    refresh_cases(connection, [call_id], four_eyes, keep=True)
    change = Change(
        appeared=tuple(row for name, row in after.items() if name not in before),
        vanished=tuple(row for name, row in before.items() if name not in after),
        case_status=connection.execute(
            select(t.cases.c.status).where(t.cases.c.call_id == call_id)
        ).scalar_one_or_none(),
    )
    _note_change(connection, scope, (case_id, call_id), asked, change)
    return change


def _of_the_endpoint(connection: Connection, call_id: str, judged: JudgedRows) -> list[dict[str, Any]]:
    """Findings of an endpoint the lender configured, on turns that say the same: it is not asked again here."""
    said = {row["turn"]: (row["text"], row["speaker"]) for row in judged.turns}
    own = select(t.findings, t.turns.c.text.label("spoken"), t.turns.c.speaker.label("by")).join(
        t.turns, (t.turns.c.call_id == t.findings.c.call_id) & (t.turns.c.turn == t.findings.c.turn)
    )
    where = (t.findings.c.call_id == call_id) & (t.findings.c.basis == "reader")
    return [
        {name: value for name, value in row.items() if name not in ("spoken", "by")}
        for row in connection.execute(own.where(where)).mappings()
        if said.get(row["turn"]) == (row["spoken"], row["by"])
    ]


def _note_words(
    connection: Connection, scope: Scope, call_id: str, asked: Correction, judged: JudgedRows
) -> None:
    """Keep what the recogniser wrote beside the new words, masked and whole; drop it when it is in force again."""
    if asked.kind == "roles":
        return
    where = (t.corrections.c.call_id == call_id) & (t.corrections.c.turn == asked.turn)
    kept = connection.execute(select(t.corrections.c.heard).where(where)).scalar_one_or_none()
    row = connection.execute(
        select(t.turns).where(t.turns.c.call_id == call_id, t.turns.c.turn == asked.turn)
    ).mappings().one()  # fmt: skip
    heard = kept or {"text": row["text"], "masked": row["masked"], "words": row["words"]}
    text = next(one["text"] for one in judged.turns if one["turn"] == asked.turn)
    connection.execute(delete(t.corrections).where(where))
    if text != heard["text"]:
        values = {"text": text, "actor": scope.user, "at": now(), "heard": heard}
        connection.execute(insert(t.corrections).values(call_id=call_id, turn=asked.turn, **values))


def _counted(connection: Connection, call_id: str) -> dict[str, dict[str, Any]]:
    f, v = t.findings.c, t.verdicts.c
    query = (
        select(f.finding_id, f.rule, f.category, f.severity, f.turn, f.text, f.evidence, v.verdict)
        .outerjoin(t.verdicts, v.finding_id == f.finding_id)
        .where(f.call_id == call_id, f.origin == "words", f.excused.is_(None), f.trial.is_(False))
        .order_by(f.turn, f.start, f.rule)
    )
    return {row["finding_id"]: dict(row) for row in connection.execute(query).mappings()}


def _carry_verdicts(connection: Connection, before: Mapping[str, dict[str, Any]], call_id: str) -> None:
    """A finding that only moved within its turn keeps its verdict: same rule, same turn, same words."""
    after = _counted(connection, call_id)
    fresh: dict[tuple[Any, ...], list[str]] = {}
    for name, row in after.items():
        if name not in before:
            fresh.setdefault((row["rule"], row["turn"], row["text"]), []).append(name)
    for name, row in before.items():
        moved = fresh.get((row["rule"], row["turn"], row["text"]))
        if name in after or not moved or row["verdict"] is None:
            continue
        target = moved.pop(0)
        verdict = (
            connection.execute(select(t.verdicts).where(t.verdicts.c.finding_id == name)).mappings().one()
        )
        connection.execute(delete(t.verdicts).where(t.verdicts.c.finding_id == target))
        connection.execute(insert(t.verdicts).values(dict(verdict) | {"finding_id": target}))


def _note_change(
    connection: Connection, scope: Scope, subject: tuple[str, str], asked: Correction, change: Change
) -> None:
    case_id, call_id = subject
    change_id = f"{time.time_ns():016x}"  # grows, so that history has an order within a second
    plain = [
        [{name: value for name, value in row.items() if name not in ("text", "turn")} for row in rows]
        for rows in (change.appeared, change.vanished)
    ]
    connection.execute(
        insert(t.rejudgements).values(
            change_id=change_id, call_id=call_id, kind=asked.kind, turn=asked.turn, actor=scope.user, at=now(),
            appeared=plain[0], vanished=plain[1],
        )
    )  # fmt: skip
    action = "roles.swapped" if asked.kind == "roles" else "words.corrected"
    payload = {
        "turn": asked.turn, "back": asked.kind == "words_back", "change": change_id,
        "appeared": [row["finding_id"] for row in change.appeared],
        "vanished": [row["finding_id"] for row in change.vanished],
    }  # fmt: skip
    append(connection, scope.user, action, case_id, payload)


def changes(connection: Connection, scope: Scope, case_id: str) -> list[dict[str, Any]]:
    """How a case's call was corrected and judged again, newest first; an agency viewer does not read who."""
    scope.require("queue")
    call_id = call_of_case(connection, scope, case_id)["call_id"]
    query = (
        select(t.rejudgements)
        .where(t.rejudgements.c.call_id == call_id)
        .order_by(t.rejudgements.c.change_id.desc())
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row | {"actor": None} for row in rows] if scope.role == "agency" else rows


def reapplied(connection: Connection, call_id: str, fresh: Transcript) -> Transcript | None:
    """A new hearing with what people corrected in the last one, where it heard the same words; None: nothing.

    Roles that people swapped stay swapped.
    """
    from audit.speakers import swap_roles

    query = select(t.corrections).where(
        t.corrections.c.call_id == call_id, t.corrections.c.heard.is_not(None)
    )
    kept = {
        row.turn: row.text
        for row in connection.execute(query)
        if row.turn < len(fresh.turns) and fresh.turns[row.turn].text == row.heard["text"]
    }
    swaps = connection.execute(
        select(func.count()).where(t.rejudgements.c.call_id == call_id, t.rejudgements.c.kind == "roles")
    ).scalar_one()
    if not kept and swaps % 2 == 0:
        return None
    turns = tuple(with_words(turn, kept[turn.index]) if turn.index in kept else turn for turn in fresh.turns)
    spoken = replace(fresh, turns=turns)
    return swap_roles(spoken) if swaps % 2 else spoken
