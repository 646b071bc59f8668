"""The contact judge: one pass over a call table, every contact by the law of its own day and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from audit.contact.counts import Counts, Silences, uncountable
from audit.contact.entries import SIGNALS, ContactFinding, Entry, Signal, entry, in_time_order, later_than
from audit.contact.hours import ContactNote, Hours
from audit.contact.parties import Parties
from audit.contact.places import Places
from audit.contact.refusals import Refusals
from audit.models import Contact, Finding

_MARGIN_DAYS = 3
"""Local days and UTC days differ by at most one; a day more on each side is cheap."""


def judge_contacts(
    contacts: Sequence[Contact],
    places: Places,
    signals: Sequence[Signal] = (),
    since: date | None = None,
) -> list[ContactFinding]:
    """Findings about hours, counts, third persons and contacts after a refusal; sorted by time, then row.

    `contacts` are those of all agencies, in any order; `signals` what the transcripts (or the lender) say of
    refusals. With `since` only contacts that start on that local day or later are answered for (and those
    without a start); the earlier ones serve as history, of which `history(…)` says what is needed: the
    answer equals that of a run over everything. Time is linear in the contacts, but for one sort.

    Not judged: what is said (audit.rules), inbound contacts, and what `not_judged` lists.
    """
    first = None if since is None else since.toordinal()
    signals = [signal for signal in signals if signal.category in SIGNALS]
    entries = _entries(contacts, places, signals, first)
    ordered = in_time_order(entries)
    unplaced = [e for e in entries if not e.placed]
    asked = entries if first is None else [e for e in entries if later_than(e, first)]
    outbound = [e for e in asked if e.outbound]
    found = [
        *Hours().judge(outbound),
        *uncountable(outbound),
        *_counted(ordered),
        *_third_persons(ordered, unplaced, asked),
        *_after_refusal(entries, outbound, places, signals),
    ]
    return _sorted(found, asked)


def _counted(ordered: Sequence[Entry]) -> Iterable[ContactFinding]:
    dated = [e for e in ordered if e.ordinal > 0]
    return chain(Counts().judge(e for e in dated if e.outbound), Silences().judge(dated))


def _third_persons(
    ordered: Sequence[Entry], unplaced: Sequence[Entry], asked: Sequence[Entry]
) -> Iterable[ContactFinding]:
    parties = Parties(frozenset(_debtors_of_third_persons(e.contact for e in asked)))
    return chain(parties.judge(ordered), parties.judge_unplaced(unplaced))


def _after_refusal(
    entries: Sequence[Entry], outbound: Sequence[Entry], places: Places, signals: Sequence[Signal]
) -> Iterable[ContactFinding]:
    named = {signal.call_id for signal in signals}
    refusing = {e.contact.call_id: e for e in entries if e.contact.call_id in named} if named else {}
    moved = [_at(signal, refusing, places) for signal in signals]
    return Refusals([s for s, _ in moved], {s.call_id: e for s, e in moved if e is not None}).judge(outbound)


def _at(signal: Signal, refusing: dict[str, Entry], places: Places) -> tuple[Signal, Entry | None]:
    """A signal with a moment of its own (a letter that came in between calls) stands at that moment."""
    said = refusing.get(signal.call_id)
    if signal.at is None or said is None:
        return signal, said
    return signal, entry(replace(said.contact, started_at=signal.at), places)


def _entries(
    contacts: Sequence[Contact], places: Places, signals: Sequence[Signal], first: int | None
) -> list[Entry]:
    if first is None:
        return [entry(contact, places) for contact in contacts]
    need = history(contacts, places, signals, date.fromordinal(first))
    return [entry(contact, places) for contact in contacts if need.wants(contact)]


@dataclass(frozen=True, slots=True)
class History:
    """Which earlier contacts a run from a day on needs beside its own: a store may select by it.

    All contacts from `from_day` on (and those without a start); before it, all contacts with `debtors`, whose
    lost contact may lie further back; and the calls `call_ids` in which something was refused.
    """

    from_day: date
    debtors: frozenset[str]
    call_ids: frozenset[str]

    def wants(self, contact: Contact) -> bool:
        started = contact.started_at
        return (
            started is None
            or started.toordinal() >= self.from_day.toordinal()
            or contact.debtor_id in self.debtors
            or contact.call_id in self.call_ids
        )


def history(contacts: Iterable[Contact], places: Places, signals: Sequence[Signal], since: date) -> History:
    """What `judge_contacts(…, since=since)` needs to know; `contacts` are at least those from `since` on."""
    recent = date.fromordinal(since.toordinal() - _MARGIN_DAYS).toordinal()
    new = (c for c in contacts if c.started_at is None or c.started_at.toordinal() >= recent)
    return History(
        from_day=date.fromordinal(since.toordinal() - places.look_back_days() - _MARGIN_DAYS),
        debtors=frozenset(_debtors_of_third_persons(new)),
        call_ids=frozenset(signal.call_id for signal in signals),
    )


def _debtors_of_third_persons(contacts: Iterable[Contact]) -> set[str]:
    return {c.debtor_id for c in contacts if c.debtor_id and c.called_party not in ("debtor", "unknown")}


def _sorted(found: Sequence[ContactFinding], asked: Sequence[Entry]) -> list[ContactFinding]:
    """Only findings on contacts that were asked for, in order of time (undated last), row and rule."""
    hit = {f.call_id for f in found}
    keys = {e.contact.call_id: (e.latest, e.contact.row) for e in asked if e.contact.call_id in hit}
    kept = [f for f in found if f.call_id in keys]
    return sorted(kept, key=lambda f: (*keys[f.call_id], f.call_id, f.finding.category, f.finding.rule))


def contact_notes(contacts: Sequence[Contact], places: Places) -> list[ContactNote]:
    """Contacts that began inside the hours and ended outside: the start decides, the end is noted."""
    return list(Hours().notes(entry(contact, places) for contact in contacts))


def hour_map(contacts: Iterable[Contact], places: Places) -> dict[tuple[int, int], int]:
    """For charts: how many outbound contacts began per (weekday, 0 = Monday; local hour, 0–23)."""
    dated = (e for e in (entry(c, places) for c in contacts) if e.outbound and e.local is not None)
    return dict(Counter((e.local.weekday(), e.local.hour) for e in dated if e.local is not None))


def signals_of(call_id: str, findings: Iterable[Finding]) -> list[Signal]:
    """The signals that a call's findings give. Excused and undecided ones, and those on trial, bind nothing."""
    kept = [f for f in findings if f.category in SIGNALS and not f.excused and not f.trial]
    return [Signal(call_id, f.turn, f.category, f.rule) for f in kept if f.decision != "undecided"]


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A kind of contact that no finding speaks of although it was not judged: how many, of which agency, why."""

    category: str
    reason: str
    agency: str
    contacts: int


def not_judged(contacts: Iterable[Contact], places: Places) -> list[NotJudged]:
    """What was left unjudged in silence, so that a report can say so; sorted by category, reason, agency.

    Places without hours, counts or a third-party rule; contacts whose called party the log does not name.
    """
    tally: Counter[tuple[str, str, str]] = Counter()
    for contact in contacts:
        rules = places.rules(contact.jurisdiction or "CN")
        if contact.direction != "outbound" or rules is None:
            continue
        for category, checks in (("contact.hours", rules.hours), ("contact.frequency", rules.counts)):
            if not checks:
                tally[category, f"no figure for {rules.jurisdiction}", contact.agency] += 1
        if rules.parties and contact.called_party == "unknown":
            tally["contact.third_party", "called_party unknown", contact.agency] += 1
    return [NotJudged(*key, contacts=number) for key, number in sorted(tally.items())]


__all__ = [
    "History",
    "NotJudged",
    "contact_notes",
    "history",
    "judge_contacts",
    "not_judged",
    "signals_of",
]
