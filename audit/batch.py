"""Many contacts: what is new is heard, what is known is left, what changed is judged again; one writer.

Every contact is one transaction, so a run may be killed at any moment: the next one goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from audit import __version__
from audit.cases import counts, fingerprint
from audit.errors import AuditError, InputError, LexiconError, ModelError, StoreError
from audit.intake import AUDIO_SUFFIXES, CallLog, files_below
from audit.models import CallResult, Contact, Finding, Receipt
from audit.pipeline import (
    LIKENESS,
    PIPELINE_VERSION,
    Tools,
    audit_contact,
    evidence,
    masked_turns,
    rejudge,
    source_file,
    source_hash,
)
from audit.settings import Settings

if TYPE_CHECKING:
    from audit.contact import ContactFinding, Places
    from audit.store import Store

Step = Literal["unchanged", "judged", "heard", "failed"]
Progress = Callable[[str, int, int, str], None]
"""(stage, done, total, subject) -> None; the subject is a call id or empty."""


def quiet(_stage: str, _done: int, _total: int, _subject: str) -> None:
    """A progress that says nothing."""


@dataclass(slots=True)
class RunSummary:
    """What a run did. `failures` are (call id, reason) in log order."""

    run_id: str
    total: int = 0
    heard: int = 0
    judged: int = 0
    unchanged: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    cases: int = 0
    seconds: float = 0.0
    versions: dict[str, Any] = field(default_factory=dict)


def number_key(store: Store) -> bytes:
    """The key of the hashes of telephone numbers: a file of mode 600 beside the store, made on first use.

    It must stay with the store: with another key the same number no longer counts as the same.
    """
    file = store.file
    path = file.with_name(file.name + ".key") if file is not None else Path("audit.key")
    try:
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as out:
                out.write(secrets.token_hex(32))
        return bytes.fromhex(path.read_text("ascii").strip())
    except FileExistsError:
        return bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise StoreError(
            f"{path.name}: the key of number hashes cannot be kept ({error.strerror})."
        ) from error


def make_tools(settings: Settings) -> Tools:
    """The judges and readers of these settings; the recogniser is loaded when the first recording needs it."""
    from audit.asking import open_asker
    from audit.lexicon import load_pack
    from audit.privacy import Detector
    from audit.rules import Judge
    from audit.similar import load as load_reader

    pack = load_pack(settings.lexicons)
    detector = Detector()
    reader = load_reader(None) if settings.similar else None
    return Tools(
        settings=settings,
        judge=Judge(pack),
        detector=detector,
        reader=reader,
        recogniser=_Recogniser(settings),
        recordings=settings.recordings,
        transcripts=settings.transcripts,
        asker=open_asker(settings.asking, pack, detector, reader, settings.store),
    )


class _Recogniser:
    """The recogniser of these settings, loaded when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.loaded: Any = None

    def __call__(self) -> Any:
        if self.loaded is None:
            from audit.speech import load_recogniser

            wanted = self._settings
            self.loaded = load_recogniser(wanted.model, wanted.engine, wanted.device, wanted.precision)
        return self.loaded


def _file_of(contact: Contact, tools: Tools) -> Path | None:
    try:
        return source_file(contact, tools)
    except (InputError, OSError):
        return None


