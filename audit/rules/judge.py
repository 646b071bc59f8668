"""Judges conversations by a pack: one pass for all phrases, then clauses, exceptions, facts -> findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.lexicon.model import Block, Branch, LanguagePack, Pack, Repeats, Rule
from audit.models import CallFacts, Finding, Speaker, Turn
from audit.phrases import Matcher, detect_language
from audit.phrases.heard import LEAST_WORDS, HeardMatcher, spoken
from audit.rules.clauses import evaluate, order, within
from audit.rules.conversation import Conversation, Hit
from audit.rules.duties import missing
from audit.rules.excuses import excuse_of
from audit.rules.facts import citation, decide

if TYPE_CHECKING:
    from audit.rules.screen import Likely, Screen

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
        return self.call((Turn(0, speaker, text),), language, NO_FACTS)

    def call(self, turns: Sequence[Turn], language: str | None, facts: CallFacts) -> list[Finding]:
        """Findings of a conversation in time order, by (turn, start, rule); excused ones carry `excused`."""
        return self.calls([turns], [language], [facts])[0]

    def utterances(
        self,
        texts: Sequence[str],
        languages: Sequence[str | None] | str | None = None,
        speakers: Sequence[Speaker] | Speaker = "unknown",
    ) -> list[list[Finding]]:
        """What `utterance` gives for each text; many times as fast for thousands."""
        spoken: Sequence[Speaker] = [speakers] * len(texts) if isinstance(speakers, str) else speakers
        talks = [(Turn(0, speaker, text),) for speaker, text in zip(spoken, texts, strict=True)]
        named = [languages] * len(texts) if languages is None or isinstance(languages, str) else languages
        return self.calls(talks, named, [NO_FACTS] * len(talks))

    def calls(
        self,
        talks: Sequence[Sequence[Turn]],
        languages: Sequence[str | None],
        facts: Sequence[CallFacts],
    ) -> list[list[Finding]]:
        """What `call` gives for each conversation, worked out in blocks of some thousand turns."""
        found: list[list[Finding]] = [[] for _ in talks]
        by_language: dict[str, list[int]] = {}
        for number, (turns, language) in enumerate(zip(talks, languages, strict=True)):
            if turns:
                by_language.setdefault(self.language_of(turns, language), []).append(number)
        for name, numbers in by_language.items():
            for at, findings in self.readers[name].judge_many(talks, facts, numbers):
                found[at] = self.sorted(findings)
        return found

    def language_of(self, turns: Sequence[Turn], language: str | None) -> str:
        if language in self.readers:
            return str(language)
        return detect_language(" ".join(turn.text for turn in turns))

    def sorted(self, findings: list[Finding]) -> list[Finding]:
        if self.bases is not None:
            findings = [finding for finding in findings if finding.basis in self.bases]
        return sorted(findings, key=place)


NO_FACTS = CallFacts()


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
        self.heard = HeardMatcher(words.found, words.lists, self.found) if heard else None
        self.rules: dict[str, tuple[Rule, Block]] = {}
        self.must_say: list[tuple[Rule, Block]] = []
        self._screen: Screen | None = None
        for rule in pack.rules.values():
            block = rule.blocks.get(language)
            if block is not None and rule.status != "off":
                self.add(rule, block)

    def add(self, rule: Rule, block: Block) -> None:
        self.rules[rule.id] = (rule, block)
        if rule.kind == "must-say":
            self.must_say.append((rule, block))

    def screen(self) -> Screen:
        """The screen of this language's rules, made on first use."""
        if self._screen is None:
            from audit.rules.screen import Screen

            said = [(rule, block) for rule, block in self.rules.values() if rule.kind != "must-say"]
            owed = [branch.clause for _, block in self.must_say for branch in block.branches]
            before = [block.by_before for _, block in self.must_say if block.by_before is not None]
            branches = [(rule, branch) for rule, block in said for branch in block.branches]
            self._screen = Screen(self.found, branches, [*owed, *before], self.heard is not None)
        return self._screen

    def judge_many(
        self, talks: Sequence[Sequence[Turn]], facts: Sequence[CallFacts], numbers: Sequence[int]
    ) -> Iterator[tuple[int, list[Finding]]]:
        """The conversations of `numbers` that have findings, with their findings."""
        from audit.rules.screen import blocks

        screen = self.screen()
        for block in blocks(talks, numbers):
            for likely in screen.likely([talks[number] for number in block]):
                number = block[likely.talk]
                findings = self.judge_likely(talks[number], facts[number], likely)
                if findings:
                    yield number, findings

    def judge_likely(self, turns: Sequence[Turn], facts: CallFacts, likely: Likely) -> list[Finding]:
        """The findings of one conversation, by trying only what can match."""
        talk = Conversation(
            turns, self.language, self.found, self.excusing, self.heard, likely.entries, likely.by_sound
        )
        of_rule: dict[str, list[Branch]] = {}
        for number in likely.branches:
            rule, branch = self.screen().branches[number]
            of_rule.setdefault(rule.id, []).append(branch)
        findings: list[Finding] = []
        for rule_id in sorted(of_rule):
            findings.extend(self.apply_branches(self.rules[rule_id][0], of_rule[rule_id], talk, facts))
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
        return self.apply_branches(rule, block.branches, talk, facts)

    def apply_branches(
        self, rule: Rule, branches: Sequence[Branch], talk: Conversation, facts: CallFacts
    ) -> list[Finding]:
        found = [item for branch in branches for item in self.branch(rule, branch, talk)]
        chosen = one_each(found)
        if rule.repeats is not None:
            chosen = repeated(chosen, rule.repeats, talk)
        findings = [self.finding(rule, item, talk, facts) for item in chosen]
        return [finding for finding in findings if finding is not None]

    def branch(self, rule: Rule, branch: Branch, talk: Conversation) -> list[Found]:
        found = []
        for hit in evaluate(branch.clause, talk, branch.speaker or rule.speaker):
            if not hit.misheard or (branch.heard_as and rule.kind == "said" and clear_enough(hit, talk)):
                found.append(Found(hit, branch, self.excuse(branch, hit, talk), hit.misheard))
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


def clear_enough(hit: Hit, talk: Conversation) -> bool:
    """Whether a hit with a word misheard names enough words."""
    return spoken(hit.start, hit.end, hit.gaps) >= LEAST_WORDS[talk.folded[hit.turn].language]


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
