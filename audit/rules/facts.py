"""What facts of the call make of a hit: outside the rule, undecided, lawful, a breach, or noted."""

from __future__ import annotations

from dataclasses import dataclass

from audit.lexicon.model import Ground, Rule, Window
from audit.models import CallFacts, Decision
from audit.rules.conversation import Conversation, Hit


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lawful` names the known fact that makes the statement lawful."""

    kind: Decision
    reason: str = ""
    lawful: str | None = None


def decide(rule: Rule, hit: Hit, talk: Conversation, facts: CallFacts) -> Verdict | None:
    """None = the rule does not apply to this call or this part of it."""
    missing: list[str] = []
    for key, wanted in rule.when.items():
        fits = fits_fact(key, wanted, facts)
        if fits is False:
            return None
        if fits is None:
            missing.append(f"{key} is not known")
    if rule.window is not None:
        inside = in_window(rule.window, hit, talk)
        if inside is False:
            return None
        if inside is None:
            missing.append("the time of the words is not known")
    return weigh(rule, facts, missing)


def weigh(rule: Rule, facts: CallFacts, missing: list[str]) -> Verdict:
    if rule.category.startswith(("customer.", "good.")):
        return Verdict("noted")
    if missing:
        return Verdict("undecided", "; ".join(missing))
    known = [need for need in rule.needs if facts.known.get(need)]
    if known:
        return Verdict("breach", lawful=f"{known[0]} is on record")
    if rule.needs:
        return Verdict("undecided", f"needs evidence: {', '.join(rule.needs)}")
    return Verdict("breach", rule.says)


def fits_fact(key: str, wanted: tuple[str, ...], facts: CallFacts) -> bool | None:
    """Whether a fact of the call is one of those wanted; None = the fact is not known."""
    value = getattr(facts, key)
    if value is None or value == "unknown":
        return None
    if key == "length_s":
        return all(compare(float(value), text) for text in wanted)
    return str(value) in wanted


def compare(value: float, text: str) -> bool:
    """`>= 30`, `< 5`, or a plain number for at least."""
    sign = text.rstrip("0123456789. ").strip() or ">="
    limit = float(text[len(text.rstrip("0123456789.")) :])
    return {">=": value >= limit, ">": value > limit, "<": value < limit, "<=": value <= limit}.get(
        sign, False
    )


def in_window(window: Window, hit: Hit, talk: Conversation) -> bool | None:
    """By the hit's own time, not the turn's start; None where there are no times."""
    start = talk.time_of(hit)[0]
    if start is None:
        return None
    if window.agent_speech:
        spoken = agent_seconds_before(start, talk)
        total = agent_seconds_before(float("inf"), talk)
        return spoken <= window.seconds if window.edge == "first" else total - spoken <= window.seconds
    ends = [turn.end_s for turn in talk.turns if turn.end_s is not None]
    return (
        start <= window.seconds if window.edge == "first" else start >= max(ends, default=0) - window.seconds
    )


def agent_seconds_before(moment: float, talk: Conversation) -> float:
    """Seconds of agent speech before a moment."""
    return sum(
        max(0.0, min(turn.end_s, moment) - turn.start_s)
        for turn in talk.turns
        if turn.speaker == "agent" and turn.start_s is not None and turn.end_s is not None
    )


def citation(rule: Rule, facts: CallFacts) -> str:
    """The clauses in force at the call's place and day, most special place first."""
    day = facts.started_at.date().isoformat() if facts.started_at else None
    fitting = [g for g in rule.grounds if in_force(g, facts.jurisdiction, day)]
    fitting.sort(key=lambda ground: -len(ground.place))
    return "; ".join(dict.fromkeys(ground.law for ground in fitting))


def in_force(ground: Ground, jurisdiction: str, day: str | None) -> bool:
    here = jurisdiction == ground.place or jurisdiction.startswith(ground.place + "-")
    begun = day is None or ground.since is None or ground.since <= day
    return here and begun and not (day and ground.until and ground.until < day)
