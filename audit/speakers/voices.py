"""Two voices on one channel told apart by pitch and timbre: a fallback where no diarisation model is at hand.

Features of an utterance: mean and spread of 13 mel-cepstral coefficients, median pitch. Two groups by
2-means from a start that does not depend on chance. Measured in docs/hearing.md; it knows nothing of who
is who, and two like voices stay unseparated (separation near 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audit.audio.shapes import Audio, Samples
from audit.speakers.utterances import Utterance

Matrix = NDArray[np.float64]

_FRAME = 512
_HOP = 256
_MELS = 32
_COEFFICIENTS = 14
_SHORTEST_S = 0.3
_TOP_HZ = 3_800.0
"""Telephone sound ends there: higher bands would tell lines apart, not voices."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Per utterance −1…1: sign = group, size = how clearly; `separation` 0–1 of the two groups."""

    side: tuple[float, ...]
    separation: float


def two_voices(audio: Audio, parts: Sequence[Utterance]) -> Voices:
    """Group utterances of one channel by voice; all 0 when there are fewer than four long enough."""
    features = [_features(audio, part) for part in parts]
    known = [i for i, row in enumerate(features) if row is not None]
    if len(known) < 4:
        return Voices(tuple(0.0 for _ in parts), 0.0)
    matrix = _standardised(np.stack([row for row in features if row is not None]))
    weights = np.array([parts[i].end_s - parts[i].start_s for i in known])
    sides, separation = _halves(matrix, np.clip(weights, 0.3, 4.0))
    out = [0.0] * len(parts)
    for i, side in zip(known, sides, strict=True):
        out[i] = float(side)
    return Voices(tuple(out), separation)


def _features(audio: Audio, part: Utterance) -> NDArray[np.float64] | None:
    samples = audio.span(part.channel, part.start_s, part.end_s)
    if len(samples) < _SHORTEST_S * audio.rate_hz or float(np.abs(samples).max()) < 1e-4:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1)) ** 2
    loud = power.sum(axis=1) > 0.05 * np.percentile(power.sum(axis=1), 90)
    mel = np.log(power[loud] @ _filters(audio.rate_hz).T + 1e-10)
    cepstra = (mel - mel.mean(axis=1, keepdims=True)) @ _cosines().T
    pitch = _pitch(frames[loud], audio.rate_hz)
    # Pitch tells voices apart best, so it counts as much as several coefficients.
    return np.concatenate([cepstra.mean(axis=0), 0.5 * cepstra.std(axis=0), [pitch] * 4])


def _pitch(frames: Samples, rate_hz: int) -> float:
    """Median log2 pitch of voiced frames (70–400 Hz) by autocorrelation; 7.2 (147 Hz) where none is voiced."""
    low, high = rate_hz // 400, min(rate_hz // 70, _FRAME - 1)
    spectrum = np.abs(np.fft.rfft(frames - frames.mean(axis=1, keepdims=True), 2 * _FRAME, axis=1)) ** 2
    correlation = np.fft.irfft(spectrum, axis=1)[:, :_FRAME]
    correlation = correlation / np.maximum(correlation[:, :1], 1e-12)
    lags = correlation[:, low:high].argmax(axis=1) + low
    voiced = correlation[np.arange(len(lags)), lags] > 0.4
    return float(np.median(np.log2(rate_hz / lags[voiced]))) if voiced.any() else 7.2


@lru_cache(maxsize=4)
def _filters(rate_hz: int) -> Matrix:
    """Triangular mel filters (bands, bins) up to `_TOP_HZ`."""
    top = 2595 * np.log10(1 + min(_TOP_HZ, rate_hz / 2) / 700)
    edges = 700 * (10 ** (np.linspace(60.0, top, _MELS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(_FRAME, 1 / rate_hz)
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(rise, fall)))


@lru_cache(maxsize=1)
def _cosines() -> Matrix:
    """DCT-II rows 1…13 (coefficients, bands)."""
    k = np.arange(1, _COEFFICIENTS)[:, None]
    return np.asarray(np.cos(np.pi * k * (np.arange(_MELS)[None] + 0.5) / _MELS) * np.sqrt(2 / _MELS))


def _standardised(matrix: Matrix) -> Matrix:
    spread = matrix.std(axis=0)
    return np.asarray((matrix - matrix.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0))


def _halves(matrix: Matrix, weights: NDArray[np.float64]) -> tuple[Matrix, float]:
    """2-means along the direction of most spread: sides −1…1 and how far apart the groups lie."""
    _, _, axes = np.linalg.svd(matrix * np.sqrt(weights)[:, None], full_matrices=False)
    side = matrix @ axes[0] >= 0
    for _ in range(50):
        if side.all() or not side.any():
            return np.zeros(len(matrix)), 0.0
        centres = [np.average(matrix[m], axis=0, weights=weights[m]) for m in (~side, side)]
        away = [np.linalg.norm(matrix - centre, axis=1) for centre in centres]
        new = away[1] < away[0]
        if (new == side).all():
            break
        side = new
    clear = (away[0] - away[1]) / np.maximum(away[0] + away[1], 1e-9)
    silhouette = float(np.average(np.abs(away[0] - away[1]) / np.maximum(away[0], away[1]), weights=weights))
    return np.clip(clear * 4, -1.0, 1.0), _separation(silhouette, len(matrix))


def _separation(silhouette: float, count: int) -> float:
    """One voice halved by force reaches a silhouette near 0.38, two unlike voices 0.5; few utterances prove little."""
    return float(np.clip((silhouette - 0.38) / 0.12, 0.0, 1.0) * min(1.0, count / 20))
