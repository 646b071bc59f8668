"""The call table made ready: each contact with its rules, its moment and what of it counts for what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from audit.contact.explain import explain
from audit.contact.places import MESSAGES, Check, Key, Places, Rules, Text
from audit.contact.times import moment, second_of_day, utc_ordinal
from audit.models import Basis, Contact, Decision, Finding, Severity

SIGNALS: tuple[str, ...] = (
    "customer.stop_contact",
    "customer.stop_contact.lawyer",
    "customer.stop_contact.calls",
    "customer.stop_contact.workplace",
    "customer.stop_contact.family",
    "customer.stop_contact.written",
    "customer.stop_contact.time",
    "customer.dispute",
    "lender.breathing_space",
)
"""What may bind later contacts; the last is a fact that the lender knows, not one that is heard."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something heard in a call, or known to the lender, that may bind later contacts.

    `category` is one of SIGNALS; a plain customer.stop_contact is refined by the id of the `rule` that heard it
    (`zh.customer.stop_contact.workplace`); other categories bind nothing. What is None is taken from the
    contact `call_id`; `party` is who said it where the words show that it was not the party called.
    `until` is the last day on which it binds, where it has one. `turn` is None for a fact of the log.
    """

    call_id: str
    turn: int | None
    category: str
    rule: str = ""
    at: datetime | None = None
    party: str | None = None
    debtor_id: str | None = None
    number_hash: str | None = None
    until: date | None = None

    @property
    def kind(self) -> str:
        """The category, as finely as the rule's id says: customer.stop_contact.workplace."""
        fine = f"{self.category}.{self.rule.rpartition('.')[2]}"
        return fine if fine in SIGNALS else self.category


@dataclass(frozen=True, slots=True)
class ContactFinding:
    """A finding about a contact itself, with the figures behind its reason.

    `finding.turn` is None; `finding.reason` is `explain(details, "en")`. `details` is JSON-ready and renders in
    either language through `explain`.
    """

    call_id: str
    finding: Finding
    details: dict[str, Any] = field(default_factory=dict)


class Entry(NamedTuple):
    """One contact, ready. `ordinal` and `second` are those of the local start; -1 where it is unknown.

    `outcome` is `sent` for messages; None = not known. Instants are in seconds since 1970 UTC.
    """

    contact: Contact
    rules: Rules | None
    outbound: bool
    outcome: str | None
    local: datetime | None
    ordinal: int
    second: int
    earliest: float
    latest: float
    zone: str | None
    missing: str | None

    @property
    def placed(self) -> bool:
        """The instant is known, so the contact has its place in the order of time."""
        return self.earliest == self.latest

    @property
    def day(self) -> date | None:
        return self.local.date() if self.local else None


def entry(contact: Contact, places: Places) -> Entry:
    """The contact with the rules of its jurisdiction (none given = CN) and its moment."""
    rules = places.rules(contact.jurisdiction or "CN")
    local, earliest, latest, zone, missing = moment(contact, rules)
    ordinal = local.toordinal() if local else -1
    second = second_of_day(local) if local else -1
    outbound, outcome = contact.direction == "outbound", outcome_of(contact)
    return Entry(contact, rules, outbound, outcome, local, ordinal, second, earliest, latest, zone, missing)


def outcome_of(contact: Contact) -> str | None:
    """The outcome that counts: messages are sent; an empty outcome with a transcript is a conversation."""
    if contact.channel in MESSAGES:
        return "sent"
    if contact.outcome is None and contact.transcript is not None:
        return "conversation"
    return contact.outcome


def in_time_order(entries: Iterable[Entry]) -> list[Entry]:
    """The placed entries, earliest first; ties keep the order of rows."""
    placed = [e for e in entries if e.earliest == e.latest]
    placed.sort(key=lambda e: (e.earliest, e.contact.row, e.contact.call_id))
    return placed


class Forces:
    """Which checks hold on a local day, remembered for one run over the table."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, check: Check, ordinal: int) -> bool:
        """A day that is not known counts as one on which the check holds."""
        key = (id(check), ordinal)
        if key not in self._known:
            self._known[key] = ordinal < 1 or check.in_force(date.fromordinal(ordinal))
        return self._known[key]


def key_of(contact: Contact, key: Key) -> tuple[str, ...] | None:
    """What the contact is counted by, or None where the log lacks it."""
    if key == "debt":
        return (contact.debtor_id, contact.account_id) if contact.debtor_id and contact.account_id else None
    value = {"debtor": contact.debtor_id, "account": contact.account_id, "number": contact.number_hash}[key]
    return (value,) if value else None


def missing_key(contact: Contact, key: Key) -> str:
    """The column whose emptiness makes `key_of` answer None."""
    if key == "debt":
        return "debtor_id" if not contact.debtor_id else "account_id"
    return {"debtor": "debtor_id", "account": "account_id", "number": "number"}[key]


def is_party(contact: Contact, parties: frozenset[str]) -> bool | None:
    """Whether the called party is one of `parties`; None where the log does not say who was called."""
    if contact.called_party in parties:
        return True
    return None if contact.called_party == "unknown" else False


def later_than(item: Entry, since: int | None) -> bool:
    """Whether a contact is to be answered for in a run from the local day `since` on; undated ones always are."""
    if since is None or item.latest == float("inf"):
        return True
    return (item.ordinal if item.ordinal > 0 else utc_ordinal(item.latest)) >= since


def found(
    item: Entry, check: Check, details: dict[str, Any], decision: Decision | None = None, basis: Basis = "log"
) -> ContactFinding:
    """A finding by `check` on a contact; the check's own decision bounds the one given."""
    decided = "undecided" if "undecided" in (check.decision, decision) else "breach"
    head = {"check": check.id, "decision": decided, "note": _note(check.note)}
    return _finding(
        item, {**head, **details}, (check.id, check.category, check.severity), check.citation(item.day), basis
    )


def cannot_decide(item: Entry, checks: Sequence[Check], missing: str, category: str = "") -> ContactFinding:
    """An undecided finding that says what the log lacks; no checks = the jurisdiction has no rules here."""
    first = checks[0] if checks else None
    rule = first.id if first else f"unknown.{category.removeprefix('contact.')}"
    details = {
        "kind": "missing",
        "check": rule,
        "decision": "undecided",
        "missing": missing,
        "category": first.category if first else category,
        "jurisdiction": item.contact.jurisdiction or "CN",
        "zone": item.zone,
        "logged": item.contact.started_at.isoformat() if item.contact.started_at else None,
    }
    head = (rule, details["category"], first.severity if first else "low")
    return _finding(item, details, head, first.citation(item.day) if first else "", "log")  # type: ignore[arg-type]


def _note(note: Text) -> dict[str, str] | None:
    return {"en": note.en, "zh": note.zh} if note.en or note.zh else None


def _finding(
    item: Entry, details: dict[str, Any], head: tuple[str, str, Severity], citation: str, basis: Basis
) -> ContactFinding:
    rule, category, severity = head
    finding = Finding(
        rule=rule,
        category=category,
        severity=severity,
        basis=basis,
        confidence=1.0,
        decision=details["decision"],
        reason=explain(details, "en"),
        citation=citation,
    )
    return ContactFinding(item.contact.call_id, finding, details)
