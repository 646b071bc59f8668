"""Gate 2: every `hit` of a rule hits, no `miss` does, every `known_miss` still misses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from audit.lexicon.model import Example, Pack, Rule
from audit.models import CallFacts, Finding, Speaker, Turn
from audit.rules import Judge


@dataclass(frozen=True, slots=True)
class Failure:
    """One example that its rule judges wrong. `excused` tells why a hit was turned round."""

    path: str
    line: int
    rule: str
    gate: str
    message: str
    excused: str = ""

    def __str__(self) -> str:
        tail = f" (excused: {self.excused})" if self.excused else ""
        return f"{self.path}:{self.line}: {self.rule}: {self.message}{tail}"


def turns_of(example: Example) -> tuple[Turn, ...]:
    """The example as turns; those without a time stand one after the other without times."""
    return tuple(
        Turn(
            number,
            speaker_of(turn.speaker),
            turn.text,
            turn.at_s,
            None if turn.at_s is None else turn.at_s + 1.0,
        )
        for number, turn in enumerate(example.turns)
    )


def speaker_of(name: str) -> Speaker:
    return "agent" if name == "agent" else "customer" if name == "customer" else "unknown"


def findings_of(judge: Judge, rule: Rule, language: str, turns: Sequence[Turn]) -> list[Finding]:
    """What one rule finds in an example, excused findings included."""
    wanted = f"{language}.{rule.id}"
    return [finding for finding in judge.call(turns, language, facts_for(rule)) if finding.rule == wanted]


def facts_for(rule: Rule) -> CallFacts:
    """Facts under which the rule applies: the first value of each `when`."""
    found: dict[str, Any] = {key: values[0] for key, values in rule.when.items() if key != "length_s"}
    return replace(CallFacts(direction="outbound", length_s=600.0), **found)


def chosen_rules(pack: Pack, rule_id: str | None) -> list[Rule]:
    """The rules named by an id or the beginning of one; all without."""
    return [
        rule
        for rule in pack.rules.values()
        if rule_id is None or rule.id == rule_id or rule.id.startswith(rule_id + ".")
    ]


@dataclass(frozen=True, slots=True)
class Judged:
    """One example with what all rules of the pack find in it, under facts that let its own rule apply."""

    rule: Rule
    language: str
    example: Example
    findings: tuple[Finding, ...]

    @property
    def failure(self) -> Failure | None:
        """What its own rule did wrong; None also where the rule is written in plain words alone (`--ask`)."""
        if not self.rule.blocks[self.language].branches:
            return None
        own = [finding for finding in self.findings if finding.rule == f"{self.language}.{self.rule.id}"]
        return verdict(self.example, self.rule, own)


def judge_examples(pack: Pack, judge: Judge, rule_id: str | None = None) -> Iterator[Judged]:
    """All examples judged once, in file order: gate 2 asks after their own rule, the golden file after all."""
    for rule in chosen_rules(pack, rule_id):
        for language, block in rule.blocks.items():
            for example in block.examples:
                found = judge.call(turns_of(example), language, facts_for(rule))
                yield Judged(rule, language, example, tuple(found))


def run_examples(pack: Pack, judge: Judge, rule_id: str | None = None) -> Iterator[Failure]:
    """Gate 2 for all rules or one; raises nothing, yields each failed example in file order."""
    for judged in judge_examples(pack, judge, rule_id):
        if judged.failure is not None:
            yield judged.failure


def verdict(example: Example, rule: Rule, findings: list[Finding]) -> Failure | None:
    """None when the rule did with this example what it must."""
    real = [finding for finding in findings if finding.excused is None]
    excused = next((finding.excused for finding in findings if finding.excused), "") or ""
    text = " / ".join(turn.text for turn in example.turns)
    if example.kind == "hit" and not real:
        return Failure(example.path, example.line, rule.id, "examples", f"does not hit: {text}", excused)
    if example.kind == "miss" and real:
        return Failure(
            example.path, example.line, rule.id, "examples", f"hits `{real[0].text}` in a miss: {text}"
        )
    if example.kind == "known_miss" and real:
        return Failure(
            example.path, example.line, rule.id, "examples", f"known_miss hits now, make it a hit: {text}"
        )
    return None
