"""What the talk looks like in numbers: talking over, silence, shares, the longest monologue, speech rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from audit.models import Transcript, Turn
from audit.speech.guard import units
from audit.speech.shapes import Region

_RESPONSE_S = 0.2
"""Talking over counts from here: shorter overlaps are how people take turns."""


def measures(
    transcript: Transcript,
    regions: Mapping[int, Sequence[Region]] | None = None,
    duration_s: float | None = None,
) -> dict[str, Any]:
    """Shares of the call 0–1, seconds, and words (Chinese: characters) a minute of a speaker's own speech.

    With `regions` over two channels and more, overlap and silence come from them; else from the turns'
    times. Without `duration_s` the call ends with its last sound. Turns without times give no key that
    needs them. Keys: over_talk_share, silence_share, talk_share_{agent,customer,unknown},
    longest_monologue_s, longest_monologue_speaker, speech_rate_{agent,customer}, agent_confidence.
    """
    timed = [turn for turn in transcript.turns if turn.start_s is not None and turn.end_s is not None]
    out: dict[str, Any] = {"agent_confidence": transcript.agent_confidence}
    spans = _spans(timed, regions)
    ends = [end for own in spans.values() for _, end in own]
    length_s = duration_s or max(ends, default=0.0)
    if length_s <= 0:
        return out
    any_speech = _total(_union(span for own in spans.values() for span in own))
    out["over_talk_share"] = round(_overlap(list(spans.values())) / length_s, 4)
    out["silence_share"] = round(max(0.0, 1 - any_speech / length_s), 4)
    return out | _by_speaker(timed, length_s) | _monologue(timed)


def _spans(
    timed: Sequence[Turn], regions: Mapping[int, Sequence[Region]] | None
) -> dict[Any, list[tuple[float, float]]]:
    """Speech by side: the channels' regions where there are several, else turns by speaker."""
    if regions is not None and sum(bool(own) for own in regions.values()) > 1:
        return {c: [(r.start_s, r.end_s) for r in own if r.echo_of is None] for c, own in regions.items()}
    out: dict[Any, list[tuple[float, float]]] = {}
    for turn in timed:
        out.setdefault(turn.speaker, []).append((turn.start_s or 0.0, turn.end_s or 0.0))
    return out


def _union(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    out: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _total(spans: Iterable[tuple[float, float]]) -> float:
    return sum(end - start for start, end in spans)


def _overlap(sides: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Seconds in which two sides or more speak, counting stretches longer than `_RESPONSE_S`."""
    edges = sorted(
        (moment, step)
        for side in sides
        for start, end in _union(side)
        for moment, step in ((start, 1), (end, -1))
    )
    speaking, began, total = 0, 0.0, 0.0
    for moment, step in edges:
        if speaking == 1 and step == 1:
            began = moment
        if speaking == 2 and step == -1 and moment - began > _RESPONSE_S:
            total += moment - began
        speaking += step
    return total


def _by_speaker(timed: Sequence[Turn], length_s: float) -> dict[str, float]:
    out: dict[str, float] = {}
    for speaker in ("agent", "customer", "unknown"):
        own = [turn for turn in timed if turn.speaker == speaker]
        spoken_s = sum(map(_spoken_s, own))
        if own:
            out[f"talk_share_{speaker}"] = round(min(1.0, spoken_s / length_s), 4)
        if spoken_s >= 1.0 and speaker != "unknown":
            said = sum(len(units(turn.text)) for turn in own)
            out[f"speech_rate_{speaker}"] = round(60 * said / spoken_s, 1)
    return out


def _spoken_s(turn: Turn) -> float:
    """Seconds of speech in a turn: its words without the pauses between them, else its length."""
    length = (turn.end_s or 0.0) - (turn.start_s or 0.0)
    pauses = sum(
        max(0.0, b.start_s - a.end_s - 0.3) for a, b in zip(turn.words, turn.words[1:], strict=False)
    )
    return max(0.0, length - pauses)


def _monologue(timed: Sequence[Turn]) -> dict[str, Any]:
    """The longest stretch of one speaker with no other between; its turns' silences count."""
    best, who = 0.0, "unknown"
    start, speaker = 0.0, None
    for turn in timed:
        if turn.speaker != speaker:
            speaker, start = turn.speaker, turn.start_s or 0.0
        if (turn.end_s or 0.0) - start > best:
            best, who = (turn.end_s or 0.0) - start, turn.speaker
    return {"longest_monologue_s": round(best, 2), "longest_monologue_speaker": who}
