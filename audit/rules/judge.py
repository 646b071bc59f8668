"""Judges conversations by a pack: one pass for all phrases, then clauses, exceptions, facts -> findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.lexicon.model import Block, Branch, Clause, LanguagePack, Pack, Repeats, Rule
from audit.models import CallFacts, Finding, Speaker, Turn
from audit.phrases import Matcher, detect_language
from audit.phrases.heard import LEAST_WORDS, HeardMatcher, mishearings, spoken
from audit.rules.clauses import evaluate, order, within
from audit.rules.conversation import Conversation, Hit
from audit.rules.duties import missing
from audit.rules.excuses import excuse_of
from audit.rules.facts import citation, decide

UNKNOWN_SPEAKER = 0.8
"""Factor on confidence where nobody knows who spoke."""
HEARD = 0.6
"""Factor on confidence where a word was recognised by its sound only."""


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of one branch, and the excuse that turned it round, if any."""

    hit: Hit
    branch: Branch
    excused: str | None
    heard: bool = False

    @property
    def confidence(self) -> float:
        return self.branch.confidence * (HEARD if self.heard else 1.0)


class Judge:
    """Applies a pack. `bases` narrows what comes out (None = all): phrase, heard_as, sequence."""

    def __init__(self, pack: Pack, bases: frozenset[str] | None = None) -> None:
        self.pack = pack
        self.bases = bases
        heard = bases is None or "heard_as" in bases
        self.readers = {name: LanguageJudge(pack, name, heard) for name in pack.languages}

    def utterance(
        self, text: str, language: str | None = None, speaker: Speaker = "unknown"
    ) -> list[Finding]:
        """Findings of one utterance alone; rules over whole calls are not judged."""
        return self.call((Turn(0, speaker, text),), language, CallFacts())

    def call(self, turns: Sequence[Turn], language: str | None, facts: CallFacts) -> list[Finding]:
        """Findings of a conversation in time order, by (turn, start, rule); excused ones carry `excused`."""
        name = (
            language if language in self.readers else detect_language(" ".join(turn.text for turn in turns))
        )
        findings = self.readers[name].judge(turns, facts)
        if self.bases is not None:
            findings = [finding for finding in findings if finding.basis in self.bases]
        return sorted(findings, key=place)


def place(finding: Finding) -> tuple[int, int, str]:
    return (
        -1 if finding.turn is None else finding.turn,
        -1 if finding.start is None else finding.start,
        finding.rule,
    )


