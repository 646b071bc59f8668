"""Contacts judged: little tables for hours, counts, parties and refusals, with the words that explain them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.contact import (
    ContactFinding,
    Places,
    Signal,
    contact_notes,
    explain,
    history,
    hour_map,
    judge_contacts,
    load_places,
    not_judged,
    signals_of,
)
from audit.models import Contact, Finding
from benchmarks.contact_scores import judge_folder, read_contacts, score

CALLS = Path(__file__).parent / "data" / "calls"


@pytest.fixture(scope="module")
def places() -> Places:
    return load_places()


def at(text: str, zone: str | None = None, **given: Any) -> Contact:
    """A contact that started at `text`; its row orders it, its id is made of both."""
    base: dict[str, Any] = {
        "call_id": f"K{text}{given.get('row', 0)}",
        "row": 0,
        "started_at": datetime.fromisoformat(text) if text else None,
        "timezone": zone,
        "debtor_id": "d",
        "account_id": "a",
        "number_hash": "n",
        "called_party": "debtor",
        "outcome": "no_answer",
    }
    return Contact(**(base | given))


def table(*rows: Contact) -> list[Contact]:
    return [replace(row, call_id=f"K{n}", row=n) for n, row in enumerate(rows, start=1)]


def rules(found: list[ContactFinding]) -> list[tuple[str, str, str]]:
    return [(f.call_id, f.finding.rule, f.finding.decision) for f in found]


# -- the development calls


def test_all_contact_decisions_of_the_development_calls_are_right(places: Places) -> None:
    result = score(CALLS, judge_folder(CALLS, places))
    assert result.missed == []
    assert result.false == []
    assert len(result.right) == 49


def test_the_reason_names_the_calls_that_made_the_count(places: Places) -> None:
    found = {(f.call_id, f.finding.category): f for f in judge_folder(CALLS, places)}
    for line in (CALLS / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        wanted = json.loads(line)
        if wanted["category"] == "contact.frequency" and "no. " in wanted["why"]:
            named = {word.strip(";") for word in wanted["why"].split() if word.startswith("K")}
            item = found[wanted["call_id"], "contact.frequency"]
            assert named == {counted["call_id"] for counted in item.details["counted"]}
            assert all(call_id in item.finding.reason for call_id in named)


def test_findings_are_about_the_row_and_ready_for_json(places: Places) -> None:
    found = judge_folder(CALLS, places)
    for item in found:
        assert item.finding.turn is None
        assert item.finding.confidence == 1.0
        assert item.finding.citation
        details = json.loads(json.dumps(item.details, ensure_ascii=False))
        assert explain(details, "en") == item.finding.reason
        assert explain(details, "zh-CN") != item.finding.reason
    bases = {f.finding.basis for f in found if f.finding.category == "contact.after_refusal"}
    assert bases == {"sequence"}


def test_no_reason_holds_a_number(places: Places) -> None:
    numbers = {c.number_hash for c in read_contacts(CALLS / "calls.csv") if c.number_hash}
    text = "".join(f.finding.reason + json.dumps(f.details) for f in judge_folder(CALLS, places))
    assert not any(number in text for number in numbers)


# -- hours


HOURS = [
    # start, zone, further fields, the rules broken
    ("2026-04-15T08:00:00", None, {}, []),
    ("2026-04-15T07:59:59", None, {}, ["cn.hours"]),
    ("2026-04-15T21:59:59", None, {}, []),
    ("2026-04-15T22:00:00", None, {}, ["cn.hours"]),
    ("2026-04-15T22:30:00", "Asia/Shanghai", {"channel": "sms"}, ["cn.hours"]),
    ("2026-04-15T22:30:00", "Asia/Shanghai", {"channel": "email"}, ["cn.hours"]),
    ("2026-04-15T22:30:00", "Asia/Shanghai", {"channel": "visit"}, ["cn.hours"]),
    ("2026-04-15T22:30:00", "Asia/Shanghai", {"channel": "letter"}, []),
    ("2026-04-15T22:30:00", None, {"direction": "inbound"}, []),
    ("2026-04-15T22:30:00", None, {"called_party": "guarantor"}, ["cn.hours"]),
    ("2026-04-15T22:30:00", None, {"outcome": "busy"}, ["cn.hours"]),
    ("2026-04-15T14:30:00+00:00", None, {}, ["cn.hours"]),
    ("2026-04-15T21:30:00+08:00", "Asia/Tokyo", {}, ["cn.hours"]),
    ("2025-02-27T23:00:00", None, {}, []),
    ("2025-02-28T23:00:00", None, {}, ["cn.hours"]),
    # agreed hours widen and never narrow, and may run over midnight
    ("2026-04-15T22:30:00", None, {"consent_hours": "20:00-23:00"}, []),
    ("2026-04-15T23:00:00", None, {"consent_hours": "20:00-23:00"}, ["cn.hours"]),
    ("2026-04-15T12:00:00", None, {"consent_hours": "20:00-23:00"}, []),
    ("2026-04-16T00:30:00", None, {"consent_hours": "22:00-01:00"}, []),
    ("2026-04-16T01:00:00", None, {"consent_hours": "22:00-01:00"}, ["cn.hours"]),
    # the United States: 08:00 and 21:00, on both sides of the changes of the clocks
    ("2026-03-07T12:59:00+00:00", "America/New_York", {"jurisdiction": "US"}, ["us.hours"]),
    ("2026-03-07T13:00:00+00:00", "America/New_York", {"jurisdiction": "US"}, []),
    ("2026-03-08T11:59:00+00:00", "America/New_York", {"jurisdiction": "US"}, ["us.hours"]),
    ("2026-03-08T12:00:00+00:00", "America/New_York", {"jurisdiction": "US"}, []),
    ("2026-11-01T12:30:00+00:00", "America/New_York", {"jurisdiction": "US"}, ["us.hours"]),
    ("2026-11-01T13:00:00+00:00", "America/New_York", {"jurisdiction": "US"}, []),
    ("2026-07-01T15:00:00+00:00", "America/Phoenix", {"jurisdiction": "US"}, []),
    ("2026-07-01T14:59:00+00:00", "America/Phoenix", {"jurisdiction": "US"}, ["us.hours"]),
    ("2026-04-15T07:45:00", "America/Los_Angeles", {"jurisdiction": "US-WA"}, ["us.hours"]),
    ("2026-04-15T07:15:00", "America/Los_Angeles", {"jurisdiction": "US-WA"}, ["us-wa.hours", "us.hours"]),
    ("2026-04-15T21:30:00", None, {"jurisdiction": "US-MA"}, ["us-ma.hours", "us.hours"]),
    # Australia: week, weekend, national holidays, and a state's own holiday that is an ordinary day
    ("2026-10-04T02:30:00", "Australia/Sydney", {"jurisdiction": "AU"}, ["au.hours.phone"]),
    ("2026-10-02T20:30:00+00:00", "Australia/Sydney", {"jurisdiction": "AU"}, ["au.hours.phone"]),
    ("2026-10-04T22:30:00+00:00", "Australia/Sydney", {"jurisdiction": "AU"}, []),
    ("2026-03-09T10:00:00", "Australia/Melbourne", {"jurisdiction": "AU"}, []),
    ("2026-04-06T10:00:00", "Australia/Melbourne", {"jurisdiction": "AU"}, ["au.hours.phone"]),
    ("2026-04-18T08:30:00", "Australia/Perth", {"jurisdiction": "AU"}, ["au.hours.phone"]),
    ("2026-04-15T08:00:00", "Australia/Perth", {"jurisdiction": "AU", "channel": "visit"}, ["au.hours.visit"]),
    ("2026-04-15T19:00:00", None, {"jurisdiction": "IN"}, ["in.hours"]),
    ("2026-04-19T10:00:00", "Asia/Jakarta", {"jurisdiction": "ID"}, ["id.hours"]),
    ("2026-04-18T19:59:00", "Asia/Jakarta", {"jurisdiction": "ID"}, []),
    ("2026-04-15T23:30:00", None, {"jurisdiction": "SG"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("start", "zone", "given", "broken"), HOURS)
def test_hours(
    places: Places, start: str, zone: str | None, given: dict[str, Any], broken: list[str]
) -> None:
    found = judge_contacts([at(start, zone, **given)], places)
    hours = [f.finding for f in found if f.finding.category == "contact.hours"]
    assert [finding.rule for finding in hours] == broken
    assert all(finding.decision == "breach" for finding in hours)


UNDECIDED = [
    ("", None, {}, "started_at is missing"),
    ("2026-04-15T12:00:00", None, {"jurisdiction": "US"}, "US has several time zones"),
    ("2026-04-15T12:00:00-04:00", None, {"jurisdiction": "US"}, "2026-04-15T12:00:00-04:00 cannot be put"),
    ("2026-04-15T12:00:00", None, {"jurisdiction": "ID"}, "ID has several time zones"),
    ("2026-04-15T12:00:00", "Mars/Olympus", {}, "'Mars/Olympus' is no IANA name"),
    ("2026-04-15T23:00:00", None, {"consent_hours": "evenings"}, "consent_hours cannot be read"),
    ("2026-04-15T12:00:00", None, {"jurisdiction": "DE"}, "no rules are on file for jurisdiction DE"),
    ("2026-04-15T05:00:00", None, {"jurisdiction": "UK"}, "whether the time was reasonable"),
    ("2026-04-15T05:00:00", None, {"jurisdiction": "PH"}, "15 days past due"),
    ("2026-04-15T18:00:00", "Australia/Perth", {"jurisdiction": "AU", "called_party": "workplace"}, "normal hours"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "zone", "given", "said"), UNDECIDED)
def test_hours_that_cannot_be_decided(
    places: Places, start: str, zone: str | None, given: dict[str, Any], said: str
) -> None:
    found = judge_contacts([at(start, zone, **given)], places)
    hours = [f.finding for f in found if f.finding.category == "contact.hours"]
    assert [finding.decision for finding in hours] == ["undecided"]
    assert said in hours[0].reason


def test_the_arithmetic_of_hours_in_words(places: Places) -> None:
    item = at("2026-04-12T03:03:00+00:00", "America/Denver", jurisdiction="US")
    found = judge_contacts([item], places)[0]
    assert found.finding.reason == (
        "21:03 America/Denver (Sat 2026-04-11); allowed 08:00–21:00; in the log 2026-04-12T03:03:00+00:00"
    )
    assert found.finding.citation == "12 CFR 1006.6(b)(1)(i)"
    assert "周六" in explain(found.details, "zh")
    holiday = judge_contacts([at("2026-04-25T11:15:00", "Australia/Perth", jurisdiction="AU")], places)[0]
    assert "allowed none (national holiday: ANZAC Day)" in holiday.finding.reason


def test_a_contact_that_runs_past_the_end_is_inside_and_noted(places: Places) -> None:
    late = at("2026-04-15T21:59:30", duration_s=60.0)
    agreed = at("2026-04-15T21:59:30", duration_s=60.0, consent_hours="20:00-23:00")
    assert judge_contacts([late], places) == []
    notes = contact_notes([late, agreed, at("2026-04-15T12:00:00", duration_s=60.0)], places)
    assert [note.details["end"] for note in notes] == ["2026-04-15 22:00:30"]
    assert "the start decides" in notes[0].text


def test_a_contact_that_ends_with_the_hours_is_not_noted(places: Places) -> None:
    assert contact_notes([at("2026-04-15T21:59:00", duration_s=60.0)], places) == []


def test_the_hour_map_counts_outbound_local_starts(places: Places) -> None:
    rows = [at("2026-04-15T14:30:00+00:00"), at("2026-04-15T09:00:00", direction="inbound"), at("")]
    assert hour_map(rows, places) == {(2, 22): 1}


# -- counts


def days(*offsets: int, hour: int = 10, **given: Any) -> list[Contact]:
    """One contact a listed day (offset from 2026-04-06, a Monday); the same day again comes an hour later."""
    rows = []
    for place, offset in enumerate(offsets):
        start = datetime(2026, 4, 6, hour) + timedelta(days=offset, hours=offsets[:place].count(offset))
        rows.append(at(start.isoformat(), **given))
    return rows


COUNTS = [
    # contacts, the numbers (1-based) of those beyond the limit, rule
    (days(0, 0, 0, 0, outcome="connected"), [4], "cn.freq.connected"),
    (days(0, 0, 0, 0, 0, outcome="conversation"), [4, 5], "cn.freq.connected"),
    (days(0, 0, 0, 1, outcome="connected"), [], "cn.freq.connected"),
    ([*days(0, 0, 0, outcome="connected"), *days(0, hour=18, outcome="connected", called_party="guarantor")], [], ""),
    ([*days(0, 0, 0, outcome="connected"), *days(0, hour=18, outcome="connected", direction="inbound")], [], ""),
    ([*days(0, 0, 0, outcome="connected"), *days(0, hour=18, outcome=None, channel="sms")], [], ""),
    ([*days(0, 0, 0, outcome="connected"), *days(0, hour=18, outcome="connected", channel="visit")], [], ""),
    ([*days(0, 0, 0, outcome="connected"), *days(0, hour=18, outcome="voicemail")], [], ""),
    ([*days(0, 0, outcome="connected"), *days(0, 0, hour=15, outcome="connected", agency="b", account_id="a2",
                                              number_hash="n2")], [4], "cn.freq.connected"),
    (days(0, 0, 0, 0, 0, 0, 0, hour=9), [7], "cn.freq.attempts"),
    (days(0, 0, 0, 0, 0, 0, 0, hour=9, called_party="contact"), [7], "cn.freq.attempts"),
    ([*days(0, 0, 0, 0, 0, 0, hour=8), *days(0, hour=20, outcome="busy", debtor_id="other")], [7], "cn.freq.attempts"),
    ([*days(0, 0, 0, 0, 0, 0, hour=8), *days(0, hour=20, outcome="connected")], [], ""),
    ([*days(0, 0, 0, 0, 0, 0, hour=8), *days(0, hour=20, number_hash="n2")], [], ""),
    (days(0, 1, 1, 3, 4, 5, 6, 6, jurisdiction="US", timezone="America/Denver"), [8], "us.freq.7in7"),
    (days(0, 1, 1, 3, 4, 5, 6, 7, jurisdiction="US", timezone="America/Denver"), [], ""),
    ([*days(0, 1, 1, 3, 4, 5, 6, jurisdiction="US", timezone="America/Denver"),
      *days(6, hour=18, jurisdiction="US", timezone="America/Denver", account_id="b")], [], ""),
    ([*days(0, 1, 1, 3, 4, 5, 6, jurisdiction="US", timezone="America/Denver"),
      *days(6, hour=18, jurisdiction="US", timezone="America/Denver", outcome="busy")], [], ""),
    (days(0, 1, 2, 3, jurisdiction="AU", timezone="Australia/Perth", outcome="connected"), [4], "au.freq.week"),
    (days(0, 1, 2, 3, jurisdiction="AU", timezone="Australia/Perth"), [], ""),
    (days(4, 5, 6, 7, jurisdiction="AU", timezone="Australia/Perth", outcome="connected"), [4], "au.freq.week"),
    (days(-5, -4, -3, 2, 3, 4, 9, 10, 11, 16, 17, 18, jurisdiction="AU", timezone="Australia/Perth", hour=11,
          outcome="connected"), [11, 12], "au.freq.month"),
    (days(0, 1, 2, jurisdiction="US-MA", outcome="voicemail"), [3], "us-ma.freq.home"),
    (days(0, 8, 16, jurisdiction="US-MA", outcome="voicemail", called_party="workplace"), [3], "us-ma.freq.elsewhere"),
    (days(0, 0, 1, 2, 3, jurisdiction="US-DC"), [5], "us-dc.freq.calls"),
    (days(0, 0, 1, 2, 3, 4, jurisdiction="US-DC", channel="sms", outcome=None), [6], "us-dc.freq.messages"),
    (days(0, 1, 2, 3, jurisdiction="US-WA", outcome="connected"), [4], "us-wa.freq"),
    (days(0, 1, jurisdiction="US-WA", outcome="connected", called_party="workplace"), [2], "us-wa.freq.workplace"),
    (days(0, 0, 0, 0, 0, 0, 0, 0, jurisdiction="IN"), [], ""),
    (days(148, 149, 149, 150, jurisdiction="US-NYC", channel="email", outcome=None), [4], "us-nyc.freq"),
    (days(140, 141, 141, 142, jurisdiction="US-NYC", channel="email", outcome=None), [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "beyond", "rule"), COUNTS)
def test_counts(places: Places, rows: list[Contact], beyond: list[int], rule: str) -> None:
    found = judge_contacts(table(*rows), places)
    breaches = [
        f for f in found if f.finding.category == "contact.frequency" and f.finding.decision == "breach"
    ]
    assert [f.call_id for f in breaches if f.finding.rule in (rule, "")] == [f"K{n}" for n in beyond]
    assert {f.finding.rule for f in breaches} <= {rule}


def test_a_week_that_may_be_read_two_ways(places: Places) -> None:
    over_sunday = table(*days(4, 5, 6, 7, jurisdiction="US-WA", outcome="connected"))
    found = [f for f in judge_contacts(over_sunday, places) if f.finding.rule == "us-wa.freq"]
    assert rules(found) == [("K4", "us-wa.freq", "undecided")]
    assert "read as calendar week it would be no. 1" in found[0].finding.reason
    australia = table(*days(4, 5, 6, 7, jurisdiction="AU", timezone="Australia/Perth", outcome="connected"))
    found = judge_contacts(australia, places)
    assert rules(found) == [("K4", "au.freq.week", "breach")]
    assert "read as calendar week it would be no. 1" in found[0].finding.reason


def test_what_counts_only_perhaps_never_makes_a_breach(places: Places) -> None:
    sure = days(0, 0, 0, outcome="connected")
    for doubtful in ({"outcome": None}, {"outcome": "connected", "called_party": "unknown"}):
        rows = table(*sure, *days(0, hour=18, **doubtful), *days(0, hour=19, outcome="connected"))
        found = [f for f in judge_contacts(rows, places) if f.finding.rule == "cn.freq.connected"]
        assert rules(found) == [
            ("K4", "cn.freq.connected", "undecided"),
            ("K5", "cn.freq.connected", "breach"),
        ]
        assert "only perhaps" in found[0].finding.reason


def test_beyond_the_limit_a_doubtful_contact_stays_undecided(places: Places) -> None:
    rows = table(*days(0, 0, 0, 0, outcome="connected"), *days(0, hour=18, outcome=None))
    found = judge_contacts(rows, places)
    assert [f.finding.decision for f in found if f.finding.rule == "cn.freq.connected"] == [
        "breach",
        "undecided",
    ]


def test_local_days_need_not_follow_the_order_of_instants(places: Places) -> None:
    """Calls to one debtor in two zones: 16 April in Tokyo comes before the end of 15 April in Berlin."""
    berlin = [at(f"2026-04-15T{n:02}:00:00", "Europe/Berlin", outcome="connected") for n in (9, 10, 11)]
    tokyo = at("2026-04-16T00:30:00", "Asia/Tokyo", outcome="connected", consent_hours="00:00-08:00")
    late = at("2026-04-15T18:00:00", "Europe/Berlin", outcome="connected")
    assert rules(judge_contacts(table(*berlin, tokyo, late), places)) == [
        ("K5", "cn.freq.connected", "breach")
    ]
    us = {"jurisdiction": "US", "consent_hours": "00:00-08:00"}
    rows = table(
        at("2026-04-16T00:30:00", "America/New_York", outcome="conversation", **us),
        at("2026-04-15T19:00:00", "Pacific/Honolulu", outcome="conversation", **us),
        at("2026-04-22T12:00:00", "America/New_York", **us),
    )
    found = [f for f in judge_contacts(rows, places) if f.call_id == "K3"]
    assert [f.details["conversation"] for f in found] == ["K1"]


def test_the_month_begins_on_its_first_day(places: Places) -> None:
    given = {"jurisdiction": "AU", "timezone": "Australia/Perth", "outcome": "connected"}
    eleven = days(-6, -5, -4, 2, 3, 4, 9, 10, 11, 16, 17, **given)
    twelve = days(-5, -4, -3, 2, 3, 4, 9, 10, 11, 16, 17, **given)
    assert [f for f in judge_contacts(table(*eleven), places) if f.finding.rule == "au.freq.month"] == []
    assert rules(judge_contacts(table(*twelve), places))[-1] == ("K11", "au.freq.month", "breach")


def test_an_empty_outcome_with_a_transcript_is_a_conversation(places: Places) -> None:
    rows = table(*days(0, 0, 0, 0, outcome=None, transcript="t.json"))
    assert rules(judge_contacts(rows, places)) == [("K4", "cn.freq.connected", "breach")]


LACKING = [
    ({"debtor_id": None}, ["cn.freq.connected"]),
    ({"debtor_id": None, "called_party": "guarantor", "outcome": "connected"}, []),
    ({"number_hash": None, "outcome": "no_answer"}, ["cn.freq.attempts"]),
    ({"number_hash": None, "outcome": "connected"}, []),
    ({"account_id": None}, []),
    ({"account_id": None, "jurisdiction": "US", "timezone": "America/Denver"}, ["us.freq.7in7"]),
    ({"debtor_id": None, "jurisdiction": "AU", "timezone": "Australia/Perth"}, []),
    ({"account_id": None, "jurisdiction": "AU", "timezone": "Australia/Perth"}, ["au.freq.week"]),
    ({"account_id": None, "debtor_id": None, "jurisdiction": "IN"}, []),
    ({"started_at": None}, ["cn.freq.connected"]),
    ({"started_at": None, "channel": "sms"}, []),
    ({"started_at": None, "direction": "inbound"}, []),
    ({"jurisdiction": "DE"}, ["unknown.frequency"]),
]


@pytest.mark.parametrize(("given", "undecided"), LACKING)
def test_what_lacks_a_count_is_undecided_once(
    places: Places, given: dict[str, Any], undecided: list[str]
) -> None:
    found = judge_contacts([replace(at("2026-04-15T12:00:00"), **given)], places)
    frequency = [f.finding for f in found if f.finding.category == "contact.frequency"]
    assert [(f.rule, f.decision) for f in frequency] == [(rule, "undecided") for rule in undecided]


def test_a_row_that_cannot_be_counted_touches_no_other(places: Places) -> None:
    rows = days(0, 0, 0, outcome="connected")
    without = replace(rows[0], debtor_id=None), replace(rows[0], started_at=None)
    found = judge_contacts(table(*rows, *without), places)
    assert {f.call_id for f in found} == {"K4", "K5"}


SILENCE = [
    (0, 0, "us.freq.post_talk"),
    (0, 6, "us.freq.post_talk"),
    (0, 7, None),
]


@pytest.mark.parametrize(("talk", "call", "rule"), SILENCE)
def test_silence_after_a_conversation(places: Places, talk: int, call: int, rule: str | None) -> None:
    rows = [
        *days(talk, jurisdiction="US", timezone="America/Denver", outcome="conversation"),
        *days(call, hour=15, jurisdiction="US", timezone="America/Denver"),
    ]
    assert [r for _, r, _ in rules(judge_contacts(table(*rows), places))] == ([rule] if rule else [])


NO_SILENCE = [
    {"outcome": "connected"},
    {"outcome": "conversation", "direction": "inbound"},
    {"outcome": "conversation", "called_party": "contact"},
    {"outcome": "conversation", "account_id": "other"},
    {"outcome": "conversation", "channel": "visit"},
]


@pytest.mark.parametrize("given", NO_SILENCE)
def test_what_starts_no_silence(places: Places, given: dict[str, Any]) -> None:
    first = replace(days(0, jurisdiction="US", timezone="America/Denver")[0], **given)
    later = days(2, jurisdiction="US", timezone="America/Denver")
    assert judge_contacts(table(first, *later), places) == []


@pytest.mark.parametrize(("inbound", "expected"), [("ignored", []), ("undecided", ["undecided"])])
def test_a_place_may_ask_about_inbound_conversations(
    tmp_path: Path, inbound: str, expected: list[str]
) -> None:
    (tmp_path / "xx.yaml").write_text(
        "place: XX\nzone: America/Denver\nsources: {L: {title: {en: a, zh: b}, confidence: text read}}\n"
        "checks:\n  - {id: xx.silence, kind: silence, days: 7, per: debt, outcomes: [no_answer], "
        f"inbound: {inbound}, grounds: [L]}}\n",
        encoding="utf-8",
    )
    rows = table(
        at("2026-04-06T12:00:00", jurisdiction="XX", direction="inbound", outcome="conversation"),
        at("2026-04-08T12:00:00", jurisdiction="XX"),
    )
    assert [f.finding.decision for f in judge_contacts(rows, load_places(tmp_path))] == expected


def test_silence_ends_by_calendar_days_not_by_hours(places: Places) -> None:
    rows = table(
        at("2026-04-06T20:55:00", "America/Denver", jurisdiction="US", outcome="conversation"),
        at("2026-04-13T08:00:00", "America/Denver", jurisdiction="US"),
    )
    assert judge_contacts(rows, places) == []


def test_a_very_long_list_is_shown_in_part(places: Places) -> None:
    rows = table(*(at(f"2026-04-15T{8 + n // 60:02}:{n % 60:02}:00") for n in range(300)))
    last = judge_contacts(rows, places)[-1]
    assert last.details["number"] == 300
    assert len(last.details["counted"]) == 24
    assert "… 276 …" in last.finding.reason


# -- third persons


def lost(*outcomes: str, third: str = "contact", **given: Any) -> list[Contact]:
    """Calls to the debtor with these outcomes, one a day, and then a contact with a third person."""
    calls = [days(n, outcome=outcome)[0] for n, outcome in enumerate(outcomes)]
    return table(
        *calls, replace(days(len(outcomes), hour=12)[0], called_party=third, number_hash="t", **given)
    )


PARTIES = [
    (lost("conversation", "no_answer", "busy", "voicemail"), []),
    (lost("conversation", "no_answer", "busy"), ["cn.party.contact_precond breach"]),
    (lost("no_answer", "no_answer", "no_answer", "connected"), ["cn.party.contact_precond breach"]),
    (lost("no_answer", "no_answer"), ["cn.party.contact_precond undecided"]),
    (lost(), ["cn.party.contact_precond undecided"]),
    (lost("conversation", third="workplace"), ["cn.party.contact_precond breach"]),
    (lost("conversation", third="stranger", channel="sms"), ["cn.party.contact_precond breach"]),
    (lost("conversation", third="guarantor"), []),
    (lost("conversation", third="unknown"), []),
    (lost("conversation", third="spouse"), ["cn.party.spouse undecided"]),
    (lost("conversation", direction="inbound"), []),
    (lost("conversation", debtor_id=None), ["cn.party.contact_precond undecided"]),
    (lost("no_answer", "no_answer", "no_answer", started_at=None), ["cn.party.contact_precond undecided"]),
    (lost("conversation", jurisdiction="IN"), ["in.party breach"]),
    (lost("conversation", third="spouse", jurisdiction="IN"), ["in.party breach"]),
    (lost("conversation", third="guarantor", jurisdiction="IN"), []),
    (lost("conversation", third="guarantor", jurisdiction="ID", timezone="Asia/Jakarta"), ["id.party.guarantor undecided"]),
    (lost("conversation", third="contact", jurisdiction="US", timezone="America/Denver"), []),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), PARTIES)
def test_third_persons(places: Places, rows: list[Contact], expected: list[str]) -> None:
    found = [f.finding for f in judge_contacts(rows, places) if f.finding.category == "contact.third_party"]
    assert [f"{f.rule} {f.decision}" for f in found] == expected


def test_a_debtor_who_called_in_is_not_lost(places: Places) -> None:
    rows = lost("no_answer", "no_answer", "no_answer")
    called_in = at("2026-04-08T20:00:00", direction="inbound", outcome="conversation")
    found = judge_contacts(table(*rows[:3], called_in, rows[3]), places)
    assert rules(found) == [("K5", "cn.party.contact_precond", "breach")]


def test_only_calls_to_the_debtor_can_fail(places: Places) -> None:
    rows = lost("conversation", "no_answer", "no_answer", "voicemail")
    assert judge_contacts(rows, places) == []
    for given in ({"direction": "inbound"}, {"channel": "visit"}):
        found = judge_contacts([*rows[:3], replace(rows[3], **given), rows[4]], places)
        assert rules(found) == [("K5", "cn.party.contact_precond", "breach")]


# -- a run over the new days only


def test_what_lies_far_back_still_counts_in_a_run_over_new_days(places: Places) -> None:
    """Lost contact and a refusal are older than any window; a store selects them by what `history` says."""
    old = [at("2025-11-03T10:00:00", outcome="conversation")]
    old += [at(f"2025-11-0{n}T10:00:00") for n in (4, 5, 6)]
    refusing = at("2025-12-01T10:00:00", **CN_CONTACT, number_hash="t", debtor_id="e")
    noise = [at("2025-12-05T10:00:00", debtor_id="other")]
    new = [
        at("2026-04-14T23:30:00+00:00", called_party="contact", number_hash="u"),  # 15 April in Shanghai
        at("2026-04-16T10:00:00", number_hash="t", debtor_id="g"),
    ]
    rows = table(*old, refusing, *noise, *new)
    signals = [Signal("K5", 2, "customer.stop_contact")]
    since = date(2026, 4, 15)
    need = history(rows, places, signals, since)
    chosen = [row for row in rows if need.wants(row)]
    assert [row.call_id for row in chosen] == ["K1", "K2", "K3", "K4", "K5", "K7", "K8"]
    expected = [("K7", "cn.hours", "breach"), ("K8", "cn.party.contact_refused", "breach")]
    assert rules(judge_contacts(chosen, places, signals, since)) == expected
    assert rules(judge_contacts(rows, places, signals, since)) == expected


# -- after a refusal


def refused(
    first: Contact, later: Contact, category: str = "customer.stop_contact", **given: Any
) -> list[str]:
    rows = table(first, later)
    found = judge_contacts(rows, load_places(), [Signal("K1", 4, category, **given)])
    return [
        f"{f.call_id} {f.finding.rule} {f.finding.decision}" for f in found if "refusal" in f.finding.category
    ]


CN_CONTACT = {"called_party": "contact", "outcome": "conversation"}
US = {"jurisdiction": "US", "timezone": "America/Denver"}


def test_a_contact_person_who_refuses_binds_the_number() -> None:
    first = at("2026-04-10T10:00:00", **CN_CONTACT)
    bound = ["K2 cn.party.contact_refused breach"]
    assert refused(first, at("2026-04-17T10:00:00", **CN_CONTACT, agency="other", debtor_id="e")) == bound
    assert refused(first, at("2026-04-17T10:00:00", **CN_CONTACT, channel="letter")) == bound
    assert refused(first, at("2026-04-17T10:00:00", called_party="debtor")) == bound
    assert refused(first, at("2026-04-17T10:00:00", **CN_CONTACT, direction="inbound")) == []
    assert refused(first, at("2026-04-17T10:00:00", **CN_CONTACT, number_hash="other")) == []
    assert refused(first, at("2026-04-09T10:00:00", **CN_CONTACT)) == []
    assert refused(first, at("2026-04-10T10:00:00", **CN_CONTACT)) == []


def test_a_debtor_cannot_stop_calls_in_china() -> None:
    assert refused(at("2026-04-10T10:00:00"), at("2026-04-17T10:00:00")) == []


def test_who_said_it_may_be_known_better_from_the_words() -> None:
    first, later = at("2026-04-10T10:00:00"), at("2026-04-17T10:00:00")
    assert refused(first, later, party="contact") == ["K2 cn.party.contact_refused breach"]
    doubtful = replace(first, called_party="unknown")
    assert refused(doubtful, later) == ["K2 cn.party.contact_refused undecided"]


def test_a_certain_refusal_outweighs_a_doubtful_one() -> None:
    rows = table(
        at("2026-04-10T10:00:00", called_party="unknown"),
        at("2026-04-11T10:00:00", **CN_CONTACT),
        at("2026-04-12T10:00:00", called_party="debtor"),
    )
    signals = [Signal("K1", 1, "customer.stop_contact"), Signal("K2", 1, "customer.stop_contact")]
    found = [f for f in judge_contacts(rows, load_places(), signals) if "refused" in f.finding.rule]
    assert rules(found)[-1] == ("K3", "cn.party.contact_refused", "breach")
    assert found[-1].details["refusing_call"] == "K2"


def test_a_consumer_binds_every_later_call() -> None:
    first = at("2026-04-01T12:00:00", **US, outcome="conversation")
    call = at("2026-04-16T12:00:00", **US, number_hash="other", account_id="other", agency="other")
    assert refused(first, call) == ["K2 us.cease breach"]
    assert refused(first, call, rule="en.customer.stop_contact.lawyer") == ["K2 us.attorney breach"]
    assert refused(first, replace(call, channel="email"), "customer.stop_contact.lawyer") == [
        "K2 us.attorney breach"
    ]
    assert refused(first, replace(call, channel="letter")) == []
    assert refused(first, replace(call, called_party="unknown")) == ["K2 us.cease undecided"]
    assert refused(first, call, rule="en.customer.stop_contact.workplace") == []
    work = replace(call, called_party="workplace")
    assert refused(first, work, rule="en.customer.stop_contact.workplace") == ["K2 us.workplace.asked breach"]
    assert refused(first, call, "customer.complaint") == []
    assert refused(replace(first, direction="inbound"), call) == ["K2 us.cease breach"]


def test_a_workplace_binds_its_number_only() -> None:
    first = at("2026-04-01T12:00:00", **US, called_party="workplace", outcome="conversation")
    assert refused(first, at("2026-04-16T12:00:00", **US)) == ["K2 us.workplace breach"]
    assert refused(first, at("2026-04-16T12:00:00", **US, number_hash="other")) == []


def test_an_unknown_order_is_undecided() -> None:
    first = at("", **CN_CONTACT)
    assert refused(first, at("2026-04-17T10:00:00", **CN_CONTACT)) == [
        "K2 cn.party.contact_refused undecided"
    ]
    near = {"jurisdiction": "US", "outcome": "conversation"}
    unzoned = at("2026-04-01T12:00:00", **near)
    assert refused(unzoned, at("2026-04-02T12:00:00", **near)) == ["K2 us.cease undecided"]
    assert refused(unzoned, at("2026-04-05T12:00:00", **near)) == ["K2 us.cease breach"]


def test_bindings_end_when_they_end() -> None:
    first = at("2026-04-01T12:00:00", jurisdiction="UK")
    moratorium = {"category": "lender.breathing_space"}
    assert refused(first, at("2026-05-30T12:00:00", jurisdiction="UK"), **moratorium) == [
        "K2 uk.breathing_space breach"
    ]
    assert refused(first, at("2026-05-31T12:00:00", jurisdiction="UK"), **moratorium) == []
    us_first = at("2026-04-01T12:00:00", **US)
    until = date(2026, 4, 10)
    assert refused(us_first, at("2026-04-10T12:00:00", **US), until=until) == ["K2 us.cease breach"]
    assert refused(us_first, at("2026-04-11T12:00:00", **US), until=until) == []


def test_a_request_in_the_united_kingdom_is_for_a_person_to_weigh() -> None:
    first, later = at("2026-04-01T12:00:00", jurisdiction="UK"), at("2026-04-03T12:00:00", jurisdiction="UK")
    assert refused(first, later) == ["K2 uk.requests undecided"]
    assert refused(first, later, "customer.dispute") == ["K2 uk.disputed undecided"]


def test_signals_come_from_findings_that_stand() -> None:
    def heard(**given: Any) -> Finding:
        base: dict[str, Any] = {
            "rule": "en.customer.stop_contact.lawyer",
            "category": "customer.stop_contact",
            "severity": "info",
            "basis": "phrase",
            "confidence": 0.9,
            "decision": "noted",
            "turn": 5,
        }
        return Finding(**(base | given))

    findings = [
        heard(),
        heard(rule="en.customer.stop_contact", turn=7),
        heard(excused="quoted"),
        heard(trial=True),
        heard(decision="undecided"),
        heard(category="threat.legal", decision="breach"),
    ]
    signals = signals_of("K", findings)
    assert [(s.turn, s.kind) for s in signals] == [
        (5, "customer.stop_contact.lawyer"),
        (7, "customer.stop_contact"),
    ]


# -- what is not judged, and the table as a whole


def test_what_was_left_unjudged_is_counted(places: Places) -> None:
    rows = [
        at("2026-04-15T12:00:00", called_party="unknown", agency="b"),
        at("2026-04-15T12:00:00", jurisdiction="IN"),
        at("2026-04-15T12:00:00", jurisdiction="SG"),
        at("2026-04-15T12:00:00", jurisdiction="SG", direction="inbound"),
    ]
    told = [(n.category, n.reason, n.agency, n.contacts) for n in not_judged(rows, places)]
    assert told == [
        ("contact.frequency", "no figure for IN", "unknown", 1),
        ("contact.frequency", "no figure for SG", "unknown", 1),
        ("contact.hours", "no figure for SG", "unknown", 1),
        ("contact.third_party", "called_party unknown", "b", 1),
    ]


def test_a_contract_finds_more_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "contract.yaml").write_text(
        "extends: CN\nname: {en: c, zh: 合同}\n"
        "sources: {Contract: {title: {en: c, zh: 合同}, since: 2026-01-01, confidence: text read}}\n"
        "checks:\n  - {id: contract.hours, kind: hours, allowed: {every day: '09:00-20:00'}, grounds: [Contract 3]}\n",
        encoding="utf-8",
    )
    own = load_places(tmp_path)
    found = judge_contacts(table(at("2026-04-15T20:30:00"), at("2026-04-15T22:30:00")), own)
    assert rules(found) == [
        ("K1", "contract.hours", "breach"),
        ("K2", "cn.hours", "breach"),
        ("K2", "contract.hours", "breach"),
    ]
    assert found[0].finding.citation == "Contract 3"


def test_no_contacts_no_findings(places: Places) -> None:
    assert judge_contacts([], places) == []
    assert judge_contacts([], places, [Signal("K", 1, "customer.stop_contact")], since=date(2026, 1, 1)) == []


def test_many_contacts_of_one_key_stay_fast(places: Places) -> None:
    """A placeholder id shared by everybody must not make the count quadratic (20,000 contacts, a few seconds)."""
    start = datetime(2026, 1, 1)
    rows = [at((start + timedelta(minutes=n)).isoformat(), row=n, jurisdiction="US", timezone="America/Denver") for n in range(20_000)]  # fmt: skip
    began = datetime.now()
    judge_contacts(rows, places)
    assert (datetime.now() - began).total_seconds() < 30
