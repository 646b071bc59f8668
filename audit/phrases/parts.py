"""Phrases compiled to matchers over folded tokens.

A phrase is never expanded: a list in it stays a shared node whose matches at a place are remembered for the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from audit.phrases import grammar as g
from audit.phrases.folding import DIGITS_BEGIN, Folded, join, may_be_soft
from audit.phrases.numbers import number_at, number_words

Gaps = tuple[tuple[int, int], ...]
Ends = tuple[tuple[int, Gaps], ...]
"""Where a match may end, each with the gaps it stepped over."""
FREQUENT = frozenset("我你他们不有是会要说去来到在上家人钱还打电话个这那一就给让叫没可能好知道么什今天明再多")
FREQUENT_WORDS = frozenset(
    "i you we he they it to of in on and is are will be not your my our have do for with this that me at can if".split()
)


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens [start, end) of one text; `gaps` are the stretches inside that no word of the phrase covers."""

    start: int
    end: int
    gaps: Gaps = ()


class Part:
    """A compiled piece: `first` = the tokens it can begin with, None = anything."""

    first: frozenset[str] | None = None
    nullable = False

    def match(self, f: Folded, p: int) -> Ends:
        raise NotImplementedError

    def needs(self, language: str) -> list[frozenset[str]]:
        """Sets of strings; a match contains at least one of each set."""
        return []


class LiteralPart(Part):
    def __init__(self, tokens: tuple[str, ...]) -> None:
        self.tokens = tokens
        self.first = frozenset(tokens[:1])

    def match(self, f: Folded, p: int) -> Ends:
        tokens, soft, n = f.tokens, f.soft, len(f.tokens)
        for wanted in self.tokens:
            while True:
                if p >= n:
                    return ()
                if tokens[p] == wanted:
                    break
                if not soft[p]:
                    return ()
                p += 1
            p += 1
        return ((p, ()),)

    def needs(self, language: str) -> list[frozenset[str]]:
        pieces: list[list[str]] = [[]]
        for token in self.tokens:
            if may_be_soft(token, language):
                pieces.append([])
            else:
                pieces[-1].append(token)
        best = max(pieces, key=len)
        return [frozenset({join(best, language)})] if best else []


class NumberPart(Part):
    def __init__(self, least: int, language: str) -> None:
        self.least = least
        self.first = number_words(language) | {DIGITS_BEGIN}

    def needs(self, language: str) -> list[frozenset[str]]:
        words = {join([word], language) for word in number_words(language)}
        return [frozenset(words | set("0123456789"))]

    def match(self, f: Folded, p: int) -> Ends:
        while p < len(f.tokens):
            found = number_at(f, p)
            if found:
                return ((found[0], ()),) if found[1] >= self.least else ()
            if not f.soft[p]:
                return ()
            p += 1
        return ()


class EdgePart(Part):
    nullable = True

    def __init__(self, start: bool) -> None:
        self.start = start

    def match(self, f: Folded, p: int) -> Ends:
        if self.start:
            q = p
            while q > 0 and f.soft[q - 1] and f.clauses[q - 1] == f.clauses[min(p, len(f) - 1)]:
                q -= 1
            return ((p, ()),) if q == 0 or (q < len(f) and f.clauses[q - 1] != f.clauses[q]) else ()
        q = p
        while q < len(f) and f.soft[q] and f.clauses[q] == f.clauses[p - 1]:
            q += 1
        return ((p, ()),) if q >= len(f) or f.clauses[q] != f.clauses[p - 1] else ()


class OptionalPart(Part):
    nullable = True

    def __init__(self, inner: Part) -> None:
        self.inner = inner
        self.first = inner.first

    def match(self, f: Folded, p: int) -> Ends:
        return ((p, ()), *self.inner.match(f, p))


class GapPart(Part):
    nullable = True

    def __init__(self, most: int) -> None:
        self.most = most

    def match(self, f: Folded, p: int) -> Ends:
        found: list[tuple[int, Gaps]] = [(p, ())]
        count, q, n = 0, p, len(f.tokens)
        sentence = f.sentences[p - 1] if p else 0
        while q < n and f.sentences[q] == sentence:
            count += not f.soft[q]
            if count > self.most:
                break
            q += 1
            found.append((q, ((p, q),)))
        return tuple(found)


class SequencePart(Part):
    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.first = first_of(parts)
        self.nullable = all(part.nullable for part in parts)

    def match(self, f: Folded, p: int) -> Ends:
        states: dict[int, Gaps] = {p: ()}
        for part in self.parts:
            after: dict[int, Gaps] = {}
            for at, gaps in states.items():
                for end, more in part.match(f, at):
                    if end not in after:
                        after[end] = gaps + more if more else gaps
            if not after:
                return ()
            states = after
        return tuple(states.items())

    def needs(self, language: str) -> list[frozenset[str]]:
        return [need for part in self.parts if not part.nullable for need in part.needs(language)]


