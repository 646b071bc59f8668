"""Gate 4: each example as a recogniser might write it gets the same verdict."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from audit.examples.own import Failure, chosen_rules, findings_of, turns_of, verdict
from audit.lexicon.model import Example, Pack, Rule
from audit.models import Turn
from audit.phrases.noise import as_heard
from audit.rules import Judge

SEEDS = (1, 2, 3)
RATE = 0.1


@dataclass
class NoiseReport:
    """Of all examples under noise: how many hits stayed hits and misses misses."""

    hits: int = 0
    hits_kept: int = 0
    misses: int = 0
    misses_kept: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def hits_lost(self) -> float:
        """Share of hits lost, 0–1."""
        return 1 - self.hits_kept / self.hits if self.hits else 0.0

    @property
    def misses_lost(self) -> float:
        return 1 - self.misses_kept / self.misses if self.misses else 0.0


def run_noise(
    pack: Pack, judge: Judge, rule_id: str | None = None, rate: float = RATE, only: str | None = None
) -> NoiseReport:
    """All hit and miss examples (of one language with `only`), each misheard with every seed.

    Rules in plain words alone are left out.
    """
    report = NoiseReport()
    for rule in chosen_rules(pack, rule_id):
        for language, block in rule.blocks.items():
            if not block.branches or (only is not None and only != language):
                continue
            for example in block.examples:
                if example.kind != "known_miss":
                    one(report, judge, rule, language, example, rate)
    return report


def one(report: NoiseReport, judge: Judge, rule: Rule, language: str, example: Example, rate: float) -> None:
    for seed in SEEDS:
        turns = tuple(
            noisy(turn, language, f"{example.path}:{example.line}:{seed}", rate) for turn in turns_of(example)
        )
        failure = verdict(example, rule, findings_of(judge, rule, language, turns))
        kept = failure is None
        if example.kind == "hit":
            report.hits += 1
            report.hits_kept += kept
        else:
            report.misses += 1
            report.misses_kept += kept
        if failure is not None:
            text = " / ".join(turn.text for turn in turns)
            report.failures.append(
                replace(failure, gate="noise", message=f"{example.kind} changes when misheard: {text}")
            )


def noisy(turn: Turn, language: str, seed: str, rate: float) -> Turn:
    return replace(turn, text=as_heard(turn.text, language, f"{seed}:{turn.index}", rate))
