"""The shapes of the audio room: what a file is, and what was decoded from it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

SPEECH_RATE_HZ = 16_000
"""What every recogniser of the Whisper family hears at."""


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What a recording is, counted by decoding it once (a header may lie).

    `format` is "<container>/<coding>" in lower case ("wav/ulaw", "mp3/mp3float"). `frames_bad` counts coded
    frames that could not be decoded. `warnings` are plain sentences for people ("the file ends 12.0 s
    before the length its header gives").
    """

    duration_s: float
    rate_hz: int
    channels: int
    format: str
    frames_bad: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of decoded sound: `samples` (channels, n) float32 in −1…1, beginning at `start_s`."""

    samples: Samples
    start_s: float


@dataclass(frozen=True, slots=True)
class Audio:
    """Decoded sound: `samples` (channels, n) float32 in −1…1 at `rate_hz`.

    Long recordings lie in an unnamed temporary file mapped into memory; `release()` hands pages that
    were read back to the system, so that a walk over hours keeps a flat memory.
    """

    samples: Samples
    rate_hz: int
    undecodable_frames: int = 0
    warnings: tuple[str, ...] = ()
    mapped: mmap.mmap | None = field(default=None, repr=False, compare=False)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.samples.shape[1] / self.rate_hz)

    def span(self, channel: int, start_s: float, end_s: float) -> Samples:
        """A contiguous copy of one channel between two moments (clamped to the recording), shape (n,)."""
        first = max(0, round(start_s * self.rate_hz))
        last = max(first, round(end_s * self.rate_hz))
        return np.array(self.samples[channel, first:last], dtype=np.float32)

    def stretches(self, channel: int, length_s: float = 60.0) -> Iterator[Samples]:
        """One channel in contiguous copies of at most `length_s` seconds, in order; memory stays flat."""
        size = max(1, round(length_s * self.rate_hz))
        for first in range(0, self.samples.shape[1], size):
            yield np.array(self.samples[channel, first : first + size], dtype=np.float32)
            self.release()

    def release(self) -> None:
        """Give pages of a mapped recording back to the system; the samples stay readable."""
        if self.mapped is not None:
            self.mapped.madvise(mmap.MADV_DONTNEED)
