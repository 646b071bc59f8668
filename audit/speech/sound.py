"""Which parts of a window sound at all: plain energy, as a second opinion beside the speech detector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.audio.health import FRAME_S, decibel
from audit.audio.shapes import SPEECH_RATE_HZ, Samples

_BELOW_LOUD_DB = 30.0
_LEAST_DBFS = -60.0


def active_frames(samples: Samples) -> NDArray[np.bool_]:
    """Which 20 ms frames of 16 kHz samples (n,) sound: within 30 dB of the loud ones and above −60 dBFS."""
    size = int(FRAME_S * SPEECH_RATE_HZ)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    if not len(frames):
        return np.zeros(0, np.bool_)
    levels = decibel(np.var(frames, axis=1))
    return np.asarray(levels > max(_LEAST_DBFS, float(np.percentile(levels, 95)) - _BELOW_LOUD_DB))


def active_s(samples: Samples, start_s: float = 0.0, end_s: float | None = None) -> float:
    """Seconds that sound between two moments of the samples."""
    return seconds_active(active_frames(samples), start_s, end_s)


def seconds_active(mask: NDArray[np.bool_], start_s: float, end_s: float | None) -> float:
    """The same from a mask that is already there."""
    last = len(mask) if end_s is None else round(end_s / FRAME_S)
    return float(np.count_nonzero(mask[max(0, round(start_s / FRAME_S)) : last]) * FRAME_S)
