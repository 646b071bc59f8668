"""`audit purge`: what is past its retention goes; first it is said, holds stay, a tombstone is left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit.commands.console import tell
from audit.errors import EXIT_INPUT, EXIT_OK
from audit.settings import load_settings


def purge(settings_file: Path | None, options: Mapping[str, Any], yes: bool) -> int:
    """Say what is past its retention (one call id a line on stdout) and with `yes` delete it."""
    from audit.store import Store
    from audit.store.retention import apply, due, forget

    settings = load_settings(settings_file, **options)
    store = Store.open(settings.store, create=False)
    today = datetime.now(UTC)
    kept = settings.retention
    apply(store, kept.model_dump())
    records = due(store, today - timedelta(days=kept.records_days))
    sounds = due(store, today - timedelta(days=kept.recordings_days))
    files = _files(sounds.past, settings.recordings)
    for call_id, _ in records.past:
        print(call_id)
    tell(
        f"{len(records.past)} contacts are older than {kept.records_days} days, {len(files)} recordings older than "
        f"{kept.recordings_days} days; {len(records.held)} more are on legal hold, {records.undated} have no date "
        "and are kept."
    )
    if not yes:
        tell("Nothing was deleted. Run again with --yes to delete.")
        return EXIT_OK
    failed = _delete(files)
    forget(store, [call_id for call_id, _ in records.past], [file.name for file in files])
    tell(f"Deleted: {len(records.past)} contacts, {len(files) - failed} recordings.")
    store.close()
    return EXIT_INPUT if failed else EXIT_OK


def _files(past: list[tuple[str, str | None]], folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    return [folder / name for _, name in past if name and (folder / name).is_file()]


def _delete(files: list[Path]) -> int:
    failed = 0
    for file in files:
        try:
            file.unlink()
        except OSError as error:
            failed += 1
            tell(f"{file.name}: cannot be deleted ({error.strerror}).")
    return failed
