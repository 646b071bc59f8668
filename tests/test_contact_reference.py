"""The contact judge against the slow reference: every decision equal, on tables that Hypothesis invents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.contact import Places, Signal, history, judge_contacts, load_places
from audit.models import Contact
from tests import contact_reference as reference

ZONES = {
    "CN": (None, "Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin"),
    "US": (None, "America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu"),
    "AU": (None, "Australia/Sydney", "Australia/Lord_Howe", "Australia/Perth", "Australia/Adelaide"),
    "IN": (None, "Asia/Kolkata"),
}
OUTCOMES = (None, "no_answer", "no_answer", "busy", "voicemail", "connected", "conversation", "conversation")
PARTIES = ("debtor",) * 5 + ("unknown", "contact", "workplace", "spouse", "guarantor", "stranger")
OFFSETS = (
    None,
    UTC,
    timezone(timedelta(hours=8)),
    timezone(timedelta(hours=-4)),
    timezone(timedelta(hours=10.5)),
)
CONSENT = (None, None, None, "20:00-23:30", "22:00-01:00", "06:00-08:00")
# around both changes of the clocks in the US (8 March, 1 November 2026) and in Australia (5 April, 4 October)
FIRST_DAYS = (date(2026, 3, 6), date(2026, 4, 1), date(2026, 10, 2), date(2026, 10, 30), date(2026, 6, 28))


@lru_cache(maxsize=1)
def places() -> Places:
    return load_places()


@st.composite
def contact(draw: st.DrawFn, first: date, place: str, spread: int) -> Contact:
    minute = draw(st.sampled_from((0, 1, 29, 30, 59)) | st.integers(0, 59))
    when = datetime(first.year, first.month, first.day, draw(st.integers(0, 23)), minute)
    when += timedelta(days=draw(st.integers(0, spread)))
    offset = draw(st.sampled_from(OFFSETS))
    return Contact(
        call_id="",
        row=0,
        started_at=draw(st.sampled_from((when.replace(tzinfo=offset),) * 14 + (None,))),
        timezone=draw(st.sampled_from(ZONES[place])),
        channel=draw(st.sampled_from(("call",) * 8 + ("sms", "visit"))),
        direction=draw(st.sampled_from(("outbound",) * 6 + ("inbound",))),
        outcome=draw(st.sampled_from(OUTCOMES)),
        agency=draw(st.sampled_from(("one", "two"))),
        debtor_id=draw(st.sampled_from(("d1",) * 8 + ("d2", None))),
        account_id=draw(st.sampled_from(("a1",) * 8 + ("a2", None))),
        number_hash=draw(st.sampled_from(("n1",) * 8 + ("n2", None))),
        called_party=draw(st.sampled_from(PARTIES)),
        consent_hours=draw(st.sampled_from(CONSENT)),
        jurisdiction=place,
        transcript=draw(st.sampled_from((None,) * 6 + ("t.json",))),
    )


@st.composite
def tables(draw: st.DrawFn) -> list[Contact]:
    place = draw(st.sampled_from(("CN", "US", "AU", "IN")))
    first = draw(st.sampled_from(FIRST_DAYS))
    spread, most = draw(st.sampled_from(((0, 16), (2, 24), (9, 32), (34, 40))))
    rows = draw(st.lists(contact(first, place, spread), min_size=1, max_size=most))
    return [replace(row, call_id=f"K{number}", row=number) for number, row in enumerate(rows, start=2)]


def decided(
    contacts: list[Contact], signals: list[Signal], since: date | None = None
) -> list[tuple[str, str, str]]:
    found = judge_contacts(contacts, places(), signals, since)
    return [(f.call_id, f.finding.rule, f.finding.decision) for f in found]


@st.composite
def tables_with_signals(draw: st.DrawFn) -> tuple[list[Contact], list[Signal]]:
    rows = draw(tables())
    chosen = draw(st.lists(st.sampled_from(rows), max_size=3))
    return rows, [Signal(row.call_id, 1, "customer.stop_contact") for row in chosen]


@settings(max_examples=400, deadline=None)
@given(tables_with_signals())
def test_every_decision_equals_the_reference(table: tuple[list[Contact], list[Signal]]) -> None:
    contacts, signals = table
    found = decided(contacts, signals)
    assert set(found) == reference.judge(contacts, signals)
    assert len(found) == len(set(found))


@settings(max_examples=150, deadline=None)
@given(tables_with_signals(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    table: tuple[list[Contact], list[Signal]], chance: object
) -> None:
    contacts, signals = table
    shuffled = list(contacts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decided(shuffled, signals) == decided(contacts, signals)


@settings(max_examples=200, deadline=None)
@given(tables_with_signals(), st.integers(0, 12))
def test_a_run_from_a_day_on_equals_that_part_of_the_whole(
    table: tuple[list[Contact], list[Signal]], days: int
) -> None:
    contacts, signals = table
    dated = [c.started_at for c in contacts if c.started_at is not None]
    since = (min(d.date() for d in dated) if dated else date(2026, 4, 1)) + timedelta(days=days)
    need = history(contacts, places(), signals, since)
    chosen = [c for c in contacts if need.wants(c)]
    part = decided(chosen, signals, since)
    assert part == decided(contacts, signals, since)
    whole = decided(contacts, signals)
    assert [f for f in whole if f in set(part)] == part
    rows = {c.call_id: c for c in contacts}
    left_out = {f[0] for f in whole if f not in set(part)}
    assert all(_day(rows[call_id]) < since for call_id in left_out)


def _day(contact: Contact) -> date:
    local = reference.local(contact)
    if local is not None:
        return local.date()
    assert contact.started_at is not None
    latest = reference.bounds(contact)[1]
    return datetime.fromtimestamp(latest, UTC).date()


@settings(max_examples=100, deadline=None)
@given(tables_with_signals(), tables())
def test_other_debtors_change_nothing(
    table: tuple[list[Contact], list[Signal]], others: list[Contact]
) -> None:
    contacts, signals = table
    strangers = [
        replace(
            other,
            call_id=f"X{other.row}",
            row=other.row + 1000,
            debtor_id=f"x{other.debtor_id}",
            account_id=f"x{other.account_id}",
            number_hash=f"x{other.number_hash}",
        )
        for other in others
    ]
    both = [f for f in decided(contacts + strangers, signals) if f[0].startswith("K")]
    assert both == decided(contacts, signals)
