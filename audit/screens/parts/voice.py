"""Altering voices: the pitch moves, the length stays, so that nobody is recognised by ear.

A phase vocoder (Flanagan and Golden 1966; Laroche and Dolson 1999) stretches time, resampling turns the stretch
into pitch. Not judged: whether a determined listener with other recordings could still tell the speaker.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SEMITONES = -4.0
_WINDOW = 1024
_HOP = 256


def alter_file(path: Path, semitones: float = SEMITONES) -> None:
    """Replace a sound file by its altered self, same format, channels and length."""
    import soundfile

    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    altered = [shifted(samples[:, channel], semitones) for channel in range(samples.shape[1])]
    length = samples.shape[0]
    mixed = [_fitted(one, length) for one in altered]
    import numpy as np

    soundfile.write(path, np.stack(mixed, axis=1), rate_hz)


def shifted(samples: Any, semitones: float) -> Any:
    """Mono samples (n,) with their pitch moved by `semitones`; about n samples come back."""
    import soxr

    factor = 2.0 ** (semitones / 12.0)
    stretched = _stretched(samples, factor)
    return soxr.resample(stretched, factor * 10000.0, 10000.0) if stretched.size else stretched


def _stretched(samples: Any, factor: float) -> Any:
    """The same pitch, `factor` times as long."""
    import numpy as np

    window = np.hanning(_WINDOW).astype(np.float32)
    padded = np.concatenate([np.zeros(_WINDOW, np.float32), samples, np.zeros(2 * _WINDOW, np.float32)])
    frames = 1 + (len(padded) - _WINDOW) // _HOP
    spectra = np.stack([np.fft.rfft(window * padded[i * _HOP : i * _HOP + _WINDOW]) for i in range(frames)])
    places = np.arange(0, frames - 1, 1.0 / factor)
    turn = 2 * np.pi * _HOP * np.arange(spectra.shape[1]) / _WINDOW
    phase = np.angle(spectra[0])
    out = np.zeros(len(places) * _HOP + _WINDOW, np.float32)
    weight = np.full(len(out), 1e-6, np.float32)
    for i, place in enumerate(places):
        left, part = int(place), place % 1
        size = (1 - part) * np.abs(spectra[left]) + part * np.abs(spectra[left + 1])
        out[i * _HOP : i * _HOP + _WINDOW] += window * np.fft.irfft(size * np.exp(1j * phase)).astype(
            np.float32
        )
        weight[i * _HOP : i * _HOP + _WINDOW] += window**2
        step = np.angle(spectra[left + 1]) - np.angle(spectra[left]) - turn
        phase += turn + step - 2 * np.pi * np.round(step / (2 * np.pi))
    begin = round(_WINDOW * factor)
    return (out / np.maximum(weight, 0.05))[begin : begin + round(len(samples) * factor)].astype(np.float32)


def _fitted(samples: Any, length: int) -> Any:
    import numpy as np

    return np.pad(samples[:length], (0, max(0, length - len(samples)))).astype(np.float32)
