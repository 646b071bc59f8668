"""Places: the hours, counts, parties and grounds of each jurisdiction, as read from lexicons/places/*.yaml.

Everything is frozen and plain. A contact is judged by the checks in force on its own local day. A place
inherits every check of the place it extends (Massachusetts keeps federal law), and a lender's overlay adds
checks on top; nothing replaces anything unless a file says `drops`. Times of day are seconds from local
midnight, windows closed at their start and open at their end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from audit.models import Decision, Severity

DAY_S = 86_400
HOLIDAY = 7
"""Index of the holiday among the eight day kinds of `HoursCheck.week` (0 = Monday … 6 = Sunday)."""

Window = tuple[int, int]
"""Seconds from local midnight: start inclusive, end exclusive, 0 <= start < end <= 86400."""
Confidence = Literal["text read", "secondary", "unverified"]
Key = Literal["debtor", "debt", "account", "number"]
"""What contacts are counted by; `debt` is the pair of debtor and account."""

CHANNELS: tuple[str, ...] = ("call", "sms", "letter", "email", "visit")
MESSAGES: frozenset[str] = frozenset({"sms", "letter", "email"})
OUTCOMES: tuple[str, ...] = ("no_answer", "busy", "voicemail", "connected", "conversation", "sent")
"""Outcomes of the call log; `sent` stands for every text, letter or e-mail."""
PARTIES: tuple[str, ...] = ("debtor", "guarantor", "spouse", "contact", "workplace", "stranger", "unknown")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the house."""

    en: str = ""
    zh: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """One clause: how it is cited, from and until when (both inclusive; None = not established), how sure."""

    cite: str
    since: date | None = None
    until: date | None = None
    confidence: Confidence = "text read"

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def __str__(self) -> str:
        marks = {"secondary": " (secondary source)", "unverified": " (unverified)"}
        return self.cite + marks.get(self.confidence, "")


def cite(grounds: Sequence[Ground], day: date | None) -> str:
    """The grounds in force on `day` (all of them when the day is unknown), each with its mark of doubt."""
    return "; ".join(str(g) for g in grounds if day is None or g.in_force(day))


@dataclass(frozen=True, slots=True)
class Check:
    """What every check carries. `decision` is what a hit is worth: `undecided` where law gives no figure.

    `id` is written in the place's file ("cn.hours"); `note` is added to the reason of each finding.
    """

    id: str
    place: str
    category: str
    severity: Severity
    decision: Decision
    grounds: tuple[Ground, ...]
    note: Text

    def in_force(self, day: date) -> bool:
        return any(ground.in_force(day) for ground in self.grounds)

    def citation(self, day: date | None) -> str:
        return cite(self.grounds, day)


