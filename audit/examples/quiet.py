"""Gate 5: what fires on ordinary talk, and which rules fire on the examples of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from audit.examples.own import facts_for, speaker_of, turns_of
from audit.lexicon.model import Pack
from audit.models import Finding, Speaker
from audit.rules import Judge


@dataclass
class QuietReport:
    """Findings on a corpus where nothing wrong is said; `alarms` are those against the agent.

    `heard` are all turns as (speaker, text, findings), excused findings included.
    """

    turns: int = 0
    alarms: list[Finding] = field(default_factory=list)
    heard: list[tuple[Speaker, str, tuple[Finding, ...]]] = field(default_factory=list)
    by_rule: Counter[str] = field(default_factory=Counter)

    @property
    def per_1000(self) -> float:
        return 1000 * len(self.alarms) / self.turns if self.turns else 0.0


def run_quiet(judge: Judge, lines: Iterable[str], language: str, speaker: Speaker = "agent") -> QuietReport:
    """One line a turn, each judged alone; `agent<TAB>text` names the speaker, else it is `speaker`.

    Blank lines and lines with # are skipped.
    """
    report = QuietReport()
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        report.turns += 1
        name, tab, said = text.partition("\t")
        who = speaker_of(name) if tab else speaker
        words = said if tab else text
        findings = judge.utterance(words, language, who)
        report.heard.append((who, words, tuple(findings)))
        for finding in findings:
            if finding.excused is None:
                report.by_rule[finding.rule] += 1
                if not finding.category.startswith(("customer.", "good.")):
                    report.alarms.append(finding)
    return report


def cross_fire(pack: Pack, judge: Judge) -> Counter[tuple[str, str]]:
    """(rule whose miss example it is, other rule that fires on it) -> how often; the golden table of a pack."""
    table: Counter[tuple[str, str]] = Counter()
    for rule in pack.rules.values():
        for language, block in rule.blocks.items():
            for example in block.examples:
                if example.kind != "miss":
                    continue
                found = judge.call(turns_of(example), language, facts_for(rule))
                for other in {f.rule for f in found if f.excused is None} - {f"{language}.{rule.id}"}:
                    table[f"{language}.{rule.id}", other] += 1
    return table
