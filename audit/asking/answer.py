"""Checks an answer: one JSON object of the schema, ids of the list, quotes that stand in the asked text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audit.asking.prompt import CERTAINTIES, MOST_FINDINGS, Question

LONGEST_ANSWER = 50_000
MOST_TRIES = 200
"""Characters of an answer that are read, and how many braces may begin its object."""


class BadAnswerError(Exception):
    """The endpoint answered, but not what may be used; `why` holds no words of a call."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the endpoint sees: an id of the prompt, where its quote stands in the asked text, how sure."""

    id: str
    start: int
    end: int
    certainty: str


def read_answer(content: str, question: Question) -> tuple[Said, ...]:
    """What an answer says, in its order, each id once; raises BadAnswerError with a reason free of the call's words."""
    value = _only_object(content)
    if set(value) != {"findings"}:
        raise BadAnswerError("the answer is not of the schema")
    rows = value["findings"]
    if not isinstance(rows, list) or len(rows) > MOST_FINDINGS:
        raise BadAnswerError("the answer is not of the schema")
    said: dict[str, Said] = {}
    for row in rows:
        one = _row(row, question)
        said.setdefault(one.id, one)
    return tuple(said.values())


def _row(row: Any, question: Question) -> Said:
    if not isinstance(row, dict) or set(row) != {"id", "quote", "certainty"}:
        raise BadAnswerError("the answer is not of the schema")
    name, quote, certainty = row["id"], row["quote"], row["certainty"]
    if certainty not in CERTAINTIES or not isinstance(quote, str) or not isinstance(name, str):
        raise BadAnswerError("the answer is not of the schema")
    if name not in question.prompt.ids:
        raise BadAnswerError("the answer names a category that was not asked about")
    start = question.text.find(quote)
    if not quote.strip() or start < 0:
        raise BadAnswerError("the answer quotes what was not said")
    return Said(name, start, start + len(quote), certainty)


def _only_object(content: str) -> dict[str, Any]:
    """The one JSON object of an answer, prose or a code fence around it allowed; two of them are none.

    A model may think aloud and cite the call, and a call may hold anything: so a second object is no choice of ours.
    """
    if content.lstrip().startswith("<think>"):
        # No turn can hold this sign (prompt.harmless), so what follows it is the model's own.
        content = content.rpartition("</think>")[2]
    if len(content) > LONGEST_ANSWER:
        raise BadAnswerError("the answer is too long")
    found = list(_objects(content))
    if len(found) != 1:
        raise BadAnswerError(
            "the answer holds no JSON object" if not found else "the answer holds several objects"
        )
    return found[0]


def _objects(content: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    at = content.find("{")
    for _ in range(MOST_TRIES):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(content, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = content.find("{", end)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys come once; a doubled key could say yes to one reader and no to another."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise BadAnswerError("the answer gives a key twice")
    return dict(pairs)
