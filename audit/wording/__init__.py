"""What the product says to people, in Chinese and English: catalogues, names of fixed ids, dates and numbers."""

from __future__ import annotations

from audit.wording.catalogue import LANGUAGES, Say, translator
from audit.wording.formats import (
    format_clock,
    format_date,
    format_datetime,
    format_number,
    format_percent,
    format_week,
    weekday_names,
)
from audit.wording.names import (
    basis_title,
    category_meaning,
    category_title,
    channel_title,
    decision_title,
    language_title,
    outcome_title,
    party_title,
    reason_title,
    role_title,
    severity_letter,
    severity_title,
    speaker_title,
    status_title,
    verdict_title,
)

__all__ = [
    "LANGUAGES",
    "Say",
    "basis_title",
    "category_meaning",
    "category_title",
    "channel_title",
    "decision_title",
    "format_clock",
    "format_date",
    "format_datetime",
    "format_number",
    "format_percent",
    "format_week",
    "language_title",
    "outcome_title",
    "party_title",
    "reason_title",
    "role_title",
    "severity_letter",
    "severity_title",
    "speaker_title",
    "status_title",
    "translator",
    "verdict_title",
    "weekday_names",
]
