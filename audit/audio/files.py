"""Recording file -> samples: probe, decode whole, in blocks, or a stretch; hours keep a flat memory."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from audit.audio.readers import NO_SOUND, CodedReader, Damage, PlainReader, Reader, open_reader
from audit.audio.shapes import SPEECH_RATE_HZ, Audio, AudioFacts, Block, Samples
from audit.errors import RecordingError

MAX_DURATION_S = 24 * 3600.0
"""Longer is no call, but a decompression bomb or a wrong file."""

MEMORY_BYTES = 192 * 2**20
"""What a decoded recording may take before it goes to a temporary file (50 minutes of one 16 kHz channel)."""


def probe(path: Path | str) -> AudioFacts:
    """What a recording is, from decoding it once in blocks (flat memory, hundreds of times real time).

    Raises RecordingError with a plain reason without a path: missing, empty, no recording, no sound,
    absurd rate, channels or length.
    """
    with _opened(Path(path)) as reader:
        frames = sum(len(block) for block in _checked(reader))
        if not frames:
            raise RecordingError(NO_SOUND)
        return AudioFacts(
            duration_s=frames / reader.rate_hz,
            rate_hz=reader.rate_hz,
            channels=reader.channels,
            format=reader.format,
            frames_bad=reader.damage.frames_bad,
            warnings=tuple(reader.damage.warnings),
        )


def decode(path: Path | str, rate_hz: int | None = SPEECH_RATE_HZ) -> Audio:
    """Decode a whole recording, all channels, at `rate_hz` (None = its own rate).

    Above `MEMORY_BYTES` the samples lie in an unnamed temporary file mapped into memory. Samples that are
    no numbers become 0 and are warned of. Raises RecordingError as `probe` does.
    """
    with _opened(Path(path)) as reader:
        target_hz = rate_hz or reader.rate_hz
        sink = _Sink(reader.channels)
        for block in _resampled(reader, target_hz):
            sink.add(block)
        samples, mapped = sink.finish()
        if not samples.shape[1]:
            raise RecordingError(NO_SOUND)
        damage = reader.damage
        return Audio(samples, target_hz, damage.frames_bad, tuple(damage.warnings), mapped)


def decode_blocks(path: Path | str, rate_hz: int | None = SPEECH_RATE_HZ) -> Iterator[Block]:
    """The same sound in blocks of about ten seconds, in order; for walks that need no second look."""
    with _opened(Path(path)) as reader:
        target_hz, done = rate_hz or reader.rate_hz, 0
        for block in _resampled(reader, target_hz):
            yield Block(np.ascontiguousarray(block.T), done / target_hz)
            done += len(block)
        if not done:
            raise RecordingError(NO_SOUND)


def decode_range(path: Path | str, start_s: float, end_s: float, rate_hz: int | None = None) -> Audio:
    """Decode only from `start_s` to `end_s` (clamped to the recording), by default at its own rate.

    Counts from the file's first sample, so times agree with `decode`. Raises RecordingError when nothing
    lies in the stretch.
    """
    parts, own_hz, damage = [], 0, Damage()
    with _opened(Path(path)) as reader:
        own_hz, damage = rate_hz or reader.rate_hz, reader.damage
        first, last, done = round(start_s * own_hz), round(end_s * own_hz), 0
        for block in _resampled(reader, own_hz):
            parts.append(block[max(0, first - done) : max(0, last - done)])
            done += len(block)
            if done >= last:
                break
    samples = np.ascontiguousarray(np.concatenate(parts).T) if parts else np.zeros((1, 0), np.float32)
    if not samples.shape[1]:
        raise RecordingError("the stretch asked for lies outside the recording")
    return Audio(samples, own_hz, damage.frames_bad, tuple(damage.warnings))


@contextmanager
def _opened(path: Path) -> Iterator[Reader]:
    """The reader that gets sound out of the file: libsndfile first, FFmpeg when that finds nothing."""
    reader = open_reader(path)
    if isinstance(reader, PlainReader) and not _has_sound(path):
        reader.close()
        reader = open_reader(path, plain=False)
    try:
        yield reader
    finally:
        reader.close()


def _has_sound(path: Path) -> bool:
    """Whether libsndfile gets a first block; a header with length 0 or damage at once says no."""
    reader = open_reader(path)
    try:
        return isinstance(reader, CodedReader) or next(reader.blocks(), None) is not None
    finally:
        reader.close()


def _checked(reader: Reader) -> Iterator[Samples]:
    """Native blocks in −1…1, without what is no number, and never longer than a day."""
    seconds = 0.0
    for block in reader.blocks():
        seconds += len(block) / reader.rate_hz
        if seconds > MAX_DURATION_S:
            raise RecordingError(f"the recording is longer than {MAX_DURATION_S / 3600:.0f} hours: no call")
        yield _sane(block, reader.damage)


def _sane(block: Samples, damage: Damage) -> Samples:
    if not np.isfinite(block).all():
        damage.frames_bad += int((~np.isfinite(block)).any(axis=1).sum())
        damage.warn("some samples are no numbers and were taken as silence")
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(block, -1.0, 1.0)


def _resampled(reader: Reader, rate_hz: int) -> Iterator[Samples]:
    if rate_hz == reader.rate_hz:
        yield from _checked(reader)
        return
    import soxr

    stream: Any = soxr.ResampleStream(reader.rate_hz, rate_hz, reader.channels, dtype="float32", quality="HQ")
    for block in _checked(reader):
        if len(out := stream.resample_chunk(block)):
            yield out
    rest = stream.resample_chunk(np.zeros((0, reader.channels), np.float32), last=True)
    if len(rest):
        yield rest


class _Sink:
    """Collects blocks (n, channels): in memory while they are few, then in an unnamed file."""

    def __init__(self, channels: int) -> None:
        self._channels, self._bytes = channels, 0
        self._blocks: list[Samples] = []
        self._file: Any = None

    def add(self, block: Samples) -> None:
        self._bytes += block.nbytes
        if self._file is None and self._bytes > MEMORY_BYTES:
            self._file = tempfile.TemporaryFile(prefix="audit-")  # noqa: SIM115 (lives as long as its map)
            for held in self._blocks:
                self._file.write(held.tobytes())
            self._blocks = []
        if self._file is None:
            self._blocks.append(block)
        else:
            self._file.write(np.ascontiguousarray(block).tobytes())

    def finish(self) -> tuple[Samples, mmap.mmap | None]:
        """Samples (channels, n) and, for a long recording, the map they lie in."""
        if self._file is None:
            whole = np.concatenate(self._blocks) if self._blocks else np.zeros((0, self._channels))
            return np.ascontiguousarray(whole.T, dtype=np.float32), None
        self._file.flush()
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._file.close()
        return np.frombuffer(mapped, np.float32).reshape(-1, self._channels).T, mapped
