"""Sound into words with times and probability: regions, engines, the guard against invented text, the doubt."""

from __future__ import annotations

from audit.speech.channels import speech_seconds, transcribe_channels
from audit.speech.doubt import SecondDecoding, agreement, second_decoding
from audit.speech.estimates import estimate_s, expectation, length_s, measure_speed
from audit.speech.load import ENGINES, load_recogniser
from audit.speech.regions import RegionSettings, clip_span, speech_regions
from audit.speech.shapes import (
    CAREFUL,
    ChannelTranscripts,
    Decoding,
    Progress,
    Recogniser,
    Region,
    Segment,
)

__all__ = [
    "CAREFUL",
    "ENGINES",
    "ChannelTranscripts",
    "Decoding",
    "Progress",
    "Recogniser",
    "Region",
    "RegionSettings",
    "SecondDecoding",
    "Segment",
    "agreement",
    "clip_span",
    "estimate_s",
    "expectation",
    "length_s",
    "load_recogniser",
    "measure_speed",
    "second_decoding",
    "speech_regions",
    "speech_seconds",
    "transcribe_channels",
]
