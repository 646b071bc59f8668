"""What must be said: a disclosure that is missing from its window, or comes after what it should precede."""

from __future__ import annotations

from audit.lexicon.model import Block, Rule
from audit.models import CallFacts, Finding
from audit.rules.clauses import evaluate, said_by
from audit.rules.conversation import Conversation, Hit
from audit.rules.facts import Verdict, citation, decide

TOKENS_PER_SECOND = {"zh": 4.5, "en": 2.7}
"""Usual pace of speech, for transcripts without times."""


def missing(rule: Rule, block: Block, talk: Conversation, facts: CallFacts, said: list[Hit]) -> list[Finding]:
    """At most one finding: the duty `said` (its unexcused hits) was not met. Evidence is the first own turn."""
    own = [
        number
        for number in range(len(talk.turns))
        if said_by(talk, number, rule.speaker) and len(talk.folded[number])
    ]
    if not own:
        return []
    if block.by_before is not None:
        return before_other(rule, block, talk, facts, said)
    limit = block.by_s or 0.0
    if any(seconds_spoken_before(hit, rule, talk) <= limit for hit in said):
        return []
    reason = f"not said in the first {limit:g} s of the {rule.speaker}'s speech"
    return emit(rule, talk, facts, Hit(own[0], 0, len(talk.folded[own[0]])), reason)


def before_other(
    rule: Rule, block: Block, talk: Conversation, facts: CallFacts, said: list[Hit]
) -> list[Finding]:
    """The other thing was said first; where it never was, nothing is owed."""
    others = evaluate(block.by_before, talk, rule.speaker) if block.by_before else []
    if not others:
        return []
    first = others[0]
    if any((hit.turn, hit.start) < (first.turn, first.start) for hit in said):
        return []
    return emit(rule, talk, facts, first, "said without what must come before it")


def seconds_spoken_before(hit: Hit, rule: Rule, talk: Conversation) -> float:
    """Seconds of the speaker's own speech before a hit; by the usual pace where turns have no times."""
    total = 0.0
    for number in range(hit.turn):
        if said_by(talk, number, rule.speaker):
            total += turn_seconds(talk, number)
    turn = talk.turns[hit.turn]
    start = talk.time_of(hit)[0]
    if turn.start_s is not None and start is not None and turn.words:
        return total + start - turn.start_s
    return total + turn_seconds(talk, hit.turn) * hit.start / max(1, len(talk.folded[hit.turn]))


def turn_seconds(talk: Conversation, number: int) -> float:
    turn, folded = talk.turns[number], talk.folded[number]
    if turn.start_s is not None and turn.end_s is not None:
        return max(0.0, turn.end_s - turn.start_s)
    return len(folded) / TOKENS_PER_SECOND.get(folded.language, 2.7)


def emit(rule: Rule, talk: Conversation, facts: CallFacts, hit: Hit, reason: str) -> list[Finding]:
    verdict = decide(rule, hit, talk, facts)
    if verdict is None:
        return []
    verdict = Verdict(verdict.kind, verdict.reason if verdict.kind == "undecided" else reason, verdict.lawful)
    turn = talk.turns[hit.turn]
    start, end = talk.folded[hit.turn].span(hit.start, hit.end)
    times = talk.time_of(hit)
    return [
        Finding(
            rule=f"{talk.folded[hit.turn].language}.{rule.id}", category=rule.category, severity=rule.severity,
            basis="sequence", confidence=0.8, decision=verdict.kind, reason=verdict.reason,
            citation=citation(rule, facts), turn=turn.index, speaker=turn.speaker, start=start, end=end,
            text=turn.text[start:end], start_s=times[0], end_s=times[1], excused=verdict.lawful,
            trial=rule.status == "trial", rule_version=rule.version,
        )
    ]  # fmt: skip
