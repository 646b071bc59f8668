"""The second reader on authors it does not know: each author's lines read by a reader trained on all the others.

    python -m benchmarks.reader_scores [--utterances FILE.jsonl ...] [--language zh] [--without AUTHOR ...]

Thresholds are chosen inside the training authors (training.py), so nothing of the author under test is seen. With
--utterances, those lines are one more author, read by a reader trained on every author of the pack. Precision and
recall count labels; alarms are shares of hard negatives and of plain lines that are named for anything. The second
reader alone: what phrases find is not counted (`benchmarks.dev_scores` counts both).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from audit.lexicon import shipped_directory
from audit.similar.model import Reader
from audit.similar.senses import read_senses
from audit.similar.training import LEAST_LINES, Example, read_examples, train

LEAST_LABELS = 20
"""An author with fewer labels of a side has no row of that side."""


def main() -> None:
    options = arguments()
    pack = options.lexicons or shipped_directory()
    senses = read_senses(pack / "senses")
    for language in options.language or ("zh", "en"):
        examples = [one for one in read_examples(pack / "examples") if one.language == language]
        tests = [(name, held, rest) for name, held, rest in splits(examples, options.without)]
        further = [one for path in options.utterances for one in from_lines(path) if one.language == language]
        if further:
            tests.append(("(files)", further, examples))
        for name, held, rest in tests:
            reader, _ = train(rest, {}, {}, {language: senses.get(language, {})})
            for line in rows(reader, name, held):
                print(line, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--utterances", type=Path, nargs="*", default=[])
    parser.add_argument("--language", action="append", choices=("zh", "en"))
    parser.add_argument("--without", nargs="*", default=[], help="authors not to test on (they still train)")
    parser.add_argument("--lexicons", type=Path)
    return parser.parse_args()


def splits(
    examples: Sequence[Example], without: Iterable[str]
) -> Iterable[tuple[str, list[Example], list[Example]]]:
    """(author, the author's lines, everybody else's)."""
    lines = Counter(one.author for one in examples)
    for author in sorted(
        name for name, count in lines.items() if count >= LEAST_LINES and name not in without
    ):
        held = [one for one in examples if one.author == author]
        yield author, held, [one for one in examples if one.author != author]


def from_lines(path: Path) -> Iterable[Example]:
    """Lines of labelled utterances (development files) as examples."""
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            kind = "hard" if row["kind"] == "hard_negative" else row["kind"]
            yield Example(row["lang"], row["speaker"], row["text"], tuple(row["labels"]), kind, path.stem)


def rows(reader: Reader, name: str, held: Sequence[Example]) -> Iterable[str]:
    """One printable row a side, and one of both."""
    found = reader.read_many(
        [one.text for one in held], [one.language for one in held], [one.speaker for one in held]
    )
    named = [{finding.category for finding in many} for many in found]
    for side in ("agent", "customer", "both"):
        mine = [
            (one, got)
            for one, got in zip(held, named, strict=True)
            if side in (one.speaker, "both")
        ]  # fmt: skip
        if sum(len(one.labels) for one, _ in mine) >= LEAST_LABELS:
            yield row(f"{held[0].language} {name:<10} {side:<8}", mine)


def row(head: str, mine: Sequence[tuple[Example, set[str]]]) -> str:
    """Precision, recall and alarms of (example, named) pairs."""
    counts: Counter[str] = Counter()
    for one, got in mine:
        right = len(got & set(one.labels))
        counts.update(right=right, named=len(got), wanted=len(one.labels))
        counts.update({one.kind: 1, f"alarm {one.kind}": int(bool(got))})
    alarms = "  ".join(
        f"{kind} named {counts[f'alarm {kind}'] / max(1, counts[kind]):.1%} of {counts[kind]}"
        for kind in ("hard", "plain")
    )
    precision, recall = counts["right"] / max(1, counts["named"]), counts["right"] / max(1, counts["wanted"])
    return f"{head} precision {precision:.3f}  recall {recall:.3f}  {alarms}"


if __name__ == "__main__":
    main()
