"""The log beside the recordings: every kind of discrepancy, and the ordinary cases that must stay quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.contact import Coverage, Discrepancy, RecordingFacts, coverage, load_places, reconcile
from audit.contact.reconcile import KINDS, name_time
from audit.models import Contact

START = datetime(2026, 4, 15, 2, 0, tzinfo=UTC)


def row(n: int, **given_: Any) -> Contact:
    base: dict[str, Any] = {
        "call_id": f"K{n}",
        "row": n,
        "started_at": START + timedelta(minutes=10 * n),
        "duration_s": 100.0,
        "outcome": "conversation",
        "agency": "one",
        "recording": f"{n}.wav",
    }
    return Contact(**(base | given_))


def heard(n: int, **given_: Any) -> RecordingFacts:
    base: dict[str, Any] = {"name": f"{n}.wav", "sha256": f"h{n}", "duration_s": 100.0, "speech_s": 60.0}
    return RecordingFacts(**(base | given_))


def kinds(found: list[Discrepancy]) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in found]


CASES = [
    ([row(1)], [heard(1)], []),
    ([row(1)], [], [("recording_absent", "K1")]),
    ([row(1, recording=None)], [], [("recording_not_named", "K1")]),
    ([row(1, recording=None, transcript="t.json")], [], []),
    ([row(1, recording=None, outcome="no_answer")], [], []),
    ([row(1, recording=None, outcome=None)], [], []),
    ([row(1, recording=None, channel="visit")], [], []),
    ([], [heard(9)], [("recording_unlogged", "9.wav")]),
    ([row(1), row(2)], [heard(1), heard(2, sha256="h1")], [("duplicate", "2.wav")]),
    ([row(1), row(2)], [heard(1, sha256=None), heard(2, sha256=None)], []),
    ([row(1), row(2, recording="1.wav")], [heard(1)], [("recording_shared", "1.wav")]),
    # length: the larger of 5 s and a tenth
    ([row(1)], [heard(1, duration_s=110.0)], []),
    ([row(1)], [heard(1, duration_s=110.1)], [("length", "1.wav")]),
    ([row(1)], [heard(1, duration_s=89.0)], [("cut", "1.wav")]),
    ([row(1, duration_s=20.0)], [heard(1, duration_s=25.0)], []),
    ([row(1, duration_s=20.0)], [heard(1, duration_s=25.1)], [("length", "1.wav")]),
    ([row(1, duration_s=None)], [heard(1, duration_s=1.0)], []),
    ([row(1)], [heard(1, duration_s=None)], []),
    ([row(1)], [heard(1, silent=True, speech_s=0.0, dead_channels=(0, 1))], [("silent", "1.wav")]),
    ([row(1)], [heard(1, dead_channels=(1,))], [("dead_channel", "1.wav")]),
    # the outcome code against what was heard
    ([row(1, outcome="no_answer")], [heard(1, speech_s=34.0)], [("outcome_unanswered", "1.wav")]),
    ([row(1, outcome="busy")], [heard(1, speech_s=9.0)], []),
    ([row(1, outcome="voicemail")], [heard(1, speech_s=34.0)], []),
    ([row(1)], [heard(1, speech_s=0.4)], [("outcome_reached", "1.wav")]),
    ([row(1, outcome="connected")], [heard(1, speech_s=0.4)], []),
    ([row(1, outcome="no_answer")], [heard(1, speech_s=None)], []),
]


@pytest.mark.parametrize(("contacts", "files", "expected"), CASES)
def test_discrepancies(
    contacts: list[Contact], files: list[RecordingFacts], expected: list[tuple[str, str]]
) -> None:
    assert kinds(reconcile(contacts, files)) == expected


def test_each_discrepancy_says_whose_it_is_and_what_in_both_languages() -> None:
    one = reconcile([row(1, agency="two", outcome="no_answer")], [heard(1, speech_s=34.0)])[0]
    assert (one.call_id, one.agency) == ("K1", "two")
    assert one.detail == "outcome no_answer, yet 34 s of speech are on the recording"
    assert "34" in one.explain("zh")
    assert one.explain("zh") != one.detail
    assert all(en and zh for en, zh in KINDS.values())


def test_kinds_and_subjects_are_unique() -> None:
    contacts = [row(n, recording="1.wav") for n in range(4)]
    found = kinds(reconcile(contacts, [heard(1), heard(2), heard(3, sha256="h2")]))
    assert len(found) == len(set(found))


# -- clocks


def closed(n: int, skew_s: float) -> RecordingFacts:
    """A file closed when its call ended, on a clock that is off by `skew_s`."""
    end = START + timedelta(minutes=10 * n, seconds=100 + skew_s)
    return heard(n, modified_at=end.timestamp())


def stamped(n: int, skew_s: float) -> tuple[Contact, RecordingFacts]:
    """A recorder that writes its local time (Shanghai) into the file name."""
    local = START + timedelta(minutes=10 * n, hours=8, seconds=skew_s)
    name = f"day/force-1300000-{local:%Y%m%d-%H%M%S}-{n}.wav"
    return row(n, recording=name, timezone="Asia/Shanghai"), heard(n, name=name)


def test_a_clock_that_is_off_is_told_once_for_the_agency() -> None:
    found = reconcile([row(n) for n in range(8)], [closed(n, 180 + n) for n in range(8)])
    assert kinds(found) == [("clock_skew", "one")]
    assert found[0].figures["skew_s"] == 183.5
    assert found[0].call_id is None


@pytest.mark.parametrize("skews", [[20.0] * 8, [180.0] * 4, [0.0, 4e3, 9e4, 2e5, 4e5, 7e5, 1e6, 2e6]])
def test_clocks_that_agree_are_few_or_are_only_copies_stay_quiet(skews: list[float]) -> None:
    contacts = [row(n) for n in range(len(skews))]
    assert reconcile(contacts, [closed(n, skew) for n, skew in enumerate(skews)]) == []


def test_times_in_file_names_count_before_file_times() -> None:
    pairs = [stamped(n, -90) for n in range(6)]
    found = reconcile([contact for contact, _ in pairs], [facts for _, facts in pairs])
    assert kinds(found) == [("clock_skew", "one")]
    assert found[0].figures["skew_s"] == -90


def test_a_recorder_in_another_zone_is_hinted_at() -> None:
    pairs = [stamped(n, -8 * 3600) for n in range(6)]
    found = reconcile([contact for contact, _ in pairs], [facts for _, facts in pairs])
    assert "UTC-8 h?" in found[0].detail


def test_one_recording_of_another_time_is_told() -> None:
    pairs = [stamped(n, 0) for n in range(6)] + [stamped(7, 3600)]
    found = reconcile([contact for contact, _ in pairs], [facts for _, facts in pairs])
    assert [(one.kind, one.call_id) for one in found] == [("clock_outlier", "K7")]


def test_rows_without_a_zone_take_the_places() -> None:
    rows = [
        replace(row(n), started_at=row(n).started_at.replace(tzinfo=None) + timedelta(hours=8))
        for n in range(6)
    ]  # type: ignore[union-attr]
    assert reconcile(rows, [closed(n, 300) for n in range(6)]) == []
    found = reconcile(rows, [closed(n, 300) for n in range(6)], load_places())
    assert kinds(found) == [("clock_skew", "one")]


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("force-130-8001-20260403-101530-1775.wav", datetime(2026, 4, 3, 10, 15, 30)),
        ("a/2026-04-03_10-15-30.mp3", datetime(2026, 4, 3, 10, 15, 30)),
        ("20260403101530.wav", datetime(2026, 4, 3, 10, 15, 30)),
        ("20261303-101530.wav", None),
        ("1290000111122223333.wav", None),
        ("20260403/k.wav", None),
    ],
)
def test_times_in_names(name: str, time: datetime | None) -> None:
    assert name_time(name) == time


# -- coverage


def test_coverage_per_agency() -> None:
    contacts = [
        row(1),
        row(2),
        row(3, recording=None, transcript="t.json"),
        row(4, outcome="no_answer"),
        row(5, agency="two", recording=None),
        row(6, agency="two", channel="sms"),
    ]
    assert coverage(contacts, [heard(1)]) == [Coverage("one", 3, 2), Coverage("two", 1, 0)]
    assert Coverage("one", 3, 2).share == pytest.approx(2 / 3)
    assert Coverage("one", 0, 0).share is None
    assert coverage([], []) == []


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12))
def test_every_row_and_every_file_is_accounted_for(present: list[tuple[bool, bool]]) -> None:
    contacts = [row(n) for n, (logged, _) in enumerate(present) if logged]
    files = [heard(n) for n, (_, there) in enumerate(present) if there]
    found = kinds(reconcile(contacts, files))
    absent = {f"K{n}" for n, (logged, there) in enumerate(present) if logged and not there}
    unlogged = {f"{n}.wav" for n, (logged, there) in enumerate(present) if there and not logged}
    assert {subject for kind, subject in found if kind == "recording_absent"} == absent
    assert {subject for kind, subject in found if kind == "recording_unlogged"} == unlogged
    assert len(found) == len(absent) + len(unlogged)
