"""`audit report`: the papers of one week from the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.commands.console import tell
from audit.errors import EXIT_OK, UsageError
from audit.settings import load_settings


def report_week(settings_file: Path | None, options: Mapping[str, Any], week: str | None, out: Path) -> int:
    """Write the papers of `week` (None: the newest with contacts) to `out`; returns the exit status."""
    from sqlalchemy import select

    from audit.contact import load_places
    from audit.report import Paper, write_papers
    from audit.store import Store
    from audit.store.tables import contacts, runs

    settings = load_settings(settings_file, **options)
    store = Store.open(settings.store, create=False)
    with store.read() as connection:
        weeks = (
            connection.execute(
                select(contacts.c.week)
                .where(contacts.c.week.is_not(None))
                .distinct()
                .order_by(contacts.c.week)
            )
            .scalars()
            .all()
        )
        week = week or (weeks[-1] if weeks else None)
        if week not in weeks:
            known = ", ".join(weeks[-8:]) or "none"
            raise UsageError(f"--week {week}: the store has no contact of that week. Weeks: {known}.")
        call_ids = (
            connection.execute(select(contacts.c.call_id).where(contacts.c.week == week)).scalars().all()
        )
        run = connection.execute(select(runs).order_by(runs.c.started_at.desc()).limit(1)).mappings().first()
    inputs = dict(run["inputs"]) if run else {}
    paper = Paper(
        run_id=run["run_id"] if run else "–",
        language=settings.language,
        jurisdiction=settings.jurisdiction,
        versions=inputs.pop("versions", {}),
        inputs=inputs,
        moment=datetime.now().astimezone().isoformat(timespec="minutes"),
        call_ids=list(call_ids),
    )
    written = write_papers(store, load_places(None), paper, out)
    tell(f"Week {week}: " + ", ".join(str(path) for path in written))
    return EXIT_OK
