"""How long hearing will take: said before long work begins, from a measured pass of this model on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from audit.errors import InputError
from audit.speech.shapes import Decoding, Recogniser

ESTIMATED_FROM_S = 20 * 60.0
"""Less sound is heard before an estimate would be of use."""
SPEECH_SHARE = 0.9
"""Seconds of speech on all channels together for a second of a call."""
_WINDOW_S = 25
_TOKENS_A_SECOND = 4


def expectation(recogniser: Recogniser, sound_s: float) -> str | None:
    """`3 h 05 min of recordings, about 40 min`; None where there is little. Costs one pass of the model."""
    if sound_s < ESTIMATED_FROM_S:
        return None
    needed_s = estimate_s(sound_s * SPEECH_SHARE, measure_speed(recogniser, time.monotonic))
    return f"{in_words(sound_s)} of recordings, about {in_words(needed_s)}"


def estimate_s(speech_s: float, speed: float) -> float:
    """Time that hearing `speech_s` takes at `speed` seconds of speech a second."""
    return speech_s / speed if speed > 0 else float("inf")


def measure_speed(recogniser: Recogniser, clock: Callable[[], float]) -> float:
    """Seconds of speech this recogniser hears a second here, from one window of noise; costs one pass.

    Four tokens a second are decoded, as for speech: noise itself would give none, or loops.
    """
    noise = np.random.default_rng(0).standard_normal(16_000 * _WINDOW_S)
    decoding = Decoding(temperatures=(0.0,), fixed_tokens=_TOKENS_A_SECOND * _WINDOW_S)
    began = clock()
    recogniser.transcribe_windows([(0.05 * noise).astype(np.float32)], "en", decoding)
    return _WINDOW_S / max(1e-6, clock() - began)


def in_words(seconds: float) -> str:
    """A length of time as people say it: 50 s, 12 min, 3 h 05 min."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def length_s(path: Path) -> float:
    """Length of a recording as its header says; 0 where it cannot be read."""
    from audit.audio import probe

    try:
        return probe(path).duration_s
    except (InputError, OSError):
        return 0.0
