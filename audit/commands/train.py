"""`audit lexicons train`: the second reader anew from the pack's examples and, with a store, from verdicts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from audit import __version__
from audit.commands.console import tell
from audit.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from audit.similar.training import Example


def train(lexicons: Path | None, store_url: str | None, output: Path | None = None) -> int:
    """Train and write the model file (default: the shipped one); says what cross-validation promises."""
    from audit.lexicon import shipped_directory
    from audit.similar import SHIPPED
    from audit.similar.senses import read_senses
    from audit.similar.stored import dump
    from audit.similar.training import folder_hash, read_examples
    from audit.similar.training import train as fit
    from audit.tables import atomic

    began, worked = time.monotonic(), time.process_time()
    pack = lexicons or shipped_directory()
    folder = pack / "examples"
    examples = read_examples(folder)
    senses = pack / "senses"
    trained_on = {
        "code": __version__, "examples": folder_hash(folder), "senses": folder_hash(senses), "count": len(examples),
    }  # fmt: skip
    if store_url:
        reviewed = _verdicts(store_url)
        trained_on["verdicts"] = len(reviewed)
        examples += reviewed
    if not examples:
        raise UsageError(f"{folder}: no examples to train on.")
    reader, estimates = fit(examples, _severities(pack), trained_on, read_senses(senses))
    with atomic(output or SHIPPED, binary=True) as file:
        file.write(dump(reader))
    tell(
        f"{len(examples)} examples, {time.monotonic() - began:.1f} s ({time.process_time() - worked:.1f} s of a processor). Each author scored by models trained on the others:"
    )
    for one in estimates:
        tell(
            f"  {one.language} {one.side:<8} precision {one.precision:.2f} recall {one.recall:.2f} "
            f"hard negatives named {one.hard:.1%} plain {one.plain:.1%} (threshold {one.threshold})"
        )
    return EXIT_OK


def _severities(pack: Path) -> dict[str, str]:
    """The pack's severity of each category."""
    from ruamel.yaml import YAML

    head = YAML(typ="safe").load((pack / "lexicon.yaml").read_text("utf-8"))
    return {str(category): str(severity) for category, severity in head["severity"].items()}


def _verdicts(store_url: str) -> list[Example]:
    from sqlalchemy import select

    from audit.similar.training import from_verdicts
    from audit.store import Store
    from audit.store import tables as t

    store = Store.open(store_url, create=False)
    query = (
        select(
            t.contacts.c.language,
            t.turns.c.speaker,
            t.turns.c.masked,
            t.findings.c.category,
            t.verdicts.c.verdict,
        )
        .join(t.findings, t.findings.c.finding_id == t.verdicts.c.finding_id)
        .join(t.contacts, t.contacts.c.call_id == t.findings.c.call_id)
        .join(t.turns, (t.turns.c.call_id == t.findings.c.call_id) & (t.turns.c.turn == t.findings.c.turn))
        .order_by(t.verdicts.c.finding_id)
    )
    with store.read() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    store.close()
    return from_verdicts(rows)
