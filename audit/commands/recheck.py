"""`audit recheck`: today's lexicons over stored transcripts; what comes, what goes, nothing transcribed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.commands.console import ProgressView, tell
from audit.errors import EXIT_OK
from audit.settings import load_settings

if TYPE_CHECKING:
    from audit.batch import Batch


def recheck(settings_file: Path | None, options: Mapping[str, Any], dry_run: bool) -> int:
    """Judge all stored transcripts again; one JSON line per changed contact on stdout, a summary on stderr."""
    from audit.batch import Batch, make_tools
    from audit.contact import load_places
    from audit.store import Store

    settings = load_settings(settings_file, **options)
    store = Store.open(settings.store, create=False)
    places = load_places(settings.lexicons / "places" if settings.lexicons else None)
    with ProgressView("recheck") as progress:
        batch = Batch(store, make_tools(settings), places, progress)
        appeared, vanished = Counter[str](), Counter[str]()
        contacts = 0
        for change in batch.recheck(dry_run):
            contacts += 1
            appeared.update(change["appears"])
            vanished.update(change["vanishes"])
            json.dump(change, sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
    _sum_up(appeared, vanished, contacts, batch, dry_run)
    store.close()
    return EXIT_OK


def _sum_up(
    appeared: Counter[str], vanished: Counter[str], contacts: int, batch: Batch, dry_run: bool
) -> None:
    from audit.asking.telling import left_open

    for rule in sorted(set(appeared) | set(vanished)):
        tell(f"{rule}: +{appeared[rule]} −{vanished[rule]}")
    total = sum(appeared.values()) + sum(vanished.values())
    verb = "would change" if dry_run else "changed"
    lexicons = batch.versions()["lexicons"][:12]
    tell(f"{total} findings {verb} in {contacts} contacts under lexicons {lexicons}.")
    asker = batch.tools.asker
    for line in left_open(asker.told(), "en") if asker else ():
        tell(line)
