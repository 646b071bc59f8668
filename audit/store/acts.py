"""What the screens do on behalf of a signed-in person: each act checks the right, then writes, then the ledger.

Acts that review.py and the tables offer without asking who is asking are wrapped here; screens call these.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from audit.cases import Verdict
from audit.errors import RightError, UsageError
from audit.store import review
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import append, now
from audit.store.review import COUNTS
from audit.store.views.case import call_of_case
from audit.store.views.within import within


def decide(
    connection: Connection, scope: Scope, finding_ids: Sequence[str], verdict: Verdict, note: str = ""
) -> str:
    """Put a verdict on findings of one case and return the case's status; needs the right `decide`."""
    scope.require("decide")
    return review.decide(connection, scope.user, finding_ids, verdict, note)


def undo(connection: Connection, scope: Scope, finding_ids: Sequence[str]) -> str:
    """Take verdicts back; needs the right `decide`, and `bulk` for a verdict of somebody else."""
    scope.require("decide")
    others = select(t.verdicts.c.actor).where(
        t.verdicts.c.finding_id.in_(list(finding_ids)), t.verdicts.c.actor != scope.user
    )
    if connection.execute(others).first() and not scope.may("bulk"):
        raise RightError("Only a compliance officer takes back what somebody else decided.")
    return review.undo(connection, scope.user, finding_ids)


def dismiss_cases(connection: Connection, scope: Scope, case_ids: Sequence[str], reason: str) -> list[str]:
    """Dismiss all undecided findings of several cases for one reason; returns the finding ids, for undo.

    Needs the right `bulk` and a reason. Critical cases still need their second pair of eyes.
    """
    scope.require("bulk")
    if not reason.strip():
        raise UsageError("A reason is needed to dismiss cases together.")
    done: list[str] = []
    for case_id in case_ids:
        call_id = call_of_case(connection, scope, case_id)["call_id"]
        open_findings = (
            select(t.findings.c.finding_id)
            .outerjoin(t.verdicts, t.verdicts.c.finding_id == t.findings.c.finding_id)
            .where(t.findings.c.call_id == call_id, COUNTS, t.verdicts.c.verdict.is_(None))
        )
        ids = [row.finding_id for row in connection.execute(open_findings)]
        if ids:
            review.decide(connection, scope.user, ids, "dismissed", reason)
            done += ids
    append(connection, scope.user, "cases.dismissed", "bulk", {"cases": list(case_ids), "reason": reason})
    return done


def undo_many(connection: Connection, scope: Scope, finding_ids: Sequence[str]) -> None:
    """Take back a dismissal of several cases; needs the right `bulk`."""
    scope.require("bulk")
    query = select(t.findings.c.call_id, t.findings.c.finding_id).where(
        t.findings.c.finding_id.in_(list(finding_ids))
    )
    by_call: dict[str, list[str]] = {}
    for call_id, finding_id in connection.execute(query):
        by_call.setdefault(call_id, []).append(finding_id)
    for ids in by_call.values():
        review.undo(connection, scope.user, ids)


def assign(connection: Connection, scope: Scope, case_ids: Sequence[str], assignee: str | None) -> None:
    """Give cases to a reviewer (None: to all). A reviewer may only take for, or give back from, themselves."""
    scope.require("queue")
    if not scope.may("assign"):
        scope.require("decide")
        if assignee not in (None, scope.user):
            raise RightError("A reviewer takes cases only for themselves.")
    review.assign(connection, scope.user, case_ids, assignee)


def note(connection: Connection, scope: Scope, case_id: str, text: str) -> None:
    """Add a note to a case; the ledger says that there is one, not what it says."""
    scope.require("decide")
    call_id = call_of_case(connection, scope, case_id)["call_id"]
    note_id = secrets.token_hex(8)
    connection.execute(
        insert(t.notes).values(note_id=note_id, call_id=call_id, actor=scope.user, at=now(), text=text)
    )
    append(connection, scope.user, "note.added", case_id, {"note_id": note_id})


def reveal(connection: Connection, scope: Scope, case_id: str, reason: str) -> None:
    """Uncover the personal data of a case for half an hour for this person; needs `reveal` and a reason."""
    scope.require("reveal")
    if len(reason.strip()) < 3:
        raise UsageError("A reason is needed to reveal personal data.")
    call_id = call_of_case(connection, scope, case_id)["call_id"]
    append(connection, scope.user, "data.revealed", call_id, {"reason": reason.strip(), "case_id": case_id})


def cover(connection: Connection, scope: Scope, case_id: str) -> None:
    """Cover what was revealed again."""
    call_id = call_of_case(connection, scope, case_id)["call_id"]
    append(connection, scope.user, "data.covered", call_id, {"case_id": case_id})


def hear(
    connection: Connection, scope: Scope, call_id: str, masked: bool, span_s: tuple[float, float]
) -> None:
    """Record that sound of a call was handed to a person; needs `hear`, and a fresh reveal when not masked."""
    scope.require("hear")
    known = select(t.contacts.c.call_id).where(t.contacts.c.call_id == call_id, within(scope))
    if connection.execute(known).first() is None:
        raise RightError("This call is not yours to hear.")
    payload = {"masked": masked, "from_s": round(span_s[0], 1), "to_s": round(span_s[1], 1)}
    append(connection, scope.user, "audio.served", call_id, payload)


def opened(connection: Connection, scope: Scope, case_id: str) -> None:
    """Record that a person opened a case."""
    scope.require("queue")
    append(connection, scope.user, "case.opened", case_id, {})


def played(connection: Connection, scope: Scope, call_id: str) -> None:
    """Record that a person pressed play."""
    append(connection, scope.user, "audio.played", call_id, {})


def exported(connection: Connection, scope: Scope, subject: str, payload: dict[str, Any]) -> None:
    """Record an export; needs the right `export`."""
    scope.require("export")
    append(connection, scope.user, "clip.exported", subject, payload)


def save_lesson(
    connection: Connection,
    scope: Scope,
    title: str,
    clips: Sequence[dict[str, str]],
    lesson_id: str | None = None,
) -> str:
    """Keep a lesson (clips: finding_id, question, answer in order) and return its id; needs `lessons`."""
    scope.require("lessons")
    if not title.strip():
        raise UsageError("A lesson needs a title.")
    values = {"title": title.strip()[:256], "clips": list(clips)}
    if lesson_id is None:
        lesson_id = "L" + secrets.token_hex(6)
        connection.execute(
            insert(t.lessons).values(lesson_id=lesson_id, author=scope.user, created_at=now(), **values)
        )
    else:
        connection.execute(update(t.lessons).where(t.lessons.c.lesson_id == lesson_id).values(values))
    append(connection, scope.user, "lesson.saved", lesson_id, {"clips": len(clips)})
    return lesson_id


def remove_lesson(connection: Connection, scope: Scope, lesson_id: str) -> None:
    """Remove a lesson; needs the right `lessons`."""
    scope.require("lessons")
    connection.execute(delete(t.lessons).where(t.lessons.c.lesson_id == lesson_id))
    append(connection, scope.user, "lesson.removed", lesson_id, {})
