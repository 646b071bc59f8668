"""Whether an exception excuses one hit: where its words stand, how far it reaches, what stops it.

The model is ConText (Harkema et al. 2009): a cue has a direction, a reach and words that end it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile

from audit.lexicon.model import Unless
from audit.phrases import Span
from audit.rules.clauses import SENTENCE_MOST, in_reach, said_by, seconds_between
from audit.rules.conversation import Conversation, Hit


def excuse_of(hit: Hit, exceptions: Iterable[Unless], talk: Conversation) -> Unless | None:
    """The first exception that excuses this hit."""
    for exception in exceptions:
        if excuses(exception, hit, talk):
            return exception
    return None


def excuses(exception: Unless, hit: Hit, talk: Conversation) -> bool:
    """Whether this exception turns this hit round."""
    if exception.where in ("earlier", "later"):
        return in_other_turn(exception, hit, talk)
    if not said_by(talk, hit.turn, exception.speaker):
        return False
    cues = talk.cues(hit.turn)
    if cues.keys().isdisjoint(exception.phrases):
        return False
    spans = cue_spans(exception, cues, window(exception, hit))
    if not spans or voided(exception, hit, talk):
        return False
    return any(stands(exception, hit, span, talk) for span in spans)


Window = tuple[int, int]
EVERYWHERE: Window = (0, 1 << 60)


def window(exception: Unless, hit: Hit) -> Window:
    """The tokens that can matter at all, so that the cost of a long text stays linear."""
    reach = exception.reach
    if reach.unit not in ("tokens", "clause", "sentence"):
        return EVERYWHERE
    wide = SENTENCE_MOST if reach.unit != "tokens" else int(4 * reach.amount) + 40
    return hit.start - wide, hit.end + wide


def spans_of(phrases: Iterable[int], cues: dict[int, list[Span]], seen: Window) -> Iterator[Span]:
    """Matches of these phrases that begin inside the window."""
    for phrase in phrases:
        spans = cues.get(phrase)
        if spans:
            first = bisect_left(spans, seen[0], key=start_of)
            yield from takewhile(lambda span: span.start <= seen[1], islice(spans, first, None))


def start_of(span: Span) -> int:
    return span.start


def cue_spans(exception: Unless, cues: dict[int, list[Span]], seen: Window) -> list[Span]:
    """Where the cue stands, except inside longer words that mean something else (不是 in 是不是)."""
    spans = list(spans_of(exception.phrases, cues, seen))
    if not spans or not exception.not_in:
        return spans
    covers = list(spans_of(exception.not_in, cues, (seen[0] - 40, seen[1])))
    return [span for span in spans if not any(c.start <= span.start and c.end >= span.end for c in covers)]


def voided(exception: Unless, hit: Hit, talk: Conversation) -> bool:
    """A `but_not` phrase stands in the hit's sentence."""
    if not exception.but_not:
        return False
    cues, sentences = talk.cues(hit.turn), talk.folded[hit.turn].sentences
    first, last = sentences[hit.start], sentences[hit.end - 1]
    seen = (hit.start - SENTENCE_MOST, hit.end + SENTENCE_MOST)
    return any(first <= sentences[span.start] <= last for span in spans_of(exception.but_not, cues, seen))


def stands(exception: Unless, hit: Hit, cue: Span, talk: Conversation) -> bool:
    """Whether one cue stands where the exception wants it, within reach, unstopped."""
    where = exception.where
    if where == "covering":
        return cue.start <= hit.start and cue.end >= hit.end
    if where == "touching":
        return cue.start < hit.end and cue.end > hit.start
    if where == "inside":
        return cue.start >= hit.start and cue.end <= hit.end
    found = where in ("before", "around") and before(exception, hit, cue, talk)
    return found or (where in ("after", "around") and after(exception, hit, cue, talk))


def before(exception: Unless, hit: Hit, cue: Span, talk: Conversation) -> bool:
    """A cue ahead of the hit, or inside one of its gaps (`we will [not] arrest`)."""
    if cue.start < hit.start:
        return cue.end <= hit.start and reaches(exception, hit, cue.end, hit.start, talk)
    return any(
        a <= cue.start < b and reaches(exception, hit, cue.end, max(cue.end, b), talk) for a, b in hit.gaps
    )


def after(exception: Unless, hit: Hit, cue: Span, talk: Conversation) -> bool:
    return cue.start >= hit.end and reaches(exception, hit, hit.end, cue.start, talk, forward=False)


def reaches(
    exception: Unless, hit: Hit, end: int, start: int, talk: Conversation, forward: bool = True
) -> bool:
    """Nothing between tokens `end` and `start` stops the exception, and they are within its reach."""
    if not in_reach(talk, hit.turn, end, start, exception.reach):
        return False
    if not exception.stop_at:
        return True
    cues = talk.cues(hit.turn)
    last = start if forward else start - 1
    return not any(spans_of(exception.stop_at, cues, (end, last)))


def in_other_turn(exception: Unless, hit: Hit, talk: Conversation) -> bool:
    """A cue in another turn (or earlier in the same one) within turns, seconds or the call."""
    origin = hit.first_turn if hit.first_turn >= 0 else hit.turn
    earlier = exception.where == "earlier"
    turns = range(origin + 1) if earlier else range(hit.turn, len(talk.turns))
    for turn in reversed(turns) if earlier else turns:
        if not said_by(talk, turn, exception.speaker):
            continue
        cues = talk.cues(turn)
        for span in cue_spans(exception, cues, EVERYWHERE):
            cue = Hit(turn, span.start, span.end)
            if far_enough(exception, hit, cue, talk):
                return True
    return False


def far_enough(exception: Unless, hit: Hit, cue: Hit, talk: Conversation) -> bool:
    first, second = (cue, hit) if exception.where == "earlier" else (hit, cue)
    if first.turn == second.turn and first.end > second.start:
        return False
    reach = exception.reach
    if reach.unit == "turns":
        return second.turn - first.turn <= reach.amount
    if reach.unit == "seconds":
        return seconds_between(first, second, talk) <= reach.amount
    return reach.unit == "call" or first.turn == second.turn
