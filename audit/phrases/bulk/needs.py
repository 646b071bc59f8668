"""Compiled phrases -> the strings they are made of and the circuit of what each needs."""

from __future__ import annotations

from collections.abc import Iterable

from audit.phrases import tables as t
from audit.phrases.bulk.circuit import ALWAYS, Circuit
from audit.phrases.bulk.cutting import NUMBERS_EN, digits_sign
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
        self.numbers: dict[int, int] = {}

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
            return self.number(part.least)
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
        return [digits_sign(token) if token[0] in "0123456789" else token for token in tokens]

    def number(self, least: int) -> int:
        """A number of at least so much: a word or digits that may be as much, or several numerals in a row."""
        size = 0 if least < 10 else 1 if least < 100 else 2
        if size not in self.numbers:
            words = numbers_zh(size) if self.language == "zh" else numbers_en(size)
            self.numbers[size] = self.circuit.either([self.string([word]) for word in sorted(words)])
        return self.numbers[size]


RUNS = {"#2": 2, "#3": 3}
"""Strings that stand for so many numerals in a row."""


def numbers_zh(size: int) -> set[str]:
    """Signs one of which a number of at least 1, 10, 100 holds (`size` 0, 1, 2)."""
    if size == 0:
        return set("0123456789") | {join([word], "zh") for word in number_words("zh")}
    units = {word for word, unit in t.UNITS_ZH.items() if unit >= (10, 100)[size - 1]}
    return units | {("#2", "#3")[size - 1]}


def numbers_en(size: int) -> set[str]:
    """The same in English words."""
    if size == 0:
        return set(NUMBERS_EN) | number_words("en")
    large = {word for word, value in t.NUMERALS_EN.items() if value >= (10, 100)[size - 1]}
    return large | set(t.UNITS_EN) | set(NUMBERS_EN[size:]) | {"#2"}
