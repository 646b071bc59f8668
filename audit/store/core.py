"""Opening the store: the engine, its transactions, one writer at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError, OperationalError

from audit.errors import StoreError
from audit.store.migrations import STEPS, applied, migrate


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver must not open transactions on its own: a failed migration would leave its tables behind.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _on_read_only_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("query_only=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def make_engine(url: str) -> Engine:
    """The engine of a store URL; raises StoreError in words for a URL that does not hold."""
    try:
        parsed = _as_it_can_be_opened(make_url(url))
        # The text of a failed statement must not carry the words of a call.
        engine = create_engine(parsed, future=True, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            f"--store {url!r} is not a store URL. Examples: sqlite:///audit.db, postgresql+psycopg://host/name"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError(
            f"--store {parsed.drivername}: its driver is not installed ({error.name})."
        ) from error
    if engine.dialect.name == "sqlite":
        read_only = engine.url.query.get("mode") == "ro"
        event.listen(engine, "connect", _on_read_only_connect if read_only else _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _as_it_can_be_opened(url: URL) -> URL:
    """The URL of an SQLite file that this account may read and not write, so that it is opened for reading only.

    Where not even the folder can be written and no write-ahead log lies there, the file is taken as one that
    nobody changes (`immutable`): SQLite could not make its shared memory beside it.
    """
    if (
        url.get_backend_name() != "sqlite"
        or not url.database
        or url.database.startswith((":memory:", "file:"))
    ):
        return url
    path = Path(url.database)
    if not path.is_file() or writable(path):
        return url
    query = {"mode": "ro", "uri": "true"}
    log = path.with_name(path.name + "-wal")
    if not writable(path.parent) and not (log.exists() and log.stat().st_size):
        query["immutable"] = "1"
    return url.set(database=f"file:{quote(str(path.resolve()))}", query=query)


def writable(path: Path) -> bool:
    """Whether this account may write a file or folder."""
    return os.access(path, os.W_OK)


class StoreCore:
    """A store and its transactions. `begin` writes (all or nothing), `read` sees one moment.

    A file that may only be read is opened so (`read_only`): everything can be looked at, `begin` refuses.
    """

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.engine = engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction; in SQLite it takes the write lock at once. Raises StoreError for a read-only store."""
        if self.read_only:
            raise StoreError(
                "The store may only be read: the file or its disk is read-only. Nothing was changed."
            )
        try:
            with self.engine.connect().execution_options(write=True) as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            if not _of_the_file(error):
                raise
            raise StoreError(f"The store cannot be written: {_plain(error)}") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction."""
        try:
            with self.engine.connect() as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            if not _of_the_file(error):
                raise
            raise StoreError(f"The store cannot be read: {_plain(error)}") from error

    @property
    def read_only(self) -> bool:
        """Whether the store was opened for reading only."""
        return self.engine.url.query.get("mode") == "ro"

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for a server or a store in memory."""
        url = self.engine.url
        if self.engine.dialect.name != "sqlite" or not url.database or url.database == ":memory:":
            return None
        return Path(unquote(url.database.removeprefix("file:")))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def prepare(core: StoreCore, create: bool) -> None:
    """Bring the schema up to date; raises StoreError when it is missing and `create` is False."""
    file = core.file
    fresh_file = file is not None and not file.exists()
    if file is not None and not create and fresh_file:
        raise StoreError(
            f"There is no store at {file}. Run `audit run` or `audit demo` first, or give --store."
        )
    try:
        with core.read() as connection:
            fresh = applied(connection)
        if fresh == 0 and not create:
            raise StoreError("The database is empty: no audit has run on it yet.")
        if core.read_only:
            _require_schema(fresh)
            return
        if file is not None and fresh_file:
            file.chmod(0o600)  # words of calls: for the account that runs the audit, nobody else
        with core.begin() as connection:
            migrate(connection)
    except DBAPIError as error:
        raise StoreError(f"The store cannot be opened: {_plain(error)}") from error


def _require_schema(seen: int) -> None:
    """Refuse a read-only store of another schema: it cannot be brought up to date."""
    if seen != len(STEPS):
        raise StoreError(
            f"The store has schema {seen}, this version reads {len(STEPS)}, and the file may only be read. "
            "Open a copy that may be written once."
        )


def _of_the_file(error: DatabaseError) -> bool:
    """Whether disk or server failed; a broken constraint is a fault of ours and stays what it is."""
    return isinstance(error, OperationalError) or type(error) is DatabaseError


def _plain(error: DBAPIError) -> str:
    words = str(error.orig).strip()
    hints = {
        "unable to open": "the folder is missing or may not be written",
        "readonly": "the file or its disk is read-only",
        "locked": "another process holds it",
        "disk is full": "free some space",
        "not a database": "the file is something else: give another --store",
        "malformed": "the file is damaged: put the last backup back and run again",
    }
    for sign, hint in hints.items():
        if sign in words:
            return f"{words} ({hint})"
    return words
