"""Clauses over a conversation: any, all, near, before, within words, clause, sentence, turns, seconds, call."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import islice, takewhile

from audit.lexicon.model import Clause, Reach
from audit.rules.conversation import Conversation, Hit

PAIRS_MOST = 2000
"""Bound on combinations of one near/before step, so that a hostile text costs no more than a long one."""
SENTENCE_MOST = 400
"""Tokens; a sentence without any mark may run on, what belongs together does not stand so far apart."""


def evaluate(clause: Clause, talk: Conversation, speaker: str) -> list[Hit]:
    """All hits of a clause said by `speaker` (or the clause's own); an unknown speaker matches any."""
    who = clause.speaker or speaker
    hits = talk.hits
    if clause.operator == "any":
        some = [item for item in clause.items if isinstance(item, Clause) or item in hits]
        return sorted({hit for item in some for hit in evaluate_item(item, talk, who)}, key=order)
    if not all(isinstance(item, Clause) or item in hits for item in clause.items):
        return []
    parts = [evaluate_item(item, talk, who) for item in clause.items]
    if not all(parts):
        return []
    reach = clause.reach or Reach("turn")
    joined = parts[0]
    for part in parts[1:]:
        joined = pairs(joined, part, reach, talk, clause.operator == "before")
    return sorted(set(joined), key=order)


def order(hit: Hit) -> tuple[int, int, int, tuple[tuple[int, int], ...]]:
    return hit.turn, hit.start, hit.end, hit.gaps


def evaluate_item(item: int | Clause, talk: Conversation, who: str) -> list[Hit]:
    if isinstance(item, Clause):
        return evaluate(item, talk, who)
    return [hit for hit in talk.hits.get(item, ()) if said_by(talk, hit.turn, who)]


def said_by(talk: Conversation, turn: int, who: str) -> bool:
    """Whether the turn's speaker fits; `anyone` fits all, an unknown speaker fits any."""
    speaker = talk.turns[turn].speaker
    return who == "anyone" or speaker in (who, "unknown")


def pairs(left: list[Hit], right: list[Hit], reach: Reach, talk: Conversation, ordered: bool) -> list[Hit]:
    """Combinations of two hits within reach; joined into one that spans both where they share a turn."""
    found: list[Hit] = []
    ranked = sorted(right, key=order)
    for a in left:
        for b in nearby(a, ranked, reach):
            first, second = (a, b) if (a.turn, a.start) <= (b.turn, b.start) else (b, a)
            if ordered and first is not a:
                continue
            if a.misheard and b.misheard:
                continue
            if apart(first, second) and within(first, second, reach, talk):
                found.append(merged(first, second))
            if len(found) >= PAIRS_MOST:
                return found
    return found


def nearby(hit: Hit, ranked: list[Hit], reach: Reach) -> Iterable[Hit]:
    """Those of `ranked` that can be within reach at all, so that the cost of a long text stays linear."""
    if reach.unit not in ("tokens", "clause", "sentence"):
        return ranked
    wide = SENTENCE_MOST if reach.unit != "tokens" else int(4 * reach.amount) + 40
    first = bisect_left(ranked, (hit.turn, hit.start - wide), key=lambda other: (other.turn, other.start))
    last = (hit.turn, hit.end + wide)
    return takewhile(lambda other: (other.turn, other.start) <= last, islice(ranked, first, None))


def apart(first: Hit, second: Hit) -> bool:
    """Two hits do not share a token."""
    return first.turn != second.turn or first.end <= second.start


def within(first: Hit, second: Hit, reach: Reach, talk: Conversation) -> bool:
    """Distance from the end of one to the start of the next."""
    if reach.unit == "call":
        return True
    if reach.unit == "turns":
        return second.turn - first.turn <= reach.amount
    if reach.unit == "seconds":
        return seconds_between(first, second, talk) <= reach.amount
    if first.turn != second.turn:
        return False
    return in_reach(talk, first.turn, first.end, second.start, reach)


def in_reach(talk: Conversation, turn: int, end: int, start: int, reach: Reach) -> bool:
    """Whether token `start` lies within reach of what ended before token `end`, in one turn."""
    if reach.unit in ("turn", "turns", "call", "seconds"):
        return True
    folded = talk.folded[turn]
    bound = reach.inside or reach.unit
    left, right = max(end - 1, 0), min(start, len(folded) - 1)
    if bound == "clause" and folded.clauses[left] != folded.clauses[right]:
        return False
    if bound == "sentence" and folded.sentences[left] != folded.sentences[right]:
        return False
    return reach.unit != "tokens" or folded.between(end, start) <= reach.amount


def seconds_between(first: Hit, second: Hit, talk: Conversation) -> float:
    """Infinite where times are not known and the turns differ."""
    if first.turn == second.turn and not talk.turns[first.turn].words:
        return 0.0
    end, start = talk.time_of(first)[1], talk.time_of(second)[0]
    return float("inf") if end is None or start is None else start - end


def merged(first: Hit, second: Hit) -> Hit:
    misheard = first.misheard or second.misheard
    if first.turn != second.turn:
        return Hit(second.turn, second.start, second.end, second.gaps, first.turn, misheard)
    between = ((first.end, second.start),) if second.start > first.end else ()
    gaps = first.gaps + between + second.gaps
    return Hit(first.turn, first.start, max(first.end, second.end), gaps, misheard=misheard)
