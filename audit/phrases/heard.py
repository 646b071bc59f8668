"""The second reading: phrases found by sound in what a recogniser wrote, each mishearing marked.

A phrase is compiled a second time over sounds. A token that sounds right and is written otherwise is marked in
the span's gaps as an empty stretch (p, p), so that whoever joins spans can count mishearings. What keeps it from
hearing things: one word only is misheard, all others stand as written, there are enough of them, and what is written
in its place is not what people usually say there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from audit.phrases import grammar as g
from audit.phrases.folding import Folded, may_be_soft
from audit.phrases.matcher import Matcher, options_of, spans_of
from audit.phrases.parts import (
    ChoicePart,
    Ends,
    Gaps,
    Lists,
    LiteralPart,
    NumberPart,
    OptionalPart,
    Part,
    SequencePart,
    Span,
)
from audit.phrases.sounds import sound_of
from audit.phrases.usual import is_usual

LEAST_WORDS = {"zh": 4, "en": 3}
"""A match by sound must name at least so many characters or words."""
NUMBER_WORDS_MOST = 12
"""A spoken number has seldom more words."""


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
    """Words by their sound; one of them may be written otherwise, where that is not what is usually written there."""

    def __init__(self, tokens: tuple[str, ...], language: str) -> None:
        super().__init__(tuple(sound_of(token, language) for token in tokens))
        self.written = tokens
        self.sure = frozenset(token for token in tokens if may_be_soft(token, language))

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
                if misheard or spelt in self.sure or not may_be_misheard(written, p, f.language):
                    return ()
                misheard = ((p, p),)
            p += 1
        return ((p, misheard),)


def may_be_misheard(written: Sequence[str], place: int, language: str) -> bool:
    """Whether a recogniser may have put this word in another's place: no filler, and not usual there."""
    return not may_be_soft(written[place], language) and not is_usual(written, place, language)


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


class HeardMatcher:
    """Phrases by sound; gives only spans with exactly one mishearing.

    Entries have the numbers of the written matcher's. Each is compiled on first use.
    """

    def __init__(self, phrases: Sequence[g.Node], lists: Lists, written: Matcher) -> None:
        self.language = lists.language
        self.phrases = phrases
        self.lists = HeardLists(lists.language, lists.nodes)
        self.written = written
        self.first: dict[int, int] = {}
        for number, entry in enumerate(written.entries):
            self.first.setdefault(entry.phrase, number)
        self.options: dict[int, list[Part]] = {}

    def part(self, entry: int) -> Part:
        """One entry compiled over sounds."""
        phrase = self.written.entries[entry].phrase
        if phrase not in self.options:
            self.options[phrase] = options_of(self.lists.compile(self.phrases[phrase]))
        return self.options[phrase][entry - self.first[phrase]]

    def match(self, entries: Iterable[int], folded: Folded) -> dict[int, list[Span]]:
        """Matches of some entries by phrase, each with one word misheard."""
        heard = HeardText(folded)
        found: dict[int, set[Span]] = {}
        for number in entries:
            spans = {span for span in spans_of(self.part(number), heard) if believable(span)}
            if spans:
                found.setdefault(self.written.entries[number].phrase, set()).update(spans)
        return {
            phrase: sorted(spans, key=lambda span: (span.start, span.end, span.gaps))
            for phrase, spans in found.items()
        }


def most_words(part: Part) -> int:
    """At most so many words a match of this part names."""
    if isinstance(part, LiteralPart):
        return len(part.tokens)
    if isinstance(part, SequencePart):
        return sum(most_words(inner) for inner in part.parts)
    if isinstance(part, ChoicePart):
        return max(map(most_words, part.parts), default=0)
    if isinstance(part, OptionalPart):
        return most_words(part.inner)
    return NUMBER_WORDS_MOST if isinstance(part, NumberPart) else 0


def spoken(span_start: int, span_end: int, gaps: Gaps) -> int:
    """Tokens of a match outside its gaps."""
    return span_end - span_start - sum(b - a for a, b in gaps)


def believable(span: Span) -> bool:
    """Exactly one word is misheard, and it is not the only one."""
    return mishearings(span.gaps) == 1 and spoken(span.start, span.end, span.gaps) > 1
