"""The sound a person may hear: an excerpt, bleeped unless revealed, as bytes for the player; never an address.

At most EXCERPT_S seconds are handed out at a time. What must not be heard is replaced before the sound leaves
this process; the wave is drawn from the same sound.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.audio import Audio

EXCERPT_S = 120.0
STRETCHES = 900
RATE_HZ = 16_000

Bleep = tuple[int | None, float, float]


@dataclass(frozen=True, slots=True)
class Sound:
    """An excerpt: `data` is base64 of `mime`; `peaks` per channel as pairs of −100 … 100; times in seconds."""

    key: str
    data: str
    mime: str
    start_s: float
    end_s: float
    peaks: tuple[tuple[int, ...], ...]


def excerpt(duration_s: float | None, moments: Sequence[float], page: int = 0) -> tuple[float, float]:
    """Which stretch to hand out: all of a short call, else a window around the first moment; `page` moves on."""
    whole = duration_s or EXCERPT_S
    if whole <= EXCERPT_S:
        return 0.0, whole
    first = max(0.0, min((min(moments) if moments else 0.0) - 20.0, whole - EXCERPT_S))
    start = max(0.0, min(first + page * EXCERPT_S, whole - 10.0))
    return start, min(whole, start + EXCERPT_S)


def sound_of(path: Path, start_s: float, end_s: float, bleeps: tuple[Bleep, ...]) -> Sound:
    """The excerpt of a recording with `bleeps` (times of the call) replaced; raises RecordingError."""
    return _sound(path, path.stat().st_mtime_ns if path.exists() else 0, start_s, end_s, bleeps)


def is_the_audited(path: Path, sha256: str | None) -> bool:
    """Whether a recording is still the file that was audited: another one would be bleeped in the wrong places.

    Without a kept hash it cannot be told and counts as the same.
    """
    state = path.stat()
    return sha256 is None or _hash(path, state.st_mtime_ns, state.st_size) == sha256


@lru_cache(maxsize=64)
def _hash(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=12)
def _sound(path: Path, changed: int, start_s: float, end_s: float, bleeps: tuple[Bleep, ...]) -> Sound:
    from audit.audio import bleep, decode_range

    audio = decode_range(path, start_s, end_s, RATE_HZ)
    inside = [
        (
            channel if channel is not None and channel < audio.channels else None,
            first - start_s,
            last - start_s,
        )
        for channel, first, last in bleeps
    ]
    key = hashlib.sha256(f"{path}{changed}{start_s}{end_s}{bleeps}".encode()).hexdigest()[:16]
    return encoded(key, bleep(audio, inside), start_s)


def encoded(key: str, audio: Audio, start_s: float) -> Sound:
    """Decoded sound as what a player takes: mixed to one channel to be heard, drawn channel by channel."""
    from audit.audio import peaks

    outline = peaks(audio, STRETCHES)
    drawn = tuple(
        tuple(round(float(value) * 100) for pair in channel for value in pair) for channel in outline
    )
    data, mime = _encode(audio.samples.mean(axis=0), audio.rate_hz)
    return Sound(key, data, mime, start_s, start_s + audio.duration_s, drawn)


def _encode(mono: Any, rate_hz: int) -> tuple[str, str]:
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, mono, rate_hz, format="FLAC", subtype="PCM_16")
    return base64.b64encode(buffer.getvalue()).decode(), "audio/flac"
