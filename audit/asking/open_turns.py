"""Which turns of a call the first two readers leave open, in the order in which they are worth a question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from audit.lexicon.model import Rule
from audit.models import Finding, Turn

if TYPE_CHECKING:
    from audit.similar.model import Reader

REASONS = ("excused", "similar", "near", "rule")
"""Why a turn is open, most worth asking first."""
WEAK_EXCUSES = ("question", "quotation", "advice", "unlike ")
"""Beginnings of excuses that rest on a cue at a distance, or on likeness alone. Denial, rule-reading, another sense of
the word and a rule's own exceptions are strong: a person wrote them against that very hit."""
NEAR = 2.0
"""How far below its threshold a likeness is still open, in the second reader's score. On the shipped pack that opens
3 (zh) to 5 (en) of 100 quiet turns, and three (zh) to three and a half (en) of six labelled lines both readers miss."""
SHORTEST = {"zh": 4, "en": 10}
"""A turn with fewer characters holds nothing a rule in plain words could be about."""


def open_turns(
    turns: Sequence[Turn],
    language: str,
    findings: Iterable[Finding],
    reader: Reader | None,
    plain: Sequence[Rule],
) -> dict[int, str]:
    """Turn index -> why it is open, most worth asking first, then in time order.

    `excused`: a phrase of a rule was heard and excused by a weak excuse, and nothing else counts in the turn.
    `similar`: only the second reader found something. `near`: it just missed its threshold. `rule`: the pack has
    a rule in plain words alone for this speaker. Turns in which a phrase counts are decided and not asked about,
    except by such a rule.
    """
    by_turn: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.turn is not None:
            by_turn.setdefault(finding.turn, []).append(finding)
    found: dict[int, str] = {}
    for turn in turns:
        why = _why(by_turn.get(turn.index, ())) or _near(turn, language, reader, by_turn.get(turn.index, ()))
        if why is None and asked_by_rule(turn, language, plain):
            why = "rule"
        if why is not None:
            found[turn.index] = why
    return dict(sorted(found.items(), key=lambda pair: (REASONS.index(pair[1]), pair[0])))


def _why(findings: Sequence[Finding]) -> str | None:
    counting = [one for one in findings if one.excused is None]
    if any(one.basis != "similar" for one in counting):
        return None
    if any(one.excused is not None and one.excused.startswith(WEAK_EXCUSES) for one in findings):
        return "excused"
    return "similar" if counting else None


def _near(turn: Turn, language: str, reader: Reader | None, findings: Sequence[Finding]) -> str | None:
    if reader is None or any(one.excused is None for one in findings):
        return None
    from audit.similar.likeness import likeness

    likely = likeness(reader, turn, language)
    return "near" if any(one.threshold - NEAR < one.score <= one.threshold for one in likely) else None


def asked_by_rule(turn: Turn, language: str, plain: Sequence[Rule]) -> bool:
    """Whether a rule that has only plain words in this language is about this turn's speaker."""
    if len(turn.text) < SHORTEST.get(language, SHORTEST["en"]):
        return False
    return any(
        not rule.blocks[language].branches
        and (rule.speaker == "anyone" or turn.speaker in ("unknown", rule.speaker))
        for rule in plain
    )
