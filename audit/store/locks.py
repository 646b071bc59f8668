"""One writer at a time: a lock that dies with its process, so that a killed run never blocks the next."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from audit.errors import StoreError
from audit.store.core import StoreCore

BUSY = "Another run is writing to this store. Wait for it to end, or give another --store."
PATIENCE = 5
_ADVISORY_KEY = 0x61756469


@contextmanager
def writer_lock(store: StoreCore) -> Iterator[None]:
    """Hold the store's writer lock; raises StoreError at once when another process holds it."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection:
            if not connection.execute(text(f"SELECT pg_try_advisory_lock({_ADVISORY_KEY})")).scalar_one():
                raise StoreError(BUSY)
            yield
        return
    if store.file is None:
        yield
        return
    with _file_lock(store.file.with_name(store.file.name + ".lock")):
        yield


def is_writing(store: StoreCore) -> bool | None:
    """Whether a run holds the store's writer lock now; None where it cannot be told. Disturbs nobody."""
    import fcntl

    if store.engine.dialect.name == "postgresql":
        query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key")
        with store.engine.connect() as connection:
            return bool(connection.execute(query, {"key": _ADVISORY_KEY}).scalar_one())
    if store.file is None:
        return None
    try:
        handle = os.open(store.file.with_name(store.file.name + ".lock"), os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _take(handle: int) -> None:
    import fcntl

    for left in range(PATIENCE, -1, -1):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if not left:
                raise StoreError(BUSY) from error
            time.sleep(0.1)  # somebody may only be asking whether a run is under way
        else:
            return


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{path.name}: the lock file cannot be made ({error.strerror}).") from error
    try:
        _take(handle)
        yield
    finally:
        os.close(handle)