def _key(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(slots=True)
class Batch:
    """One run over a call log. `save` is the only place that writes."""

    store: Store
    tools: Tools
    places: Places
    progress: Progress = quiet
    origin: str = "command"
    four_eyes: bool = True
    run_id: str = field(default_factory=lambda: time.strftime("%Y%m%dT%H%M%S") + "-" + secrets.token_hex(3))
    _versions: dict[str, Any] = field(default_factory=dict)

    def run(self, log: CallLog, inputs: Mapping[str, Any]) -> RunSummary:
        """Audit every contact of the log, then the whole call table; raises ModelError and StoreError."""
        from audit.store.locks import writer_lock

        began = time.monotonic()
        summary = RunSummary(self.run_id, len(log.contacts), versions=self.versions())
        with writer_lock(self.store):
            self._open_run(summary, inputs)
            try:
                self._load_before_hearing(log.contacts)
                self._words(log.contacts, summary)
                touched = self._call_table(log.contacts)
                summary.cases = self._cases(touched)
                self._reconcile(log.contacts)
            except BaseException as error:
                self._close_run(
                    summary, "stopped" if isinstance(error, KeyboardInterrupt) else "failed", error
                )
                raise
            self._say_how_heard(summary)
            summary.seconds = time.monotonic() - began
            self._close_run(summary, "done", None)
        return summary

    def _load_before_hearing(self, contacts: Sequence[Contact]) -> None:
        """A bad model is found before the first contact is written, not at the first recording after hours of others.

        Then says how long the recordings that are to be heard will take, where that is long.
        """
        waiting = self._to_hear(contacts)
        if not waiting:
            return
        from audit.speech import expectation, length_s

        recogniser = self.tools.recogniser()
        expected = expectation(recogniser, sum(c.duration_s or length_s(path) for c, path in waiting))
        if expected is not None:
            self.progress(expected, 0, len(waiting), "")

    def _to_hear(self, contacts: Sequence[Contact]) -> list[tuple[Contact, Path]]:
        """Contacts with a recording that is new or would be heard otherwise today, as far as the store knows."""
        from audit.store import reading

        with self.store.read() as connection:
            known, hashes = reading.keys(connection), reading.recording_hashes(connection)
        found = []
        for contact in contacts:
            if contact.recording is None or contact.transcript is not None:
                continue
            status, hearing_key, _ = known.get(contact.call_id, ("", None, None))
            same = self.hearing_key(contact, hashes.get(contact.call_id, "")) == hearing_key
            path = None if status == "audited" and same else _file_of(contact, self.tools)
            if path is not None:
                found.append((contact, path))
        return found

    def _say_how_heard(self, summary: RunSummary) -> None:
        """Device, precision and versions of the recogniser, where the run needed one."""
        loaded = getattr(self.tools.recogniser, "loaded", None)
        if loaded is not None:
            summary.versions = {**summary.versions, "recogniser": dict(loaded.settings)}

    def versions(self) -> dict[str, Any]:
        """Versions and hashes of everything that decides beside the input."""
        if not self._versions:
            self._versions = self._read_versions()
        return self._versions

    def _read_versions(self) -> dict[str, Any]:
        from audit.speech.identity import hearing_hash, model_id

        settings = self.tools.settings
        name, digest = model_id(settings.model, settings.engine)
        return {
            "code": __version__,
            "pipeline": PIPELINE_VERSION,
            "model": name,
            "model_hash": digest,
            "engine": settings.engine,
            "precision": settings.precision,
            "hearing": hearing_hash(settings.engine),
            "lexicons": self.tools.judge.pack.hash,
            "second_reader": self.tools.reader.hash if self.tools.reader else "",
            "third_reader": self.tools.asker.version if self.tools.asker else "",
            "places": self.places.hash,
            "personal_data": self.tools.detector.model_name,
            "hearing_settings": settings.hearing_hash(),
            "judging_settings": settings.judging_hash(),
        }

    def hearing_key(self, contact: Contact, digest: str) -> str:
        """Equal keys: hearing again would give the same transcript."""
        versions = self.versions()
        from_audio = contact.recording is not None and contact.transcript is None
        heard_by = ("pipeline", "model_hash", "engine", "hearing", "hearing_settings")
        decides = heard_by if from_audio else ("pipeline",)
        return _key(digest, contact.agent_channel, contact.language, [versions[name] for name in decides])

    def judging_key(self, contact: Contact, hearing_key: str) -> str:
        """Equal keys: judging again would give the same findings on the words."""
        versions = self.versions()
        decides = ["code", "pipeline", "lexicons", "second_reader", "personal_data", "judging_settings"]
        decides += ["third_reader"] if versions["third_reader"] else []
        return _key(hearing_key, asdict(replace(contact, row=0)), [versions[name] for name in decides])

    def _words(self, contacts: Sequence[Contact], summary: RunSummary) -> None:
        from audit.store import reading

        with self.store.read() as connection:
            known = reading.keys(connection)
        for done, contact in enumerate(contacts, start=1):
            step, reason = self._one(contact, known.get(contact.call_id))
            if step == "failed":
                summary.failures.append((contact.call_id, reason))
            else:
                setattr(summary, step, getattr(summary, step) + 1)
            self.progress("contacts", done, len(contacts), contact.call_id)
            if step != "unchanged" or done % 500 == 0:
                self._beat(summary, done)

    def _one(self, contact: Contact, known: tuple[str, str | None, str | None] | None) -> tuple[Step, str]:
        """Do what one contact still needs. The one place where any exception becomes a failed contact."""
        try:
            digest = source_hash(contact, source_file(contact, self.tools))
        except (InputError, OSError) as error:
            return self._fail(contact, error, "")
        hearing_key = self.hearing_key(contact, digest)
        judging_key = self.judging_key(contact, hearing_key)
        if known is not None and known[0] != "failed" and known[2] == judging_key:
            return "unchanged", ""
        try:
            return self._do(contact, known, digest, (hearing_key, judging_key))
        except (ModelError, StoreError, LexiconError, KeyboardInterrupt):
            raise
        except Exception as error:  # the batch boundary: one bad file never stops the rest
            return self._fail(contact, error, digest)

    def _do(
        self,
        contact: Contact,
        known: tuple[str, str | None, str | None] | None,
        digest: str,
        keys: tuple[str, str],
    ) -> tuple[Step, str]:
        result = None
        if known is not None and known[0] == "audited" and known[1] == keys[0]:
            result = self._rejudge(contact)
        step: Step = "judged" if result is not None else "heard"
        result = result or self._as_people_heard(audit_contact(contact, self.tools))
        result = replace(result, recording_hash=digest or None, receipt=self._receipt(digest))
        if result.status == "failed":
            self.save(result, ("", ""))
            return "failed", result.reason
        self.save(result, (keys[0], keys[1] if answered(result) else ""))
        return step, result.reason

    def _as_people_heard(self, result: CallResult) -> CallResult:
        """A new hearing under what people corrected in the last one, where both heard the same words."""
        from audit.store.correcting import reapplied

        if result.transcript is None:
            return result
        with self.store.read() as connection:
            spoken = reapplied(connection, result.contact.call_id, result.transcript)
        if spoken is None:
            return result
        return replace(rejudge(result.contact, spoken, result.measures, self.tools), doubts=result.doubts)

    def _rejudge(self, contact: Contact) -> CallResult | None:
        from audit.store import reading

        with self.store.read() as connection:
            transcript = reading.transcript(connection, contact.call_id)
            row = next(reading.contacts(connection, [contact.call_id]), None)
        if transcript is None or row is None:
            return None
        return rejudge(contact, transcript, row["measures"] or {}, self.tools)

    def _fail(self, contact: Contact, error: BaseException, digest: str) -> tuple[Step, str]:
        # An unforeseen error's own text may quote the call: only its kind is kept.
        reason = str(error) if isinstance(error, AuditError) else f"unforeseen fault ({type(error).__name__})"
        if isinstance(error, OSError):
            reason = f"cannot be read ({error.strerror})"
        self.save(CallResult(contact, "failed", reason, recording_hash=digest or None), ("", ""))
        return "failed", reason

    def _receipt(self, digest: str) -> Receipt:
        versions = self.versions()
        return Receipt(
            input_hash=digest,
            code_version=f"{versions['code']}+{versions['pipeline']}",
            model=versions["model"],
            model_hash=versions["model_hash"],
            settings_hash=versions["hearing"] + versions["hearing_settings"] + versions["judging_settings"],
            lexicon_hash=versions["lexicons"],
        )

    def save(self, result: CallResult, keys: tuple[str, str]) -> None:
        """Write one result in one transaction."""
        from audit.store import writing

        extra = self._when(result.contact) | {
            "hearing_key": keys[0],
            "judging_key": keys[1],
            "last_run": self.run_id,
        }
        turns, data, findings = word_rows(result)
        with self.store.begin() as connection:
            writing.write_contact(
                connection,
                writing.contact_row(result, extra),
                turns,
                data,
                findings,
            )

    def _when(self, contact: Contact) -> dict[str, Any]:
        from audit.contact.times import moment

        when = moment(contact, self.places.rules(contact.jurisdiction))
        local = when.local or (contact.started_at.replace(tzinfo=None) if contact.started_at else None)
        if local is None:
            return {"instant_s": None, "week": None, "local_hour": None, "local_weekday": None}
        year, week, _ = local.isocalendar()
        return {
            "instant_s": when.earliest if when.earliest == when.latest else None,
            "week": f"{year}-W{week:02}",
            "local_hour": local.hour if when.local else None,
            "local_weekday": local.weekday() if when.local else None,
        }

    def recheck(self, dry_run: bool) -> Iterator[dict[str, Any]]:
        """Judge every stored transcript with today's tools; yields {"call_id", "appears", "vanishes"} (rule ids)
        per contact that changes. Without `dry_run` the new findings are kept and cases follow."""
        from audit.store import reading
        from audit.store.locks import writer_lock

        if self.tools.asker is not None:
            self.tools.asker.only_kept = dry_run
        with writer_lock(self.store):
            with self.store.read() as connection:
                contacts = [row for row in reading.contacts(connection) if row["transcript_source"]]
                before = _counted(reading.findings(connection))
            changed = set()
            for done, row in enumerate(contacts, start=1):
                change = self._recheck_one(row, before.get(row["call_id"], {}), dry_run)
                if change["appears"] or change["vanishes"]:
                    changed.add(row["call_id"])
                    yield change
                self.progress("transcripts", done, len(contacts), row["call_id"])
            if not dry_run:
                self._cases(changed | self._call_table([]))

    def _recheck_one(
        self, row: Mapping[str, Any], before: Mapping[str, str], dry_run: bool
    ) -> dict[str, Any]:
        from audit.store import reading

        contact = reading.contact_of(row)
        result = self._rejudge(contact)
        if result is None:
            return {"call_id": contact.call_id, "appears": [], "vanishes": []}
        after = {
            fingerprint(contact.call_id, found): found.rule for found in result.findings if counts(found)
        }
        if not dry_run:
            digest = row["recording_hash"] or ""
            key = self.judging_key(contact, row["hearing_key"] or "") if answered(result) else ""
            result = replace(result, recording_hash=row["recording_hash"], receipt=self._receipt(digest))
            self.save(result, (row["hearing_key"] or "", key))
        return {
            "call_id": contact.call_id,
            "appears": sorted(rule for one, rule in after.items() if one not in before),
            "vanishes": sorted(rule for one, rule in before.items() if one not in after),
        }

    def _call_table(self, contacts: Sequence[Contact]) -> set[str]:
        """Judge hours, counts, parties and refusals over the call table; returns the contacts touched.

        An added week is judged with the history it needs, not with the whole year; other places or another
        version judge everything again.
        """
        from audit.store import table_reading, writing

        self.progress("call table", 0, 1, "")
        since = self._since(contacts)
        with self.store.read() as connection:
            signals = table_reading.signals(connection)
            # A day more than is answered for: the log's day may be the day before at the debtor's place.
            judged_from = since - timedelta(days=1) if since else None
            rows = table_reading.table(connection, contacts, self.places, signals, judged_from)
            answered = table_reading.answered(rows, since)
            already = table_reading.said(connection)
            before = table_reading.with_log_findings(connection, answered)
        found = judge_contacts_of(rows, self.places, signals, judged_from)
        lines = [
            writing.finding_row(item.call_id, item.finding, "log", "", item.details)
            for item in found
            if item.call_id in answered and (item.call_id, item.finding.category) not in already
        ]
        with self.store.begin() as connection:
            writing.write_log_findings(connection, answered, lines)
        self.progress("call table", 1, 1, "")
        return before | {line["call_id"] for line in lines} | {contact.call_id for contact in contacts}

    def _since(self, contacts: Sequence[Contact]) -> date | None:
        """The first local day that has to be answered for; None: all of them."""
        from audit.store import table_reading

        dated = [contact.started_at.date() for contact in contacts if contact.started_at]
        with self.store.read() as connection:
            same = table_reading.last_versions(connection, self.run_id)
        kept = ("places", "pipeline", "code", "lexicons", "second_reader")
        if not dated or same is None or any(same.get(name) != self.versions()[name] for name in kept):
            return None
        return min(dated) - timedelta(days=1)

    def _cases(self, touched: set[str]) -> int:
        from audit.store import writing

        with self.store.begin() as connection:
            return writing.refresh_cases(connection, touched, self.four_eyes)

    def _reconcile(self, contacts: Sequence[Contact]) -> None:
        from audit.store.reconciling import reconcile_run

        folder = self.tools.recordings
        if folder is not None:
            names = files_below(folder, AUDIO_SUFFIXES)
            reconcile_run(self.store, self.run_id, contacts, folder, names)

    def _open_run(self, summary: RunSummary, inputs: Mapping[str, Any]) -> None:
        from sqlalchemy import insert, update

        from audit.store import ledger
        from audit.store.tables import runs

        with self.store.begin() as connection:
            # The lock is ours, so whatever still says it runs was killed.
            connection.execute(
                update(runs).where(runs.c.status == "running").values(status="stopped", ended_at=ledger.now())
            )
            connection.execute(
                insert(runs).values(
                    run_id=self.run_id,
                    started_at=ledger.now(),
                    heartbeat_at=ledger.now(),
                    status="running",
                    origin=self.origin,
                    total=summary.total,
                    process_id=os.getpid(),
                    inputs=dict(inputs) | {"versions": summary.versions},
                )
            )

    def _beat(self, summary: RunSummary, done: int) -> None:
        self._update_run(
            done=done,
            failed=len(summary.failures),
            unchanged=summary.unchanged,
        )

    def _close_run(self, summary: RunSummary, status: str, error: BaseException | None) -> None:
        from audit.store import ledger

        message = str(error) if isinstance(error, AuditError) else type(error).__name__ if error else None
        self._update_run(
            done=summary.heard + summary.judged + summary.unchanged + len(summary.failures),
            failed=len(summary.failures),
            unchanged=summary.unchanged,
            status=status,
            ended_at=ledger.now(),
            message=message,
        )
        with self.store.begin() as connection:
            payload = {
                "status": status,
                "contacts": summary.total,
                "failed": len(summary.failures),
                "unchanged": summary.unchanged,
                "lexicons": summary.versions.get("lexicons"),
            }
            ledger.append(connection, self.origin, "run", self.run_id, payload)

    def _update_run(self, **values: Any) -> None:
        from sqlalchemy import update

        from audit.store import ledger
        from audit.store.tables import runs

        with self.store.begin() as connection:
            connection.execute(
                update(runs).where(runs.c.run_id == self.run_id).values(heartbeat_at=ledger.now(), **values)
            )


def word_rows(result: CallResult) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of a result's words: turns with their masked text, personal data, findings with masked evidence."""
    from audit.store import writing

    call_id, transcript, data = result.contact.call_id, result.transcript, result.personal_data
    masked = masked_turns(transcript, data) if transcript else {}
    findings = [
        writing.finding_row(
            call_id,
            finding,
            "words",
            evidence(finding, transcript, data),
            details_of(result, finding),
        )
        for finding in result.findings
    ]
    spans = [asdict(datum) | {"call_id": call_id} for datum in data if datum.turn is not None]
    return writing.turn_rows(result, masked), spans, findings


def answered(result: CallResult) -> bool:
    """Whether no question to the third reader was left open; else the next run judges the contact again."""
    return not result.measures.get("third_reader", {}).get("left")


def details_of(result: CallResult, finding: Finding) -> dict[str, Any]:
    """What is kept beside a finding: the second decoding's word, and the third reader's with its receipt."""
    turn = -1 if finding.turn is None else finding.turn
    details: dict[str, Any] = {"doubt": result.doubts[turn]} if turn in result.doubts else {}
    if turn in result.answers and (finding.basis in LIKENESS or finding.excused is not None):
        details["third_reader"] = result.answers[turn]
    return details


def _counted(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """call_id -> finding id -> rule, of the findings on words that count."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["origin"] == "words" and counts(finding_of_row(row)):
            found.setdefault(row["call_id"], {})[row["finding_id"]] = row["rule"]
    return found


def finding_of_row(row: Mapping[str, Any]) -> Finding:
    """A findings row as the record it was made of."""
    from audit.store.writing import finding_of

    return finding_of(row)


def judge_contacts_of(
    contacts: Sequence[Contact], places: Places, signals: Sequence[Any], since: date | None
) -> list[ContactFinding]:
    """What `audit.contact` finds on a call table."""
    from audit.contact import judge_contacts

    return judge_contacts(contacts, places, signals, since)
