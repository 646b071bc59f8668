"""The store: tables, migrations, the writer, queries, the append-only ledger. One writer at a time."""

from __future__ import annotations

from audit.store.core import StoreCore, make_engine, prepare

__all__ = ["Store"]


class Store(StoreCore):
    """A store of audited contacts, their findings, cases, verdicts and the ledger.

    `Store.open(url)` opens it. Rooms beside this file hold the verbs, each taking a connection of `begin()`
    (writes) or `read()`: writing.py, review.py, reading.py, ledger.py, views.py, accounts.py.
    """

    @classmethod
    def open(cls, url: str, create: bool = True) -> Store:
        """Open (and with `create` make) the store; brings its schema up to date.

        Raises StoreError with what to do: wrong URL, missing file, read-only disk, newer schema.
        """
        store = cls(url, make_engine(url))
        prepare(store, create)
        return store
