"""A slow, obvious judge of contacts for CN, US, AU and IN, written from the conventions alone, to test against.

Every contact is compared with every other one; nothing is remembered, nothing is read from the place files. All
contacts are taken as of 2026-05 (every rule in force), all in the zones and parties of the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from audit.contact import Signal
from audit.models import Contact

Decided = tuple[str, str, str]
"""call_id, rule, decision."""
DEFAULT_ZONE = {"CN": "Asia/Shanghai", "IN": "Asia/Kolkata"}
AU_HOLIDAYS = {
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 4, 25),
    date(2026, 1, 1),
    date(2026, 1, 26),
    date(2026, 12, 25),
    date(2026, 12, 26),
}
THIRD = ("contact", "workplace", "stranger")


def local(contact: Contact) -> datetime | None:
    zone = contact.timezone or DEFAULT_ZONE.get(contact.jurisdiction)
    if contact.started_at is None or zone is None:
        return None
    if contact.started_at.tzinfo is None:
        return contact.started_at
    return contact.started_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instant(contact: Contact) -> float | None:
    zone = contact.timezone or DEFAULT_ZONE.get(contact.jurisdiction)
    if contact.started_at is None:
        return None
    if contact.started_at.tzinfo is not None:
        return contact.started_at.timestamp()
    return contact.started_at.replace(tzinfo=ZoneInfo(zone)).timestamp() if zone else None


def before(first: Contact, second: Contact) -> bool:
    """`first` stands before `second` in the order of instants, ties by row."""
    a, b = instant(first), instant(second)
    return a is not None and b is not None and (a, first.row) < (b, second.row)


def outcome(contact: Contact) -> str | None:
    if contact.channel in ("sms", "email", "letter"):
        return "sent"
    return "conversation" if contact.outcome is None and contact.transcript else contact.outcome


# -- hours


def permitted(contact: Contact, when: datetime) -> bool:
    def between(start: time, end: time) -> bool:
        return start <= when.time() < end

    place = contact.jurisdiction
    if place == "CN":
        ok = between(time(8), time(22))
    elif place == "US":
        ok = between(time(8), time(21))
    elif place == "IN":
        ok = between(time(8), time(19))
    elif when.date() in AU_HOLIDAYS:
        ok = False
    elif contact.channel == "visit" or when.weekday() >= 5:
        ok = between(time(9), time(21))
    else:
        ok = between(time(7, 30), time(21))
    return ok or agreed(contact, when)


def agreed(contact: Contact, when: datetime) -> bool:
    if not contact.consent_hours:
        return False
    start, end = (time.fromisoformat(part) for part in contact.consent_hours.split("-"))
    clock = when.time()
    return start <= clock < end if start < end else clock >= start or clock < end


def hours(contacts: Sequence[Contact]) -> set[Decided]:
    found = set()
    for c in contacts:
        if c.direction == "outbound" and c.channel in ("call", "sms", "visit"):
            rule = {"CN": "cn.hours", "US": "us.hours", "IN": "in.hours"}.get(c.jurisdiction)
            rule = rule or ("au.hours.visit" if c.channel == "visit" else "au.hours.phone")
            when = local(c)
            if when is None:
                found.add((c.call_id, rule, "undecided"))
            elif not permitted(c, when):
                found.add((c.call_id, rule, "breach"))
            if c.jurisdiction == "AU" and when is not None and not working_hours(c, when):
                found.add((c.call_id, "au.hours.work", "undecided"))
    return found


def working_hours(contact: Contact, when: datetime) -> bool:
    if contact.called_party != "workplace" or contact.channel == "sms" or agreed(contact, when):
        return True
    return when.weekday() < 5 and time(9) <= when.time() < time(17)


# -- counts


def counted(
    contacts: Sequence[Contact], c: Contact, rule: str, outcomes: tuple[str, ...], debtor_only: bool
) -> list[tuple[Contact, bool]]:
    """The contacts that count together with `c` up to and including it, each with whether that is certain."""
    same = {
        "cn.freq.connected": lambda o: o.debtor_id == c.debtor_id,
        "cn.freq.attempts": lambda o: o.number_hash == c.number_hash,
        "us.freq.7in7": lambda o: (o.debtor_id, o.account_id) == (c.debtor_id, c.account_id),
        "au.freq.week": lambda o: o.account_id == c.account_id,
        "au.freq.month": lambda o: o.account_id == c.account_id,
        "au.freq.visit": lambda o: o.account_id == c.account_id,
    }[rule]
    list_ = []
    for o in contacts:
        mine = o is c or (before(o, c) and o.jurisdiction == c.jurisdiction and same(o))
        if (
            mine
            and local(o) is not None
            and (weight := countable(o, rule, outcomes, debtor_only)) is not None
        ):
            list_.append((o, weight))
    return list_


def channels(rule: str) -> tuple[str, ...]:
    if rule == "au.freq.visit":
        return ("visit",)
    return ("call", "visit") if rule.startswith("au.") else ("call",)


def countable(o: Contact, rule: str, outcomes: tuple[str, ...], debtor_only: bool) -> bool | None:
    if o.direction != "outbound" or o.channel not in channels(rule):
        return None
    if debtor_only and o.called_party not in ("debtor", "unknown"):
        return None
    certain = not debtor_only or o.called_party == "debtor"
    if outcome(o) in outcomes:
        return certain
    return False if outcome(o) is None else None


def in_period(rule: str, earlier: date, day: date) -> bool:
    if rule.startswith("cn."):
        return earlier == day
    if rule in ("au.freq.month", "au.freq.visit"):
        return (earlier.year, earlier.month) == (day.year, day.month) or earlier > day
    return earlier >= day - timedelta(days=6)


LIMITS = {
    "CN": [
        ("cn.freq.connected", 3, ("connected", "conversation"), True, ("debtor_id",)),
        ("cn.freq.attempts", 6, ("no_answer", "busy"), False, ("number_hash",)),
    ],
    "US": [
        (
            "us.freq.7in7",
            7,
            ("no_answer", "voicemail", "connected", "conversation"),
            True,
            ("debtor_id", "account_id"),
        )
    ],
    "AU": [
        ("au.freq.week", 3, ("connected", "conversation"), True, ("account_id",)),
        ("au.freq.month", 10, ("connected", "conversation"), True, ("account_id",)),
        ("au.freq.visit", 1, ("connected", "conversation"), True, ("account_id",)),
    ],
    "IN": [],
}


def counts(contacts: Sequence[Contact]) -> set[Decided]:
    found = set()
    for c in contacts:
        for rule, limit, outcomes, debtor_only, keys in LIMITS[c.jurisdiction]:
            weight = countable(c, rule, outcomes, debtor_only)
            if weight is None or local(c) is None or any(getattr(c, key) is None for key in keys):
                continue
            day = local(c).date()  # type: ignore[union-attr]
            held = [
                certain
                for o, certain in counted(contacts, c, rule, outcomes, debtor_only)
                if in_period(rule, local(o).date(), day)  # type: ignore[union-attr]
            ]
            if weight and sum(held) > limit:
                found.add((c.call_id, rule, "undecided" if rule == "au.freq.visit" else "breach"))
            elif len(held) > limit:
                found.add((c.call_id, rule, "undecided"))
    return found


def uncountable(contacts: Sequence[Contact]) -> set[Decided]:
    found = set()
    for c in contacts:
        if c.direction != "outbound":
            continue
        for rule, _, outcomes, debtor_only, keys in LIMITS[c.jurisdiction]:
            if c.channel not in channels(rule) or (
                debtor_only and c.called_party not in ("debtor", "unknown")
            ):
                continue
            lacks = any(getattr(c, key) is None for key in keys)
            if keys == ("number_hash",) and outcome(c) not in outcomes:
                lacks = False
            if local(c) is None or lacks:
                found.add((c.call_id, rule, "undecided"))
                break
    return found


def silence(contacts: Sequence[Contact]) -> set[Decided]:
    found = set()
    for c in contacts:
        barred = c.direction == "outbound" and c.channel == "call" and c.jurisdiction == "US"
        known = outcome(c) in ("no_answer", "voicemail", "connected", "conversation")
        if not barred or c.called_party not in ("debtor", "unknown") or not (known or outcome(c) is None):
            continue
        if local(c) is None or c.debtor_id is None or c.account_id is None:
            continue
        talks = [o for o in contacts if before(o, c) and talks_before(o, c)]
        if talks:
            sure = c.called_party == "debtor" and known and any(o.called_party == "debtor" for o in talks)
            found.add((c.call_id, "us.freq.post_talk", "breach" if sure else "undecided"))
    return found


def talks_before(o: Contact, c: Contact) -> bool:
    first, second = local(o), local(c)
    return (
        first is not None
        and second is not None
        and o.jurisdiction == "US"
        and o.direction == "outbound"
        and o.channel == "call"
        and outcome(o) == "conversation"
        and o.called_party in ("debtor", "unknown")
        and (o.debtor_id, o.account_id) == (c.debtor_id, c.account_id)
        and (second.date() - first.date()).days <= 6
    )


# -- third persons and refusals


def third_persons(contacts: Sequence[Contact]) -> set[Decided]:
    found = set()
    for c in contacts:
        if c.direction != "outbound":
            continue
        if c.jurisdiction == "IN" and c.called_party in (*THIRD, "spouse"):
            found.add((c.call_id, "in.party", "breach"))
        if c.jurisdiction == "CN" and c.called_party in (*THIRD, "spouse"):
            decision = lost_contact(contacts, c)
            if decision and c.called_party == "spouse":
                found.add((c.call_id, "cn.party.spouse", "undecided"))
            elif decision:
                found.add((c.call_id, "cn.party.contact_precond", decision))
    return found


def lost_contact(contacts: Sequence[Contact], c: Contact) -> str | None:
    """None where contact was lost, else what the contact is worth."""
    if c.debtor_id is None or instant(c) is None:
        return "undecided"
    earlier = [
        o
        for o in contacts
        if before(o, c) and o.debtor_id == c.debtor_id and o.called_party == "debtor" and outcome(o)
    ]
    earlier.sort(key=lambda o: (instant(o), o.row))
    failures = 0
    for o in earlier:
        if outcome(o) in ("connected", "conversation"):
            failures = 0
        elif o.direction == "outbound" and o.channel == "call":
            failures += 1
    if failures >= 3:
        return None
    return "breach" if any(outcome(o) in ("connected", "conversation") for o in earlier) else "undecided"


def refusals(contacts: Sequence[Contact], signals: Sequence[Signal]) -> set[Decided]:
    sure, perhaps = set(), set()
    by_id = {c.call_id: c for c in contacts}
    for signal in signals:
        said = by_id[signal.call_id]
        for c in contacts:
            if c.direction != "outbound" or c is said or c.jurisdiction != said.jurisdiction:
                continue
            late = later(said, c)
            for rule, doubt in bound(said, c) if late is not False else ():
                (sure if late and not doubt else perhaps).add((c.call_id, rule))
    return {(*p, "breach") for p in sure} | {(*p, "undecided") for p in perhaps - sure}


def bound(said: Contact, c: Contact) -> list[tuple[str, bool]]:
    """The rules under which a plain stop request in `said` reaches `c`, each with whether that is doubtful."""
    found, unknown = [], said.called_party == "unknown"
    same_number = said.number_hash is not None and said.number_hash == c.number_hash
    if said.jurisdiction == "CN" and same_number and said.called_party in (*THIRD, "unknown"):
        found.append(("cn.party.contact_refused", unknown))
    if said.jurisdiction == "US" and same_number and said.called_party in ("workplace", "unknown"):
        found.append(("us.workplace", unknown))
    same_debtor = said.debtor_id is not None and said.debtor_id == c.debtor_id
    parties = {said.called_party, c.called_party}
    if said.jurisdiction == "US" and c.channel == "call" and same_debtor and parties <= {"debtor", "unknown"}:
        found.append(("us.cease", "unknown" in parties))
    return found


def later(said: Contact, c: Contact) -> bool | None:
    """Whether `c` starts after `said`; None where the log cannot say."""
    first, second = bounds(said), bounds(c)
    if second[0] > first[1]:
        return True
    return False if second[1] <= first[0] else None


def bounds(contact: Contact) -> tuple[float, float]:
    known = instant(contact)
    if known is not None:
        return known, known
    if contact.started_at is None:
        return float("-inf"), float("inf")
    wall = (contact.started_at - datetime(1970, 1, 1)).total_seconds()
    return wall - 14 * 3600, wall + 12 * 3600


def judge(contacts: Sequence[Contact], signals: Sequence[Signal] = ()) -> set[Decided]:
    """All that the fast judge should say, as (call_id, rule, decision)."""
    return (
        hours(contacts)
        | counts(contacts)
        | uncountable(contacts)
        | silence(contacts)
        | third_persons(contacts)
        | refusals(contacts, signals)
    )
