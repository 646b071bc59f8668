"""The tables of the store, as SQLAlchemy Core metadata; migrations.py makes and changes them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

contacts = Table(
    "contacts",
    metadata,
    Column("call_id", String(128), primary_key=True),
    Column("log_row", Integer, nullable=False),
    Column("started_at", String(40)),  # as given: ISO 8601, with offset or local
    Column("timezone", String(64)),
    Column("instant_s", Float),  # seconds since the epoch, where it is known
    Column("week", String(8)),  # ISO week of the local start, "2026-W14"
    Column("local_hour", Integer),
    Column("local_weekday", Integer),  # Monday = 0
    Column("duration_s", Float),
    Column("channel", String(16), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("agency", String(128), nullable=False),
    Column("agent", String(128), nullable=False),
    Column("debtor_id", String(128)),
    Column("account_id", String(128)),
    Column("number_hash", String(64)),
    Column("called_party", String(16), nullable=False),
    Column("consent_hours", String(64)),
    Column("jurisdiction", String(16), nullable=False),
    Column("language", String(8)),  # of the words, where there are any
    Column("log_language", String(8)),  # as the log gave it
    Column("recording", String(512)),
    Column("transcript", String(512)),
    Column("agent_channel", Integer),
    Column("text", Text),
    Column("status", String(16), nullable=False),  # audited | failed | skipped
    Column("reason", Text, nullable=False, default=""),
    Column("agent_confidence", Float),
    Column("agent_evidence", Text),
    Column("transcript_source", String(64)),
    Column("measures", JSON, nullable=False, default=dict),
    Column("receipt", JSON),
    Column("recording_hash", String(64)),
    Column("hearing_key", String(64)),
    Column("judging_key", String(64)),
    Column("last_run", String(32)),
    Column("audited_at", String(40)),
    Index("contacts_week", "week", "agency"),
    Index("contacts_debtor", "debtor_id"),
    Index("contacts_status", "status"),
)

turns = Table(
    "turns",
    metadata,
    Column("call_id", ForeignKey("contacts.call_id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("speaker", String(16), nullable=False),
    Column("start_s", Float),
    Column("end_s", Float),
    Column("channel", Integer),
    Column("text", Text, nullable=False),
    Column("masked", Text, nullable=False),
    Column("words", JSON, nullable=False, default=list),  # [[text, start_s, end_s, probability], …]
    Column("no_speech_probability", Float),
    Column("mean_log_probability", Float),
)

personal_data = Table(
    "personal_data",
    metadata,
    Column("call_id", ForeignKey("contacts.call_id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("score", Float, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("finding_id", String(20), primary_key=True),  # fingerprint of what was found where
    Column("call_id", ForeignKey("contacts.call_id", ondelete="CASCADE"), nullable=False),
    Column("origin", String(8), nullable=False),  # words: from the call itself; log: from the call table
    Column("rule", String(128), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("category", String(64), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("severity_rank", Integer, nullable=False),  # 0 = critical
    Column("basis", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Column("turn", Integer),
    Column("speaker", String(16), nullable=False),
    Column("start", Integer),
    Column("end", Integer),
    Column("start_s", Float),
    Column("end_s", Float),
    Column("text", Text, nullable=False),
    Column("evidence", Text, nullable=False),  # masked
    Column("excused", Text),
    Column("trial", Boolean, nullable=False, default=False),
    Column("doubt", String(16)),  # agree | differ | silent: the second decoding
    Column("pieces", JSON, nullable=False, default=list),
    Column("details", JSON, nullable=False, default=dict),
    Index("findings_call", "call_id"),
    Index("findings_category", "category", "severity_rank"),
    Index("findings_rule", "rule"),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", String(20), primary_key=True),
    Column("call_id", ForeignKey("contacts.call_id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("agency", String(128), nullable=False),
    Column("agent", String(128), nullable=False),
    Column("week", String(8)),
    Column("severity", String(16), nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("worth", Float, nullable=False),  # order within a severity: surer and more findings first
    Column("categories", String(512), nullable=False),  # "|threat.legal|contact.hours|"
    Column("findings", Integer, nullable=False),
    Column("distress", Boolean, nullable=False, default=False),
    Column(
        "status", String(16), nullable=False
    ),  # open | second_look | escalated | confirmed | dismissed | withdrawn
    Column("assignee", String(128)),
    Column("opened_at", String(40), nullable=False),
    Column("due_at", String(40)),
    Column("decided_at", String(40)),
    Column("decided_by", String(128)),
    Index("cases_queue", "status", "severity_rank", "worth"),
    Index("cases_week", "week", "agency"),
)

verdicts = Table(
    "verdicts",
    metadata,
    # No foreign key: a verdict outlives a finding that a later lexicon no longer makes.
    Column("finding_id", String(20), primary_key=True),
    Column("call_id", String(128), nullable=False),
    Column("rule", String(128), nullable=False),
    Column("category", String(64), nullable=False),
    Column("verdict", String(16), nullable=False),  # confirmed | dismissed | escalated
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("second_actor", String(128)),  # four eyes: who agreed
    Index("verdicts_call", "call_id"),
    Index("verdicts_rule", "rule"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("action", String(48), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("payload", Text, nullable=False),  # canonical JSON; never words of a call
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ledger_subject", "subject"),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("started_at", String(40), nullable=False),
    Column("ended_at", String(40)),
    Column("heartbeat_at", String(40)),
    Column("status", String(16), nullable=False),  # running | done | failed | stopped
    Column("origin", String(16), nullable=False, default="command"),  # command | app
    Column("stage", String(32)),
    Column("total", Integer, nullable=False, default=0),
    Column("done", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("process_id", Integer),
    Column("message", Text),
    Column("inputs", JSON, nullable=False, default=dict),
)

discrepancies = Table(
    "discrepancies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", String(32), nullable=False),
    Column("kind", String(48), nullable=False),
    Column("subject", String(512), nullable=False),
    Column("call_id", String(128)),
    Column("agency", String(128)),
    Column("detail", Text, nullable=False),
    UniqueConstraint("run_id", "kind", "subject", name="discrepancies_once"),
)

users = Table(
    "users",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("password_hash", String(256)),  # None: signs in by OIDC
    Column("role", String(24), nullable=False),
    Column("agency", String(128)),
    Column("language", String(8)),
    Column("must_change", Boolean, nullable=False, default=False),
    Column("failed_attempts", Integer, nullable=False, default=0),
    Column("locked_until", String(40)),
    Column("created_at", String(40), nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # SHA-256 of what the browser holds
    Column("user", String(128), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("note_id", String(20), primary_key=True),
    Column("call_id", String(128), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Index("notes_call", "call_id"),
)

corrections = Table(
    "corrections",
    metadata,
    # What a person heard where the recogniser wrote something else; the heard text itself stays in turns.
    Column("call_id", String(128), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("speaker", String(16)),
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    # What the recogniser wrote: {text, masked, words}. None: kept before corrected words were judged.
    Column("heard", JSON),
)

rejudgements = Table(
    "rejudgements",
    metadata,
    # Each time a person's correction had a call judged again: what was found before and what came instead.
    Column("change_id", String(20), primary_key=True),
    Column("call_id", String(128), nullable=False),
    Column("kind", String(16), nullable=False),  # words | words_back | roles
    Column("turn", Integer),
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    Column(
        "appeared", JSON, nullable=False
    ),  # [{finding_id, rule, category, severity, evidence, verdict}, …]
    Column("vanished", JSON, nullable=False),
    Index("rejudgements_call", "call_id"),
)

appeals = Table(
    "appeals",
    metadata,
    # An agency contests a confirmed finding; the verdict contested is kept as it stood.
    Column("appeal_id", String(20), primary_key=True),
    Column("finding_id", String(20), nullable=False),
    Column("call_id", String(128), nullable=False),
    Column("agency", String(128), nullable=False),
    Column("rule", String(128), nullable=False),
    Column("category", String(64), nullable=False),
    Column("reason", Text, nullable=False),  # masked
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    Column("status", String(16), nullable=False),  # open | upheld | overturned | withdrawn
    Column("verdict_actor", String(128), nullable=False),
    Column("decided_by", String(128)),
    Column("decided_at", String(40)),
    Column("answer", Text),  # masked
    Index("appeals_status", "status", "at"),
    Index("appeals_agency", "agency", "status"),
    Index("appeals_call", "call_id"),
)

samples = Table(
    "samples",
    metadata,
    # A drawn sample of contacts nobody flagged: whoever has the frame and the seed draws it again.
    Column("sample_id", String(20), primary_key=True),
    Column("week", String(8), nullable=False),
    Column("strata_by", String(32), nullable=False),
    Column("seed", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("frame", Integer, nullable=False),  # unflagged contacts at the moment of the draw
    Column("frame_hash", String(64), nullable=False),  # SHA-256 of their ids, sorted, one a line
    Column("strata", JSON, nullable=False),  # [{stratum, unflagged, drawn}, …]
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    Index("samples_week", "week"),
)

sample_items = Table(
    "sample_items",
    metadata,
    Column("sample_id", ForeignKey("samples.sample_id", ondelete="CASCADE"), primary_key=True),
    Column("call_id", String(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("stratum", String(256), nullable=False),
    Column("decision", String(16)),  # nothing | missed | unusable; None: waits
    Column("category", String(64)),
    Column("turn", Integer),
    Column("moment_s", Float),
    Column("note", Text, nullable=False, default=""),
    Column("actor", String(128)),
    Column("at", String(40)),
    Index("sample_items_call", "call_id"),
)

jobs = Table(
    "jobs",
    metadata,
    # Long work started from the app: a process of its own that any session can watch and stop.
    Column("job_id", String(20), primary_key=True),
    Column("kind", String(16), nullable=False),  # run | compare | recheck
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("host", String(128), nullable=False),
    Column("process_id", Integer, nullable=False),
    Column(
        "process_start", String(32), nullable=False
    ),  # tells the process from a later one of the same number
    Column("folder", String(512), nullable=False),  # where its output and its words lie
    Column("status", String(16), nullable=False),  # running | done | failed | stopped | died
    Column("exit_status", Integer),
    Column("ended_at", String(40)),
    Column("stopped_by", String(128)),
    Index("jobs_status", "status", "at"),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("user", String(128), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("filters", JSON, nullable=False),
)

lexicon_edits = Table(
    "lexicon_edits",
    metadata,
    # Every version of a file of the lender's own pack that was kept in the app, whole.
    Column("edit_id", String(20), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("path", String(256), nullable=False),
    Column("before_hash", String(64), nullable=False),
    Column("after_hash", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Index("lexicon_edits_path", "path"),
)

lessons = Table(
    "lessons",
    metadata,
    Column("lesson_id", String(20), primary_key=True),
    Column("title", String(256), nullable=False),
    Column("author", String(128), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("clips", JSON, nullable=False),  # [{finding_id, question, answer}, …] in order
)

holds = Table(
    "holds",
    metadata,
    Column("call_id", String(128), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("at", String(40), nullable=False),
)
