"""`audit lexicons ask` and `audit lexicons test --ask`: the third reader tried on a sentence and on plain rules' examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from audit.asking import Asker, open_asker
from audit.asking.endpoint import UnreachableError
from audit.asking.open_turns import SHORTEST
from audit.asking.prompt import Question, harmless, neighbours
from audit.errors import UsageError
from audit.examples import Failure, turns_of
from audit.examples.own import chosen_rules
from audit.lexicon import Example, Pack, Rule
from audit.models import PersonalDatum, Turn
from audit.settings import load_settings


def required_asker(pack: Pack, settings_file: Path | None) -> Asker:
    """The third reader of the settings; raises UsageError where none is set."""
    from audit.privacy import Detector

    settings = load_settings(settings_file)
    asker = open_asker(settings.asking, pack, Detector(), None, settings.store)
    if asker is None:
        raise UsageError("no third reader is set: name `endpoint` and `model` under [asking] in audit.toml.")
    return asker


def check(asker: Asker) -> None:
    """Tell whether the endpoint answers and knows the model; raises UsageError where it does not answer."""
    try:
        names = asker.chat.models()
    except UnreachableError as error:
        raise UsageError(f"{asker.chat.endpoint.name}: {error.why}.") from error
    model = asker.settings.model
    known = "is known to it" if model in names else f"is not in its list: {', '.join(names[:10]) or 'empty'}"
    typer.echo(f"{asker.chat.endpoint.name} answers; the model {model} {known}", err=True)


def ask_text(asker: Asker, text: str, language: str, speaker: str) -> dict[str, Any]:
    """What the endpoint says of one sentence, masked first; `answer` is None with `left` where it says nothing."""
    turn = Turn(0, speaker, text)  # type: ignore[arg-type]
    question = question_of(asker, (turn,), 0, language)
    found = asker.ask(question)
    shown: dict[str, Any] = {"asked": question.text, "language": language, "speaker": speaker}
    if isinstance(found, str):
        return shown | {"answer": None, "left": found}
    says = [
        {"id": name, "quote": question.text[start:end], "certainty": certainty}
        for name, start, end, certainty in found["findings"]
    ]
    return shown | {"answer": says, "wrong": found["wrong"], "receipt": found["receipt"]}


def question_of(asker: Asker, turns: tuple[Turn, ...], at: int, language: str) -> Question:
    """The question about the turn at position `at`, everything masked."""
    from audit.asking.masked import mask_turns

    data: list[PersonalDatum] = asker.detector.find_turns(turns, language)
    texts = {index: text.text for index, text in mask_turns(turns, data).items()}
    before, after = neighbours(texts, turns, at)
    prompt = asker.prompts.of(language, turns[at].speaker)
    return Question(prompt, harmless(texts[turns[at].index]), turns[at].speaker, before, after)


def judge_plain_rules(pack: Pack, asker: Asker, rule_id: str | None) -> tuple[list[Failure], int]:
    """The examples of rules with `ask` judged by the endpoint: failures, and how many examples there are.

    A conversation hits where the rule is seen in one of its turns. An example without an answer fails, too:
    what was not asked is not proved.
    """
    failures: list[Failure] = []
    count = 0
    for rule in chosen_rules(pack, rule_id):
        for language, block in rule.blocks.items():
            for example in block.examples if block.ask else ():
                count += 1
                failure = _judged(asker, rule, language, example)
                failures += [failure] if failure else []
    return failures, count


def _judged(asker: Asker, rule: Rule, language: str, example: Example) -> Failure | None:
    turns = turns_of(example)
    seen, why = False, ""
    for at, turn in enumerate(turns):
        about = rule.speaker == "anyone" or turn.speaker in ("unknown", rule.speaker)
        if not about or len(turn.text) < SHORTEST[language]:
            continue
        found = asker.ask(question_of(asker, turns, at, language))
        if isinstance(found, str):
            why = found
        else:
            seen |= any(row[0] == f"rule:{rule.id}" for row in found["findings"])
            why = why or found["wrong"]
    text = " / ".join(turn.text for turn in turns)
    message = ""
    if why and not seen:
        message = f"no usable answer ({why}): {text}"
    elif example.kind == "hit" and not seen:
        message = f"is not seen: {text}"
    elif example.kind != "hit" and seen:
        message = f"is seen in a {example.kind}: {text}"
    return Failure(example.path, example.line, rule.id, "ask", message) if message else None


def as_line(value: dict[str, Any]) -> str:
    """One JSON object, for people and programs."""
    return json.dumps(value, ensure_ascii=False, indent=1)
