"""Channels' segments -> one transcript: turns in time order, the agent decided with evidence and confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from audit.audio.health import AudioHealth
from audit.audio.shapes import Audio
from audit.models import Speaker, Transcript
from audit.speakers.mono import cast_roles
from audit.speakers.roles import Leaning, confidence_of, leaning
from audit.speakers.utterances import Utterance, merged, utterances, without_echo
from audit.speech.shapes import Segment

MAP_CONFIDENCE = 0.95
"""An agency's channel map is right unless a dialler was re-wired."""


def assemble(
    channels: Mapping[int, Sequence[Segment]],
    agent_channel: int | None = None,
    language: str = "zh",
    agency_channel: int | None = None,
    health: AudioHealth | None = None,
    audio: Audio | None = None,
) -> Transcript:
    """Turns of all channels, by speaker.

    The agent's channel is the log's (`agent_channel`, confidence 1), else the agency's map
    (`agency_channel`), else that which talks like a collector. A recording whose channels are one or the
    same is mono: roles come from what is said, from voices (when `audio` is given) and stay a guess. Where
    nothing tells, speakers are "unknown" and the confidence is 0. Turns never hold two speakers of two
    channels; text on a channel that only echoes the other is left out.
    """
    live = _live(channels, health)
    if len(live) == 1 and (len(channels) == 1 or _shared(live[0], health)):
        parts = utterances(live[0], channels[live[0]], one_voice=False)
        cast = cast_roles(parts, language, audio)
        return Transcript(language, tuple(merged(cast.parts)), "recogniser", cast.confidence, cast.evidence)
    by_channel = without_echo({c: utterances(c, channels[c]) for c in live})
    agent, confidence, evidence = _agent(by_channel, agent_channel, agency_channel, language)
    parts = [
        replace(part, speaker=_speaker(channel, agent)) for channel, own in by_channel.items() for part in own
    ]
    return Transcript(language, tuple(merged(parts)), "recogniser", confidence, evidence)


def _live(channels: Mapping[int, Sequence[Segment]], health: AudioHealth | None) -> list[int]:
    """Channels worth reading: all that are not copies; with words on a single one, that one stays beside dead ones."""
    known = sorted(channels)
    if health is None:
        return known
    copies = {c.channel for c in health.channels if c.duplicate_of is not None}
    return [channel for channel in known if channel not in copies] or known[:1]


def _shared(channel: int, health: AudioHealth | None) -> bool:
    """Whether another channel is a copy of this one: then both sides were mixed before recording."""
    return health is not None and any(c.duplicate_of == channel for c in health.channels)


def _speaker(channel: int, agent: int | None) -> Speaker:
    if agent is None:
        return "unknown"
    return "agent" if channel == agent else "customer"


def _agent(
    by_channel: Mapping[int, Sequence[Utterance]],
    agent_channel: int | None,
    agency_channel: int | None,
    language: str,
) -> tuple[int | None, float, str]:
    """The agent's channel, how sure, from what."""
    if agent_channel is not None and agent_channel in by_channel:
        return agent_channel, 1.0, f"the call log gives channel {agent_channel} as the agent's"
    if agency_channel is not None and agency_channel in by_channel:
        return agency_channel, MAP_CONFIDENCE, f"the agency's agents are on channel {agency_channel}"
    said = {c: leaning([part.text for part in own], language) for c, own in by_channel.items() if own}
    return _by_words(said)


def _by_words(said: Mapping[int, Leaning]) -> tuple[int | None, float, str]:
    """The channel that leans most to the collector's side; None where no channel leans."""
    ranked = sorted(said, key=lambda channel: (-said[channel].score, channel))
    if not ranked or not any(side.score for side in said.values()):
        return None, 0.0, "nothing said tells which side is the agent"
    first = ranked[0]
    if len(ranked) == 1:
        return _only(first, said[first])
    margin = said[first].score - said[ranked[1]].score
    if margin < 0.5:
        return None, 0.0, "what is said fits either side as the agent"
    own = list(said[first].cues)[:3]
    other = list(said[ranked[1]].cues)[:2]
    evidence = f"channel {first} {', '.join(own) or 'leans to neither side'}"
    evidence += f"; channel {ranked[1]} {', '.join(other)}" if other else ""
    return first, round(confidence_of(margin), 3), evidence


def _only(channel: int, side: Leaning) -> tuple[int | None, float, str]:
    """One side spoke: it is the agent, or the agent is some other, silent channel (−1)."""
    sure = round(confidence_of(side.score), 3)
    cues = ", ".join(side.cues[:3])
    if side.score > 0:
        return channel, sure, f"only channel {channel} speaks, and {cues}"
    return -1, sure, f"only channel {channel} speaks, and {cues}: a customer"


def swap_roles(transcript: Transcript, evidence: str = "swapped by the reviewer") -> Transcript:
    """The same transcript with agent and customer exchanged; confidence 1, since a person decided."""
    exchanged: dict[Speaker, Speaker] = {"agent": "customer", "customer": "agent", "unknown": "unknown"}
    turns = tuple(replace(turn, speaker=exchanged[turn.speaker]) for turn in transcript.turns)
    return replace(transcript, turns=turns, agent_confidence=1.0, agent_evidence=evidence)
