"""Cut, bleep, write and draw sound that was decoded; times are seconds, nothing changes in place."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from audit.audio.shapes import Audio, Samples
from audit.errors import RecordingError, UsageError

BLEEP_HZ = 1_000.0
BLEEP_LEVEL = 0.1
"""Peak of the tone: −20 dBFS, clearly audible and never louder than speech."""
_FADE_S = 0.005
_PEAKS_AT_ONCE = 50

_FORMATS: dict[str, tuple[str, str]] = {
    ".flac": ("FLAC", "PCM_16"),
    ".wav": ("WAV", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}


def cut(audio: Audio, start_s: float, end_s: float) -> Audio:
    """A copy from `start_s` to `end_s`, all channels, clamped to the recording.

    Raises UsageError when nothing lies between them.
    """
    first = max(0, round(start_s * audio.rate_hz))
    last = min(audio.samples.shape[1], round(end_s * audio.rate_hz))
    if last <= first:
        raise UsageError(f"nothing lies between {start_s:g} s and {end_s:g} s")
    samples = np.array(audio.samples[:, first:last], dtype=np.float32)
    return replace(audio, samples=samples, mapped=None)


def bleep(audio: Audio, spans: Iterable[tuple[int | None, float, float]], tone_hz: float = BLEEP_HZ) -> Audio:
    """A copy of the same length where each span (channel or None = all, start_s, end_s) is only a tone.

    The sound beneath is replaced, not mixed: nothing of it can be recovered. Spans are clamped; one that
    lies outside is ignored. The tone fades in within the span, so no sample outside a span changes.
    """
    samples = np.array(audio.samples, dtype=np.float32)
    for channel, start_s, end_s in spans:
        if end_s <= start_s:
            continue
        # Rounded outwards: no part of a sample of the span may stay.
        first = max(0, int(np.floor(start_s * audio.rate_hz)))
        last = min(samples.shape[1], int(np.ceil(end_s * audio.rate_hz)))
        if last > first:
            rows = slice(None) if channel is None else channel
            samples[rows, first:last] = _tone(last - first, audio.rate_hz, tone_hz)
    return replace(audio, samples=samples, mapped=None)


def _tone(length: int, rate_hz: int, tone_hz: float) -> Samples:
    tone = BLEEP_LEVEL * np.sin(2 * np.pi * tone_hz * np.arange(length) / rate_hz)
    fade = min(length // 2, int(_FADE_S * rate_hz))
    if fade:
        ramp = np.linspace(0.0, 1.0, fade)
        tone[:fade] *= ramp
        tone[-fade:] *= ramp[::-1]
    return tone.astype(np.float32)


def write(path: Path | str, audio: Audio) -> Path:
    """Write sound by its suffix: .flac, .wav (16 bit), .ogg (Vorbis), .opus, .mp3; whole or not at all.

    Raises UsageError for another suffix, RecordingError when the disk or the format refuses.
    """
    import soundfile

    path = Path(path)
    kind, coding = _coding(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    try:
        with soundfile.SoundFile(
            name, "w", samplerate=audio.rate_hz, channels=audio.channels, format=kind, subtype=coding
        ) as file:
            _write_blocks(file, audio)
        os.replace(name, path)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise RecordingError(f"the sound could not be written as {path.suffix}") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def _coding(path: Path) -> tuple[str, str]:
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(_FORMATS)
        raise UsageError(f"sound can be written as {known}, not as {path.suffix!r}") from None


def _write_blocks(file: Any, audio: Audio) -> None:
    """In blocks: libsndfile's Vorbis encoder overruns its stack on very long single writes."""
    size = audio.rate_hz
    for first in range(0, audio.samples.shape[1], size):
        file.write(np.clip(audio.samples[:, first : first + size], -1.0, 1.0).T)
    audio.release()


def peaks(audio: Audio, n: int) -> Samples:
    """The wave's outline for drawing: (channels, n, 2), lowest and highest sample of each of `n` stretches."""
    length = audio.samples.shape[1]
    edges = np.linspace(0, length, max(1, min(n, length)) + 1).astype(int)
    out = np.zeros((audio.channels, len(edges) - 1, 2), np.float32)
    for i in range(0, len(edges) - 1, _PEAKS_AT_ONCE):
        own = edges[i : i + _PEAKS_AT_ONCE + 1]
        part = np.array(audio.samples[:, own[0] : own[-1]])
        starts = own[:-1] - own[0]
        out[:, i : i + len(starts), 0] = np.minimum.reduceat(part, starts, axis=1)
        out[:, i : i + len(starts), 1] = np.maximum.reduceat(part, starts, axis=1)
        audio.release()
    return out
