"""The second reading: phrases found by sound in what a recogniser wrote, each mishearing marked.

A phrase is compiled a second time over sounds. A token that sounds right and is written otherwise is marked in
the span's gaps as an empty stretch (p, p), so that whoever joins spans can count mishearings.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from audit.phrases import grammar as g
from audit.phrases.folding import Folded, join, may_be_soft
from audit.phrases.matcher import Matcher
from audit.phrases.parts import ChoicePart, Ends, Gaps, Lists, LiteralPart, Part, Span
from audit.phrases.sounds import sound_of

LEAST_WORDS = {"zh": 4, "en": 3}
"""A match by sound must name at least so many characters or words."""


class HeardText(Folded):
    """A folded text whose tokens are sounds; `written` are the tokens before."""

    __slots__ = ("written",)

    def __init__(self, folded: Folded) -> None:
        super().__init__(folded.text, folded.language)
        self.written = folded.tokens
        self.tokens = [sound_of(token, folded.language) for token in folded.tokens]
        self.starts, self.ends, self.soft = folded.starts, folded.ends, folded.soft
        self.clauses, self.sentences = folded.clauses, folded.sentences


class HeardLiteral(LiteralPart):
    """Words by their sound."""

    def __init__(self, tokens: tuple[str, ...], language: str) -> None:
        super().__init__(tuple(sound_of(token, language) for token in tokens))
        self.written = tokens

    def match(self, f: Folded, p: int) -> Ends:
        tokens, soft, n = f.tokens, f.soft, len(f.tokens)
        written: list[str] = f.written  # type: ignore[attr-defined]
        misheard: Gaps = ()
        for wanted, spelt in zip(self.tokens, self.written, strict=True):
            while p < n and tokens[p] != wanted and soft[p]:
                p += 1
            if p >= n or tokens[p] != wanted:
                return ()
            if written[p] != spelt:
                misheard += ((p, p),)
            p += 1
        return ((p, misheard),)

    def needs(self, language: str) -> list[frozenset[str]]:
        pieces: list[list[str]] = [[]]
        for sound, spelt in zip(self.tokens, self.written, strict=True):
            if may_be_soft(spelt, language):
                pieces.append([])
            else:
                pieces[-1].append(sound)
        best = max(pieces, key=len)
        return [frozenset({join(best, language)})] if best else []


class HeardChoice(ChoicePart):
    """Options by sound; those spelt as written win over misheard ones that end at the same place."""

    def add(self, part: Part) -> None:
        if part.first is None or part.nullable:
            self.others.append(part)
        else:
            for token in part.first:
                self.by_first.setdefault(token, []).append(part)

    def search(self, f: Folded, p: int) -> dict[int, Gaps]:
        found: dict[int, Gaps] = {}
        tokens, soft, n = f.tokens, f.soft, len(f.tokens)
        for part in self.others:
            keep_best(found, part.match(f, p))
        while p < n:
            for part in self.beginning_with(tokens[p]):
                keep_best(found, part.match(f, p))
            if not soft[p]:
                break
            p += 1
        return found


def keep_best(found: dict[int, Gaps], ends: Ends) -> None:
    for end, gaps in ends:
        if end not in found or mishearings(gaps) < mishearings(found[end]):
            found[end] = gaps


def mishearings(gaps: Gaps) -> int:
    """How many tokens of a match are written otherwise than they sound."""
    return sum(1 for a, b in gaps if a == b)


class HeardLists(Lists):
    """Lists compiled over sounds."""

    def part(self, name: str) -> Part:
        if name not in self.done:
            self.done[name] = HeardChoice([self.compile(node) for node in self.nodes[name]])
        return self.done[name]

    def compile(self, node: g.Node) -> Part:
        if isinstance(node, g.Literal):
            return HeardLiteral(node.tokens, self.language)
        if isinstance(node, g.Choice):
            return HeardChoice([self.compile(item) for item in node.items])
        return super().compile(node)


class HeardMatcher(Matcher):
    """Phrases by sound; gives only spans with one or more mishearings, few enough to be believed.

    A phrase is tried only where the text holds at least half of its required parts as written. `alone` are phrases that
    no near, before or all joins with others.
    """

    def __init__(
        self, phrases: Iterable[g.Node], lists: Lists, written: Matcher, alone: Container[int] = ()
    ) -> None:
        self.alone = alone
        super().__init__(phrases, HeardLists(lists.language, lists.nodes))
        numbers = written.index.numbers
        self.needs = [
            [numbers[need] for need in entry.part.needs(self.language) if need in numbers]
            for entry in written.entries
        ]

    def left_out(self) -> Container[int]:
        """Words too short to be believed, where their phrase stands alone in its rule."""
        least = LEAST_WORDS.get(self.language, 3)
        return {
            number
            for number, entry in enumerate(self.entries)
            if entry.phrase in self.alone
            and isinstance(entry.part, LiteralPart)
            and len(entry.part.tokens) < least
        }

    def half_written(self, entries: Iterable[int], present: set[int]) -> list[int]:
        """Of entries whose sounds occur, those of which half is there as written.

        `present` is what `Index.look` of the written matcher gave; entries of both matchers have the same numbers.
        """
        return [number for number in entries if self.enough(self.needs[number], present)]

    def enough(self, needs: list[int], present: set[int]) -> bool:
        return sum(1 for need in needs if need not in present) <= max(1, len(needs) // 2)

    def match(self, entries: Iterable[int], folded: Folded) -> dict[int, list[Span]]:
        heard = HeardText(folded)
        found: dict[int, list[Span]] = {}
        for phrase, spans in super().match(entries, heard).items():
            kept = [span for span in spans if believable(span)]
            if kept:
                found[phrase] = kept
        return found


def spoken(span_start: int, span_end: int, gaps: Gaps) -> int:
    """Tokens of a match outside its gaps."""
    return span_end - span_start - sum(b - a for a, b in gaps)


def believable(span: Span) -> bool:
    """At least one mishearing, at most a third of the words named, and not the only word."""
    wrong = mishearings(span.gaps)
    words = spoken(span.start, span.end, span.gaps)
    return 0 < wrong < words and wrong <= max(1, words // 3)
