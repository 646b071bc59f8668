"""The phrase language: one line of text -> a tree. Six signs, no regular expressions.

word        itself                          [really]   may be missing
(a|b c)     one of                          {list}     one of a named list
...4        at most four tokens between     ~call      any form of an English word
^ $         start, end of a clause          {number}   a number; {number 10+} one of at least ten
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from audit.phrases.folding import fold
from audit.phrases.inflection import forms

GAP_MOST = 20
NUMBER = re.compile(r"number(?:\s+(\d+)\+)?$")
SIGN = re.compile(r"\s*(?:(?P<gap>\.\.\.\s*(?P<n>\d*))|(?P<sign>[()\[\]|^$])|\{(?P<list>[^{}]*)\}|~(?P<stem>[^\s()\[\]{}|~]+)|(?P<text>[^()\[\]{}|~^$.]+|\.))")  # fmt: skip


class PhraseError(ValueError):
    """A phrase that cannot be read; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Literal:
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Optional:
    item: Node


@dataclass(frozen=True, slots=True)
class Gap:
    most: int


@dataclass(frozen=True, slots=True)
class Named:
    name: str


@dataclass(frozen=True, slots=True)
class Number:
    least: int


@dataclass(frozen=True, slots=True)
class Edge:
    start: bool


Node = Literal | Sequence | Choice | Optional | Gap | Named | Number | Edge


def parse(phrase: str, language: str) -> Node:
    """Reads one phrase; its words are folded as texts are. Raises PhraseError."""
    return Parser(phrase, language).whole()


class Parser:
    """Recursive descent over the signs of one phrase."""

    def __init__(self, phrase: str, language: str) -> None:
        self.phrase = phrase
        self.language = language
        self.signs = list(self.cut(phrase))
        self.at = 0

    def cut(self, phrase: str) -> list[re.Match[str]]:
        found: list[re.Match[str]] = []
        at, end = 0, len(phrase.rstrip())
        while at < end:
            match = SIGN.match(phrase, at)
            if match is None:
                raise PhraseError(
                    f"`{phrase[at]}` has no meaning at place {at + 1} of `{phrase}`; is a bracket missing?"
                )
            found.append(match)
            at = match.end()
        return found

    def whole(self) -> Node:
        node = self.choice()
        if self.at < len(self.signs):
            raise PhraseError(f"`{self.signs[self.at]['sign']}` closes nothing in `{self.phrase}`")
        self.check(node)
        return node

    def check(self, node: Node) -> None:
        items = node.items if isinstance(node, Sequence) else (node,)
        if may_be_empty(node):
            raise PhraseError(f"`{self.phrase}` has no word that must be said")
        if isinstance(items[0], Gap) or isinstance(items[-1], Gap):
            raise PhraseError(f"`{self.phrase}` begins or ends with a gap; a gap stands between words")

    def choice(self) -> Node:
        options = [self.sequence()]
        while self.sign() == "|":
            self.at += 1
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sign(self) -> str | None:
        return self.signs[self.at]["sign"] if self.at < len(self.signs) else None

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.signs) and self.sign() not in ("|", ")", "]"):
            items.extend(self.item())
        if not items:
            raise PhraseError(
                f"an empty choice in `{self.phrase}`; write `[word]` for a word that may be missing"
            )
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def item(self) -> list[Node]:
        match = self.signs[self.at]
        self.at += 1
        if match["gap"] is not None:
            return [self.gap(match["n"])]
        if match["list"] is not None:
            return [self.named(match["list"].strip())]
        if match["stem"] is not None:
            return [self.inflected(match["stem"].lower())]
        if match["text"] is not None:
            return self.literal(match["text"])
        return [self.bracket(match["sign"])]

    def bracket(self, sign: str) -> Node:
        if sign in "^$":
            return Edge(sign == "^")
        inner = self.choice()
        wanted = ")" if sign == "(" else "]"
        if self.sign() != wanted:
            raise PhraseError(f"`{sign}` is not closed in `{self.phrase}`")
        self.at += 1
        return inner if sign == "(" else Optional(inner)

    def gap(self, digits: str) -> Gap:
        if not digits or not 1 <= int(digits) <= GAP_MOST:
            raise PhraseError(
                f"a gap says how many tokens at most, `...1` to `...{GAP_MOST}`, in `{self.phrase}`"
            )
        return Gap(int(digits))

    def named(self, name: str) -> Node:
        number = NUMBER.match(name)
        if number:
            return Number(int(number.group(1) or 0))
        if not name:
            raise PhraseError(f"`{{}}` names no list in `{self.phrase}`")
        return Named(name)

    def inflected(self, stem: str) -> Node:
        if self.language == "zh" or not (stem.isascii() and stem.isalpha()):
            raise PhraseError(f"`~{stem}`: only English words have forms")
        return Choice(tuple(Literal((form,)) for form in forms(stem)))

    def literal(self, text: str) -> list[Node]:
        if not text.strip():
            return []
        tokens = tokens_of(text, self.language)
        if not tokens:
            raise PhraseError(
                f"`{text.strip()}` in `{self.phrase}` is no word; punctuation is dropped before matching"
            )
        return [Literal(tokens)]


def may_be_empty(node: Node) -> bool:
    """Whether a phrase can match where none of its words is said."""
    if isinstance(node, Sequence):
        return all(may_be_empty(item) for item in node.items)
    if isinstance(node, Choice):
        return any(may_be_empty(item) for item in node.items)
    return isinstance(node, Optional | Gap | Edge)


@lru_cache(maxsize=65536)
def tokens_of(text: str, language: str) -> tuple[str, ...]:
    """The folded words of one stretch of a phrase."""
    return tuple(fold(text, language).tokens)


def names_in(node: Node) -> set[str]:
    """The lists a phrase names."""
    found: set[str] = set()
    walk(node, lambda n: found.add(n.name) if isinstance(n, Named) else None)
    return found


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """The same tree with lists called by other names (a file's own lists are known to the pack by a longer name)."""
    if isinstance(node, Named):
        return Named(names.get(node.name, node.name))
    if isinstance(node, Sequence):
        return Sequence(tuple(renamed(item, names) for item in node.items))
    if isinstance(node, Choice):
        return Choice(tuple(renamed(item, names) for item in node.items))
    return Optional(renamed(node.item, names)) if isinstance(node, Optional) else node


def walk(node: Node, visit: Callable[[Node], None]) -> None:
    """Visits a tree, parents first."""
    visit(node)
    if isinstance(node, Sequence | Choice):
        for item in node.items:
            walk(item, visit)
    elif isinstance(node, Optional):
        walk(node.item, visit)
