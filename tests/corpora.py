"""The example lines of the pack as rows of the labelled sets: shared by the tests of both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[1] / "lexicons" / "examples"
KINDS = {"-": "hard_negative", ".": "plain"}


def example_rows(language: str, file: str, prefix: str, digits: int = 4) -> list[dict[str, Any]]:
    """The lines of one example file in file order, numbered from 1."""
    rows: list[dict[str, Any]] = []
    for line in (EXAMPLES / language / file).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        speaker, labels, text = line.split("\t")
        named = [] if labels in KINDS else labels.split(",")
        row = {
            "id": f"{prefix}{len(rows) + 1:0{digits}d}",
            "lang": language,
            "speaker": speaker,
            "text": text,
        }
        rows.append(row | {"labels": named, "kind": KINDS.get(labels, "positive")})
    return rows


def all_examples(language: str) -> list[str]:
    """The texts of every author's example lines."""
    return [
        line.split("\t")[2]
        for file in sorted((EXAMPLES / language).glob("*.tsv"))
        for line in file.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
