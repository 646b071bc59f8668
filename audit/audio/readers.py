"""Readers of recording files: libsndfile for what lies plain in the file, PyAV (FFmpeg) for the rest.

A reader yields native-rate blocks (n, channels) float32 and counts what it could not decode. libsndfile
reads MP3 and Ogg as well, but hides damage (and writes to stderr), so those go to PyAV, which says which
coded frame failed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np

from audit.audio.shapes import Samples
from audit.errors import RecordingError

BLOCK_S = 10.0
MAX_CHANNELS = 32
RATES_HZ = (1_000, 768_000)
NO_SOUND = "the file holds no sound"
NOT_AUDIO = "the file is not a recording in any format that can be read"

_PLAIN_MAGIC = (b"RIFF", b"RIFX", b"RF64", b"FORM", b".snd", b"fLaC", b"caff", b"NIST", b"riff")
# FFmpeg also reads play lists that open other files or addresses: only these containers are let in.
_CONTAINERS = (
    "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,mov,mp4,m4a,3gp,3g2,mj2,amr,amrnb,amrwb,matroska,webm,asf,"
    "avi,mpeg,mpegts,gsm,g722,wv,tta,voc,sln,xwma,rm,flv"
)
_ESTIMATED = {"aac", "amr", "mp3", "gsm", "g722", "mpeg", "mpegts"}
"""Containers whose stated length is a guess from the bit rate."""


@dataclass(slots=True)
class Damage:
    """What a reader met on its way: coded frames lost and sentences for people."""

    frames_bad: int = 0
    warnings: list[str] = field(default_factory=list)

    def warn(self, sentence: str) -> None:
        """Keep a sentence once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)


class Reader(Protocol):
    """An open recording. `blocks()` may be walked once."""

    rate_hz: int
    channels: int
    format: str
    damage: Damage

    def blocks(self) -> Iterator[Samples]:
        """Blocks (n, channels) of about ten seconds at the native rate."""

    def close(self) -> None:
        """Close the file."""


def open_reader(path: Path, *, plain: bool = True) -> Reader:
    """Open a recording with the reader that fits; `plain=False` skips libsndfile.

    Raises RecordingError with a plain reason (never a path) for what cannot be a recording.
    """
    magic = _first_bytes(path)
    reader: Reader
    if plain and magic[:4] in _PLAIN_MAGIC:
        try:
            reader = PlainReader(path)
        except _sndfile_error():
            reader = CodedReader(path)
    else:
        reader = CodedReader(path)
    try:
        _check_shape(reader.rate_hz, reader.channels)
    except RecordingError:
        reader.close()
        raise
    return reader


def _first_bytes(path: Path) -> bytes:
    if not path.exists():
        raise RecordingError("the file is missing")
    if not path.is_file():
        raise RecordingError("this is not a file")
    try:
        with path.open("rb") as file:
            magic = file.read(16)
    except OSError as error:
        raise RecordingError(f"the file cannot be read ({error.strerror})") from error
    if not magic:
        raise RecordingError("the file is empty")
    return magic


def _check_shape(rate_hz: int, channels: int) -> None:
    if not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        raise RecordingError(f"the file claims an absurd sample rate ({rate_hz} Hz)")
    if not 1 <= channels <= MAX_CHANNELS:
        raise RecordingError(f"the file claims an absurd number of channels ({channels})")


def _sndfile_error() -> type[Exception]:
    import soundfile

    error: type[Exception] = soundfile.LibsndfileError
    return error


class PlainReader:
    """PCM, mu-law, A-law, GSM and FLAC through libsndfile."""

    def __init__(self, path: Path) -> None:
        import soundfile

        self.damage = Damage()
        self._file = soundfile.SoundFile(str(path))
        self.rate_hz = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.format = f"{self._file.format}/{self._file.subtype}".lower()
        self._missing_s = _wav_missing_s(path, self.rate_hz)

    def blocks(self) -> Iterator[Samples]:
        """See `Reader.blocks`."""
        size = max(1, int(self.rate_hz * BLOCK_S))
        while True:
            try:
                block = self._file.read(size, dtype="float32", always_2d=True)
            except _sndfile_error():
                # libsndfile does not say how much of the block was lost: one bad frame, then stop.
                self.damage.frames_bad += 1
                self.damage.warn("the file is damaged; what stands after the damage could not be decoded")
                return
            if not len(block):
                break
            yield block
        if self._missing_s > 0.3:
            self.damage.warn(f"the file ends {self._missing_s:.1f} s before the length its header gives")

    def close(self) -> None:
        """See `Reader.close`."""
        self._file.close()


