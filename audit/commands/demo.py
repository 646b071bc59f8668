"""`audit demo`: the shipped sample week through the real path, ending with where to look."""

from __future__ import annotations

from pathlib import Path

from audit.commands.console import tell
from audit.commands.run import audit_log
from audit.errors import EXIT_INPUT, EXIT_OK
from audit.settings import load_settings


def demo(out: Path, language: str | None) -> int:
    """Audit audit/sample into `out` (store, papers, clips); a second call does no work twice."""
    from audit import sample
    from audit.tables import require_folder

    require_folder(out)
    settings = load_settings(
        None,
        store=f"sqlite:///{out / 'audit.db'}",
        model=str(sample.MODEL),
        recordings=sample.RECORDINGS,
        jurisdiction="CN",
        language=language,
    )
    tell("Auditing the shipped sample week: synthetic voices, invented people.")
    summary, log = audit_log(sample.CALLS, out, settings, four_eyes=False)
    _table(out)
    tell("")
    tell(f"Report    {out / 'report.html'}   (open it in a browser)")
    tell(f"Workbook  {out / 'report.xlsx'}")
    tell("App       make app   (or: audit app --demo)")
    return EXIT_INPUT if summary.failures or log.faults else EXIT_OK


def _table(out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from audit.report.figures import gather
    from audit.store import Store, reading

    store = Store.open(f"sqlite:///{out / 'audit.db'}", create=False)
    with store.read() as connection:
        figures = gather(list(reading.contacts(connection)), reading.findings(connection))
    store.close()
    table = Table(title="Sample week, by agency")
    for column in (
        "agency",
        "contacts",
        "conversations heard",
        "with a breach",
        "critical",
        "high",
        "undecided",
    ):
        table.add_column(column, justify="left" if column == "agency" else "right")
    for one in figures.agencies:
        counts = (one.contacts, one.heard, one.flagged)
        severe = (one.severities["critical"], one.severities["high"], one.undecided)
        table.add_row(one.agency, *map(str, counts + severe))
    Console(stderr=True, width=110).print(table)