@dataclass(frozen=True, slots=True)
class HoursCheck(Check):
    """Permitted hours: `week` holds the windows of Monday … Sunday and, eighth, of a national holiday.

    A holiday's entry of None means that holidays are ordinary days here. `country` names the calendar of
    national holidays (a code of the `holidays` library).
    """

    channels: frozenset[str] = frozenset(CHANNELS)
    parties: frozenset[str] = frozenset(PARTIES)
    week: tuple[tuple[Window, ...] | None, ...] = ()
    country: str | None = None
    unless_agreed: bool = True

    def windows(self, day: date) -> tuple[tuple[Window, ...], str | None]:
        """What is permitted on `day`, and the name of the holiday that made it so, if one did."""
        holiday = self.week[HOLIDAY]
        name = holiday_name(self.country, day) if holiday is not None and self.country else None
        if name is not None and holiday is not None:
            return holiday, name
        return self.week[day.weekday()] or (), None


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar day, week (Monday to Sunday), month, or `days` consecutive local days (rolling)."""

    kind: Literal["day", "week", "month", "rolling"]
    days: int

    def first_day(self, ordinal: int) -> int:
        """The proleptic ordinal of the first local day that counts together with `ordinal`."""
        if self.kind == "week":
            return ordinal - date.fromordinal(ordinal).weekday()
        if self.kind == "month":
            return ordinal - date.fromordinal(ordinal).day + 1
        return ordinal - self.days + 1


@dataclass(frozen=True, slots=True)
class CountCheck(Check):
    """At most `at_most` outbound contacts per `key` and period, over all agencies and numbers.

    `doubtful` outcomes count only perhaps: a limit passed with their help alone is undecided. Where sources
    leave the period open, `other_period` is the second reading and `if_readings_differ` what is then found.
    """

    at_most: int = 0
    key: Key = "debtor"
    period: Period = Period("day", 1)
    other_period: Period | None = None
    if_readings_differ: Decision = "breach"
    channels: frozenset[str] = frozenset({"call"})
    outcomes: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset(PARTIES)


@dataclass(frozen=True, slots=True)
class SilenceCheck(Check):
    """After one of `after` on day 1, no contact with one of `outcomes` through day `days`, per `key`."""

    days: int = 7
    key: Key = "debt"
    channels: frozenset[str] = frozenset({"call"})
    after: frozenset[str] = frozenset({"conversation"})
    outcomes: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset({"debtor"})
    inbound: Literal["ignored", "undecided"] = "ignored"


@dataclass(frozen=True, slots=True)
class PartyCheck(Check):
    """Persons who may not be contacted, or only after `failed_calls` calls to the debtor failed in a row."""

    parties: frozenset[str] = frozenset()
    allowed: Literal["never", "after_loss_of_contact"] = "never"
    failed_calls: int = 3
    failed: frozenset[str] = frozenset({"no_answer", "busy", "voicemail"})
    channels: frozenset[str] = frozenset(CHANNELS)


@dataclass(frozen=True, slots=True)
class RefusalCheck(Check):
    """Who binds what: a signal from one of `said_by` bars later outbound contacts.

    `binds` number: every contact to the refusing number; debtor: every contact with that debtor whose
    called party is one of `parties`. `days` ends the binding after that many local days, None never.
    """

    signals: frozenset[str] = frozenset()
    said_by: frozenset[str] = frozenset(PARTIES)
    binds: Literal["number", "debtor"] = "number"
    parties: frozenset[str] = frozenset(PARTIES)
    channels: frozenset[str] = frozenset(CHANNELS)
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A figure that the call log alone cannot judge: disclosures, retention, agency duties.

    `kind` is disclosure, retention, agency, conduct or contact; `years` is set for retention. Judged
    elsewhere (transcript, store, lender's files) or by a person; here it is data with its source.
    """

    id: str
    place: str
    kind: str
    says: Text
    figure: str
    unit: str
    grounds: tuple[Ground, ...]
    years: int | None = None

    def in_force(self, day: date) -> bool:
        return any(ground.in_force(day) for ground in self.grounds)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where sources disagree: about which check, what they say, and which reading is taken and why."""

    about: str
    says: Text
    taken: Text


@dataclass(frozen=True, slots=True)
class Place:
    """One file: a jurisdiction (`id`), or an overlay (`overlay`) that adds to the place it extends."""

    id: str
    name: Text
    extends: str | None = None
    overlay: bool = False
    zone: str | None = None
    also: tuple[str, ...] = ()
    drops: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    duties: tuple[Duty, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    grounds: tuple[tuple[str, tuple[Ground, ...]], ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All that holds for one jurisdiction: its own checks, those it inherits and the overlays on them."""

    jurisdiction: str
    places: tuple[Place, ...]
    zone: str | None
    hours: tuple[HoursCheck, ...]
    counts: tuple[CountCheck, ...]
    silences: tuple[SilenceCheck, ...]
    parties: tuple[PartyCheck, ...]
    refusals: tuple[RefusalCheck, ...]

    def checks(self) -> Iterator[Check]:
        yield from (*self.hours, *self.counts, *self.silences, *self.parties, *self.refusals)


