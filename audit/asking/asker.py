"""Asks about the open turns of a call and weighs the answers: agrees, differs, or a finding of its own."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.asking.answer import BadAnswerError, read_answer
from audit.asking.cache import Cache
from audit.asking.chat import Breaker, Chat
from audit.asking.endpoint import UnreachableError, endpoint_of
from audit.asking.masked import is_clean, mask_turns
from audit.asking.open_turns import open_turns
from audit.asking.prompt import LANGUAGES, LONGEST, Prompts, Question, harmless, neighbours
from audit.asking.weighing import Answer, weigh
from audit.errors import SettingsError
from audit.models import CallFacts, Finding, PersonalDatum, Turn
from audit.settings import Asking

if TYPE_CHECKING:
    from audit.lexicon import Pack
    from audit.privacy import Detector
    from audit.privacy.masking import MaskedText
    from audit.similar.model import Reader

ASKING_VERSION = 1
"""Raise it when turns are chosen or answers weighed in another way."""
KEY_VARIABLE = "AUDIT_ASKING_KEY"


@dataclass(slots=True)
class Counts:
    """What was asked in a run. `wrong` and `left` count turns by reason; `left` turns are asked in the next run."""

    asked: int = 0
    kept: int = 0
    tokens: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Reading:
    """A call's findings after the third reader. `answers`: turn -> what was answered with its receipt; `left`: why
    -> open turns that have no answer yet."""

    findings: list[Finding]
    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Asker:
    """Asks one endpoint within the budget of a run. `only_kept`: ask nothing, use what earlier runs asked."""

    settings: Asking
    chat: Chat
    prompts: Prompts
    pack: Pack
    detector: Detector
    reader: Reader | None
    cache: Cache
    breaker: Breaker = field(default_factory=Breaker)
    only_kept: bool = False
    counts: Counts = field(default_factory=Counts)
    clock: Callable[[], float] = time.monotonic

    @property
    def version(self) -> str:
        """Equal versions judge equal calls alike, as far as answers are kept: model, prompts, schemas, this code."""
        text = f"{ASKING_VERSION}\0{self.settings.model}\0{self.prompts.hash}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def read(
        self,
        findings: Sequence[Finding],
        turns: Sequence[Turn],
        language: str,
        facts: CallFacts,
        data: Sequence[PersonalDatum],
    ) -> Reading:
        """The findings with what the endpoint says of the open turns; `data` is the call's personal data.

        Never raises for anything the endpoint does or fails to do.
        """
        if language not in LANGUAGES:
            return Reading(list(findings))
        opened = open_turns(turns, language, findings, self.reader, self.prompts.asked[language])
        masked = mask_turns(turns, data) if opened else {}
        left: Counter[str] = Counter()
        answers: dict[int, Answer] = {}
        for index, why in opened.items():
            answer = self._turn(turns, index, language, facts, masked)
            if isinstance(answer, str):
                left[answer] += 1
            else:
                answers[index] = Answer(why, masked[index], answer)
        found, outcomes = weigh(findings, answers, turns, language, facts, self.pack)
        self.counts.outcomes.update(outcomes)
        self.counts.left.update(left)
        said = {index: answer.as_dict() for index, answer in answers.items()}
        return Reading(found, said, dict(left))

    def _turn(
        self,
        turns: Sequence[Turn],
        index: int,
        language: str,
        facts: CallFacts,
        masked: dict[int, MaskedText],
    ) -> dict[str, Any] | str:
        """The answer about one turn, or why there is none."""
        at = next(place for place, turn in enumerate(turns) if turn.index == index)
        prompt = self.prompts.of(language, turns[at].speaker)
        texts = {number: text.text for number, text in masked.items()}
        before, after = neighbours(texts, turns, at)
        question = Question(
            prompt, harmless(texts[index]), turns[at].speaker, before, after, facts.party or "unknown"
        )
        return self.ask(question)

    def ask(self, question: Question) -> dict[str, Any] | str:
        """The kept or new answer to a question, or why there is none.

        An answer is {"findings": [[id, start, end, certainty], …], "wrong": reason or "", "receipt": {…}} with
        offsets into the question's text.
        """
        key = question.key(self.settings.model)
        kept = self.cache.get(key)
        if kept is not None:
            self.counts.kept += 1
            return kept
        why = self._stopped(question)
        if why:
            return why
        answer = self._new(question)
        if isinstance(answer, dict):
            self.cache.put(key, answer["receipt"]["at"], answer)
        return answer

    def _stopped(self, question: Question) -> str:
        """Why nothing may be asked now; empty when it may."""
        counts, settings = self.counts, self.settings
        if self.only_kept:
            return "not asked in a dry run"
        if len(question.text) > LONGEST:
            return "the turn is too long"
        texts = [question.text, *(text for _, text in (*question.before, *question.after))]
        if not all(is_clean(text, question.prompt.language, self.detector) for text in texts):
            return "not surely masked"
        if not self.breaker.allows():
            return "the endpoint is left alone after its failures"
        if counts.asked >= settings.most_turns:
            return "the budget of turns is spent"
        if counts.tokens >= settings.most_tokens:
            return "the budget of tokens is spent"
        if counts.seconds >= settings.most_seconds:
            return "the budget of seconds is spent"
        return ""

    def _new(self, question: Question) -> dict[str, Any] | str:
        prompt, began = question.prompt, self.clock()
        self.counts.asked += 1
        try:
            left_s = self.settings.most_seconds - self.counts.seconds
            completion = self.chat.complete(question.messages(), prompt.schema(), left_s)
        except UnreachableError as error:
            self.breaker.failed(error.why, error.final)
            return error.why
        except SettingsError:
            self.breaker.failed("the endpoint's name leads to a public address", final=True)
            return self.breaker.why
        finally:
            self.counts.seconds += self.clock() - began
        self.breaker.succeeded()
        self.counts.tokens += completion.tokens
        receipt = {
            "endpoint": self.chat.endpoint.name,
            "model": self.settings.model,
            "served": completion.model,
            "mode": completion.mode,
            "prompt": prompt.hash[:16],
            "schema": prompt.schema_hash[:16],
            "latency_s": completion.latency_s,
            "tokens": completion.tokens,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        wrong = ""
        findings: list[list[Any]] = []
        try:
            said = read_answer(completion.content, question)
            findings = [[one.id, one.start, one.end, one.certainty] for one in said]
        except BadAnswerError as error:
            wrong = error.why
            self.counts.wrong[wrong] += 1
        return {"findings": findings, "wrong": wrong, "receipt": receipt}

    def told(self) -> dict[str, Any]:
        """What run.json says of the third reader: what it is, what it was asked, what came of it; no words."""
        counts = self.counts
        return {
            "endpoint": self.chat.endpoint.name,
            "model": self.settings.model,
            "version": self.version,
            "asked": counts.asked,
            "kept": counts.kept,
            "requests": self.chat.requests,
            "tokens": counts.tokens,
            "seconds": round(counts.seconds, 1),
            **{name: counts.outcomes[name] for name in ("agrees", "differs", "new")},
            "wrong": dict(sorted(counts.wrong.items())),
            "left": dict(sorted(counts.left.items())),
        }


def open_asker(
    settings: Asking,
    pack: Pack,
    detector: Detector,
    reader: Reader | None,
    store: str | None = None,
) -> Asker | None:
    """The third reader of some settings; None where none is set. Asks nothing yet.

    `store` is the store's URL: answers are kept beside it (None: in memory, for one sentence).
    Raises SettingsError for a public address, a key that is none, or a cache that cannot be kept.
    """
    if settings.endpoint is None:
        return None
    endpoint = endpoint_of(settings.endpoint, settings.allow_public, settings.ca_file)
    key = os.environ.get(KEY_VARIABLE) or None
    if key is not None and not (key.isascii() and key.isprintable()):
        raise SettingsError(f"{KEY_VARIABLE}: holds signs that no key can hold (a line break?)")
    chat = Chat(endpoint, settings.model, key, settings.timeout_s, settings.retries, settings.answer_tokens)
    cache = Cache(settings.cache or cache_path(store))
    return Asker(settings, chat, Prompts(pack), pack, detector, reader, cache)


def cache_path(store: str | None) -> Path | None:
    """The file of answers beside a store: audit.db.answers; audit.answers here where the store is no file."""
    if store is None:
        return None
    file = store.removeprefix("sqlite:///") if store.startswith("sqlite:///") else ""
    return Path(f"{file}.answers") if file and ":memory:" not in file else Path("audit.answers")