class LanguageJudge:
    """The rules of one language, compiled."""

    def __init__(self, pack: Pack, language: str, heard: bool = True) -> None:
        words: LanguagePack = pack.languages[language]
        self.language = language
        self.words = words
        self.found = Matcher(words.found, words.lists)
        self.excusing = Matcher(words.excusing, words.lists)
        self.heard = HeardMatcher(words.found, words.lists, self.found, self.alone(pack)) if heard else None
        self.by_phrase: dict[int, list[str]] = {}
        self.rules: dict[str, tuple[Rule, Block]] = {}
        self.must_say: list[tuple[Rule, Block]] = []
        for rule in pack.rules.values():
            block = rule.blocks.get(language)
            if block is not None and rule.status != "off":
                self.add(rule, block)

    def alone(self, pack: Pack) -> frozenset[int]:
        """Phrases that no clause joins with others."""
        clauses = [
            branch.clause
            for rule in pack.rules.values()
            if self.language in rule.blocks
            for branch in rule.blocks[self.language].branches
        ]
        joined = {phrase for clause in clauses for phrase in joined_in(clause)}
        return frozenset(range(len(self.words.found))) - joined

    def add(self, rule: Rule, block: Block) -> None:
        self.rules[rule.id] = (rule, block)
        if rule.kind == "must-say":
            self.must_say.append((rule, block))
        else:
            for phrase in {phrase for branch in block.branches for phrase in phrases_of(branch.clause)}:
                self.by_phrase.setdefault(phrase, []).append(rule.id)

    def judge(self, turns: Sequence[Turn], facts: CallFacts) -> list[Finding]:
        talk = Conversation(turns, self.language, self.found, self.excusing, self.heard)
        touched = {rule for phrase in talk.hits for rule in self.by_phrase.get(phrase, ())}
        findings: list[Finding] = []
        for rule_id in sorted(touched):
            rule, block = self.rules[rule_id]
            if rule.scope == "call" and len(turns) < 2:
                continue
            findings.extend(self.apply(rule, block, talk, facts))
        if len(turns) > 1:
            findings.extend(self.duties(talk, facts))
        return findings

    def duties(self, talk: Conversation, facts: CallFacts) -> list[Finding]:
        """What must be said over a whole call."""
        findings: list[Finding] = []
        for rule, block in self.must_say:
            found = [item for branch in block.branches for item in self.branch(rule, branch, talk)]
            said = [item.hit for item in found if item.excused is None]
            findings.extend(missing(rule, block, talk, facts, said))
        return findings

    def apply(self, rule: Rule, block: Block, talk: Conversation, facts: CallFacts) -> list[Finding]:
        found = [item for branch in block.branches for item in self.branch(rule, branch, talk)]
        chosen = one_each(found)
        if rule.repeats is not None:
            chosen = repeated(chosen, rule.repeats, talk)
        findings = [self.finding(rule, item, talk, facts) for item in chosen]
        return [finding for finding in findings if finding is not None]

    def branch(self, rule: Rule, branch: Branch, talk: Conversation) -> list[Found]:
        found = []
        for hit in evaluate(branch.clause, talk, branch.speaker or rule.speaker):
            wrong = mishearings(hit.gaps)
            if not wrong or (branch.heard_as and rule.kind == "said" and clear_enough(hit, wrong, talk)):
                found.append(Found(hit, branch, self.excuse(branch, hit, talk), wrong > 0))
        return found

    def excuse(self, branch: Branch, hit: Hit, talk: Conversation) -> str | None:
        """Name and reason of what excuses a hit: the branch's own exceptions first, then the shared ones."""
        own = excuse_of(hit, branch.unless, talk)
        if own is not None:
            return own.why
        for name in branch.excuses:
            shared = excuse_of(hit, self.words.excuses[name].clauses, talk)
            if shared is not None:
                return f"{name}: {shared.why}"
        return None

    def finding(self, rule: Rule, item: Found, talk: Conversation, facts: CallFacts) -> Finding | None:
        decision = decide(rule, item.hit, talk, facts)
        if decision is None:
            return None
        turn, folded = talk.turns[item.hit.turn], talk.folded[item.hit.turn]
        start, end = folded.span(item.hit.start, item.hit.end)
        start_s, end_s = talk.time_of(item.hit)
        doubt = UNKNOWN_SPEAKER if turn.speaker == "unknown" and rule.speaker != "anyone" else 1.0
        return Finding(
            rule=f"{self.language}.{rule.id}", category=rule.category, severity=rule.severity,
            basis="sequence" if rule.scope == "call" else "heard_as" if item.heard else "phrase",
            confidence=round(item.confidence * doubt, 3), decision=decision.kind, reason=decision.reason,
            citation=citation(rule, facts), turn=turn.index, speaker=turn.speaker, start=start, end=end,
            text=turn.text[start:end], start_s=start_s, end_s=end_s, excused=item.excused or decision.lawful,
            trial=rule.status == "trial", rule_version=rule.version,
        )  # fmt: skip


def clear_enough(hit: Hit, wrong: int, talk: Conversation) -> bool:
    """Enough words, and at most a third of them misheard."""
    words = spoken(hit.start, hit.end, hit.gaps)
    return words >= LEAST_WORDS.get(talk.folded[hit.turn].language, 3) and wrong <= max(1, words // 3)


def phrases_of(clause: Clause) -> set[int]:
    """The phrases a clause looks for."""
    found: set[int] = set()
    for item in clause.items:
        found |= phrases_of(item) if isinstance(item, Clause) else {item}
    return found


def joined_in(clause: Clause) -> set[int]:
    """The phrases of a clause that stand under near, before or all."""
    if clause.operator != "any":
        return phrases_of(clause)
    return {phrase for item in clause.items if isinstance(item, Clause) for phrase in joined_in(item)}


def one_each(found: list[Found]) -> list[Found]:
    """Of hits of one rule that overlap, one: not excused before excused, then sure, then short."""
    kept: list[Found] = []
    taken: set[tuple[int, int]] = set()
    for item in sorted(found, key=worth):
        places = [(item.hit.turn, token) for token in range(item.hit.start, item.hit.end)]
        if taken.isdisjoint(places):
            kept.append(item)
            taken.update(places)
    return kept


def repeated(found: list[Found], repeats: Repeats, talk: Conversation) -> list[Found]:
    """Of hits that come often enough within reach, the one that completes the count, then counting anew."""
    kept: list[Found] = []
    run: list[Found] = []
    for item in sorted((item for item in found if item.excused is None), key=lambda item: order(item.hit)):
        run = [other for other in run if within(other.hit, item.hit, repeats.reach, talk)]
        run.append(item)
        if len(run) >= repeats.times:
            kept.append(item)
            run = []
    return kept


def worth(item: Found) -> tuple[bool, float, int, int, int]:
    hit = item.hit
    return item.excused is not None, -item.confidence, hit.end - hit.start, hit.turn, hit.start
