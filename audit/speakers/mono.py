"""Roles on one channel that carries both sides: from what is said, from voices, from who may speak next.

A two-state Viterbi walk over the utterances. What it gives is a guess and says so: its confidence never
passes `CEILING`, and rules that need a sure role can ask for more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.audio.shapes import Audio
from audit.speakers.roles import confidence_of, leaning
from audit.speakers.utterances import Utterance
from audit.speakers.voices import Voices, two_voices

CEILING = 0.85
_QUESTION = ("?", "？", "吗", "呢", "吧")
_TURN_PAUSE_S = 0.3
_VOICE_WEIGHT = 2.5
_TEXT_LIMIT = 3.0


@dataclass(frozen=True, slots=True)
class Cast:
    """Utterances with speakers, how sure, and from what."""

    parts: list[Utterance]
    confidence: float
    evidence: str


def cast_roles(parts: Sequence[Utterance], language: str, audio: Audio | None) -> Cast:
    """Speakers of one channel's utterances in time order. Without any cue all stay unknown (confidence 0)."""
    texts = [leaning([part.text], language) for part in parts]
    if not any(text.score for text in texts):
        return Cast(list(parts), 0.0, "one channel carries everybody and nothing said tells who is the agent")
    voices = two_voices(audio, parts) if audio is not None else Voices(tuple(0.0 for _ in parts), 0.0)
    said = [max(-_TEXT_LIMIT, min(_TEXT_LIMIT, text.score)) for text in texts]
    walks = []
    for sign in (1.0, -1.0) if voices.separation > 0 else (1.0,):
        sound = [sign * _VOICE_WEIGHT * voices.separation * side for side in voices.side]
        walks.append(_walk(parts, [a + b for a, b in zip(said, sound, strict=True)]))
    _score, agent = max(walks, key=lambda walk: walk[0])
    speakers = [replace(p, speaker="agent" if a else "customer") for p, a in zip(parts, agent, strict=True)]
    cues = leaning([p.text for p, a in zip(parts, agent, strict=True) if a], language).cues
    sure = _confidence(walks, said, agent, voices.separation)
    by_voice = f", voices apart by {voices.separation:.2f}" if voices.separation else ""
    return Cast(speakers, sure, f"one channel carries everybody; the agent {_list(cues)}{by_voice}")


def _list(cues: Sequence[str]) -> str:
    return ", ".join(cues[:3]) or "is told only by how the talk goes to and fro"


def _walk(parts: Sequence[Utterance], evidence: Sequence[float]) -> tuple[float, list[bool]]:
    """Best sequence (True = agent) and its score: evidence for it, less the cost of each change or stay."""
    best = [(-evidence[0] / 2, [False]), (evidence[0] / 2, [True])]
    for i in range(1, len(parts)):
        change, stay = _costs(parts[i - 1], parts[i])
        step = []
        for state in (0, 1):
            gain = evidence[i] / 2 if state else -evidence[i] / 2
            kept, crossed = best[state][0] - stay, best[1 - state][0] - change
            source = best[state] if kept >= crossed else best[1 - state]
            step.append((max(kept, crossed) + gain, [*source[1], bool(state)]))
        best = step
    return max(best, key=lambda walk: walk[0])


def _costs(before: Utterance, now: Utterance) -> tuple[float, float]:
    """(cost of a change of speaker, cost of none): a question or a pause invites the other."""
    asked = before.text.rstrip("。.!！ ").endswith(_QUESTION)
    pause = now.start_s - before.end_s > _TURN_PAUSE_S
    if asked:
        return 0.0, 0.9
    return (0.0, 0.2) if pause else (0.8, 0.0)


def _confidence(
    walks: Sequence[tuple[float, list[bool]]], said: Sequence[float], agent: Sequence[bool], separation: float
) -> float:
    """From the share of evidence that the chosen walk agrees with; voices that part make it surer."""
    agreeing = sum(abs(s) for s, a in zip(said, agent, strict=True) if s and (s > 0) == a)
    against = sum(abs(s) for s, a in zip(said, agent, strict=True) if s and (s > 0) != a)
    covered = sum(1 for s in said if s) / len(said)
    sure = confidence_of(agreeing - 2 * against) * (0.6 + 0.4 * max(covered, separation))
    return round(min(CEILING, max(0.3, sure)), 3)
