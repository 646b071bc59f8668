"""One writer at a time: a lock that dies with its process, so that a killed run never blocks the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from audit.errors import StoreError
from audit.store.core import StoreCore

BUSY = "Another run is writing to this store. Wait for it to end, or give another --store."
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


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    import fcntl

    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{path.name}: the lock file cannot be made ({error.strerror}).") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreError(BUSY) from error
    finally:
        os.close(handle)
