"""`audit clips export`: masked clips of a category or verdict into a folder, each proved by a second hearing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.cases import VERDICTS
from audit.commands.console import ProgressView, tell
from audit.errors import EXIT_INPUT, EXIT_OK, InputError, ModelError, UsageError
from audit.models import CATEGORIES
from audit.settings import load_settings
from audit.tables import require_folder


def export(
    settings_file: Path | None,
    options: Mapping[str, Any],
    out: Path,
    category: str | None,
    verdict: str | None,
    limit: int,
) -> int:
    """Export up to `limit` clips, worst and surest first; returns 1 when one could not be made."""
    from audit.clips import make_clip
    from audit.store import Store

    if category is not None and category not in CATEGORIES:
        raise UsageError(f"--category {category} is none of: {', '.join(CATEGORIES)}.")
    if verdict is not None and verdict not in VERDICTS:
        raise UsageError(f"--verdict {verdict} is none of: {', '.join(VERDICTS)}.")
    settings = load_settings(settings_file, **options)
    store = Store.open(settings.store, create=False)
    chosen = _chosen(store, category, verdict, limit)
    if not chosen:
        tell("No finding fits; nothing was written.")
        return EXIT_OK
    require_folder(out)
    recogniser = _recogniser(settings)
    failed = 0
    with ProgressView("clips") as progress:
        for done, finding_id in enumerate(chosen, start=1):
            try:
                make_clip(store, finding_id, settings.recordings, out, recogniser)
            except InputError as error:
                failed += 1
                tell(f"{finding_id}: {error}")
            progress("clips", done, len(chosen), finding_id)
    tell(f"{len(chosen) - failed} clips in {out}, {failed} not made.")
    store.close()
    return EXIT_INPUT if failed else EXIT_OK


def _chosen(store: Any, category: str | None, verdict: str | None, limit: int) -> list[str]:
    from audit.store import reading

    with store.read() as connection:
        rows = [
            row
            for row in reading.findings(connection)
            if row["excused"] is None
            and not row["trial"]
            and row["turn"] is not None
            and (category is None or row["category"] == category)
            and (verdict is None or row["verdict"] == verdict)
        ]
    rows.sort(key=lambda row: (row["severity_rank"], -row["confidence"], row["finding_id"]))
    return [row["finding_id"] for row in rows[:limit]]


def _recogniser(settings: Any) -> Any:
    from audit.speech import load_recogniser

    try:
        return load_recogniser(settings.model, settings.engine, settings.device, settings.precision)
    except ModelError as error:
        tell(f"No second hearing of the clips: {error}")
        return None
