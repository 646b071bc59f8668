"""Senses of words: a pack's lists of words that mean the same kind of thing, for features that generalise.

`senses/<language>.tsv` of a pack: sense, tab, words with commas between. A word carries the senses of the first
SENSES_MOST lines that name it, the first of them being its main one. English words are compared as lemmas, and
phrases of several English words are passed over; Mandarin words are compared letter by letter, longest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from audit.errors import Fault, LexiconError
from audit.similar.words import LONGEST_WORD, lemma, mandarin

SENSES_MOST = 2
Senses = Mapping[str, tuple[str, ...]]
"""Word as it is compared -> its senses, main one first."""


def read_senses(folder: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Language -> senses of its words; empty without files. Raises LexiconError with every line that has no tab."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.tsv")):
        table: dict[str, tuple[str, ...]] = {}
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            sense, tab, words = line.partition("\t")
            if line.startswith("#") or not line.strip():
                continue
            if not tab:
                faults.append(Fault(f"senses/{file.name}", number, "no tab between a sense and its words"))
                continue
            _add(table, file.stem, sense.strip(), words)
        found[file.stem] = table
    if faults:
        raise LexiconError(faults)
    return found


def _add(table: dict[str, tuple[str, ...]], language: str, sense: str, words: str) -> None:
    for word in words.split(","):
        key = compared(word.strip(), language)
        own = table.get(key, ())
        if key and sense not in own and len(own) < SENSES_MOST:
            table[key] = (*own, sense)


def compared(word: str, language: str) -> str:
    """A word as texts are searched for it; empty for what cannot be found."""
    if language == "zh":
        signs = mandarin(word).replace(" ", "")
        return signs if len(signs) <= LONGEST_WORD else ""
    return "" if " " in word else lemma(word.lower())
