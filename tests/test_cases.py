"""Findings to cases: what counts, what is worst, which state follows from which verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.cases import Judged, build_case, case_status, counts, fingerprint, severity_rank, worst_severity
from audit.models import SEVERITIES, Finding

THREAT = Finding(
    "zh.threat.violence.harm", "threat.violence", "critical", "phrase", 0.9, turn=3, start=1, end=4
)
DISTRESS = Finding(
    "zh.customer.distress", "customer.distress", "high", "phrase", 0.9, decision="noted", turn=4
)


@pytest.mark.parametrize(
    ("finding", "counted"),
    [
        (THREAT, True),
        (replace(THREAT, decision="undecided"), True),
        (replace(THREAT, decision="undecided", basis="log"), False),
        (replace(THREAT, basis="log"), True),
        (replace(THREAT, excused="denied"), False),
        (replace(THREAT, trial=True), False),
        (DISTRESS, True),
        (replace(DISTRESS, category="good.rights"), False),
        (replace(DISTRESS, category="customer.dispute"), False),
    ],
)
def test_what_counts(finding: Finding, counted: bool) -> None:
    assert counts(finding) is counted
    assert (build_case([finding]) is not None) is counted


def test_a_case_takes_the_worst_severity_and_marks_distress() -> None:
    case = build_case([replace(THREAT, severity="low"), DISTRESS])
    assert case is not None
    assert (case.severity, case.distress, case.categories) == (
        "high",
        True,
        ("customer.distress", "threat.violence"),
    )


def test_a_breach_weighs_more_than_an_undecided_one() -> None:
    breach, undecided = build_case([THREAT]), build_case([replace(THREAT, decision="undecided")])
    assert breach is not None and undecided is not None
    assert breach.worth > undecided.worth


@pytest.mark.parametrize(
    "change", [{"rule": "x"}, {"turn": 4}, {"start": 2}, {"end": 5}, {"category": "threat.legal"}]
)
def test_another_place_is_another_finding(change: dict[str, object]) -> None:
    assert fingerprint("K1", THREAT) != fingerprint("K1", replace(THREAT, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"confidence": 0.1}, {"reason": "other"}, {"rule_version": 9}, {"citation": "x"}]
)
def test_a_better_explanation_keeps_the_finding(change: dict[str, object]) -> None:
    assert fingerprint("K1", THREAT) == fingerprint("K1", replace(THREAT, **change))  # type: ignore[arg-type]


A, B = Judged("confirmed", "ann"), Judged("dismissed", "ben")


@pytest.mark.parametrize(
    ("findings", "verdicts", "status"),
    [
        ({}, {}, "withdrawn"),
        ({"f": "high"}, {}, "open"),
        ({"f": "high"}, {"f": A}, "confirmed"),
        ({"f": "high", "g": "low"}, {"f": A}, "open"),
        ({"f": "high", "g": "low"}, {"f": A, "g": B}, "confirmed"),
        ({"f": "high"}, {"f": B}, "dismissed"),
        ({"f": "critical"}, {"f": A}, "second_look"),
        ({"f": "critical"}, {"f": Judged("confirmed", "ann", "ben")}, "confirmed"),
        ({"f": "high", "g": "low"}, {"f": Judged("escalated", "ann")}, "escalated"),
        ({"f": "high"}, {"other": A}, "open"),
    ],
)
def test_states(findings: dict[str, str], verdicts: dict[str, Judged], status: str) -> None:
    assert case_status(findings, verdicts) == status


def test_one_pair_of_eyes_is_enough_where_it_is_set_so() -> None:
    assert case_status({"f": "critical"}, {"f": A}, four_eyes=False) == "confirmed"


@given(st.lists(st.sampled_from(SEVERITIES), min_size=1))
def test_the_worst_is_no_better_than_any(severities: list[str]) -> None:
    worst = worst_severity(severities)
    assert worst in severities
    assert all(severity_rank(worst) <= severity_rank(one) for one in severities if worst)
