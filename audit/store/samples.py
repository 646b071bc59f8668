"""Samples of calls nobody flagged: drawn by a seed anybody can draw by again, listened to blind, what they prove.

The frame of a sample is every contact of a week whose words were judged and that makes no case at the moment of
the draw. It is spread over strata in proportion (at least one a stratum while it lasts), so that the plain share
with its Wilson interval estimates the share of unflagged contacts that hold a breach (audit.sampling).
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from audit.errors import UsageError
from audit.models import AGENT_CATEGORIES, CUSTOMER_CATEGORIES
from audit.sampling import Rate, missed_share, rate, stratified
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import append, now

Found = Literal["nothing", "missed", "unusable"]
FOUND: tuple[Found, ...] = ("nothing", "missed", "unusable")
STRATA: dict[str, tuple[str, ...]] = {
    "agency": ("agency",),
    "agency_agent": ("agency", "agent"),
    "agency_language": ("agency", "language"),
}
"""What a sample can be spread over -> columns of contacts."""

MISSABLE: tuple[str, ...] = AGENT_CATEGORIES + CUSTOMER_CATEGORIES
MOST = 500


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person heard in a call of a sample; `category` and `turn` say what was missed and where."""

    found: Found
    category: str | None = None
    turn: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sample says: `share` missed of decided (unusable ones are left out), and as contacts of the frame."""

    sample_id: str
    week: str
    size: int
    decided: int
    frame: int
    share: Rate
    missed: float
    low: float
    high: float

    @property
    def whole(self) -> bool:
        """Whether every contact of the sample was decided."""
        return self.decided >= self.size


def unflagged(connection: Connection, week: str) -> list[dict[str, Any]]:
    """The frame: contacts of a week whose words were judged and that make no case, by call id."""
    c = t.contacts.c
    flagged = (
        select(literal(1)).where(t.cases.c.call_id == c.call_id, t.cases.c.status != "withdrawn").exists()
    )
    query = (
        select(c.call_id, c.agency, c.agent, c.language)
        .where(c.week == week, c.status == "audited", c.transcript_source.is_not(None), ~flagged)
        .order_by(c.call_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def frame_size(connection: Connection, scope: Scope, week: str) -> int:
    """How many contacts of a week could be drawn; needs the right `sample`."""
    scope.require("sample")
    return len(unflagged(connection, week))


def stratum_of(row: dict[str, Any], by: str) -> str:
    """The stratum of a contact, as shown."""
    return " · ".join(str(row[name] or "–") for name in STRATA[by])


def new_seed() -> str:
    """A seed nobody chose."""
    return secrets.token_hex(4)


def draw(connection: Connection, scope: Scope, week: str, size: int, by: str, seed: str) -> str:
    """Draw a sample and return its id; needs the right `draw_sample`.

    Raises UsageError for a size out of 1..MOST, an unknown spread, an empty seed or a frame without contacts.
    """
    scope.require("draw_sample")
    if by not in STRATA or not seed.strip() or not 1 <= size <= MOST:
        raise UsageError(f"A sample has 1 to {MOST} calls, a seed and a known spread.")
    frame = unflagged(connection, week)
    if not frame:
        raise UsageError("There is no unflagged call with words in this week.")
    chosen = stratified(
        frame, lambda row: stratum_of(row, by), lambda row: str(row["call_id"]), size, seed.strip()
    )
    sample_id = f"S{time.time_ns():016x}"  # grows, so that the newest of a week is known
    digest = frame_hash(row["call_id"] for row in frame)
    values = {
        "week": week, "strata_by": by, "seed": seed.strip(), "size": len(chosen), "frame": len(frame),
        "frame_hash": digest, "strata": _strata(frame, chosen, by), "actor": scope.user, "at": now(),
    }  # fmt: skip
    connection.execute(insert(t.samples).values(sample_id=sample_id, **values))
    connection.execute(
        insert(t.sample_items),
        [
            {
                "sample_id": sample_id,
                "call_id": row["call_id"],
                "position": at,
                "stratum": stratum_of(row, by),
            }
            for at, row in enumerate(_shuffled(chosen, seed))
        ],
    )
    payload = {name: values[name] for name in ("week", "strata_by", "seed", "size", "frame", "frame_hash")}
    append(connection, scope.user, "sample.drawn", sample_id, payload)
    return sample_id


def frame_hash(call_ids: Iterable[str]) -> str:
    """SHA-256 of the frame: the call ids sorted, one a line."""
    return hashlib.sha256("".join(f"{one}\n" for one in sorted(call_ids)).encode()).hexdigest()


def _shuffled(chosen: list[dict[str, Any]], seed: str) -> list[dict[str, Any]]:
    # Agencies mixed, so that nobody hears one agency's calls in a row.
    return sorted(chosen, key=lambda row: hashlib.sha256(f"{seed}|{row['call_id']}".encode()).hexdigest())


def _strata(frame: list[dict[str, Any]], chosen: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    whole = Counter(stratum_of(row, by) for row in frame)
    drawn = Counter(stratum_of(row, by) for row in chosen)
    return [{"stratum": one, "unflagged": whole[one], "drawn": drawn[one]} for one in sorted(whole)]


def samples(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """All samples, newest first, with how many are decided and missed; needs the right `sample`."""
    scope.require("sample")
    found = _tally(connection)
    rows = connection.execute(select(t.samples).order_by(t.samples.c.sample_id.desc()))
    return [dict(row) | {"tally": found.get(row["sample_id"], {})} for row in rows.mappings()]


def _tally(connection: Connection) -> dict[str, dict[str, int]]:
    i = t.sample_items.c
    query = (
        select(i.sample_id, i.decision, func.count())
        .where(i.decision.is_not(None))
        .group_by(i.sample_id, i.decision)
    )
    found: dict[str, dict[str, int]] = {}
    for sample_id, decision, count in connection.execute(query):
        found.setdefault(sample_id, {})[decision] = int(count)
    return found


def items(connection: Connection, scope: Scope, sample_id: str) -> list[dict[str, Any]]:
    """The calls of a sample in the order they are heard, with length and language; needs the right `sample`."""
    scope.require("sample")
    c = t.contacts.c
    query = (
        select(t.sample_items, c.duration_s, c.language, c.started_at)
        .outerjoin(t.contacts, c.call_id == t.sample_items.c.call_id)
        .where(t.sample_items.c.sample_id == sample_id)
        .order_by(t.sample_items.c.position)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def decide(
    connection: Connection,
    scope: Scope,
    sample_id: str,
    call_id: str,
    heard: Heard | None,
) -> None:
    """Say what listening to a call of a sample gave (None takes it back); needs the right `sample`.

    `missed` needs a category that can be missed and the turn where it is. The note stays out of the ledger.
    Raises UsageError for a call that is not in the sample.
    """
    scope.require("sample")
    found = heard.found if heard else None
    category, turn, note = (heard.category, heard.turn, heard.note) if heard else (None, None, "")
    if found == "missed" and (category not in MISSABLE or turn is None):
        raise UsageError("What was missed needs its category and the place where it is said.")
    if found is not None and found not in FOUND:
        raise UsageError(f"A call of a sample holds one of {', '.join(FOUND)}.")
    missed = found == "missed"
    where = (t.sample_items.c.sample_id == sample_id) & (t.sample_items.c.call_id == call_id)
    values = {
        "decision": found, "category": category if missed else None, "turn": turn if missed else None,
        "moment_s": _moment(connection, call_id, turn) if missed else None, "note": note.strip(),
        "actor": scope.user if found else None, "at": now() if found else None,
    }  # fmt: skip
    if not connection.execute(update(t.sample_items).where(where).values(values)).rowcount:
        raise UsageError("This call is not in the sample.")
    payload = {"call_id": call_id, "found": found, "category": values["category"], "turn": values["turn"]}
    append(connection, scope.user, "sample.decided" if found else "sample.undone", sample_id, payload)


def _moment(connection: Connection, call_id: str, turn: int | None) -> float | None:
    query = select(t.turns.c.start_s).where(t.turns.c.call_id == call_id, t.turns.c.turn == turn)
    return connection.execute(query).scalar_one_or_none()


def discard(connection: Connection, scope: Scope, sample_id: str) -> None:
    """Remove a sample of which nothing is decided yet; the ledger keeps that it was drawn and discarded."""
    scope.require("draw_sample")
    if _tally(connection).get(sample_id):
        raise UsageError("A sample with decisions is kept.")
    connection.execute(delete(t.sample_items).where(t.sample_items.c.sample_id == sample_id))
    connection.execute(delete(t.samples).where(t.samples.c.sample_id == sample_id))
    append(connection, scope.user, "sample.discarded", sample_id, {})


def estimate_of(sample: dict[str, Any]) -> Estimate:
    """What a row of `samples` says so far."""
    tally = sample["tally"]
    wrong, fine = tally.get("missed", 0), tally.get("nothing", 0)
    missed, low, high = missed_share(wrong, wrong + fine, sample["frame"])
    return Estimate(
        sample["sample_id"], sample["week"], sample["size"], sum(tally.values()), sample["frame"],
        rate(wrong, wrong + fine), missed, low, high,
    )  # fmt: skip


def estimates(connection: Connection, weeks: Iterable[str]) -> list[Estimate]:
    """Per week the newest sample with a decision, in the order of the weeks; for papers and the overview."""
    wanted = list(weeks)
    found = _tally(connection)
    query = select(t.samples).where(t.samples.c.week.in_(wanted)).order_by(t.samples.c.sample_id)
    newest: dict[str, Estimate] = {}
    for row in connection.execute(query).mappings():
        if found.get(row["sample_id"]):
            newest[row["week"]] = estimate_of(dict(row) | {"tally": found[row["sample_id"]]})
    return [newest[week] for week in wanted if week in newest]


def of_week(connection: Connection, scope: Scope, week: str) -> Estimate | None:
    """The estimate of a week for the overview; an agency viewer gets none. Needs the right `overview`."""
    scope.require("overview")
    if scope.role == "agency":
        return None
    return next(iter(estimates(connection, [week])), None)


def in_sample(connection: Connection, scope: Scope, sample_id: str, call_id: str) -> bool:
    """Whether a call is of a sample the person may hear."""
    scope.require("sample")
    i = t.sample_items.c
    query = select(i.call_id).where(i.sample_id == sample_id, i.call_id == call_id)
    return connection.execute(query).first() is not None
