"""Hours: each outbound contact against the permitted hours of its day, on the debtor's own clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from audit.contact.entries import ContactFinding, Entry, cannot_decide, found
from audit.contact.explain import explain
from audit.contact.places import HoursCheck, Rules, Window
from audit.contact.times import parse_windows, text_of, within

_Permitted = tuple[HoursCheck, tuple[Window, ...], str | None]
_REACHES = frozenset({"call", "sms", "visit"})
"""Channels that disturb at the hour they are used: without rules for a place these are undecided."""


@dataclass(frozen=True, slots=True)
class ContactNote:
    """Something worth knowing of a contact that is no finding; `details` renders through `explain`."""

    call_id: str
    text: str
    details: dict[str, Any]


class Hours:
    """Judges hours one contact at a time; remembers what is permitted per jurisdiction, day and channel."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, str, str], list[_Permitted]] = {}

    def judge(self, entries: Iterable[Entry]) -> Iterator[ContactFinding]:
        """Findings in the order of the entries, which must be outbound. The start decides."""
        for item in entries:
            yield from self._judge(item)

    def notes(self, entries: Iterable[Entry]) -> Iterator[ContactNote]:
        """Contacts that began within the hours and ended after them."""
        for item in entries:
            if item.outbound and item.local is not None and item.contact.duration_s:
                yield from self._overrun(item)

    def _judge(self, item: Entry) -> Iterator[ContactFinding]:
        if item.rules is None:
            if item.contact.channel in _REACHES:
                yield cannot_decide(item, (), "rules", "contact.hours")
            return
        if item.missing is not None:
            checks = [
                c for c in item.rules.hours if _applies(c, item.contact.channel, item.contact.called_party)
            ]
            if checks:
                yield cannot_decide(item, checks, item.missing)
            return
        for check, windows, holiday in self._permitted(item, item.rules):
            if not within(windows, item.second):
                yield from _outside(item, check, windows, holiday)

    def _permitted(self, item: Entry, rules: Rules) -> list[_Permitted]:
        channel, party = item.contact.channel, item.contact.called_party
        key = (rules.jurisdiction, item.ordinal, channel, party)
        known = self._known.get(key)
        if known is None:
            day = date.fromordinal(item.ordinal)
            checks = [c for c in rules.hours if _applies(c, channel, party) and c.in_force(day)]
            known = self._known[key] = [(check, *check.windows(day)) for check in checks]
        return known

    def _overrun(self, item: Entry) -> Iterator[ContactNote]:
        assert item.local is not None
        assert item.contact.duration_s is not None
        end = item.local + timedelta(seconds=item.contact.duration_s)
        second = item.second + item.contact.duration_s
        for check, windows, _ in self._permitted(item, item.rules) if item.rules else ():
            inside = [w for w in _with_agreed(item, check, windows) if w[0] <= item.second < w[1]]
            if inside and second > max(w[1] for w in inside):
                details = {
                    "kind": "ran_over",
                    "check": check.id,
                    "local": text_of(item.local),
                    "end": text_of(end),
                    "zone": item.zone,
                }
                yield ContactNote(item.contact.call_id, explain(details), details)


def _applies(check: HoursCheck, channel: str, party: str) -> bool:
    return channel in check.channels and party in check.parties


def _with_agreed(item: Entry, check: HoursCheck, windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """The permitted windows, widened by what was agreed with the debtor; agreement never narrows them."""
    agreed = parse_windows(item.contact.consent_hours or "") if check.unless_agreed else None
    return (*windows, *(agreed or ()))


def _outside(
    item: Entry, check: HoursCheck, windows: tuple[Window, ...], holiday: str | None
) -> Iterator[ContactFinding]:
    """Outside the permitted hours: a breach unless agreed; an agreement that cannot be read leaves it open."""
    text = item.contact.consent_hours
    agreed = parse_windows(text) if text and check.unless_agreed else None
    if agreed and within(agreed, item.second):
        return
    if text and check.unless_agreed and agreed is None:
        yield cannot_decide(item, [check], "consent_hours")
        return
    assert item.local is not None
    assert item.contact.started_at is not None
    details = {
        "kind": "hours",
        "place": check.place,
        "local": text_of(item.local),
        "zone": item.zone,
        "allowed": [list(window) for window in windows],
        "holiday": holiday,
        "agreed": [list(window) for window in agreed] if agreed else None,
        "logged": _logged(item.contact.started_at, item.local),
    }
    yield found(item, check, details)


def _logged(started: datetime, local: datetime) -> str | None:
    """The log's own writing, where its wall time is not that of the debtor's place."""
    return started.isoformat() if started.replace(tzinfo=None) != local else None