@dataclass(frozen=True)
class Places:
    """All places of a pack. `hash` is the SHA-256 (hex) of the files they were read from."""

    places: tuple[Place, ...]
    hash: str = ""
    _rules: dict[str, Rules | None] = field(default_factory=dict, repr=False, compare=False)

    def ids(self) -> tuple[str, ...]:
        """The jurisdictions that have a file of their own, in the order of their ids."""
        return tuple(sorted(place.id for place in self.places if not place.overlay))

    def rules(self, jurisdiction: str) -> Rules | None:
        """What holds in `jurisdiction`; a part without a file (US-TX) takes the whole's (US); None = unknown."""
        if jurisdiction not in self._rules:
            self._rules[jurisdiction] = self._resolve(jurisdiction)
        return self._rules[jurisdiction]

    def zone(self, jurisdiction: str) -> str | None:
        """The IANA zone of a jurisdiction that has one zone only, else None."""
        rules = self.rules(jurisdiction)
        return rules.zone if rules else None

    def citation(self, jurisdiction: str, category: str, on_date: date) -> str:
        """The grounds of `category` in force on `on_date`, marked where secondary or unverified; "" = none."""
        rules = self.rules(jurisdiction)
        if rules is None:
            return ""
        found = [g for place in rules.places for name, own in place.grounds if name == category for g in own]
        return cite(tuple(dict.fromkeys(found)), on_date)

    def hours_on(self, jurisdiction: str, on_date: date, channel: str = "call") -> list[Window]:
        """The windows (seconds from local midnight) in which every check in force permits `channel`.

        The whole day where no check holds. Agreed hours and checks on single parties (a workplace) are left
        out, and so are checks that leave the decision to a person.
        """
        rules = self.rules(jurisdiction)
        permitted: list[Window] = [(0, DAY_S)]
        for check in rules.hours if rules else ():
            whole = check.decision == "breach" and "debtor" in check.parties
            if whole and channel in check.channels and check.in_force(on_date):
                permitted = intersect(permitted, check.windows(on_date)[0])
        return permitted

    def duties(self, jurisdiction: str, on_date: date, kind: str | None = None) -> list[Duty]:
        """The duties in force, own and inherited, of one `kind` or all."""
        rules = self.rules(jurisdiction)
        duties = [duty for place in rules.places for duty in place.duties] if rules else []
        return [d for d in duties if d.in_force(on_date) and kind in (None, d.kind)]

    def retention_years(self, jurisdiction: str, on_date: date) -> int | None:
        """The longest retention term known for the jurisdiction; None where none is established."""
        terms = [d.years for d in self.duties(jurisdiction, on_date, "retention") if d.years is not None]
        return max(terms, default=None)

    def check(self, check_id: str) -> Check | None:
        return next((c for place in self.places for c in place.checks if c.id == check_id), None)

    def look_back_days(self) -> int:
        """How many local days before a contact may count towards it (third-party history not included)."""
        spans = [31]
        for place in self.places:
            spans += [c.period.days for c in place.checks if isinstance(c, CountCheck)]
            spans += [c.days for c in place.checks if isinstance(c, SilenceCheck)]
        return max(spans)

    def _resolve(self, jurisdiction: str) -> Rules | None:
        chain = self._chain(jurisdiction)
        if not chain:
            return None
        held = {place.id for place in chain}
        places = (*chain, *(p for p in self.places if p.overlay and p.extends in held))
        dropped = {name for place in places for name in place.drops}
        checks = [check for place in places for check in place.checks if check.id not in dropped]
        return Rules(
            jurisdiction=jurisdiction,
            places=places,
            zone=next((place.zone for place in reversed(chain) if place.zone), None),
            hours=tuple(c for c in checks if isinstance(c, HoursCheck)),
            counts=tuple(c for c in checks if isinstance(c, CountCheck)),
            silences=tuple(c for c in checks if isinstance(c, SilenceCheck)),
            parties=tuple(c for c in checks if isinstance(c, PartyCheck)),
            refusals=tuple(c for c in checks if isinstance(c, RefusalCheck)),
        )

    def _chain(self, jurisdiction: str) -> list[Place]:
        """From the root of the inheritance to the jurisdiction itself; empty when nothing is known of it."""
        by_id = {name: p for p in self.places if not p.overlay for name in (p.id, *p.also)}
        name: str | None = jurisdiction
        while name and name not in by_id:
            name = name.rpartition("-")[0]
        chain: list[Place] = []
        while name and name in by_id and by_id[name] not in chain:
            chain.insert(0, by_id[name])
            name = by_id[name].extends
        return chain


def intersect(left: Sequence[Window], right: Sequence[Window]) -> list[Window]:
    """The times that lie in both; sorted, disjoint."""
    pairs = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return sorted((start, end) for start, end in pairs if start < end)


@lru_cache(maxsize=4096)
def holiday_name(country: str, day: date) -> str | None:
    """The national public holiday on `day`, by the `holidays` library's English name; None = ordinary day.

    Holidays of a single state are left out. Days that depend on sight of the moon are the library's estimate.
    """
    name: str | None = _calendar(country, day.year).get(day)
    return name


@lru_cache(maxsize=256)
def _calendar(country: str, year: int) -> dict[date, str]:
    import holidays

    return dict(holidays.country_holidays(country, years=year, language="en_US").items())


def calendar_bounds(
    places: Places, jurisdiction: str, first_day: date, days: int = 7, channel: str = "call"
) -> list[tuple[date, list[Window], list[Window]]]:
    """For charts: each day with its permitted and its forbidden windows, in the order of the days."""
    bounds = []
    for offset in range(days):
        day = date.fromordinal(first_day.toordinal() + offset)
        permitted = places.hours_on(jurisdiction, day, channel)
        edges = [0, *(edge for window in permitted for edge in window), DAY_S]
        forbidden = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
        bounds.append((day, permitted, forbidden))
    return bounds
