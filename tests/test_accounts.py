"""Accounts: passwords, lock-out, sessions, roles; nobody gets a right the role does not carry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from audit.errors import RightError, UsageError
from audit.store import Store, accounts
from audit.store import tables as t
from audit.store.accounts import ATTEMPTS, RIGHTS, Scope
from audit.store.ledger import verify

ADMIN = Scope("admin", "administrator")


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open("sqlite://")
    with opened.begin() as connection:
        accounts.first_administrator(connection)
    yield opened
    opened.close()


def added(store: Store, name: str, role: str = "reviewer", agency: str | None = None) -> str:
    with store.begin() as connection:
        return accounts.add_user(connection, ADMIN, name, role, agency)


def actions(store: Store) -> list[str]:
    with store.read() as connection:
        return [row.action for row in connection.execute(select(t.ledger).order_by(t.ledger.c.seq))]


def test_the_first_administrator_is_made_once() -> None:
    store = Store.open("sqlite://")
    with store.begin() as connection:
        password = accounts.first_administrator(connection)
        assert password is not None
        assert accounts.first_administrator(connection) is None
    assert accounts.sign_in(store, "admin", password).must_change


def test_nothing_of_a_password_is_stored(store: Store) -> None:
    password = added(store, "mei")
    with store.read() as connection:
        row = connection.execute(select(t.users).where(t.users.c.name == "mei")).mappings().one()
    assert row["password_hash"].startswith("$argon2id$")
    assert password not in str(dict(row))


def test_a_new_user_must_change_and_has_no_right_before(store: Store) -> None:
    password = added(store, "mei")
    scope = accounts.sign_in(store, "mei", password)
    assert scope.must_change
    assert not [right for right in RIGHTS["reviewer"] if scope.may(right)]
    fresh = accounts.change_password(store, "mei", password, "seven small boats")
    assert fresh.may("decide")
    with pytest.raises(RightError):
        accounts.sign_in(store, "mei", password)


@pytest.mark.parametrize("weak", ["short", "mei-mei-mei", ""])
def test_weak_passwords_are_refused(store: Store, weak: str) -> None:
    password = added(store, "mei")
    with pytest.raises(UsageError):
        accounts.change_password(store, "mei", password, weak)


def test_the_old_password_again_is_refused(store: Store) -> None:
    password = added(store, "mei")
    with pytest.raises(UsageError):
        accounts.change_password(store, "mei", password, password)


def test_five_wrong_passwords_lock_and_time_unlocks(store: Store) -> None:
    password = added(store, "mei")
    for _ in range(ATTEMPTS):
        with pytest.raises(RightError, match="wrong"):
            accounts.sign_in(store, "mei", "no")
    with pytest.raises(RightError, match="locked"):
        accounts.sign_in(store, "mei", password)
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    with store.begin() as connection:
        connection.execute(update(t.users).where(t.users.c.name == "mei").values(locked_until=past))
    assert accounts.sign_in(store, "mei", password).user == "mei"
    assert "user.locked" in actions(store)


def test_four_wrong_and_one_right_count_from_nought(store: Store) -> None:
    password = added(store, "mei")
    for _ in range(3):
        for _ in range(ATTEMPTS - 1):
            with pytest.raises(RightError):
                accounts.sign_in(store, "mei", "no")
        accounts.sign_in(store, "mei", password)


def test_an_unknown_name_is_refused_and_not_kept(store: Store) -> None:
    with pytest.raises(RightError, match="wrong"):
        accounts.sign_in(store, "my-secret-password", "x")
    with store.read() as connection:
        rows = [str(dict(row)) for row in connection.execute(select(t.ledger)).mappings()]
    assert not [row for row in rows if "my-secret-password" in row]


def test_a_session_stands_for_the_user_as_they_are_now(store: Store) -> None:
    added(store, "mei")
    with store.begin() as connection:
        token = accounts.open_session(connection, Scope("mei", "reviewer"))
        assert accounts.resume(connection, token) is not None
        assert accounts.resume(connection, token + "x") is None
        stored = connection.execute(select(t.sessions.c.token_hash)).scalar_one()
    assert token not in stored
    with store.begin() as connection:
        accounts.change_user(connection, ADMIN, "mei", "trainer")
        assert accounts.resume(connection, token) is None


def test_a_session_ends_by_itself_and_by_hand(store: Store) -> None:
    added(store, "mei")
    scope = Scope("mei", "reviewer")
    with store.begin() as connection:
        token = accounts.open_session(connection, scope)
        connection.execute(update(t.sessions).values(expires_at="2020-01-01T00:00:00+00:00"))
        assert accounts.resume(connection, token) is None
        other = accounts.open_session(connection, scope)
        accounts.close_session(connection, scope, other)
        assert accounts.resume(connection, other) is None


@pytest.mark.parametrize("role", sorted(set(RIGHTS) - {"administrator"}))
def test_only_an_administrator_manages_people(store: Store, role: str) -> None:
    scope = Scope("x", role, "甲")
    with store.begin() as connection:
        for deed in (
            lambda: accounts.add_user(connection, scope, "new", "officer"),
            lambda: accounts.change_user(connection, scope, "admin", "officer"),
            lambda: accounts.reset_password(connection, scope, "admin"),
            lambda: accounts.remove_user(connection, scope, "admin"),
            lambda: accounts.users(connection, scope),
        ):
            with pytest.raises(RightError):
                deed()


@pytest.mark.parametrize(
    ("name", "role", "agency"),
    [("x", "officer", None), ("a b", "officer", None), ("mei", "king", None), ("mei", "agency", None), ("admin", "officer", None)],
)  # fmt: skip
def test_bad_users_are_refused(store: Store, name: str, role: str, agency: str | None) -> None:
    with store.begin() as connection, pytest.raises(UsageError):
        accounts.add_user(connection, ADMIN, name, role, agency)


def test_the_last_administrator_stays(store: Store) -> None:
    with store.begin() as connection:
        with pytest.raises(UsageError):
            accounts.remove_user(connection, ADMIN, "admin")
        with pytest.raises(UsageError):
            accounts.change_user(connection, ADMIN, "admin", "officer")
        accounts.add_user(connection, ADMIN, "second", "administrator")
        accounts.remove_user(connection, ADMIN, "admin")


def test_company_sign_in_needs_a_role_given_here(store: Store) -> None:
    with store.begin() as connection:
        assert accounts.add_user(connection, ADMIN, "mei@bank.example", "officer", oidc=True) == ""
    assert accounts.sign_in_by_company(store, {"email": "mei@bank.example"}).may("decide")
    with pytest.raises(RightError):
        accounts.sign_in_by_company(store, {"email": "stranger@bank.example"})
    with pytest.raises(RightError):
        accounts.sign_in(store, "mei@bank.example", "")
    added(store, "local")
    with pytest.raises(RightError):
        accounts.sign_in_by_company(store, {"email": "local"})


GROUPS = {"claim": "groups", "agency_claim": "company", "of": {"compliance": "officer", "listeners": "reviewer", "outside": "agency"}}  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"groups": ["staff", "compliance"]}, ("officer", None)),
        ({"groups": ["listeners", "compliance"]}, ("officer", None)),  # the first of the mapping decides
        ({"groups": "listeners"}, ("reviewer", None)),
        ({"groups": ["outside"], "company": "墨江信服"}, ("agency", "墨江信服")),
        ({"groups": ["outside"]}, None),  # an agency viewer of no agency would see nothing, or too much
        ({"groups": ["outside"], "company": ["墨江信服"]}, None),
        ({"groups": ["staff"]}, None),
        ({"groups": None}, None),
        ({}, None),
    ],
)
def test_claims_become_a_role(claims: dict[str, Any], expected: tuple[str, str | None] | None) -> None:
    mapping = accounts.role_claims(GROUPS)
    assert mapping is not None
    assert mapping.role_of(claims) == expected


@pytest.mark.parametrize(
    "section", [{"claim": "groups"}, {"of": {"a": "officer"}}, {"claim": "g", "of": {"a": "king"}}]
)
def test_a_mapping_that_does_not_hold_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        accounts.role_claims(section)
    assert accounts.role_claims(None) is None


def test_with_a_mapping_the_claims_decide_at_every_sign_in(store: Store) -> None:
    mapping = accounts.role_claims(GROUPS)
    person = {"email": "Mei@Bank.example", "groups": ["listeners"]}
    assert accounts.sign_in_by_company(store, person, mapping).role == "reviewer"
    assert accounts.sign_in_by_company(store, person | {"groups": ["compliance"]}, mapping).role == "officer"
    with store.read() as connection:
        now_is = accounts.company_scope(connection, "mei@bank.example")
    assert now_is is not None
    assert now_is.role == "officer"
    for claims in (
        person | {"groups": []},
        person | {"email_verified": False},
        {"groups": ["compliance"]},
        {"email": "", "groups": ["compliance"]},
        {"email": "a b@bank.example", "groups": ["compliance"]},
    ):
        with pytest.raises(RightError):
            accounts.sign_in_by_company(store, claims, mapping)
    added(store, "local")
    with pytest.raises(RightError):
        accounts.sign_in_by_company(store, {"email": "local", "groups": ["compliance"]}, mapping)


def test_the_address_of_the_company_is_known_whatever_its_case(store: Store) -> None:
    with store.begin() as connection:
        accounts.add_user(connection, ADMIN, "Li.Wei@Bank.example", "reviewer", oidc=True)
    assert accounts.sign_in_by_company(store, {"email": "li.wei@bank.EXAMPLE"}).role == "reviewer"


def test_every_deed_is_in_a_ledger_that_holds(store: Store) -> None:
    password = added(store, "mei")
    accounts.sign_in(store, "mei", password)
    with store.begin() as connection:
        accounts.reset_password(connection, ADMIN, "mei")
        accounts.remove_user(connection, ADMIN, "mei")
    assert actions(store) == [
        "user.created",
        "user.created",
        "signin.done",
        "user.password_reset",
        "user.removed",
    ]
    with store.read() as connection:
        assert verify(connection) == 5


def test_roles_stay_apart() -> None:
    assert not RIGHTS["administrator"] & {"decide", "hear", "reveal", "export"}
    assert not RIGHTS["agency"] & {"decide", "reveal", "export", "library", "ledger"}
    assert not RIGHTS["trainer"] & {"queue", "reveal", "agencies"}
    assert not RIGHTS["reviewer"] & {"bulk", "export", "users", "edit_rules"}
