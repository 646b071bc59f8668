"""Read queries for the screens: every one takes a Scope and leaves out what its role may not see."""

from __future__ import annotations

from audit.store.views.agencies import AgencyLine, agency_lines, agency_trend, agent_lines
from audit.store.views.case import CaseFinding, CaseView, Piece, TurnView, case_view, debtor_strip
from audit.store.views.library import LibraryFilter, lesson, lessons, library
from audit.store.views.overview import Overview, overview, weeks
from audit.store.views.queue import QueueFilter, agency_names, facets, neighbours, queue, saved_views
from audit.store.views.records import ledger_rows, rule_lines, run_rows, stamp

__all__ = [
    "AgencyLine",
    "CaseFinding",
    "CaseView",
    "LibraryFilter",
    "Overview",
    "Piece",
    "QueueFilter",
    "TurnView",
    "agency_lines",
    "agency_names",
    "agency_trend",
    "agent_lines",
    "case_view",
    "debtor_strip",
    "facets",
    "ledger_rows",
    "lesson",
    "lessons",
    "library",
    "neighbours",
    "overview",
    "queue",
    "rule_lines",
    "run_rows",
    "saved_views",
    "stamp",
    "weeks",
]
