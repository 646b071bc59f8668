"""The nouns of the house: plain frozen records that every room passes on.

Times within a call are seconds from the start of its recording (`_s`); moments are
`datetime`. Offsets into text are Unicode code points, end exclusive, into the text
exactly as it was given. Nothing here computes, reads or writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Speaker = Literal["agent", "customer", "unknown"]
Severity = Literal["critical", "high", "medium", "low", "info"]
Basis = Literal["phrase", "heard_as", "similar", "reader", "log", "sequence"]
Decision = Literal["breach", "undecided", "noted"]
"""`noted`: a customer signal or good practice, never held against the agent."""

SPEAKERS: tuple[Speaker, ...] = ("agent", "customer", "unknown")
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
"""Worst first."""

AGENT_CATEGORIES: tuple[str, ...] = (
    "threat.violence",
    "threat.legal",
    "threat.exposure",
    "threat.visit",
    "harassment.insult",
    "harassment.repeated_contact",
    "privacy.third_party_disclosure",
    "privacy.intimidation",
    "privacy.number_read_aloud",
    "pressure.third_party_payment",
    "pressure.borrowing",
    "impersonation.authority",
    "impersonation.private",
    "misrepresentation.consequence",
    "misrepresentation.promise",
    "payment.irregular",
    "conduct.off_channel",
    "conduct.complaint_obstruction",
    "distress.ignored",
)
CUSTOMER_CATEGORIES: tuple[str, ...] = (
    "customer.distress",
    "customer.dispute",
    "customer.stop_contact",
    "customer.complaint",
)
GOOD_CATEGORIES: tuple[str, ...] = ("good.hardship_plan", "good.empathy", "good.rights")
CONTACT_CATEGORIES: tuple[str, ...] = (
    "contact.hours",
    "contact.frequency",
    "contact.third_party",
    "contact.after_refusal",
    "disclosure.before_verification",
    "identification.missing",
    "recording_notice.missing",
)
CATEGORIES: tuple[str, ...] = AGENT_CATEGORIES + CUSTOMER_CATEGORIES + GOOD_CATEGORIES + CONTACT_CATEGORIES


@dataclass(frozen=True, slots=True)
class Word:
    """One word (one character in Chinese) with its time; `probability` is the recogniser's, 0–1."""

    text: str
    start_s: float
    end_s: float
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said without the other taking over; `index` counts from 0 in time order.

    `words`, where present, are in order and their texts stand in `text` in that order (blanks aside).
    Times are None where the source gave none.
    """

    index: int
    speaker: Speaker
    text: str
    start_s: float | None = None
    end_s: float | None = None
    words: tuple[Word, ...] = ()
    channel: int | None = None
    no_speech_probability: float | None = None
    mean_log_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """The turns of one call. `language` is an ISO 639-1 code; `source` names what wrote it.

    `agent_confidence` is how sure it is that turns marked agent are the agent's (1 = given by the log or
    the source), `agent_evidence` says from what.
    """

    language: str
    turns: tuple[Turn, ...]
    source: str = "unknown"
    agent_confidence: float = 1.0
    agent_evidence: str = ""


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """A span of personal data in one text; `type` is an id of the taxonomy or one of Presidio's names."""

    type: str
    start: int
    end: int
    score: float
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call beside its words; None = not known, which makes rules that ask *not judged*.

    `known` holds facts that would make a statement lawful (`criminal_case_no`, …) under their names.
    """

    call_id: str | None = None
    language: str | None = None
    jurisdiction: str = "CN"
    direction: str | None = None
    channel: str | None = None
    party: str | None = None
    length_s: float | None = None
    started_at: datetime | None = None
    known: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule found in one place of one call (or in its log row, when `turn` is None).

    `start`/`end` are offsets into the text of turn `turn`; `start_s`/`end_s` seconds of the recording.
    `text` is the evidence exactly as given (unmasked: mask before it leaves the store). `reason` says in
    plain words why, or what was missing when `decision` is undecided. `excused` names the clause that
    turned the hit round: excused findings are kept for sampling and never count. `trial` findings stay
    out of scorecards.
    """

    rule: str
    category: str
    severity: Severity
    basis: Basis
    confidence: float
    decision: Decision = "breach"
    reason: str = ""
    citation: str = ""
    turn: int | None = None
    speaker: Speaker = "unknown"
    start: int | None = None
    end: int | None = None
    text: str = ""
    start_s: float | None = None
    end_s: float | None = None
    excused: str | None = None
    trial: bool = False
    rule_version: int = 1
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """One row of the call log, typed (contract.md). `row` is its 1-based line in the file.

    `started_at` is aware when the log gave an offset, naive (local to `timezone`) when it did not, None
    when the log gave none. `number_hash` is a keyed hash, the number itself is never kept.
    """

    call_id: str
    row: int
    started_at: datetime | None = None
    timezone: str | None = None
    duration_s: float | None = None
    channel: str = "call"
    direction: str = "outbound"
    outcome: str | None = None
    agency: str = "unknown"
    agent: str = "unknown"
    debtor_id: str | None = None
    account_id: str | None = None
    number_hash: str | None = None
    called_party: str = "unknown"
    consent_hours: str | None = None
    jurisdiction: str = "CN"
    language: str | None = None
    recording: str | None = None
    transcript: str | None = None
    agent_channel: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What decided a result: hashes (hex SHA-256) and versions; equal receipts mean nothing to do again."""

    input_hash: str
    code_version: str
    model: str
    model_hash: str
    settings_hash: str
    lexicon_hash: str


@dataclass(frozen=True, slots=True)
class CallResult:
    """All that one contact yielded; `status` audited | failed | skipped, `reason` for the latter two.

    `measures` are facts of the audio (duration_s, talk shares, dead channels …) for rules and reports;
    `doubts` says per flagged turn what a second decoding gave: agree | differ | silent. `answers` holds per
    turn that was asked about what the third reader said, with its receipt (audit.asking).
    """

    contact: Contact
    status: Literal["audited", "failed", "skipped"]
    reason: str = ""
    transcript: Transcript | None = None
    findings: tuple[Finding, ...] = ()
    personal_data: tuple[PersonalDatum, ...] = ()
    measures: dict[str, Any] = field(default_factory=dict)
    receipt: Receipt | None = None
    recording_hash: str | None = None
    doubts: dict[int, str] = field(default_factory=dict)
    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
