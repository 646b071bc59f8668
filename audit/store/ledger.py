"""The append-only ledger: decisions, plays, reveals, exports, rule changes; each row carries the hash before it.

A row's hash is SHA-256 over the canonical JSON of (seq, at, actor, action, subject, payload, previous_hash);
the first row's `previous_hash` is 64 zeros. Triggers refuse UPDATE and DELETE; `verify` finds a change made
past them. Payloads hold ids, counts, reasons that a person typed: never words, names or numbers of a call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from audit.errors import IntegrityError
from audit.store.tables import ledger

FIRST = "0" * 64
_COLUMNS = ("seq", "at", "actor", "action", "subject", "payload", "previous_hash")


def now() -> str:
    """The moment as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def row_hash(row: dict[str, Any]) -> str:
    """The hash a ledger row must carry; `row` has the columns of the table but `hash`."""
    canonical = json.dumps([row[name] for name in _COLUMNS], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def append(
    connection: Connection, actor: str, action: str, subject: str, payload: dict[str, Any] | None = None
) -> str:
    """Append one row within the caller's transaction and return its hash.

    The caller must hold the write lock (Store.begin does), or two writers could take the same `seq`: the
    primary key then refuses the second.
    """
    last = connection.execute(
        select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
    ).one_or_none()
    row: dict[str, Any] = {
        "seq": last.seq + 1 if last else 1,
        "at": now(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "payload": json.dumps(payload or {}, ensure_ascii=False, sort_keys=True),
        "previous_hash": last.hash if last else FIRST,
    }
    row["hash"] = row_hash(row)
    connection.execute(insert(ledger).values(row))
    return str(row["hash"])


def head(connection: Connection) -> dict[str, Any]:
    """`{"rows": N, "hash": …}` of the newest row; note it outside the store and a cut ledger shows."""
    rows = connection.execute(select(func.count()).select_from(ledger)).scalar_one()
    last = connection.execute(
        select(ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
    ).scalar_one_or_none()
    return {"rows": rows, "hash": last or FIRST}


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    result = connection.execution_options(yield_per=2000).execute(select(ledger).order_by(ledger.c.seq))
    for row in result.mappings():
        yield dict(row)


def verify(connection: Connection) -> int:
    """Check the whole chain and return its length; raises IntegrityError naming the first row that breaks it.

    Not judged: whether rows were cut off the end. Compare `head` with a hash noted elsewhere for that.
    """
    previous, expected = FIRST, 1
    for row in _rows(connection):
        if row["seq"] != expected:
            raise IntegrityError(f"Ledger row {expected} is missing: the next one present is {row['seq']}.")
        if row["previous_hash"] != previous:
            raise IntegrityError(f"Ledger row {row['seq']} does not follow on the row before it.")
        if row_hash(row) != row["hash"]:
            raise IntegrityError(f"Ledger row {row['seq']} was changed after it was written.")
        previous, expected = row["hash"], expected + 1
    return expected - 1


def guard_ledger(connection: Connection) -> None:
    """Make the database refuse UPDATE and DELETE on the ledger."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER ledger_no_{verb.lower()} BEFORE {verb} ON ledger "
                    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                )
            )
        return
    connection.execute(
        text(
            "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
        )
    )
    connection.execute(
        text(
            "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger "
            "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
        )
    )
