"""Appeals: who may contest what, masked reasons, another person judges, the verdict follows, counts and ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from audit.errors import RightError, UsageError
from audit.store import Store, acts, appeals, views
from audit.store import tables as t
from audit.store.accounts import Scope
from audit.store.ledger import now, verify
from audit.store.views import QueueFilter
from tests.app_seed import seed

OFFICER, SECOND = Scope("officer", "officer"), Scope("second", "officer")
REVIEWER = Scope("reviewer", "reviewer")
AGENCY, OTHER = Scope("viewer", "agency", "墨江信服"), Scope("them", "agency", "立禾服务")
REASON = "录音里并没有这句话,请再听一遍。"
ANSWER = "我们又听了两遍,确有此话。"


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open("sqlite://")
    seed(opened)
    with opened.begin() as connection:
        for name, role in (("officer", "officer"), ("second", "officer"), ("reviewer", "reviewer")):
            connection.execute(insert(t.users).values(name=name, role=role, must_change=False, failed_attempts=0, created_at=now()))  # fmt: skip
    yield opened
    opened.close()


def finding(store: Store, severity: str, agency: str = "墨江信服") -> dict[str, Any]:
    query = (
        select(t.findings.c.finding_id, t.findings.c.call_id)
        .join(t.contacts, t.contacts.c.call_id == t.findings.c.call_id)
        .where(
            t.contacts.c.agency == agency, t.contacts.c.week == "2026-W14", t.findings.c.severity == severity
        )
        .where(t.findings.c.origin == "words", t.findings.c.decision == "breach")
        .order_by(t.findings.c.finding_id)
    )
    with store.read() as connection:
        return dict(connection.execute(query).mappings().first())


def confirmed(store: Store, severity: str = "high", by: Scope = REVIEWER) -> dict[str, Any]:
    one = finding(store, severity)
    with store.begin() as connection:
        acts.decide(connection, by, [one["finding_id"]], "confirmed")
    return one


def test_an_overturned_appeal_dismisses_the_finding(store: Store) -> None:
    one = confirmed(store)
    with store.begin() as connection:
        appeal = appeals.contest(connection, AGENCY, one["finding_id"], REASON)
        assert appeals.waiting(connection, OFFICER) == (1, 0)
        assert appeals.counts(connection, OFFICER)["墨江信服"]["open"] == 1
        row = appeals.appeals(connection, OFFICER, True)[0]
        assert (row["reason"], row["verdict_actor"], row["verdict"]) == (REASON, "reviewer", "confirmed")
        appeals.decide(connection, OFFICER, appeal, "overturned", ANSWER)
        case = connection.execute(
            select(t.cases.c.case_id).where(t.cases.c.call_id == one["call_id"])
        ).scalar_one()
        seen = views.case_view(connection, OFFICER, case)
        assert seen is not None
        changed = next(f for f in seen.findings if f.finding_id == one["finding_id"])
        assert (changed.verdict, changed.actor) == ("dismissed", "officer")
        assert appeals.waiting(connection, OFFICER) == (0, 0)
        mine = appeals.appeals(connection, AGENCY, False)[0]
        assert (mine["status"], mine["answer"], mine["decided_by"], mine["verdict_actor"]) == (
            "overturned",
            ANSWER,
            None,
            None,
        )
        done = [(r.actor, r.action) for r in connection.execute(select(t.ledger).order_by(t.ledger.c.seq))]
        assert ("viewer", "appeal.made") in done
        assert ("officer", "appeal.overturned") in done
        assert verify(connection) > 0
        assert appeals.counts(connection, AGENCY) == {
            "墨江信服": {"open": 0, "upheld": 0, "overturned": 1, "withdrawn": 0}
        }


def test_an_upheld_verdict_stays_and_is_contested_once(store: Store) -> None:
    one = confirmed(store)
    with store.begin() as connection:
        appeal = appeals.contest(connection, AGENCY, one["finding_id"], REASON)
        with pytest.raises(UsageError):
            appeals.contest(connection, AGENCY, one["finding_id"], REASON)
        appeals.decide(connection, OFFICER, appeal, "upheld", ANSWER)
        verdict = select(t.verdicts.c.verdict).where(t.verdicts.c.finding_id == one["finding_id"])
        assert connection.execute(verdict).scalar_one() == "confirmed"
        with pytest.raises(UsageError):
            appeals.contest(connection, AGENCY, one["finding_id"], REASON)
        with pytest.raises(UsageError):
            appeals.decide(connection, OFFICER, appeal, "overturned", ANSWER)


def test_a_withdrawn_appeal_can_be_made_again(store: Store) -> None:
    one = confirmed(store)
    with store.begin() as connection:
        appeal = appeals.contest(connection, AGENCY, one["finding_id"], REASON)
        with pytest.raises(UsageError):
            appeals.withdraw(connection, OTHER, appeal)
        appeals.withdraw(connection, AGENCY, appeal)
        assert appeals.contest(connection, AGENCY, one["finding_id"], REASON) != appeal


def test_who_confirmed_does_not_judge_while_another_could(store: Store) -> None:
    one = confirmed(store, by=OFFICER)
    with store.begin() as connection:
        appeal = appeals.contest(connection, AGENCY, one["finding_id"], REASON)
        with pytest.raises(RightError):
            appeals.decide(connection, OFFICER, appeal, "upheld", ANSWER)
        connection.execute(t.users.delete().where(t.users.c.name == "second"))
        appeals.decide(connection, OFFICER, appeal, "upheld", ANSWER)  # nobody else is there


def test_only_final_own_and_recent_verdicts_are_contested(store: Store) -> None:
    one = finding(store, "high")
    with store.begin() as connection:
        with pytest.raises(UsageError):
            appeals.contest(connection, AGENCY, one["finding_id"], REASON)  # nobody confirmed it
        acts.decide(connection, REVIEWER, [one["finding_id"]], "confirmed")
        with pytest.raises(RightError):
            appeals.contest(connection, OTHER, one["finding_id"], REASON)
        with pytest.raises(UsageError):
            appeals.contest(connection, AGENCY, one["finding_id"], "no")
        for scope in (OFFICER, REVIEWER, Scope("t", "trainer"), Scope("a", "administrator")):
            with pytest.raises(RightError):
                appeals.contest(connection, scope, one["finding_id"], REASON)
        old = (datetime.now(UTC) - appeals.WINDOW - timedelta(days=1)).isoformat()
        connection.execute(update(t.verdicts).values(at=old))
        with pytest.raises(UsageError):
            appeals.contest(connection, AGENCY, one["finding_id"], REASON)


def test_a_critical_verdict_waits_for_its_second_person(store: Store) -> None:
    one = confirmed(store, "critical")
    with store.begin() as connection:
        assert one["finding_id"] not in {
            r["finding_id"] for r in appeals.contestable(connection, AGENCY, one["call_id"])
        }
        acts.decide(connection, OFFICER, [one["finding_id"]], "confirmed")
        assert one["finding_id"] in {
            r["finding_id"] for r in appeals.contestable(connection, AGENCY, one["call_id"])
        }


@pytest.mark.parametrize("role", ["reviewer", "trainer", "administrator", "agency"])
def test_only_an_officer_judges(store: Store, role: str) -> None:
    one = confirmed(store)
    scope = Scope("x", role, "墨江信服" if role == "agency" else None)
    with store.begin() as connection:
        appeal = appeals.contest(connection, AGENCY, one["finding_id"], REASON)
        with pytest.raises(RightError):
            appeals.decide(connection, scope, appeal, "overturned", ANSWER)
        assert appeals.appeals(connection, OTHER, True) == []
        assert appeals.counts(connection, OTHER) == {}


def test_reasons_are_masked_before_they_are_kept() -> None:
    from audit.screens.parts.desk import Desk
    from audit.screens.parts.judging import masked_text
    from audit.settings import Settings

    desk = Desk(Store.open("sqlite://"), AGENCY, Settings(), False)
    assert "13800138000" not in masked_text(desk, "客户电话是13800138000,当时并未威胁。")
    assert "0147" not in masked_text(desk, "He called back from 212-555-0147 and was fine.")


def test_the_queue_of_an_agency_is_not_widened_by_appeals(store: Store) -> None:
    confirmed(store)
    with store.read() as connection:
        rows, _ = views.queue(connection, AGENCY, QueueFilter(status="all"), 500)
    assert {row["agency"] for row in rows} == {"墨江信服"}
