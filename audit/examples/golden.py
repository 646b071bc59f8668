"""Gate 5, the golden file: every finding of every rule on a fixed corpus, so that a change shows what it moved.

The corpus is the rules' own examples and the quiet turns. A line of the file is one finding: rule, hash of the text
it is in, place, how it was found. The file holds no text; a text that is no longer in the corpus says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from audit.examples.own import Judged
from audit.examples.quiet import QuietReport
from audit.models import Finding

HEAD = "# Findings on the rules' examples and the quiet turns; written by `audit lexicons test --update-golden`.\n"
Row = tuple[str, str, str, str]
"""(rule with language, hash of the text, place, how): how is the basis, with `excused` where it does not count."""


@dataclass(slots=True)
class Corpus:
    """The rows of today's pack, and the text behind each hash. `expected` are rows a new example is there for."""

    rows: set[Row] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    expected: set[Row] = field(default_factory=set)

    def add_example(self, judged: Judged) -> None:
        """An example and all that is found in it; its own rule's hit is expected of it."""
        said = [f"{turn.speaker}: {turn.text}" for turn in judged.example.turns]
        key = self._text(judged.language, said, str(sorted(judged.rule.when.items())))
        own = f"{judged.language}.{judged.rule.id}"
        for finding in judged.findings:
            row = row_of(key, finding)
            self.rows.add(row)
            if finding.rule == own and judged.example.kind == "hit":
                self.expected.add(row)

    def add_quiet(self, report: QuietReport, language: str) -> None:
        """The quiet turns and what is found in them."""
        for speaker, text, findings in report.heard:
            key = self._text(language, [f"{speaker}: {text}"], "")
            self.rows.update(row_of(key, finding) for finding in findings)

    def _text(self, language: str, said: list[str], facts: str) -> str:
        text = " / ".join(said)
        key = hashlib.sha256(f"{language}\0{text}\0{facts}".encode()).hexdigest()[:10]
        self.texts[key] = text
        return key


def row_of(key: str, finding: Finding) -> Row:
    """The row of one finding in the text of `key`."""
    place = f"{finding.turn}:{finding.start}-{finding.end}"
    return finding.rule, key, place, finding.basis + (" excused" if finding.excused is not None else "")


@dataclass(frozen=True, slots=True)
class Move:
    """What changed for one rule in one text: None before: it appears; None now: it vanishes."""

    rule: str
    text: str
    before: tuple[str, ...]
    now: tuple[str, ...]

    def __str__(self) -> str:
        was, now = ", ".join(self.before) or "nothing", ", ".join(self.now) or "nothing"
        return f"{self.rule}: {was} -> {now} in: {self.text}"


def path_of(pack: Path) -> Path:
    """The golden file of a pack; not YAML, so that it is no part of the pack's hash."""
    return pack / "golden.txt"


def dump(corpus: Corpus) -> str:
    """The file's text: rows in order, each once."""
    return HEAD + "".join("\t".join(row) + "\n" for row in sorted(corpus.rows))


def load(text: str) -> set[Row]:
    """The rows of a golden file; lines of another shape are passed over."""
    cells = (tuple(line.split("\t")) for line in text.splitlines() if not line.startswith("#"))
    return {(row[0], row[1], row[2], row[3]) for row in cells if len(row) == 4}


def moves(before: set[Row], corpus: Corpus, rule_id: str | None = None) -> list[Move]:
    """What differs in texts that are in the corpus today, by rule and text.

    A hit that a new example was written for is no move. With `rule_id` only the findings of that rule, or of those
    that begin with it.
    """
    old = _by_place(row for row in before if row[1] in corpus.texts)
    new = _by_place(corpus.rows)
    expected = {row[:2] for row in corpus.expected}
    found = []
    for place in sorted(old.keys() | new.keys()):
        rule, key = place
        was, now = old.get(place, ()), new.get(place, ())
        if was == now or (not was and place in expected) or not _chosen(rule, rule_id):
            continue
        found.append(Move(rule, corpus.texts[key], was, now))
    return found


def _by_place(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for rule, key, place, how in sorted(rows):
        found.setdefault((rule, key), []).append(f"{place} {how}")
    return {place: tuple(items) for place, items in found.items()}


def _chosen(rule: str, rule_id: str | None) -> bool:
    name = rule.partition(".")[2]
    return rule_id is None or name == rule_id or name.startswith(rule_id + ".")


def told(found: list[Move], most: int = 5) -> Iterator[str]:
    """The moves by rule: how many appear, vanish, change, and the first of them."""
    by_rule: dict[str, list[Move]] = {}
    for move in found:
        by_rule.setdefault(move.rule, []).append(move)
    for rule, mine in by_rule.items():
        appear = sum(not move.before for move in mine)
        vanish = sum(not move.now for move in mine)
        yield f"golden: {rule}: +{appear} −{vanish}, {len(mine) - appear - vanish} changed"
        for move in mine[:most]:
            yield f"  {move}"
        if len(mine) > most:
            yield f"  … and {len(mine) - most} more"
