"""Who may do what: users, argon2 passwords with lock-out, sessions, roles and the rights they carry.

A `Scope` is one signed-in person; every query and act of the screens takes one, and what the role may not see
is left out by the query itself. Passwords are argon2id hashes; a session is a random token of which only the
SHA-256 is kept. After five wrong passwords an account is locked for a quarter of an hour. Every sign-in,
failure, lock and change is a ledger row.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from audit.errors import RightError, UsageError
from audit.store import tables as t
from audit.store.core import StoreCore
from audit.store.ledger import append, now

ATTEMPTS = 5
LOCK = timedelta(minutes=15)
SESSION = timedelta(hours=10)
SHORTEST_PASSWORD = 10

RIGHTS: Mapping[str, frozenset[str]] = {
    "officer": frozenset(
        [
            "overview",
            "queue",
            "decide",
            "bulk",
            "assign",
            "hear",
            "reveal",
            "export",
            "library",
            "lessons",
            "rulebook",
            "edit_rules",
            "agencies",
            "runs",
            "start_runs",
            "ledger",
            "sample",
            "draw_sample",
            "appeals",
            "judge_appeals",
            "hold",
        ]
    ),
    "reviewer": frozenset(["overview", "queue", "decide", "hear", "reveal", "library", "rulebook", "sample"]),
    "trainer": frozenset(["library", "lessons", "hear", "export", "rulebook"]),
    "agency": frozenset(["overview", "queue", "hear", "agencies", "appeals", "contest"]),
    "administrator": frozenset(
        ["overview", "agencies", "rulebook", "edit_rules", "runs", "start_runs", "ledger", "users", "hold"]
    ),
}
"""Role -> rights. An agency viewer sees the own agency only, always masked; a trainer sees no agency at all."""

ROLES: tuple[str, ...] = tuple(RIGHTS)

QUIET = frozenset(["overview", "queue", "library", "rulebook", "agencies", "runs", "ledger", "appeals"])
"""Rights that only look, masked: what can be done on a store that may only be read."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One signed-in person: `agency` limits what an agency viewer sees and is None for all others."""

    user: str
    role: str
    agency: str | None = None
    must_change: bool = False
    language: str | None = None
    read_only: bool = False

    def may(self, right: str) -> bool:
        """Whether the role carries the right (and, with a password to be changed first, none is carried).

        On a store that may only be read no right holds whose use must be noted.
        """
        if self.must_change or (self.read_only and right not in QUIET):
            return False
        return right in RIGHTS.get(self.role, frozenset())

    def require(self, right: str) -> None:
        """Raise RightError unless the role carries the right."""
        if not self.may(right):
            raise RightError(f"{self.user} ({self.role}) may not: {right}.")


@lru_cache(maxsize=1)
def _hasher() -> Any:
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobody() -> str:
    # Verified for unknown names, so that a wrong name takes as long as a wrong password.
    return str(_hasher().hash(secrets.token_hex(16)))


def first_administrator(connection: Connection) -> str | None:
    """Make the user `admin` where there is nobody yet and return the password, to be shown once; else None."""
    if connection.execute(select(func.count()).select_from(t.users)).scalar_one():
        return None
    password = new_password()
    _insert(connection, "admin", password, "administrator", None)
    append(connection, "audit", "user.created", "admin", {"role": "administrator"})
    return password


