"""Counts: attempts, connected calls and conversations per day, week or month, over all agencies and numbers.

Contacts pass in the order of their instants; the ones beyond the limit are found, not the whole day. A contact
of which it is not certain that it counts (nobody knows the outcome, or who was called) never makes a breach: a
limit passed only with its help is undecided. A row that cannot be counted touches no other row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any

from audit.contact.entries import (
    ContactFinding,
    Entry,
    Forces,
    cannot_decide,
    found,
    is_party,
    key_of,
    missing_key,
)
from audit.contact.places import CountCheck, Period, Rules, SilenceCheck
from audit.contact.times import text_of

LISTED = 24
"""So many contacts are named in a reason; the number of those left out is given."""
_MARGIN_DAYS = 2
"""A debtor's contacts may stand in several zones, so that local days are not quite in the order of instants."""


@dataclass(slots=True)
class _Day:
    """The contacts of one local day that count, in time order, and how many of them count for certain."""

    entries: list[Entry]
    sure: int = 0


class Counts:
    """State of one pass: per check and key, the counted contacts of the days that may still matter."""

    def __init__(self) -> None:
        self._forces = Forces()
        self._days: dict[tuple[str, ...], dict[int, _Day]] = {}

    def judge(self, entries: Iterable[Entry]) -> Iterator[ContactFinding]:
        """Findings in the order of the entries, which must be in time order and outbound; all are counted."""
        for item in entries:
            for check in item.rules.counts if item.rules else ():
                if item.contact.channel in check.channels and self._forces(check, item.ordinal):
                    certain = certainty(item, check)
                    key = key_of(item.contact, check.key) if certain is not None else None
                    if certain is not None and key is not None:
                        yield from self._count(item, check, key, certain)

    def _count(
        self, item: Entry, check: CountCheck, key: tuple[str, ...], certain: bool
    ) -> Iterator[ContactFinding]:
        days = self._days.setdefault((check.id, *key), {})
        today = days.setdefault(item.ordinal, _Day([]))
        today.entries.append(item)
        today.sure += certain
        first = check.period.first_day(item.ordinal)
        if check.other_period is not None:
            first = min(first, check.other_period.first_day(item.ordinal))
        for ordinal in [o for o in days if o < first - _MARGIN_DAYS]:
            del days[ordinal]
        if sum(len(day.entries) for day in days.values()) > check.at_most:
            yield from self._beyond(item, check, days, certain)

    def _beyond(
        self, item: Entry, check: CountCheck, days: dict[int, _Day], certain: bool
    ) -> Iterator[ContactFinding]:
        number, sure = _numbers(days, check.period, item.ordinal)
        other, other_sure = _numbers(days, check.other_period or check.period, item.ordinal)
        over = [sure > check.at_most and certain, other_sure > check.at_most and certain]
        perhaps = [number > check.at_most, other > check.at_most]
        decision = verdict(over, perhaps, check)
        if decision is None:
            return
        details = _details(item, check, days)
        details.update(number=number, sure=sure)
        if check.other_period is not None and over[0] != over[1]:
            details.update(
                readings_differ=True, other_number=other, other_reading=_reading(check.other_period)
            )
        yield found(item, check, details, decision)  # type: ignore[arg-type]


def verdict(over: Sequence[bool], perhaps: Sequence[bool], check: CountCheck) -> str | None:
    """breach, undecided or nothing, from (main, other) reading of the period: certainly over, perhaps over."""
    if check.if_readings_differ == "undecided":
        if all(over):
            return "breach"
        return "undecided" if any(perhaps) else None
    return "breach" if over[0] else ("undecided" if perhaps[0] else None)


def certainty(item: Entry, check: CountCheck) -> bool | None:
    """True: it counts; False: perhaps; None: it does not count."""
    party = is_party(item.contact, check.parties)
    if party is None:
        party_certain = False
    elif party:
        party_certain = True
    else:
        return None
    if item.outcome in check.outcomes:
        return party_certain
    return False if item.outcome is None or item.outcome in check.doubtful else None


def _numbers(days: dict[int, _Day], period: Period, ordinal: int) -> tuple[int, int]:
    """How many contacts, and how many of them for certain, fall into the period that ends with `ordinal`."""
    held = [day for o, day in days.items() if _falls(o, period, ordinal)]
    return sum(len(day.entries) for day in held), sum(day.sure for day in held)


def _falls(ordinal: int, period: Period, last: int) -> bool:
    if period.kind == "day":
        return ordinal == last
    return ordinal >= period.first_day(last)


