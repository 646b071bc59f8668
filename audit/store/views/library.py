"""The trainers' library: examples of good and bad practice, agency-blind; lessons collected from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.views.within import within


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """What a trainer looks for; `practice` good | bad | signal; `verdict` confirmed (default) | any | unreviewed."""

    practice: str = "bad"
    category: str | None = None
    language: str | None = None
    verdict: str = "any"
    longest_s: float | None = None
    with_sound: bool = False


_PRACTICE = {"good": "good.%", "signal": "customer.%"}


def library(
    connection: Connection, scope: Scope, chosen: LibraryFilter, limit: int = 24, offset: int = 0
) -> tuple[list[dict[str, Any]], int]:
    """Examples, reviewed ones first, and how many there are; needs the right `library`.

    Rows carry no agency, agent or debtor: finding_id, category, severity, rule, language, speaker, evidence
    (masked), start_s, end_s, call_s, sound (whether there is a recording), verdict. Dismissed, excused and
    trial findings are left out.
    """
    scope.require("library")
    f, c, v = t.findings.c, t.contacts.c, t.verdicts.c
    where: list[Any] = [within(scope), f.excused.is_(None), f.trial.is_(False), f.turn.is_not(None)]
    where.append(v.verdict.is_(None) | (v.verdict != "dismissed"))
    if chosen.practice in _PRACTICE:
        where.append(f.category.like(_PRACTICE[chosen.practice]))
    else:
        where += [f.category.not_like(pattern) for pattern in _PRACTICE.values()]
    if chosen.category:
        where.append(f.category == chosen.category)
    if chosen.language:
        where.append(c.language == chosen.language)
    if chosen.verdict == "confirmed":
        where.append(v.verdict.in_(("confirmed", "escalated")))
    elif chosen.verdict == "unreviewed":
        where.append(v.verdict.is_(None))
    if chosen.longest_s:
        where.append((f.end_s - f.start_s) <= chosen.longest_s)
    if chosen.with_sound:
        where.append(c.recording.is_not(None) & f.start_s.is_not(None))
    joined = (
        select(
            f.finding_id, f.category, f.severity, f.severity_rank, f.rule, c.language, f.speaker, f.evidence, f.turn,
            f.start_s, f.end_s, c.duration_s.label("call_s"), c.recording.is_not(None).label("sound"), v.verdict,
        )
        .join(t.contacts, c.call_id == f.call_id)
        .outerjoin(t.verdicts, v.finding_id == f.finding_id)
        .where(*where)
    )  # fmt: skip
    total = connection.execute(select(func.count()).select_from(joined.subquery())).scalar_one()
    order = (v.verdict.is_(None), f.severity_rank, f.confidence.desc(), f.finding_id)
    rows = connection.execute(joined.order_by(*order).limit(limit).offset(offset)).mappings()
    return [dict(row) for row in rows], int(total)


def example(connection: Connection, scope: Scope, finding_id: str) -> dict[str, Any] | None:
    """One example with the masked turns around it (two before, one after); needs the right `library`."""
    scope.require("library")
    f, c, v = t.findings.c, t.contacts.c, t.verdicts.c
    row = connection.execute(
        select(
            f.finding_id, f.call_id, f.category, f.severity, f.rule, f.citation, f.turn, f.speaker, f.evidence,
            f.start_s, f.end_s, c.language, c.recording, v.verdict, v.note,
        )
        .join(t.contacts, c.call_id == f.call_id)
        .outerjoin(t.verdicts, v.finding_id == f.finding_id)
        .where(f.finding_id == finding_id, within(scope))
    ).mappings().one_or_none()  # fmt: skip
    if row is None or row["turn"] is None:
        return None
    near = (
        select(t.turns.c.turn, t.turns.c.speaker, t.turns.c.masked, t.turns.c.start_s, t.turns.c.end_s)
        .where(t.turns.c.call_id == row["call_id"], t.turns.c.turn.between(row["turn"] - 2, row["turn"] + 1))
        .order_by(t.turns.c.turn)
    )
    return dict(row) | {"turns": [dict(turn) for turn in connection.execute(near).mappings()]}


def lessons(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """All lessons, newest first; needs the right `lessons`."""
    scope.require("lessons")
    query = select(t.lessons).order_by(t.lessons.c.created_at.desc(), t.lessons.c.lesson_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def lesson(connection: Connection, scope: Scope, lesson_id: str) -> dict[str, Any] | None:
    """One lesson, or None."""
    return next((one for one in lessons(connection, scope) if one["lesson_id"] == lesson_id), None)
