"""What an agency may read of the arithmetic of a contact finding: its own calls, of others only that there were some."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from audit.store import tables as t

OTHERS = "…"
"""Stands where another agency's call would be named."""

_CALLS = {"conversation": "conversation_local", "reached": "reached_local", "refusing_call": "said_local"}
"""Key of a call id in the details -> key of its moment."""


def references(details: Mapping[str, Any]) -> set[str]:
    """The calls that the details name beside those counted."""
    return {str(details[key]) for key in _CALLS if details.get(key)}


def own_calls(connection: Connection, agency: str, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Those of the calls named by findings rows that are the agency's own."""
    named = sorted({call for row in rows for call in references(row["details"] or {})})
    own: set[str] = set()
    for at in range(0, len(named), 500):
        query = select(t.contacts.c.call_id).where(
            t.contacts.c.call_id.in_(named[at : at + 500]), t.contacts.c.agency == agency
        )
        own |= set(connection.execute(query).scalars())
    return own


def own_arithmetic(
    details: Mapping[str, Any], agency: str, own: Collection[str] = frozenset()
) -> dict[str, Any]:
    """The figures of a contact finding without the calls and agents of other agencies.

    `own` are calls known to be the agency's. Another's call is named OTHERS and its moment is cut to the day;
    contacts of others stay in the count and leave the list.
    """
    kept = dict(details)
    if kept.get("kind") == "count":
        kept["counted"] = [one for one in kept["counted"] if one["agency"] == agency]
    for key, moment in _CALLS.items():
        if kept.get(key) and kept[key] not in own:
            kept[key] = OTHERS
            if kept.get(moment):
                kept[moment] = str(kept[moment])[:10]
    return kept


def own_row(row: Mapping[str, Any], agency: str, own: Collection[str]) -> dict[str, Any]:
    """A findings row as the agency may read it: arithmetic of its own, the reason said anew from that."""
    from audit.contact import explain

    if row["origin"] != "log":
        return dict(row)
    details = own_arithmetic(row["details"] or {}, agency, own)
    try:
        reason = explain(details) if "kind" in details else ""
    except KeyError:
        reason = ""
    return {**row, "details": details, "reason": reason}
