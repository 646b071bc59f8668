"""After a refusal: what was refused in one call binds later contacts, as far as the place gives the right.

The refusing contact itself is no breach. Where the order in time, or who was called, is not certain, a contact
that may be bound is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from audit.contact.entries import ContactFinding, Entry, Forces, Signal, found, is_party
from audit.contact.places import RefusalCheck
from audit.contact.times import text_of


class Binding(NamedTuple):
    """One refusal under one check; `certain` is False where it is not known who refused."""

    check: RefusalCheck
    signal: Signal
    said: Entry
    said_by: str
    certain: bool


class Refusals:
    """All bindings of a run, by the number or the debtor they bind."""

    def __init__(self, signals: Sequence[Signal], refusing: Mapping[str, Entry]) -> None:
        """`refusing` holds the entries of the calls that the signals name; a signal without one binds nothing."""
        self._bound: dict[tuple[str, str], list[Binding]] = {}
        self._forces = Forces()
        for signal in signals:
            said = refusing.get(signal.call_id)
            for check in said.rules.refusals if said and said.rules else ():
                if said is not None and signal.kind in check.signals and self._forces(check, said.ordinal):
                    self._bind(check, signal, said)

    def judge(self, entries: Iterable[Entry]) -> Iterator[ContactFinding]:
        """Findings in the order of the entries, which may stand in any order."""
        if not self._bound:
            return
        for item in entries:
            if item.outbound and item.rules is not None:
                yield from self._judge(item)

    def _bind(self, check: RefusalCheck, signal: Signal, said: Entry) -> None:
        said_by = signal.party or said.contact.called_party
        if said_by not in check.said_by and said_by != "unknown":
            return
        bound = (
            signal.number_hash or said.contact.number_hash
            if check.binds == "number"
            else signal.debtor_id or said.contact.debtor_id
        )
        if bound:
            binding = Binding(check, signal, said, said_by, said_by in check.said_by)
            self._bound.setdefault((check.binds, bound), []).append(binding)

    def _judge(self, item: Entry) -> Iterator[ContactFinding]:
        number, debtor = item.contact.number_hash or "", item.contact.debtor_id or ""
        bindings = (*self._bound.get(("number", number), ()), *self._bound.get(("debtor", debtor), ()))
        answered: dict[str, tuple[Binding, str]] = {}
        for binding in bindings:
            doubt = self._doubt(item, binding)
            if doubt is None:
                continue
            known = answered.get(binding.check.id)
            if known is None or (known[1] and not doubt):
                answered[binding.check.id] = (binding, doubt)
        for binding, doubt in answered.values():
            yield _found(item, binding, doubt)

    def _doubt(self, item: Entry, binding: Binding) -> str | None:
        """None: the contact is not bound; "": bound; else what makes it uncertain."""
        check, said = binding.check, binding.said
        party = is_party(item.contact, check.parties)
        if (
            party is False
            or item.contact.channel not in check.channels
            or item.contact.call_id == said.contact.call_id
            or (item.rules is not None and check not in item.rules.refusals)
            or not self._forces(check, item.ordinal)
            or item.latest <= said.earliest
            or _ended(item, binding)
        ):
            return None
        if item.earliest <= said.latest:
            return "order"
        return "party" if party is None or not binding.certain else ""


def _ended(item: Entry, binding: Binding) -> bool:
    if item.local is None:
        return False
    if binding.signal.until is not None and item.local.date() > binding.signal.until:
        return True
    days = binding.check.days
    return days is not None and binding.said.ordinal > 0 and item.ordinal - binding.said.ordinal >= days


def _found(item: Entry, binding: Binding, doubt: str) -> ContactFinding:
    said = binding.said
    dated = item.local is not None and said.local is not None
    details: dict[str, Any] = {
        "kind": "refusal",
        "place": binding.check.place,
        "signal": binding.signal.kind,
        "said_by": binding.said_by,
        "refusing_call": said.contact.call_id,
        "turn": binding.signal.turn,
        "said_local": text_of(said.local) if said.local else None,
        "binds": binding.check.binds,
        "local": text_of(item.local) if item.local else None,
        "days_later": item.ordinal - said.ordinal if dated else None,
        "doubt": doubt or None,
    }
    basis = "log" if binding.signal.turn is None else "sequence"
    return found(item, binding.check, details, "undecided" if doubt else "breach", basis)  # type: ignore[arg-type]
