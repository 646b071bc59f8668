"""Recordings in and out: probe, decode channel by channel, cut, bleep, write, and what a channel is worth."""

from __future__ import annotations

from audit.audio.edit import bleep, cut, peaks, write
from audit.audio.files import decode, decode_blocks, decode_range, probe
from audit.audio.health import AudioHealth, ChannelHealth, channel_health
from audit.audio.shapes import SPEECH_RATE_HZ, Audio, AudioFacts, Block

__all__ = [
    "SPEECH_RATE_HZ",
    "Audio",
    "AudioFacts",
    "AudioHealth",
    "Block",
    "ChannelHealth",
    "bleep",
    "channel_health",
    "cut",
    "decode",
    "decode_blocks",
    "decode_range",
    "peaks",
    "probe",
    "write",
]
