"""The oversight pack of one agency and week: the papers over its contacts only, as a zip; a ledger row."""

from __future__ import annotations

import tempfile
from pathlib import Path

from audit.screens.parts.desk import Desk
from audit.screens.parts.lessons import zipped


def oversight_pack(here: Desk, agency: str, week: str) -> bytes:
    """report.html, report.xlsx, findings.csv, contacts.csv, run.json of one agency in one week, masked.

    Raises RightError without the right `export`.
    """
    from audit.contact import load_places
    from audit.report import Paper, write_papers
    from audit.store import acts
    from audit.store.views.agencies import agency_calls

    calls = here.ask(agency_calls, agency, week)
    lexicons = here.settings.lexicons
    places = load_places(lexicons / "places" if lexicons else None)
    paper = Paper(
        week, here.language, here.settings.jurisdiction, {}, {"agency": agency, "week": week}, (), "", calls
    )
    here.act(acts.exported, agency, {"week": week, "contacts": len(calls), "kind": "oversight"})
    with tempfile.TemporaryDirectory() as folder:
        write_papers(here.store, places, paper, Path(folder))
        return zipped(Path(folder))
