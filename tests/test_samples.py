"""Samples of unflagged calls: a draw anybody can repeat, heard blind, an estimate on the overview and in the papers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from audit.errors import RightError, UsageError
from audit.sampling import stratified
from audit.store import Store, samples
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import verify
from audit.store.samples import Heard
from audit.store.views.case import call_view
from tests.app_seed import MONDAY, _put, build_call, seed

OFFICER = Scope("officer", "officer")
REVIEWER = Scope("reviewer", "reviewer")
AGENCY = Scope("viewer", "agency", "墨江信服")
WEEK = "2026-W14"
QUIET = 60


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path_factory.mktemp('samples') / 'audit.db'}")
    seed(opened)
    agencies = ("松屿服务", "墨江信服", "立禾服务")
    with opened.begin() as connection:
        for i in range(QUIET):
            # Script 7 holds nothing that makes a case.
            result, masked, _ = build_call(
                7, f"Q{i:03d}", MONDAY + timedelta(days=i % 7, hours=10), f"X{i % 4}"
            )
            agency = agencies[0] if i % 10 else agencies[1 + i % 2]
            result = replace(result, contact=replace(result.contact, agency=agency, recording=None))
            _put(connection, result, masked, [])
    yield opened
    opened.close()


def drawn(store: Store, size: int = 20, by: str = "agency", seed: str = "boat") -> dict[str, Any]:
    with store.begin() as connection:
        sample_id = samples.draw(connection, OFFICER, WEEK, size, by, seed)
        return next(row for row in samples.samples(connection, OFFICER) if row["sample_id"] == sample_id)


def items(store: Store, sample: dict[str, Any]) -> list[dict[str, Any]]:
    with store.read() as connection:
        return samples.items(connection, OFFICER, sample["sample_id"])


def test_a_draw_holds_only_unflagged_calls_and_can_be_repeated(store: Store) -> None:
    first, second, other = drawn(store), drawn(store), drawn(store, seed="lantern")
    ids = [row["call_id"] for row in items(store, first)]
    assert ids == [row["call_id"] for row in items(store, second)]
    assert ids != [row["call_id"] for row in items(store, other)]
    with store.read() as connection:
        flagged = set(connection.execute(select(t.cases.c.call_id)).scalars())
        frame = samples.unflagged(connection, WEEK)
    assert not flagged & set(ids)
    assert first["frame"] == len(frame) >= QUIET
    assert first["frame_hash"] == samples.frame_hash(row["call_id"] for row in frame)
    # An auditor with the frame, the spread and the seed of the ledger row draws the same calls.
    again = stratified(
        frame, lambda row: samples.stratum_of(row, "agency"), lambda row: row["call_id"], 20, "boat"
    )
    assert sorted(row["call_id"] for row in again) == sorted(ids)
    assert sum(one["drawn"] for one in first["strata"]) == 20
    assert all(one["drawn"] >= 1 for one in first["strata"])
    with store.read() as connection:
        row = (
            connection.execute(select(t.ledger).where(t.ledger.c.subject == first["sample_id"]))
            .mappings()
            .one()
        )
    assert json.loads(row["payload"])["seed"] == "boat"
    assert json.loads(row["payload"])["frame_hash"] == first["frame_hash"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 90), st.sampled_from(sorted(samples.STRATA)))
def test_every_size_and_spread_adds_up(store: Store, size: int, by: str) -> None:
    sample = drawn(store, size, by)
    found = items(store, sample)
    assert (
        len(found) == sample["size"] == min(size, sample["frame"]) == len({row["call_id"] for row in found})
    )
    assert sum(one["unflagged"] for one in sample["strata"]) == sample["frame"]
    for one in sample["strata"]:
        assert sum(row["stratum"] == one["stratum"] for row in found) == one["drawn"] <= one["unflagged"]


def test_what_reviewers_heard_becomes_an_estimate(store: Store) -> None:
    sample = drawn(store, 10, seed="estimate")
    found = items(store, sample)
    with store.begin() as connection:
        samples.decide(
            connection,
            REVIEWER,
            sample["sample_id"],
            found[0]["call_id"],
            Heard("missed", "threat.legal", 2, "she cried"),
        )
        samples.decide(connection, REVIEWER, sample["sample_id"], found[1]["call_id"], Heard("unusable"))
        for row in found[2:]:
            samples.decide(connection, OFFICER, sample["sample_id"], row["call_id"], Heard("nothing"))
        estimate = samples.of_week(connection, OFFICER, WEEK)
        assert samples.of_week(connection, AGENCY, WEEK) is None
        ledger = [row.payload for row in connection.execute(select(t.ledger))]
        assert verify(connection) > 0
    assert estimate is not None
    assert estimate.sample_id == sample["sample_id"]
    assert estimate.whole
    assert (estimate.share.hits, estimate.share.of) == (1, 9)
    assert estimate.missed == pytest.approx(sample["frame"] / 9)
    assert 0 < estimate.low < estimate.missed < estimate.high <= sample["frame"]
    assert items(store, sample)[0]["moment_s"] is not None
    assert not [payload for payload in ledger if "cried" in payload]
    with store.begin() as connection:
        samples.decide(connection, REVIEWER, sample["sample_id"], found[0]["call_id"], None)
        estimate = samples.of_week(connection, OFFICER, WEEK)
        assert estimate is not None and not estimate.whole and estimate.share.hits == 0
        with pytest.raises(UsageError):
            samples.discard(connection, OFFICER, sample["sample_id"])


def test_a_missed_thing_needs_its_category_and_place(store: Store) -> None:
    sample = drawn(store, 3, seed="needs")
    call = items(store, sample)[0]["call_id"]
    with store.begin() as connection:
        for category, turn in ((None, 2), ("threat.legal", None), ("good.empathy", 1), ("contact.hours", 1)):
            with pytest.raises(UsageError):
                samples.decide(
                    connection, REVIEWER, sample["sample_id"], call, Heard("missed", category, turn)
                )
        with pytest.raises(UsageError):
            samples.decide(connection, REVIEWER, sample["sample_id"], "K000", Heard("nothing"))
        with pytest.raises(UsageError):
            samples.draw(connection, OFFICER, "1999-W01", 5, "agency", "x")
        with pytest.raises(UsageError):
            samples.draw(connection, OFFICER, WEEK, 0, "agency", "x")
        samples.discard(connection, OFFICER, sample["sample_id"])


@pytest.mark.parametrize("role", ["agency", "trainer", "administrator"])
def test_others_neither_draw_nor_hear_a_sample(store: Store, role: str) -> None:
    scope = Scope("x", role, "墨江信服" if role == "agency" else None)
    sample = drawn(store, 3, seed="rights")
    with store.begin() as connection:
        for deed in (
            lambda: samples.draw(connection, scope, WEEK, 3, "agency", "x"),
            lambda: samples.samples(connection, scope),
            lambda: samples.items(connection, scope, sample["sample_id"]),
            lambda: samples.decide(connection, scope, sample["sample_id"], "Q000", Heard("nothing")),
            lambda: call_view(connection, scope, "Q000"),
        ):
            with pytest.raises(RightError):
                deed()
        with pytest.raises(RightError):
            samples.draw(connection, REVIEWER, WEEK, 3, "agency", "x")


def test_a_call_is_heard_blind_and_masked(store: Store) -> None:
    with store.read() as connection:
        seen = call_view(connection, REVIEWER, "Q001")
    assert seen is not None
    assert seen.findings == ()
    assert not seen.revealed
    assert "PERSON" in {piece.masked for turn in seen.turns for piece in turn.pieces}
    assert "孙梅" not in str([piece.text for turn in seen.turns for piece in turn.pieces])
    assert seen.bleeps


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_papers_say_what_is_missed(store: Store, tmp_path: Path, language: str) -> None:
    from audit.contact import load_places
    from audit.report import Paper, write_papers

    sample = drawn(store, 12, seed=f"papers {language}")
    with store.begin() as connection:
        for at, row in enumerate(samples.items(connection, OFFICER, sample["sample_id"])):
            said = Heard("missed", "harassment.insult", 0) if at < 3 else Heard("nothing")
            samples.decide(connection, OFFICER, sample["sample_id"], row["call_id"], said)
        ids = list(
            connection.execute(select(t.contacts.c.call_id).where(t.contacts.c.week == WEEK)).scalars()
        )
    paper = Paper("R9", language, "CN", {}, call_ids=ids)
    write_papers(store, load_places(None), paper, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert ("Share missed" if language == "en" else "漏检率") in page
    assert "25.0%" in page
    kept = json.loads((tmp_path / "run.json").read_text("utf-8"))["unflagged_samples"]
    assert [(one["week"], one["heard"], one["missed"]) for one in kept] == [(WEEK, 12, 3)]
    write_papers(store, load_places(None), replace(paper, agency="墨江信服"), tmp_path)
    assert "25.0%" not in (tmp_path / "report.html").read_text("utf-8")
