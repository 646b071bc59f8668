"""Gate 3: every alternative, exception, stop word and window of a rule is noticed by some example of its own.

A clause nobody would miss is either untested or useless. List items are not clauses: a list is a vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from audit.examples.own import chosen_rules, facts_for, turns_of
from audit.lexicon.model import Block, Clause, Pack, Reach, Rule, Unless
from audit.rules import Judge
from audit.rules.conversation import Conversation
from audit.rules.judge import LanguageJudge

WIDER = 3.0


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A piece of a rule whose removal or widening no example notices (or which none `meets`: exercise.py)."""

    path: str
    line: int
    rule: str
    what: str
    verb: str = "notices"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: no example {self.verb} {self.what}"


@dataclass(frozen=True, slots=True)
class Change:
    """A rule's block with one piece taken away or widened."""

    line: int
    what: str
    block: Block


def run_coverage(pack: Pack, judge: Judge, rule_id: str | None = None) -> tuple[list[Uncovered], int]:
    """What no example notices, and how many pieces there are."""
    uncovered: list[Uncovered] = []
    total = 0
    for rule in chosen_rules(pack, rule_id):
        if rule.kind != "said":
            continue
        for language, block in rule.blocks.items():
            reader = judge.readers[language]
            trial = Trial(rule, block, reader)
            for change in changes(block, reader):
                total += 1
                if not trial.notices(change.block):
                    uncovered.append(Uncovered(rule.path, change.line, rule.id, change.what))
    return uncovered, total


class Trial:
    """The examples of one rule in one language, read once, judged under changed blocks."""

    def __init__(self, rule: Rule, block: Block, reader: LanguageJudge) -> None:
        self.rule = rule
        self.reader = reader
        self.talks = [
            Conversation(turns_of(example), block.language, reader.found, reader.excusing)
            for example in block.examples
        ]
        self.verdicts = [self.verdict(talk, block) for talk in self.talks]

    def verdict(self, talk: Conversation, block: Block) -> tuple[tuple[int | None, int | None], ...]:
        """Where the rule stands under this block: the places of what it does not excuse."""
        findings = self.reader.apply(self.rule, block, talk, facts_for(self.rule))
        return tuple(sorted((f.turn, f.start) for f in findings if f.excused is None))

    def notices(self, block: Block) -> bool:
        return any(
            self.verdict(talk, block) != verdict
            for talk, verdict in zip(self.talks, self.verdicts, strict=True)
        )


def changes(block: Block, reader: LanguageJudge) -> Iterator[Change]:
    """All single changes of a block; an exception of the whole rule is one piece, whatever its branches."""
    for number, branch in enumerate(block.branches):
        for line, what, clause in clause_changes(branch.clause, reader):
            changed = [replace(branch, clause=clause)] if clause else []
            kept = (*block.branches[:number], *changed, *block.branches[number + 1 :])
            yield Change(line, what, replace(block, branches=kept))
    for exception in dict.fromkeys(exception for branch in block.branches for exception in branch.unless):
        yield Change(
            exception.line, f"the exception `{exception.why}`", with_exception(block, exception, None)
        )
        for what, other in unless_changes(exception, reader):
            yield Change(exception.line, what, with_exception(block, exception, other))


def with_exception(block: Block, old: Unless, new: Unless | None) -> Block:
    """The block with one exception replaced or taken away wherever it applies."""
    put = () if new is None else (new,)
    branches = [
        replace(branch, unless=tuple(x for item in branch.unless for x in (put if item == old else (item,))))
        for branch in block.branches
    ]
    return replace(block, branches=tuple(branches))


def clause_changes(clause: Clause, reader: LanguageJudge) -> Iterator[tuple[int, str, Clause | None]]:
    """Each alternative away (in `any`), each window wider, and so on inside."""
    if clause.reach is not None and clause.reach.unit == "tokens":
        yield clause.line, "a wider window", replace(clause, reach=wider(clause.reach))
    for number, item in enumerate(clause.items):
        before, after = clause.items[:number], clause.items[number + 1 :]
        if isinstance(item, Clause):
            for line, what, changed in clause_changes(item, reader):
                if changed is not None:
                    yield line, what, replace(clause, items=(*before, changed, *after))
        elif clause.operator == "any":
            what = f"`{reader.words.found_text[item]}` gone"
            yield clause.line, what, replace(clause, items=(*before, *after)) if before or after else None


def unless_changes(exception: Unless, reader: LanguageJudge) -> Iterator[tuple[str, Unless]]:
    texts = reader.words.excusing_text
    if exception.reach.unit == "tokens":
        yield f"a wider reach of `{exception.why}`", replace(exception, reach=wider(exception.reach))
    for number, phrase in enumerate(exception.stop_at):
        rest = (*exception.stop_at[:number], *exception.stop_at[number + 1 :])
        yield f"the stop word `{texts[phrase]}` gone", replace(exception, stop_at=rest)


def wider(reach: Reach) -> Reach:
    return replace(reach, amount=reach.amount * WIDER + 3)
