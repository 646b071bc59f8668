"""Contacts: hours, counts, parties and refusals of a call table, each by the law of its day and place.

Pure: no audio, model, store or network. `load_places` reads the figures, `judge_contacts` applies them,
`explain` says a finding's arithmetic in English or Chinese, `reconcile` lays the log beside the recordings.
"""

from __future__ import annotations

from audit.contact.entries import SIGNALS, ContactFinding, Signal
from audit.contact.explain import explain
from audit.contact.hours import ContactNote
from audit.contact.judge import (
    History,
    NotJudged,
    contact_notes,
    history,
    hour_map,
    judge_contacts,
    not_judged,
    signals_of,
)
from audit.contact.places import Check, Place, Places, Rules, calendar_bounds
from audit.contact.reading import load_places
from audit.contact.reconcile import Coverage, Discrepancy, RecordingFacts, coverage, reconcile

__all__ = [
    "SIGNALS",
    "Check",
    "ContactFinding",
    "ContactNote",
    "Coverage",
    "Discrepancy",
    "History",
    "NotJudged",
    "Place",
    "Places",
    "RecordingFacts",
    "Rules",
    "Signal",
    "calendar_bounds",
    "contact_notes",
    "coverage",
    "explain",
    "history",
    "hour_map",
    "judge_contacts",
    "load_places",
    "not_judged",
    "reconcile",
    "signals_of",
]
