"""`audit run`: the main job from a call log to the papers, and the table a person sees at its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.commands.console import ProgressView, tell
from audit.errors import EXIT_INPUT, EXIT_OK, UsageError
from audit.settings import Settings, load_settings, silence

if TYPE_CHECKING:
    from audit.batch import RunSummary
    from audit.contact import Places
    from audit.intake import CallLog

SHOWN_FAULTS = 20
DEFAULT_PLACE = Settings().jurisdiction


ORIGINS = ("command", "cron", "app")


def run_audit(
    calls: Path, out: Path, settings_file: Path | None, options: Mapping[str, Any], origin: str = "command"
) -> int:
    """Audit the contacts of `calls` and write the papers to `out`; returns the exit status.

    `origin` says who started the run: command | cron | app; it stands in the list of runs and in the ledger.
    """
    if origin not in ORIGINS:
        raise UsageError(f"--origin {origin}: one of {', '.join(ORIGINS)}.")
    settings = load_settings(settings_file, **options)
    silence(settings.allow_download)
    for name in ("recordings", "transcripts", "lexicons"):
        folder = getattr(settings, name)
        if folder is not None and not folder.is_dir():
            raise UsageError(f"--{name} {folder}: there is no such folder.")
    summary, log = audit_log(calls, out, settings, origin=origin)
    return EXIT_INPUT if summary.failures or log.faults else EXIT_OK


def audit_log(
    calls: Path, out: Path, settings: Settings, four_eyes: bool = True, origin: str = "command"
) -> tuple[RunSummary, CallLog]:
    """Read the log, audit it, write the papers; says on stderr what was wrong with the input."""
    from audit.asking.telling import left_open
    from audit.batch import Batch, make_tools, number_key
    from audit.contact import load_places
    from audit.intake import read_call_log
    from audit.store import Store
    from audit.tables import require_folder

    require_folder(out)
    places = load_places(settings.lexicons / "places" if settings.lexicons else None)
    _check_place(settings.jurisdiction, places)
    store = Store.open(settings.store)
    log = read_call_log(calls, settings.jurisdiction, number_key(store))
    for line in [*log.notes, *map(str, log.faults[:SHOWN_FAULTS])]:
        tell(line)
    if len(log.faults) > SHOWN_FAULTS:
        tell(f"… and {len(log.faults) - SHOWN_FAULTS} more faults; all stand in run.json.")
    inputs = {"calls": calls.name, "calls_sha256": log.sha256}
    tools = make_tools(settings)
    with ProgressView("audit") as progress:
        batch = Batch(store, tools, places, progress, origin, four_eyes)
        summary = batch.run(log, inputs | {"where": _where(calls, out, settings)})
    asked = tools.asker.told() if tools.asker else {}
    for line in left_open(asked, "en"):
        tell(line)
    _write(store, places, settings, summary, log, inputs, out, asked)
    for call_id, reason in summary.failures[:SHOWN_FAULTS]:
        tell(f"{call_id}: {reason}")
    if len(summary.failures) > SHOWN_FAULTS:
        tell(f"… and {len(summary.failures) - SHOWN_FAULTS} more; all stand in contacts.csv.")
    show(summary, out)
    store.close()
    return summary, log


def _where(calls: Path, out: Path, settings: Settings) -> dict[str, str]:
    """Where the input of a run lies on this machine, kept with the run so that the app can start it again."""
    folders = {
        "calls": calls,
        "out": out,
        "recordings": settings.recordings,
        "transcripts": settings.transcripts,
    }
    return {name: str(folder.resolve()) for name, folder in folders.items() if folder is not None}


def _check_place(jurisdiction: str, places: Places) -> None:
    """Refuse a misspelt default: every row without a place of its own would go unjudged."""
    if jurisdiction != DEFAULT_PLACE and places.rules(jurisdiction.upper()) is None:
        known = ", ".join(places.ids())
        raise UsageError(f"--jurisdiction {jurisdiction}: no such place is known. Known: {known}.")


def _write(
    store: Any,
    places: Any,
    settings: Settings,
    summary: RunSummary,
    log: CallLog,
    inputs: Mapping[str, Any],
    out: Path,
    asked: Mapping[str, Any],
) -> None:
    from audit.asking.telling import left_open
    from audit.intake import shown_name
    from audit.report import Paper, write_papers
    from audit.store.reconciling import discrepancy_lines

    paper = Paper(
        run_id=summary.run_id,
        language=settings.language,
        jurisdiction=settings.jurisdiction,
        versions=summary.versions,
        inputs=inputs,
        faults=[
            *log.notes,
            *map(str, log.faults),
            *map(shown_name, discrepancy_lines(store, summary.run_id)),
            *_call_table_notes(log, places, settings.language),
            *left_open(asked, settings.language),
        ],
        moment=datetime.now().astimezone().isoformat(timespec="minutes"),
        call_ids=[contact.call_id for contact in log.contacts],
        third_reader=asked,
    )
    write_papers(store, places, paper, out)


def _call_table_notes(log: CallLog, places: Any, language: str) -> list[str]:
    """What the call table leaves unjudged, and contacts that began inside the hours and ended outside."""
    from audit.contact import contact_notes, explain, not_judged
    from audit.wording import category_title

    silent = [
        f"{one.agency}: {category_title(one.category, language)}: {one.reason} ({one.contacts})"
        for one in not_judged(log.contacts, places)
    ]
    ended = [
        f"{one.call_id}: {explain(one.details, language)}" for one in contact_notes(log.contacts, places)
    ]
    return silent + ended


def show(summary: RunSummary, out: Path) -> None:
    """The closing lines of a run, on stderr."""
    tell(
        f"{summary.total} contacts: {summary.heard} audited now, {summary.judged} judged again, "
        f"{summary.unchanged} unchanged, {len(summary.failures)} failed, in {summary.seconds:.1f} s; "
        f"{summary.cases} cases."
    )
    tell(f"Papers: {out / 'report.html'}, report.xlsx, findings.csv, contacts.csv, run.json")
