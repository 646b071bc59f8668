"""What a scope may see, as SQL conditions that every query of the screens carries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, true

from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.review import COUNTS

STANDS = COUNTS & (t.verdicts.c.verdict.is_(None) | (t.verdicts.c.verdict != "dismissed"))
"""Findings that count and that nobody dismissed; the query must outer-join verdicts."""


def within(scope: Scope, table: Any = t.contacts) -> ColumnElement[bool]:
    """The rows of `table` (it must have `agency`) that the scope may see."""
    return table.c.agency == scope.agency if scope.role == "agency" else true()