def _wav_missing_s(path: Path, rate_hz: int) -> float:
    """Seconds that a RIFF header promises and the file does not hold; 0 for every other container."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return 0.0
        file.seek(12)
        return _missing_in_chunks(file, path.stat().st_size)


def _missing_in_chunks(file: BinaryIO, size: int) -> float:
    bytes_per_s = 0
    while len(head := file.read(8)) == 8:
        name, length = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"fmt ":
            chunk = file.read(length + length % 2)
            bytes_per_s = struct.unpack("<I", chunk[8:12])[0] if len(chunk) >= 12 else 0
        elif name == b"data":
            # A recorder that writes into a pipe leaves 0 or the largest number: it promises nothing.
            streamed = length == 0 or length >= 0x7FFFFF00
            missing = length - (size - file.tell())
            return 0.0 if streamed or not bytes_per_s else max(0, missing) / bytes_per_s
        else:
            file.seek(length + length % 2, 1)
    return 0.0


class CodedReader:
    """Everything FFmpeg decodes, through PyAV; a coded frame that fails is counted and filled with silence."""

    def __init__(self, path: Path) -> None:
        import av

        av.logging.set_level(None)
        self.damage = Damage()
        # A file object and the white lists: nothing the file says can open another file or an address.
        self._raw = path.open("rb")
        options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "pipe"}
        try:
            self._container: Any = av.open(
                self._raw, mode="r", container_options=options, metadata_errors="replace"
            )
            self._stream = self._first_audio()
        except (av.error.FFmpegError, ValueError, OSError) as error:
            self._raw.close()
            raise RecordingError(NOT_AUDIO) from error
        except RecordingError:
            self._raw.close()
            raise
        context = self._stream.codec_context
        self.rate_hz = int(context.sample_rate or 0)
        self.channels = int(context.channels or 0)
        self.format = f"{self._container.format.name.split(',')[0]}/{context.name}".lower()

    def _first_audio(self) -> Any:
        streams = self._container.streams.audio
        if not streams or streams[0].codec_context is None:
            raise RecordingError("the file holds no sound track that can be decoded")
        return streams[0]

    def blocks(self) -> Iterator[Samples]:
        """See `Reader.blocks`."""
        parts: list[Samples] = []
        held = total = 0
        for part in self._parts():
            parts.append(part)
            held += len(part)
            if held >= self.rate_hz * BLOCK_S:
                yield np.concatenate(parts)
                total += held
                parts, held = [], 0
        if parts:
            yield np.concatenate(parts)
        self._note_missing((total + held) / self.rate_hz)

    def _parts(self) -> Iterator[Samples]:
        import av

        resampler = _Layout(self.rate_hz, self._stream.codec_context.layout.name)
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.damage.frames_bad += 1
                yield self._silence(packet)
                continue
            for frame in frames:
                yield from resampler.convert(frame)

    def _packets(self) -> Iterator[Any]:
        import av

        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.damage.frames_bad += 1
                self.damage.warn("the file breaks off; what stands after the break could not be read")
                return
            yield packet

    def _silence(self, packet: Any) -> Samples:
        """Silence as long as the lost frame, so that later times stay true."""
        length_s = float(packet.duration * packet.time_base) if packet.duration and packet.time_base else 0.0
        return np.zeros((int(min(length_s, 1.0) * self.rate_hz), self.channels), np.float32)

    def _note_missing(self, decoded_s: float) -> None:
        if self.damage.frames_bad:
            self.damage.warn(f"{self.damage.frames_bad} coded frames could not be decoded")
        stated_us = self._container.duration
        container = self.format.split("/")[0]
        if stated_us and container not in _ESTIMATED and stated_us / 1e6 - decoded_s > 0.5:
            missing_s = stated_us / 1e6 - decoded_s
            self.damage.warn(f"the file ends {missing_s:.1f} s before the length its header gives")

    def close(self) -> None:
        """See `Reader.close`."""
        self._container.close()
        self._raw.close()


class _Layout:
    """Frames to (n, channels) float32 of one rate and layout, also when the stream changes its own midway."""

    def __init__(self, rate_hz: int, layout: str) -> None:
        self._rate_hz, self._layout = rate_hz, layout
        self._seen: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def convert(self, frame: Any) -> Iterator[Samples]:
        import av

        seen = (frame.format.name, frame.layout.name, frame.sample_rate)
        if seen != self._seen:
            self._resampler = av.AudioResampler(format="fltp", layout=self._layout, rate=self._rate_hz)
            self._seen = seen
        frame.pts = None
        for plane in self._resampler.resample(frame):
            yield plane.to_ndarray().T
