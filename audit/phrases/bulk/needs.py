"""Compiled phrases -> the strings they are made of and the circuit of what each needs."""

from __future__ import annotations

from collections.abc import Iterable

from audit.phrases.bulk.circuit import ALWAYS, Circuit
from audit.phrases.bulk.cutting import NUMBERS_EN
from audit.phrases.folding import join, may_be_soft
from audit.phrases.numbers import number_words
from audit.phrases.parts import (
    ChoicePart,
    LiteralPart,
    NumberPart,
    Part,
    SequencePart,
)


class Needs:
    """The strings of many phrases, numbered, and the node of each part in one circuit.

    `strings` are of hard tokens that follow one another (signs in Chinese), `softs` single soft tokens; they
    share one numbering by `numbers`.
    """

    def __init__(self, language: str, circuit: Circuit) -> None:
        self.language = language
        self.circuit = circuit
        self.strings: dict[tuple[str, ...], int] = {}
        self.done: dict[int, int] = {}
        self.number_node: int | None = None

    def string(self, signs: Iterable[str]) -> int:
        """The node of one string of signs."""
        return self.circuit.leaf(self.strings.setdefault(tuple(signs), len(self.strings)))

    def of(self, part: Part) -> int:
        """The node of what this part needs; parts are shared, so each is worked out once."""
        key = id(part)
        if key not in self.done:
            self.done[key] = self.worked_out(part)
        return self.done[key]

    def worked_out(self, part: Part) -> int:
        if part.nullable:
            return ALWAYS
        if isinstance(part, LiteralPart):
            return self.literal(part.tokens)
        if isinstance(part, NumberPart):
            return self.number()
        if isinstance(part, SequencePart):
            return self.circuit.both(self.of(inner) for inner in part.parts)
        if isinstance(part, ChoicePart):
            return self.circuit.either([self.of(inner) for inner in part.parts])
        return ALWAYS

    def literal(self, tokens: tuple[str, ...]) -> int:
        """All runs of hard tokens, and each soft one."""
        found: list[int] = []
        run: list[str] = []
        for token in (*tokens, "?"):
            if not may_be_soft(token, self.language):
                run.append(token)
                continue
            if run:
                found.append(self.string(self.signs(run)))
                run = []
            if token != "?":
                found.append(self.string([token]))
        return self.circuit.both(found)

    def signs(self, tokens: list[str]) -> Iterable[str]:
        if self.language == "zh":
            return join(tokens, "zh")
        return [NUMBERS_EN[len(token) > 1] if token[0] in "0123456789" else token for token in tokens]

    def number(self) -> int:
        if self.number_node is None:
            words = set(NUMBERS_EN) if self.language != "zh" else set("0123456789")
            for word in number_words(self.language):
                words.add(join([word], "zh") if self.language == "zh" else word)
            self.number_node = self.circuit.either([self.string([word]) for word in sorted(words)])
        return self.number_node
