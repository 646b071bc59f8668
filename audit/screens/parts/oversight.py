"""The oversight pack of one agency and week: the papers over its contacts only, as a zip; a ledger row."""

from __future__ import annotations

import tempfile
from pathlib import Path

from audit.screens.parts.desk import Desk


def oversight_pack(here: Desk, agency: str, week: str) -> bytes:
    """report.html, report.xlsx, findings.csv, contacts.csv, run.json of one agency in one week, masked.

    Nothing of another agency stands in it. `manifest.json` lists the SHA-256 of every file: `audit verify`
    proves the pack whole on any machine. Raises RightError without the right `export`.
    """
    from audit.contact import load_places
    from audit.evidence import sealed
    from audit.report import Paper, write_papers
    from audit.store import acts
    from audit.store.ledger import now
    from audit.store.views.agencies import agency_calls

    calls = here.ask(agency_calls, agency, week)
    lexicons = here.settings.lexicons
    places = load_places(lexicons / "places" if lexicons else None)
    paper = Paper(
        run_id=week,
        language=here.language,
        jurisdiction=here.settings.jurisdiction,
        versions={},
        inputs={"agency": agency, "week": week},
        moment=now(),
        call_ids=calls,
        agency=agency,
    )
    here.act(acts.exported, agency, {"week": week, "contacts": len(calls), "kind": "oversight"})
    with tempfile.TemporaryDirectory() as folder:
        write_papers(here.store, places, paper, Path(folder))
        files = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
    facts = {"kind": "oversight", "agency": agency, "week": week, "exported_by": here.scope.user}
    return sealed(files, facts)