def first_of(parts: list[Part]) -> frozenset[str] | None:
    """The tokens a sequence can begin with."""
    found: frozenset[str] = frozenset()
    for part in parts:
        if isinstance(part, EdgePart):
            continue
        if part.first is None:
            return None
        found |= part.first
        if not part.nullable:
            return found
    return None


class ChoicePart(Part):
    """Many options: plain words in one trie, the rest by the tokens they can begin with."""

    def __init__(self, parts: list[Part]) -> None:
        self.trie: dict[str, object] = {}
        self.by_first: dict[str, list[Part]] = {}
        self.others: list[Part] = []
        self.parts = parts
        self._needs: dict[str, list[frozenset[str]]] = {}
        for part in parts:
            self.add(part)
        self.nullable = any(part.nullable for part in parts)
        unknown = any(part.first is None for part in parts)
        self.first = None if unknown else frozenset().union(*(part.first or frozenset() for part in parts))

    def add(self, part: Part) -> None:
        if isinstance(part, LiteralPart):
            node = self.trie
            for token in part.tokens:
                node = node.setdefault(token, {})  # type: ignore[assignment]
            node[""] = True
        elif part.first is None or part.nullable:
            self.others.append(part)
        else:
            for token in part.first:
                self.by_first.setdefault(token, []).append(part)

    def match(self, f: Folded, p: int) -> Ends:
        key = (id(self), p)
        known = f.memo.get(key)
        if known is None:
            known = f.memo[key] = tuple(self.search(f, p).items())
        return known  # type: ignore[return-value]

    def search(self, f: Folded, p: int) -> dict[int, Gaps]:
        found: dict[int, Gaps] = {}
        for part in self.others:
            for end, gaps in part.match(f, p):
                found.setdefault(end, gaps)
        tokens, soft, n = f.tokens, f.soft, len(f.tokens)
        while p < n:
            if tokens[p] in self.trie:
                self.walk(f, p, found)
            for part in self.beginning_with(tokens[p]):
                for end, gaps in part.match(f, p):
                    found.setdefault(end, gaps)
            if not soft[p]:
                break
            p += 1
        return found

    def beginning_with(self, token: str) -> Sequence[Part]:
        """The options that can begin with this token."""
        parts = self.by_first.get(token, ())
        if token[0] in "0123456789" and DIGITS_BEGIN in self.by_first:
            return (*parts, *self.by_first[DIGITS_BEGIN])
        return parts

    def walk(self, f: Folded, p: int, found: dict[int, Gaps]) -> None:
        tokens, soft, n = f.tokens, f.soft, len(f.tokens)
        node: dict[str, object] = self.trie
        while p < n:
            child = node.get(tokens[p])
            if child is not None:
                node = child  # type: ignore[assignment]
                if "" in node:
                    found.setdefault(p + 1, ())
            elif not soft[p]:
                return
            p += 1

    def needs(self, language: str) -> list[frozenset[str]]:
        if language not in self._needs:
            options = [part.needs(language) for part in self.parts]
            whole = all(options) and not self.nullable
            self._needs[language] = (
                [frozenset().union(*(min(needs, key=cost) for needs in options))] if whole else []
            )
        return self._needs[language]


def cost(need: frozenset[str]) -> float:
    """A guess at how often one of these strings occurs in a text."""
    return sum(cost_of(piece) for piece in need)


def cost_of(piece: str) -> float:
    words = piece.split()
    if piece.startswith(" "):
        return 30.0 if len(words) == 1 and words[0] in FREQUENT_WORDS else 1.0 / len(words) ** 2
    rare = sum(1 for character in piece if character not in FREQUENT)
    return 100.0 / float(4 ** len(piece) * 3**rare)


@dataclass
class Lists:
    """Named lists of one language: name -> phrases as trees; compiled once each, shared by all phrases."""

    language: str
    nodes: Mapping[str, tuple[g.Node, ...]]
    done: dict[str, Part] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def part(self, name: str) -> Part:
        if name in self.done:
            return self.done[name]
        if name in self.open:
            raise g.PhraseError(f"list `{name}` contains itself")
        if name not in self.nodes:
            raise g.PhraseError(f"no list is called `{name}`")
        self.open.add(name)
        try:
            self.done[name] = ChoicePart([self.compile(node) for node in self.nodes[name]])
        finally:
            self.open.discard(name)
        return self.done[name]

    def compile(self, node: g.Node) -> Part:
        """A tree -> its matcher. Raises PhraseError for unknown lists."""
        if isinstance(node, g.Literal):
            return LiteralPart(node.tokens)
        if isinstance(node, g.Sequence):
            return SequencePart([self.compile(item) for item in node.items])
        if isinstance(node, g.Choice):
            return ChoicePart([self.compile(item) for item in node.items])
        if isinstance(node, g.Optional):
            return OptionalPart(self.compile(node.item))
        if isinstance(node, g.Gap):
            return GapPart(node.most)
        if isinstance(node, g.Number):
            return NumberPart(node.least, self.language)
        if isinstance(node, g.Edge):
            return EdgePart(node.start)
        return self.part(node.name)
