"""Writes audit/phrases/usual_zh.txt and usual_en.txt: what stands side by side in ordinary speech.

    python -m benchmarks.make_usual

Mandarin: each character with those that follow it (^ and $ are the ends of an utterance). English: words. Made
from lexicons/examples and the ordinary turns of tests/data; run it again when those have grown much.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from audit.phrases import fold

ROOT = Path(__file__).parents[1]
LINE = 110


def tokens(language: str) -> Iterator[list[str]]:
    """The lines of both sources, folded."""
    files = [*sorted((ROOT / "lexicons" / "examples" / language).glob("*.tsv"))]
    for path in (*files, ROOT / "tests" / "data" / f"quiet_{language}.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                yield fold(line.split("\t")[-1], language).tokens


def pairs() -> list[str]:
    """One line a first character."""
    after: dict[str, set[str]] = defaultdict(set)
    for line in tokens("zh"):
        row = ["^", *line, "$"]
        for left, right in itertools.pairwise(row):
            if pairable(left) and pairable(right):
                after[left].add(right)
    return [f"{left}\t{''.join(sorted(after[left]))}" for left in sorted(after)]


def pairable(token: str) -> bool:
    """A Chinese character or an end; numbers and Latin words are too many to count."""
    return token in "^$" or (len(token) == 1 and not token.isascii())


def words() -> list[str]:
    """All words, several a line."""
    found = sorted({token for line in tokens("en") for token in line if token.isalpha()})
    rows = [""]
    for word in found:
        if len(rows[-1]) + len(word) > LINE:
            rows.append("")
        rows[-1] += f" {word}" if rows[-1] else word
    return rows


def main() -> None:
    for name, rows in (("usual_zh.txt", pairs()), ("usual_en.txt", words())):
        (ROOT / "audit" / "phrases" / name).write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
