"""What answers make of a call's findings. The third reader proposes: it raises, lowers, adds; it never hides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from audit.asking.masked import unmasked_span
from audit.lexicon import Pack, Rule
from audit.models import CallFacts, Decision, Finding, Turn
from audit.privacy.masking import MaskedText
from audit.rules.facts import citation

AGREED, DIFFERED = 0.5, 0.5
"""Where both see it, half of what is missing to certainty is added; where the third does not, half is taken away.
Chosen, not measured: they order the queue and nothing else."""
CONFIDENCE = {"certain": 0.6, "likely": 0.4}
"""Of a finding of its own: a model's word for how sure it is, not calibrated on anything."""
UNKNOWN_SPEAKER = 0.8

AGREES = "like reviewed examples of this category, and the third reader agrees: listen before it counts"
DIFFERS = (
    "like reviewed examples of this category, but the third reader does not see it: listen before it counts"
)
ALONE = "only the third reader found it: listen before it counts"
DESPITE = "a rule's hit was excused, yet the third reader sees it: listen before it counts"
BY_RULE = "the third reader says that a rule in plain words is met: listen before it counts"
REASONS = (AGREES, DIFFERS, ALONE, DESPITE, BY_RULE)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer about one turn: why it was asked, the masked text it is about, what came (Asker.ask)."""

    why: str
    text: MaskedText
    value: dict[str, Any]

    @property
    def wrong(self) -> str:
        return str(self.value["wrong"])

    def categories(self, pack: Pack) -> set[str]:
        """The categories that are seen."""
        return {category_of(row[0], pack) for row in self.value["findings"]}

    def as_dict(self) -> dict[str, Any]:
        """For the store: ids, why it was asked, and the receipt; no words."""
        ids = [row[0] for row in self.value["findings"]]
        return {"asked_as": self.why, "says": ids, "wrong": self.wrong, **self.value["receipt"]}


def category_of(name: str, pack: Pack) -> str:
    """The category of an id of the prompt: itself, or that of the rule behind `rule:`."""
    return pack.rules[name.removeprefix("rule:")].category if name.startswith("rule:") else name


def weigh(
    findings: Sequence[Finding],
    answers: Mapping[int, Answer],
    turns: Sequence[Turn],
    language: str,
    facts: CallFacts,
    pack: Pack,
) -> tuple[list[Finding], Counter[str]]:
    """All findings, those of the second reader weighed, with new ones after them; and how often what came out."""
    outcomes: Counter[str] = Counter()
    kept = [_weighed(finding, answers, pack, outcomes) for finding in findings]
    counted = {(one.turn, one.category) for one in kept if one.excused is None}
    excused = {(one.turn, one.category) for one in kept if one.excused is not None}
    by_index = {turn.index: turn for turn in turns}
    for index, answer in answers.items():
        for row in answer.value["findings"]:
            place = (index, category_of(row[0], pack))
            if place not in counted:
                counted.add(place)
                new = _own(answer, row, by_index[index], language, facts, pack)
                kept.append(replace(new, reason=DESPITE) if place in excused else new)
                outcomes["new"] += 1
    return kept, outcomes


def _weighed(finding: Finding, answers: Mapping[int, Answer], pack: Pack, outcomes: Counter[str]) -> Finding:
    """A finding of the second reader alone with the third one's word; all others as they are."""
    answer = answers.get(-1 if finding.turn is None else finding.turn)
    if answer is None or answer.wrong or finding.basis != "similar" or finding.excused is not None:
        return finding
    agrees = finding.category in answer.categories(pack)
    outcomes["agrees" if agrees else "differs"] += 1
    confidence = finding.confidence
    confidence = confidence + (1 - confidence) * AGREED if agrees else confidence * DIFFERED
    return replace(finding, confidence=round(confidence, 4), reason=AGREES if agrees else DIFFERS)


def _own(
    answer: Answer, row: Sequence[Any], turn: Turn, language: str, facts: CallFacts, pack: Pack
) -> Finding:
    """A finding of basis `reader`."""
    name, masked_start, masked_end, certainty = row
    category = category_of(name, pack)
    plain = pack.rules.get(name.removeprefix("rule:")) if name.startswith("rule:") else None
    known = plain or rules_by_category(pack).get(category)
    start, end = unmasked_span(answer.text, masked_start, masked_end, len(turn.text))
    decision: Decision = "noted" if category.startswith(("customer.", "good.")) else "undecided"
    doubt = UNKNOWN_SPEAKER if turn.speaker == "unknown" else 1.0
    return Finding(
        rule=f"{language}.{plain.id}" if plain else f"{language}.reader.{category}",
        category=category,
        severity=known.severity if known else "medium",
        basis="reader",
        confidence=round(CONFIDENCE[certainty] * doubt, 4),
        decision=decision,
        reason=BY_RULE if plain else ALONE,
        citation=citation(known, facts) if known else "",
        turn=turn.index,
        speaker=turn.speaker,
        start=start,
        end=end,
        text=turn.text[start:end],
        trial=plain is not None and plain.status == "trial",
        rule_version=plain.version if plain else 1,
    )


def rules_by_category(pack: Pack) -> dict[str, Rule]:
    """Category -> the rule that stands for it: the one of its own name, else the first."""
    found: dict[str, Rule] = {}
    for rule in pack.rules.values():
        if rule.id == rule.category or rule.category not in found:
            found[rule.category] = rule
    return found
