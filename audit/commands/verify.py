"""`audit verify`: the ledger of a store, or an evidence pack on any machine, proved whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.errors import EXIT_OK, UsageError
from audit.settings import load_settings


def verify(settings_file: Path | None, options: Mapping[str, Any], pack: Path | None) -> int:
    """Verify and say so on stdout; raises IntegrityError naming what does not hold."""
    if pack is not None:
        if not pack.is_file():
            raise UsageError(f"{pack}: there is no such file. Give the evidence pack, a ZIP file.")
        from audit.evidence import verify_pack

        manifest = verify_pack(pack)
        about = f"case {manifest['case_id']}" if "case_id" in manifest else f"week {manifest['week']}"
        print(f"{pack.name}: whole; {len(manifest['files'])} files, {about}.")
        return EXIT_OK
    from audit.store import Store, ledger

    store = Store.open(load_settings(settings_file, **options).store, create=False)
    with store.read() as connection:
        rows = ledger.verify(connection)
        head = ledger.head(connection)
    print(f"The ledger is whole: {rows} rows, head {head['hash']}.")
    store.close()
    return EXIT_OK