def new_password() -> str:
    """A random password of four groups that can be read over the telephone."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def _insert(connection: Connection, name: str, password: str | None, role: str, agency: str | None) -> None:
    connection.execute(
        insert(t.users).values(
            name=name,
            password_hash=_hasher().hash(password) if password else None,
            role=role,
            agency=agency,
            must_change=password is not None,
            failed_attempts=0,
            created_at=now(),
        )
    )


def add_user(
    connection: Connection, scope: Scope, name: str, role: str, agency: str | None = None, oidc: bool = False
) -> str:
    """Make a user and return the password to hand over (empty with `oidc`: they sign in at the company's door).

    Raises RightError without the right, UsageError for a bad name, role, missing agency or a name in use.
    """
    scope.require("users")
    name = name.strip()
    _check_user(name, role, agency)
    if connection.execute(select(t.users.c.name).where(t.users.c.name == name)).first():
        raise UsageError(f"There is a user {name} already.")
    password = None if oidc else new_password()
    _insert(connection, name, password, role, agency if role == "agency" else None)
    append(connection, scope.user, "user.created", name, {"role": role, "agency": agency})
    return password or ""


def _check_user(name: str, role: str, agency: str | None) -> None:
    if not re.fullmatch(r"[\w.@+-]{2,128}", name):
        raise UsageError("A user name has 2 to 128 letters, digits or . @ + - _")
    if role not in RIGHTS:
        raise UsageError(f"A role is one of {', '.join(ROLES)}.")
    if role == "agency" and not agency:
        raise UsageError("An agency viewer needs an agency.")


def change_user(
    connection: Connection, scope: Scope, name: str, role: str, agency: str | None = None
) -> None:
    """Give a user another role; their sessions end. The last administrator keeps the role (UsageError)."""
    scope.require("users")
    _check_user(name, role, agency)
    if role != "administrator":
        _keep_one_administrator(connection, name)
    connection.execute(
        update(t.users)
        .where(t.users.c.name == name)
        .values(role=role, agency=agency if role == "agency" else None)
    )
    connection.execute(delete(t.sessions).where(t.sessions.c.user == name))
    append(connection, scope.user, "user.changed", name, {"role": role, "agency": agency})


def remove_user(connection: Connection, scope: Scope, name: str) -> None:
    """Remove a user and end their sessions; what they did stays in the ledger under their name."""
    scope.require("users")
    _keep_one_administrator(connection, name)
    connection.execute(delete(t.sessions).where(t.sessions.c.user == name))
    connection.execute(delete(t.users).where(t.users.c.name == name))
    append(connection, scope.user, "user.removed", name, {})


def _keep_one_administrator(connection: Connection, name: str) -> None:
    others = select(func.count()).where(t.users.c.role == "administrator", t.users.c.name != name)
    if connection.execute(others).scalar_one() == 0:
        raise UsageError("The last administrator cannot be removed or given another role.")


def reset_password(connection: Connection, scope: Scope, name: str) -> str:
    """Give a user a new password to be changed at the next sign-in, and unlock them."""
    scope.require("users")
    password = new_password()
    _set_password(connection, name, password, must_change=True)
    append(connection, scope.user, "user.password_reset", name, {})
    return password


def _set_password(connection: Connection, name: str, password: str, must_change: bool) -> None:
    connection.execute(
        update(t.users)
        .where(t.users.c.name == name)
        .values(
            password_hash=_hasher().hash(password),
            must_change=must_change,
            failed_attempts=0,
            locked_until=None,
        )
    )
    connection.execute(delete(t.sessions).where(t.sessions.c.user == name))


def change_password(store: StoreCore, user: str, old: str, new: str) -> Scope:
    """Change one's own password and return the scope without the duty to change.

    Raises RightError for a wrong old password (it counts as an attempt), UsageError for a weak new one.
    """
    scope = sign_in(store, user, old)
    if len(new) < SHORTEST_PASSWORD or new == old or user.lower() in new.lower():
        raise UsageError(
            f"A password has at least {SHORTEST_PASSWORD} signs, is new and does not hold the user's name."
        )
    with store.begin() as connection:
        _set_password(connection, user, new, must_change=False)
        append(connection, user, "user.password_changed", user, {})
    return Scope(scope.user, scope.role, scope.agency, False, scope.language)


def sign_in(store: StoreCore, name: str, password: str) -> Scope:
    """The scope of a user who knows the password; raises RightError in words that do not tell which was wrong."""
    from argon2.exceptions import InvalidHashError, VerificationError

    name = name.strip()
    with store.read() as connection:
        row = connection.execute(select(t.users).where(t.users.c.name == name)).mappings().one_or_none()
    locked = (row is not None and _is_locked(row)) or _locked_here(store, name)
    known = row["password_hash"] if row is not None and row["password_hash"] else None
    try:
        _hasher().verify(known or _nobody(), password)
        right = known is not None
    except (VerificationError, InvalidHashError):
        right = False
    if store.read_only:
        _count_here(store, name, right and not locked)
    else:
        with store.begin() as connection:
            if row is None or locked or not right:
                _count_failure(connection, row, locked)
            else:
                _count_success(connection, name)
    if locked:
        raise RightError("locked")
    if row is None or not right:
        raise RightError("wrong")
    return _scope(row)


_FAILED: dict[tuple[str, str], list[datetime]] = {}
"""Wrong passwords on stores that may only be read, where the file cannot count them: (store, name) -> moments."""


def _locked_here(store: StoreCore, name: str) -> bool:
    since = datetime.now(UTC) - LOCK
    return sum(moment > since for moment in _FAILED.get((store.url, name), ())) >= ATTEMPTS


def _count_here(store: StoreCore, name: str, good: bool) -> None:
    if good:
        _FAILED.pop((store.url, name), None)
    elif not _locked_here(store, name):
        _FAILED.setdefault((store.url, name), []).append(datetime.now(UTC))


def _is_locked(row: RowMapping) -> bool:
    until = row["locked_until"]
    return bool(until) and datetime.fromisoformat(until) > datetime.now(UTC)


def _count_failure(connection: Connection, row: RowMapping | None, locked: bool) -> None:
    if row is None:
        # The name typed is not kept: people type passwords into name fields.
        append(connection, "unknown", "signin.failed", "unknown user", {})
        return
    name = row["name"]
    append(connection, name, "signin.failed", name, {"locked": locked})
    if locked:
        return
    attempts = int(row["failed_attempts"]) + 1
    values: dict[str, Any] = {"failed_attempts": attempts}
    if attempts >= ATTEMPTS:
        values = {"failed_attempts": 0, "locked_until": (datetime.now(UTC) + LOCK).isoformat()}
        append(connection, name, "user.locked", name, {"minutes": int(LOCK.total_seconds() // 60)})
    connection.execute(update(t.users).where(t.users.c.name == name).values(values))


def _count_success(connection: Connection, name: str) -> None:
    connection.execute(
        update(t.users).where(t.users.c.name == name).values(failed_attempts=0, locked_until=None)
    )
    append(connection, name, "signin.done", name, {})


def _scope(row: RowMapping) -> Scope:
    return Scope(row["name"], row["role"], row["agency"], bool(row["must_change"]), row["language"])


@dataclass(frozen=True, slots=True)
class RoleClaims:
    """How claims of the company's sign-in become a role: `roles` maps a value of `claim` to a role.

    `claim` holds a text or a list of texts; the first entry of `roles` that is among them decides. The agency of
    an agency viewer is the text of `agency_claim`.
    """

    claim: str
    roles: Mapping[str, str]
    agency_claim: str = "agency"

    def role_of(self, claims: Mapping[str, Any]) -> tuple[str, str | None] | None:
        """(role, agency) the claims give, or None: no value matches, or an agency viewer without an agency."""
        given = claims.get(self.claim)
        values = {given} if isinstance(given, str) else set(given) if isinstance(given, list) else set()
        role = next((role for value, role in self.roles.items() if value in values), None)
        if role is None or role not in RIGHTS:
            return None
        agency = claims.get(self.agency_claim)
        if role != "agency":
            return role, None
        return (role, agency) if isinstance(agency, str) and agency else None


def role_claims(section: Mapping[str, Any] | None) -> RoleClaims | None:
    """The mapping of a `[roles]` section (claim, agency_claim, of); None without one.

    Raises UsageError for a section that does not hold: a role that does not exist must not pass in silence.
    """
    if not section:
        return None
    roles = section.get("of") or {}
    wrong = sorted(str(role) for role in roles.values() if role not in RIGHTS)
    if not section.get("claim") or not roles or wrong:
        what = f"unknown roles: {', '.join(wrong)}" if wrong else "it needs `claim` and `[roles.of]`"
        raise UsageError(f"[roles] in secrets.toml does not hold: {what}. Roles are {', '.join(ROLES)}.")
    return RoleClaims(str(section["claim"]), dict(roles), str(section.get("agency_claim") or "agency"))


def sign_in_by_company(
    store: StoreCore, claims: Mapping[str, Any], mapping: RoleClaims | None = None
) -> Scope:
    """The scope of somebody the company's own sign-in (OIDC) vouches for.

    The person is known by `email` (else `preferred_username`); an address the company says is not verified is
    refused. Without `mapping` an administrator must have added the person as a company account. With it the
    claims decide at every sign-in: the account is made, or its role changed, and who has no role by them is
    refused. An account with a password of its own is never taken over. Raises RightError("unknown").
    """
    address = address_of(claims)
    if store.read_only:
        with store.read() as connection:
            scope = company_scope(connection, address) if claims.get("email_verified") is not False else None
        if scope is None:
            raise RightError("unknown")
        return scope
    with store.begin() as connection:
        query = select(t.users).where(func.lower(t.users.c.name) == address)
        known = connection.execute(query).mappings().first()
        local = known is not None and known["password_hash"] is not None
        refused = not address or claims.get("email_verified") is False or local
        if not refused and mapping is not None:
            refused = not _follow_claims(connection, address, known, mapping.role_of(claims))
        row = connection.execute(query).mappings().first()
        good = not refused and row is not None
        subject = address or "unknown user"
        append(connection, subject, "signin.done" if good else "signin.failed", subject, {"by": "oidc"})
    if row is None or not good:
        raise RightError("unknown")
    return _scope(row)


def address_of(claims: Mapping[str, Any]) -> str:
    """The name under which the company knows a person, lower case; empty where it gives none that can be one."""
    given = str(claims.get("email") or claims.get("preferred_username") or "").strip().lower()
    return given if re.fullmatch(r"[\w.@+-]{2,128}", given) else ""


def _follow_claims(
    connection: Connection, address: str, known: RowMapping | None, given: tuple[str, str | None] | None
) -> bool:
    """Make or change the account as the claims say; False where they give no role."""
    if given is None:
        return False
    role, agency = given
    payload = {"role": role, "agency": agency, "by": "claims"}
    if known is None:
        _insert(connection, address, None, role, agency)
        append(connection, "company", "user.created", address, payload)
    elif (known["role"], known["agency"]) != given:
        if role != "administrator":
            _keep_one_administrator(connection, known["name"])
        where = t.users.c.name == known["name"]
        connection.execute(update(t.users).where(where).values(role=role, agency=agency))
        append(connection, "company", "user.changed", address, payload)
    return True


def company_scope(connection: Connection, address: str) -> Scope | None:
    """The scope of a company account as it is now; None when it is gone or became a local one."""
    query = select(t.users).where(func.lower(t.users.c.name) == address, t.users.c.password_hash.is_(None))
    row = connection.execute(query).mappings().first()
    return _scope(row) if row is not None else None


def open_session(connection: Connection, scope: Scope) -> str:
    """A token that stands for the scope until it is closed or ten hours are over."""
    token = secrets.token_urlsafe(32)
    moment = datetime.now(UTC)
    connection.execute(delete(t.sessions).where(t.sessions.c.expires_at < moment.isoformat()))
    connection.execute(
        insert(t.sessions).values(
            token_hash=_digest(token),
            user=scope.user,
            created_at=moment.isoformat(),
            expires_at=(moment + SESSION).isoformat(),
        )
    )
    return token


def resume(connection: Connection, token: str) -> Scope | None:
    """The scope a token stands for as the user is now; None when it is unknown or over."""
    query = (
        select(t.users)
        .join(t.sessions, t.sessions.c.user == t.users.c.name)
        .where(
            t.sessions.c.token_hash == _digest(token), t.sessions.c.expires_at > datetime.now(UTC).isoformat()
        )
    )
    row = connection.execute(query).mappings().one_or_none()
    return _scope(row) if row is not None else None


def scope_of(connection: Connection, name: str) -> Scope | None:
    """The scope of a user as the store has it now; for sessions on a store that may only be read."""
    row = connection.execute(select(t.users).where(t.users.c.name == name)).mappings().one_or_none()
    return _scope(row) if row is not None else None


def close_session(connection: Connection, scope: Scope, token: str) -> None:
    """End a session; the token is worth nothing afterwards."""
    connection.execute(delete(t.sessions).where(t.sessions.c.token_hash == _digest(token)))
    append(connection, scope.user, "signin.ended", scope.user, {})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def users(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """All users without their hashes, by name; needs the right `users`."""
    scope.require("users")
    rows = connection.execute(select(t.users).order_by(t.users.c.name)).mappings()
    return [
        {key: value for key, value in row.items() if key != "password_hash"}
        | {"oidc": row["password_hash"] is None}
        for row in rows
    ]


def set_language(connection: Connection, scope: Scope, language: str) -> None:
    """Remember the language a user reads in; nothing happens for a user who is not in the store (demo)."""
    connection.execute(update(t.users).where(t.users.c.name == scope.user).values(language=language))
