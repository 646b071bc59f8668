"""The second reader: a likeness to trained examples where no phrase was heard. Proposes, never decides alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from audit.errors import Fault, LexiconError

if TYPE_CHECKING:
    from audit.similar.model import Reader

__all__ = ["SHIPPED", "load"]

SHIPPED = Path(__file__).parent / "second_reader.npz"


def load(path: Path | None) -> Reader | None:
    """The trained reader of a file (None: the shipped one); None where none was trained.

    Raises LexiconError for a file that is none of ours.
    """
    file = path or SHIPPED
    if not file.exists():
        return None
    import zipfile

    from audit.similar.stored import undump

    content = file.read_bytes()
    try:
        reader = undump(content)
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise LexiconError(
            [Fault(file.name, 1, f"not a second reader ({error}): run `audit lexicons train`")]
        ) from error
    reader.hash = hashlib.sha256(content).hexdigest()
    return reader
