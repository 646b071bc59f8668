"""The workshop of the lender's own pack: check an edited file by the pack's gates, keep it with who and when.

Nothing is written unless the whole pack loads and no example of the rules concerned is judged wrong. Only a
pack of the lender's own (`lexicons` in audit.toml) can be changed; the shipped one is copied first.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import LexiconError, UsageError
from audit.screens.parts.desk import Desk

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Checked:
    """What the gates say of an edited file: faults of the files, examples judged wrong, and how many hold."""

    faults: tuple[str, ...]
    failures: tuple[str, ...]
    examples: int

    @property
    def good(self) -> bool:
        """Whether it may be kept."""
        return not self.faults and not self.failures


def shipped() -> Path:
    """The pack that came with the program."""
    from audit.lexicon import shipped_directory

    return shipped_directory()


def directory(here: Desk) -> Path:
    """The pack in use."""
    return here.settings.lexicons or shipped()


def own(here: Desk) -> bool:
    """Whether the pack in use is the lender's own and may be changed here."""
    return here.settings.lexicons is not None and here.settings.lexicons.resolve() != shipped().resolve()


def files(here: Desk) -> list[str]:
    """The YAML files of the pack that the app shows for editing, terms first; places are law and left out."""
    root = directory(here)
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.yaml")]
    return sorted(
        (name for name in names if not name.startswith("places/")),
        key=lambda name: (not name.startswith("terms/"), name),
    )


def text_of(here: Desk, name: str) -> str:
    """The text of a file of the pack; raises UsageError for a name that is none of `files`."""
    if name not in files(here):
        raise UsageError(f"There is no file {name} in the pack.")
    return (directory(here) / name).read_text("utf-8")


@contextmanager
def edited_pack(here: Desk, name: str, text: str) -> Iterator[Path]:
    """A copy of the pack in which one file is another, for the time of the block."""
    if name not in files(here):
        raise UsageError(f"There is no file {name} in the pack.")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "pack"
        shutil.copytree(directory(here), root)
        (root / name).write_text(text, "utf-8")
        yield root


def check(here: Desk, name: str, text: str) -> Checked:
    """Load the pack with the edited file and run the examples of the rules it concerns."""
    from audit.examples import run_examples
    from audit.lexicon import load_pack
    from audit.rules import Judge

    with edited_pack(here, name, text) as root:
        try:
            pack = load_pack(root)
        except LexiconError as error:
            return Checked(tuple(str(fault) for fault in error.faults[:SHOWN]), (), 0)
        concerned = (
            None
            if name.startswith(("terms/", "excuses/", "lexicon.yaml"))
            else name.removesuffix(".yaml").replace("/", ".")
        )
        rules = [
            rule
            for rule in pack.rules.values()
            if concerned is None or rule.path == name or rule.id == concerned
        ]
        failures = [str(failure) for failure in run_examples(pack, Judge(pack), concerned)]
        count = sum(len(block.examples) for rule in rules for block in rule.blocks.values())
    return Checked((), tuple(failures[:SHOWN]), count)


def keep(here: Desk, name: str, text: str) -> str:
    """Write a checked file to the lender's own pack and keep the version; returns its hash.

    Raises RightError without the right, UsageError when the pack is the shipped one or a gate does not hold.
    """
    here.scope.require("edit_rules")
    if not own(here):
        raise UsageError(
            "The shipped pack is not changed here. Copy it and name the copy as `lexicons` in audit.toml."
        )
    if not check(here, name, text).good:
        raise UsageError("The gates do not hold: nothing was kept.")
    path = directory(here) / name
    before = path.read_text("utf-8")
    handle = path.with_suffix(".part")
    handle.write_text(text, "utf-8")
    handle.replace(path)
    return here.act(_note, name, before, text)


def _note(connection: Any, scope: Any, name: str, before: str, text: str) -> str:
    from audit.store.ledger import append, now
    from audit.store.tables import lexicon_edits

    hashes = [hashlib.sha256(one.encode()).hexdigest() for one in (before, text)]
    edit_id = secrets.token_hex(8)
    connection.execute(
        lexicon_edits.insert().values(
            edit_id=edit_id,
            at=now(),
            actor=scope.user,
            path=name,
            before_hash=hashes[0],
            after_hash=hashes[1],
            text=text,
        )
    )
    append(
        connection,
        scope.user,
        "rules.changed",
        name,
        {"before": hashes[0][:16], "after": hashes[1][:16], "edit": edit_id},
    )
    return hashes[1]


def history(connection: Any, scope: Any, name: str | None = None) -> list[dict[str, Any]]:
    """Kept versions, newest first: at, actor, path, after_hash, text; needs the right `rulebook`."""
    from sqlalchemy import select

    from audit.store.tables import lexicon_edits

    scope.require("rulebook")
    query = select(lexicon_edits).order_by(lexicon_edits.c.at.desc()).limit(50)
    if name is not None:
        query = query.where(lexicon_edits.c.path == name)
    return [dict(row) for row in connection.execute(query).mappings()]


def with_example(text: str, language: str, kind: str, words: str, speaker: str) -> str:
    """A rule file's text with one more `hit` or `miss` line in a language block; raises UsageError without one."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    data = yaml.load(text)
    if not isinstance(data, dict) or language not in data:
        raise UsageError(f"The rule has no block for {language}.")
    block = data[language]
    block.setdefault(kind, []).append({speaker: words} if speaker in ("agent", "customer") else words)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()
