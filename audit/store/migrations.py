"""The store's schema as an append-only list of named steps, each in one transaction with its own record."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, inspect, select, text

from audit.errors import StoreError
from audit.store.ledger import guard_ledger
from audit.store.tables import metadata

_records = Table(
    "migrations",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
)


def _first_tables(connection: Connection) -> None:
    metadata.create_all(connection)
    guard_ledger(connection)


def _people_correct(connection: Connection) -> None:
    """Rejudgements, appeals, samples, jobs; corrections keep what was heard."""
    metadata.create_all(connection, checkfirst=True)
    if "heard" not in {column["name"] for column in inspect(connection).get_columns("corrections")}:
        connection.execute(text("ALTER TABLE corrections ADD COLUMN heard JSON"))


STEPS: tuple[tuple[str, Callable[[Connection], None]], ...] = (
    ("first tables", _first_tables),
    ("corrections, appeals, samples, jobs", _people_correct),
)
"""Never change or reorder a released step: append one. Use alembic.operations for changes of a table."""


def applied(connection: Connection) -> int:
    """How many steps the store has seen; 0 for an empty database."""
    if not inspect(connection).has_table("migrations"):
        return 0
    return len(connection.execute(select(_records.c.number)).all())


def migrate(connection: Connection) -> list[str]:
    """Apply what is missing, in order, and return the names. The caller's transaction makes it all or nothing.

    Raises StoreError for a store written by a newer version, before touching anything.
    """
    seen = applied(connection)
    if seen > len(STEPS):
        raise StoreError(
            f"The store has schema {seen}, this version knows {len(STEPS)}: it was written by a newer version. "
            "Install that version, or give another --store."
        )
    if seen == 0:
        if inspect(connection).get_table_names():
            known = set(inspect(connection).get_table_names()) & set(metadata.tables)
            if known:
                raise StoreError(
                    "The database holds tables of the same names that this program did not make."
                )
        _records.create(connection)
    done = []
    for number, (name, step) in enumerate(STEPS[seen:], start=seen + 1):
        step(connection)
        connection.execute(_records.insert().values(number=number, name=name))
        done.append(name)
    return done
