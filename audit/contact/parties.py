"""Parties, from the log: persons who are not the debtor, contacted without the precondition of their place.

What is said to a third person who picks up is judged from the transcript, elsewhere. A called party that the
log does not name is not judged here (`audit.contact.not_judged` counts it).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from audit.contact.entries import ContactFinding, Entry, Forces, found
from audit.contact.places import PartyCheck
from audit.contact.times import text_of

REACHED = frozenset({"connected", "conversation"})
_KEPT = 64
"""Failed calls remembered for a debtor: far more than any place asks for."""
_EMPTY: dict[str, Any] = {"reached": None, "reached_local": None, "missing": None}


@dataclass(slots=True)
class _Reach:
    """How the debtor was last reached, and the outcomes of the calls to the debtor since, oldest first."""

    reached: Entry | None
    failures: deque[str]


class Parties:
    """State of one pass: for each debtor of whom a third person was contacted, how contact was lost."""

    def __init__(self, debtors: frozenset[str]) -> None:
        self._debtors = debtors
        self._reach: dict[str, _Reach] = {}
        self._forces = Forces()

    def judge(self, entries: Iterable[Entry]) -> Iterator[ContactFinding]:
        """Findings in the order of the entries: in time order, inbound ones among them."""
        for item in entries:
            debtor = item.contact.debtor_id
            if item.contact.called_party == "debtor":
                if debtor in self._debtors:
                    self._follow(item, debtor)
            elif item.outbound and item.rules is not None and item.rules.parties:
                yield from self._judge(item, "" if debtor else "debtor_id")

    def judge_unplaced(self, entries: Iterable[Entry]) -> Iterator[ContactFinding]:
        """Contacts without a place in time: forbidden persons are found, preconditions are undecided."""
        for item in entries:
            if item.outbound and item.rules is not None:
                yield from self._judge(item, item.missing or "started_at")

    def _follow(self, item: Entry, debtor: str | None) -> None:
        """A debtor who called in has been reached as well; only calls can fail."""
        reach = self._reach.setdefault(debtor or "", _Reach(None, deque(maxlen=_KEPT)))
        if item.outcome in REACHED:
            reach.reached, reach.failures = item, deque(maxlen=_KEPT)
        elif item.outbound and item.contact.channel == "call" and item.outcome is not None:
            reach.failures.append(item.outcome)

    def _judge(self, item: Entry, missing: str) -> Iterator[ContactFinding]:
        for check in item.rules.parties if item.rules else ():
            named = item.contact.called_party in check.parties and item.contact.channel in check.channels
            if named and self._forces(check, item.ordinal):
                yield from self._met(item, check, missing)

    def _met(self, item: Entry, check: PartyCheck, missing: str) -> Iterator[ContactFinding]:
        head: dict[str, Any] = {
            "kind": "party",
            "place": check.place,
            "party": item.contact.called_party,
            "allowed": check.allowed,
        }
        if check.allowed == "never":
            yield found(item, check, {**head, **_EMPTY})
            return
        reach = self._reach.get(item.contact.debtor_id or "") or _Reach(None, deque(maxlen=_KEPT))
        failed = _failed_in_a_row(reach.failures, check.failed)
        head |= {"failed": failed, "needed": check.failed_calls}
        if missing:
            yield found(item, check, {**head, **_EMPTY, "missing": missing}, "undecided")
        elif failed < check.failed_calls:
            decision = "breach" if reach.reached is not None else "undecided"
            yield found(item, check, {**head, **_EMPTY, **_reached(reach.reached)}, decision)  # type: ignore[arg-type]


def _failed_in_a_row(outcomes: Iterable[str], failed: frozenset[str]) -> int:
    """How many of the last outcomes, counted from the end, are failures."""
    number = 0
    for outcome in reversed(list(outcomes)):
        if outcome not in failed:
            break
        number += 1
    return number


def _reached(item: Entry | None) -> dict[str, Any]:
    if item is None:
        return {}
    return {"reached": item.contact.call_id, "reached_local": text_of(item.local) if item.local else "?"}