def _details(item: Entry, check: CountCheck, days: dict[int, _Day]) -> dict[str, Any]:
    first = check.period.first_day(item.ordinal)
    held = [days[o].entries for o in sorted(days) if _falls(o, check.period, item.ordinal)]
    shown = list(islice(chain.from_iterable(held), LISTED))
    if sum(map(len, held)) > LISTED:
        shown[-1] = item
    return {
        "kind": "count",
        "place": check.place,
        "per": check.key,
        "at_most": check.at_most,
        "counts": sorted(check.outcomes | check.doubtful),
        "first_day": date.fromordinal(first).isoformat(),
        "last_day": date.fromordinal(item.ordinal).isoformat(),
        "counted": [_shown(e) for e in shown],
    }


def _shown(item: Entry) -> dict[str, str]:
    assert item.local is not None
    return {"call_id": item.contact.call_id, "local": text_of(item.local), "agency": item.contact.agency}


def _reading(period: Period) -> str:
    return f"{period.days} days" if period.kind == "rolling" else f"calendar {period.kind}"


class Silences:
    """State of one pass: per check and key, the last conversation that bars later contacts."""

    def __init__(self) -> None:
        self._forces = Forces()
        self._last: dict[tuple[str, ...], tuple[Entry, bool]] = {}

    def judge(self, entries: Iterable[Entry]) -> Iterator[ContactFinding]:
        """Findings in the order of the entries, which must be in time order (inbound ones among them)."""
        for item in entries:
            for check in item.rules.silences if item.rules else ():
                party = is_party(item.contact, check.parties)
                key = key_of(item.contact, check.key)
                if item.contact.channel in check.channels and party is not False and key is not None:
                    yield from self._judge(item, check, (check.id, *key), party is True)

    def _judge(
        self, item: Entry, check: SilenceCheck, key: tuple[str, ...], certain: bool
    ) -> Iterator[ContactFinding]:
        known = item.outcome in check.outcomes
        barred = item.outbound and (known or item.outcome is None) and self._forces(check, item.ordinal)
        for talk, talk_certain in self._talks(key) if barred else ():
            day_number = item.ordinal - talk.ordinal + 1
            if day_number <= check.days:
                yield self._within(item, check, talk, certain and known and talk_certain)
                break
        self._remember(item, check, key, certain)

    def _talks(self, key: tuple[str, ...]) -> Iterator[tuple[Entry, bool]]:
        """The last certain conversation, then the last one of which that is not certain."""
        for suffix in ("certain", "perhaps"):
            if (*key, suffix) in self._last:
                yield self._last[(*key, suffix)]

    def _remember(self, item: Entry, check: SilenceCheck, key: tuple[str, ...], certain: bool) -> None:
        if item.outcome not in check.after or (not item.outbound and check.inbound == "ignored"):
            return
        suffix = "certain" if certain and item.outbound else "perhaps"
        before = self._last.get((*key, suffix))
        if before is None or before[0].ordinal <= item.ordinal:
            self._last[(*key, suffix)] = (item, suffix == "certain")

    def _within(self, item: Entry, check: SilenceCheck, talk: Entry, certain: bool) -> ContactFinding:
        assert item.local is not None
        assert talk.local is not None
        details = {
            "kind": "silence",
            "place": check.place,
            "per": check.key,
            "days": check.days,
            "day_number": item.ordinal - talk.ordinal + 1,
            "conversation": talk.contact.call_id,
            "conversation_local": text_of(talk.local),
            "local": text_of(item.local),
            "free_on": date.fromordinal(talk.ordinal + check.days).isoformat(),
            "doubt": not certain,
        }
        return found(item, check, details, "breach" if certain else "undecided")


def uncountable(entries: Iterable[Entry]) -> Iterator[ContactFinding]:
    """Outbound contacts that a count covers but that lack what it needs: one undecided finding each."""
    for item in entries:
        if item.rules is None:
            if item.contact.channel == "call":
                yield cannot_decide(item, (), "rules", "contact.frequency")
        elif item.missing is not None:
            checks = [c for c in _all_counts(item.rules) if _covers(item, c)]
            if checks:
                yield cannot_decide(item, checks, item.missing)
        else:
            yield from _without_key(item)


def _all_counts(rules: Rules) -> tuple[CountCheck | SilenceCheck, ...]:
    return (*rules.counts, *rules.silences)


def _without_key(item: Entry) -> Iterator[ContactFinding]:
    assert item.rules is not None
    for check in _all_counts(item.rules):
        if key_of(item.contact, check.key) is None and _covers(item, check):
            # An empty number is ordinary in a log; it matters only to a contact that would be counted by it.
            if check.key == "number" and item.outcome not in check.outcomes:
                continue
            yield cannot_decide(item, [check], missing_key(item.contact, check.key))
            return


def _covers(item: Entry, check: CountCheck | SilenceCheck) -> bool:
    channel = item.contact.channel in check.channels
    in_force = item.day is None or check.in_force(item.day)
    return channel and in_force and is_party(item.contact, check.parties) is not False
