"""Gate 3, the part that is enforced: every alternative and every exception of a rule is met by some example.

Stricter questions (does an example notice when the piece is gone, or a window wider?) are told by coverage.py. This
one only asks that nothing stands in a rule that no example of its own and no labelled line of the pack ever meets:
an alternative must make its branch hit, taken alone in its place; an exception must excuse a hit of its branch.
Where several alternatives meet the same line, that line speaks for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from audit.examples.coverage import Uncovered
from audit.examples.own import chosen_rules, speaker_of, turns_of
from audit.lexicon.model import Block, Branch, Clause, Pack, Rule, phrases_of
from audit.models import Turn
from audit.rules import Judge
from audit.rules.clauses import evaluate
from audit.rules.conversation import Conversation
from audit.rules.excuses import excuse_of
from audit.rules.judge import LanguageJudge


@dataclass(frozen=True, slots=True)
class Piece:
    """An alternative of a branch (`alone`: its clause with that alternative only), or one of its exceptions."""

    line: int
    what: str
    phrases: frozenset[int]
    alone: Clause


@dataclass(slots=True)
class Exercised:
    """What no example meets, how many pieces there are, and how many are unmet per language."""

    unmet: list[Uncovered] = field(default_factory=list)
    total: int = 0
    by_language: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Lines:
    """Example lines of one language, read once: `labels` of each (None: a rule's own), where each phrase stands."""

    talks: list[Conversation] = field(default_factory=list)
    labels: list[frozenset[str] | None] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    by_phrase: dict[int, list[int]] = field(default_factory=dict)

    def add(self, talk: Conversation, labels: frozenset[str] | None, owner: str = "") -> None:
        number = len(self.talks)
        self.talks.append(talk)
        self.labels.append(labels)
        self.owners.append(owner)
        for phrase in talk.hits:
            self.by_phrase.setdefault(phrase, []).append(number)

    def with_any(self, phrases: frozenset[int]) -> list[int]:
        """Numbers of the lines in which one of these phrases stands."""
        return sorted({number for phrase in phrases for number in self.by_phrase.get(phrase, ())})

    def may_prove(self, number: int, rule: Rule) -> bool:
        """Whether a hit in this line is a right one: the rule's own example, or labelled with its category."""
        labels = self.labels[number]
        return self.owners[number] == rule.id if labels is None else rule.category in labels


def run_exercise(pack: Pack, judge: Judge, rule_id: str | None = None) -> Exercised:
    """What no example meets; `must-say` rules and blocks of plain words alone are passed over."""
    report = Exercised()
    rules = [rule for rule in chosen_rules(pack, rule_id) if rule.kind == "said"]
    for language, reader in judge.readers.items():
        lines = read_lines(pack, language, reader)
        for rule in rules:
            block = rule.blocks.get(language)
            for piece in unmet(rule, block, reader, lines, report) if block else ():
                report.unmet.append(Uncovered(rule.path, piece.line, rule.id, piece.what, "meets"))
                report.by_language[language] += 1
    return report


def read_lines(pack: Pack, language: str, reader: LanguageJudge) -> Lines:
    """The rules' own examples and the labelled lines of `examples/<language>/*.tsv` beside the rules."""
    lines = Lines()
    for rule in pack.rules.values():
        for example in rule.blocks[language].examples if language in rule.blocks else ():
            lines.add(read(turns_of(example), language, reader), None, rule.id)
    for speaker, labels, text in labelled(pack.directory / "examples" / language):
        lines.add(read((Turn(0, speaker_of(speaker), text),), language, reader), labels)
    return lines


def read(turns: Sequence[Turn], language: str, reader: LanguageJudge) -> Conversation:
    return Conversation(turns, language, reader.found, reader.excusing)


def labelled(folder: Path) -> Iterator[tuple[str, frozenset[str], str]]:
    """(speaker, labels, text) of example lines; hard negatives and plain lines have no labels."""
    for file in sorted(folder.glob("*.tsv")):
        for line in file.read_text("utf-8").splitlines():
            cells = line.split("\t")
            if len(cells) == 3 and not line.startswith("#"):
                yield cells[0], frozenset(cells[1].split(",")) - {"-", "."}, cells[2]


def unmet(
    rule: Rule, block: Block, reader: LanguageJudge, lines: Lines, report: Exercised
) -> Iterator[Piece]:
    """The pieces of a block that nothing meets."""
    for branch in block.branches:
        speaker = branch.speaker or rule.speaker
        for piece in pieces(branch, reader):
            report.total += 1
            near = [number for number in lines.with_any(piece.phrases) if lines.may_prove(number, rule)]
            if not any(evaluate(piece.alone, lines.talks[number], speaker) for number in near):
                yield piece
    yield from unmet_exceptions(rule, block, lines, report)


def unmet_exceptions(rule: Rule, block: Block, lines: Lines, report: Exercised) -> Iterator[Piece]:
    """The rule's own exceptions that excuse nothing; one that stands on the whole rule is one piece."""
    for exception in dict.fromkeys(exception for branch in block.branches for exception in branch.unless):
        report.total += 1
        if not any(
            excuse_of(hit, (exception,), lines.talks[number])
            for branch in block.branches
            if exception in branch.unless
            for number in lines.with_any(frozenset(phrases_of(branch.clause)))
            for hit in evaluate(branch.clause, lines.talks[number], branch.speaker or rule.speaker)
        ):
            what = f"the exception `{exception.why}`"
            yield Piece(exception.line, what, frozenset(), block.branches[0].clause)


def pieces(branch: Branch, reader: LanguageJudge) -> Iterator[Piece]:
    """The alternatives of a branch at any depth; the branch as a whole where it has none."""
    found = list(alternatives(branch.clause, reader))
    if not found:
        words = frozenset(phrases_of(branch.clause))
        yield Piece(branch.clause.line, "the whole branch", words, branch.clause)
    yield from found


def alternatives(clause: Clause, reader: LanguageJudge) -> Iterator[Piece]:
    """Each alternative of each `any`, with the clause as it is when only that one stands in its place."""
    for number, item in enumerate(clause.items):
        before, after = clause.items[:number], clause.items[number + 1 :]
        if isinstance(item, Clause):
            for piece in alternatives(item, reader):
                items = (piece.alone,) if clause.operator == "any" else (*before, piece.alone, *after)
                yield replace(piece, alone=replace(clause, items=items))
        elif clause.operator == "any":
            what = f"`{reader.words.found_text[item]}`"
            yield Piece(clause.line, what, frozenset({item}), replace(clause, items=(item,)))
