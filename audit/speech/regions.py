"""Speech regions of a channel by Silero VAD (the ONNX file that faster-whisper carries), kept as data.

Source of the model: Silero VAD v6, MIT. The hysteresis below is the usual one: a region opens at
`threshold`, closes after `min_silence_s` below `threshold − 0.15`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.audio.health import FRAME_S, frame_levels, match
from audit.audio.shapes import SPEECH_RATE_HZ, Audio, Samples
from audit.errors import ModelError
from audit.speech.shapes import Region

_CHUNK = 512
_CONTEXT = 64
CHUNK_S = _CHUNK / SPEECH_RATE_HZ
_ASLEEP_DBFS = -60.0
_WARM_UP_S = 1.0
_RUN_OUT_S = 0.3


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """When sound counts as speech. Times in seconds, `threshold` a probability of the detector.

    Lower than the usual 0.5: short answers after long silence lie between, and what is no speech is caught
    later by the guard, while words that no region holds are lost for good (docs/hearing.md has the figures).
    """

    threshold: float = 0.35
    min_silence_s: float = 0.5
    min_speech_s: float = 0.1
    pad_s: float = 0.2
    max_region_s: float = 28.0
    echo_louder_db: float = 10.0
    echo_correlation: float = 0.6

    def as_dict(self) -> dict[str, float]:
        """For receipts."""
        return asdict(self)


def speech_regions(audio: Audio, channel: int, settings: RegionSettings | None = None) -> list[Region]:
    """Regions of one channel in time order, padded, never overlapping, none longer than `max_region_s`.

    `audio` must be at 16 kHz. A region says where a voice is, not whose, nor whether words can be heard.
    """
    settings = settings or RegionSettings()
    probabilities = speech_probabilities(audio.stretches(channel))
    spans = spans_of(probabilities, settings, audio.duration_s)
    levels = frame_levels(audio, channel)
    return [Region(start, end, _level(levels, start, end)) for start, end in spans]


def _level(levels: NDArray[np.float64], start_s: float, end_s: float) -> float:
    """Level of a stretch's loud frames (90th percentile), dBFS."""
    first = min(int(start_s / FRAME_S), len(levels) - 1)
    last = max(first + 1, int(end_s / FRAME_S))
    return float(np.percentile(levels[first:last], 90))


def speech_probabilities(stretches: Iterable[Samples]) -> NDArray[np.float32]:
    """Probability of speech of each 32 ms chunk, shape (chunks,), over contiguous stretches of a channel."""
    out: list[NDArray[np.float32]] = []
    state = _fresh()
    for part in _whole_chunks(stretches):
        chunks = part.reshape(-1, _CHUNK)
        found = np.zeros(len(chunks), np.float32)
        sounding = _sounding(chunks)
        for first, last in _runs(sounding):
            # After silence the detector begins afresh, as at the start of a recording.
            state = state if first == 0 and out and out[-1][-1] > 0 else _fresh()
            found[first:last], state = _detect(chunks[first:last], state)
        out.append(found)
    return np.concatenate(out) if out else np.zeros(0, np.float32)


State = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


def _fresh() -> State:
    """The detector's two memories and the tail of the chunk before, all silent."""
    zeros = np.zeros((1, 1, 128), np.float32)
    return zeros, zeros, np.zeros(_CONTEXT, np.float32)


def _detect(chunks: Samples, state: State) -> tuple[NDArray[np.float32], State]:
    """Probabilities of contiguous chunks (n, 512) and the state after them."""
    h, c, before = state
    tails = chunks[:, -_CONTEXT:]
    batch = np.concatenate([np.concatenate([before[None], tails[:-1]]), chunks], axis=1)
    probability, h, c = _detector().run(None, {"input": batch, "h": h, "c": c})
    return np.asarray(probability, np.float32).reshape(-1), (h, c, tails[-1])


def _sounding(chunks: Samples) -> NDArray[np.bool_]:
    """Chunks worth asking about: louder than −60 dBFS, just after one that is, or in the second before it.

    The detector needs that second to warm up: begun later it missed the first character of an answer.
    """
    loud = np.einsum("ij,ij->i", chunks, chunks) / _CHUNK > 10 ** (_ASLEEP_DBFS / 10)
    before, after = int(_WARM_UP_S / CHUNK_S), int(_RUN_OUT_S / CHUNK_S)
    near = np.convolve(loud, np.ones(before + after + 1))[before : before + len(loud)]
    return np.asarray(near > 0.5)


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _whole_chunks(stretches: Iterable[Samples]) -> Iterator[Samples]:
    """The same sound in multiples of the detector's chunk; the end is padded with silence."""
    rest = np.zeros(0, np.float32)
    for part in stretches:
        joined = np.concatenate([rest, part])
        whole = len(joined) // _CHUNK * _CHUNK
        rest = joined[whole:]
        if whole:
            yield joined[:whole]
    if len(rest):
        yield np.pad(rest, (0, _CHUNK - len(rest)))


@lru_cache(maxsize=1)
def _detector() -> Any:
    import onnxruntime

    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise ModelError("the speech detector is missing: install the package faster-whisper")
    path = Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"
    options = onnxruntime.SessionOptions()
    # One thread: results must not depend on how many cores there are, and it is fast enough.
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"], sess_options=options)


def spans_of(
    probabilities: NDArray[np.float32], settings: RegionSettings, duration_s: float
) -> list[tuple[float, float]]:
    """Probabilities -> padded (start_s, end_s), in order, within 0…duration_s. Pure."""
    raw = [span for span in _opened(probabilities, settings) if span[1] - span[0] >= settings.min_speech_s]
    cut = [piece for span in raw for piece in _split(probabilities, span, settings)]
    out: list[tuple[float, float]] = []
    for i, (start, end) in enumerate(cut):
        gap_before = start - cut[i - 1][1] if i else start
        gap_after = cut[i + 1][0] - end if i + 1 < len(cut) else duration_s - end
        before = min(settings.pad_s, max(0.0, gap_before / 2 if i else gap_before))
        after = min(settings.pad_s, max(0.0, gap_after / 2 if i + 1 < len(cut) else gap_after))
        out.append((start - before, min(end + after, duration_s)))
    return [(start, end) for start, end in out if end > start]


def _opened(probabilities: NDArray[np.float32], settings: RegionSettings) -> list[tuple[float, float]]:
    """Unpadded spans by hysteresis."""
    close = max(settings.threshold - 0.15, 0.01)
    hold = max(1, round(settings.min_silence_s / CHUNK_S))
    spans: list[tuple[float, float]] = []
    start = quiet = -1
    for i, p in enumerate(probabilities.tolist()):
        if p >= settings.threshold:
            start, quiet = (i if start < 0 else start), -1
        elif start >= 0 and p < close:
            quiet = i if quiet < 0 else quiet
            if i - quiet + 1 >= hold:
                spans.append((start * CHUNK_S, quiet * CHUNK_S))
                start = quiet = -1
    if start >= 0:
        spans.append((start * CHUNK_S, (quiet if quiet >= 0 else len(probabilities)) * CHUNK_S))
    return spans


def _split(
    probabilities: NDArray[np.float32], span: tuple[float, float], settings: RegionSettings
) -> list[tuple[float, float]]:
    """A span too long for one window, cut where the detector was least sure, away from its ends."""
    limit_s = settings.max_region_s - 2 * settings.pad_s
    if span[1] - span[0] <= limit_s:
        return [span]
    first = round((span[0] + limit_s * 0.4) / CHUNK_S)
    last = round((span[0] + limit_s) / CHUNK_S)
    at = (first + int(np.argmin(probabilities[first:last]))) * CHUNK_S
    return [(span[0], at), *_split(probabilities, (at, span[1]), settings)]


def mark_echoes(
    audio: Audio, regions: dict[int, list[Region]], settings: RegionSettings | None = None
) -> dict[int, list[Region]]:
    """Regions that only carry another channel's voice, fainter, get `echo_of`; nothing else changes.

    Asked for all three: the other channel speaks over most of the region, is louder by `echo_louder_db`,
    and the two waves correlate. A customer who speaks while the other side speaks does not correlate.
    """
    settings = settings or RegionSettings()
    return {
        channel: [_echo_marked(audio, regions, channel, region, settings) for region in own]
        for channel, own in regions.items()
    }


def _echo_marked(
    audio: Audio, regions: dict[int, list[Region]], channel: int, region: Region, settings: RegionSettings
) -> Region:
    for other, theirs in sorted(regions.items()):
        loud = [r for r in theirs if r.start_s < region.end_s and r.end_s > region.start_s]
        shared = sum(min(r.end_s, region.end_s) - max(r.start_s, region.start_s) for r in loud)
        if other == channel or shared < 0.7 * region.duration_s:
            continue
        level = max(r.level_dbfs or -100.0 for r in loud)
        if level - (region.level_dbfs or -100.0) < settings.echo_louder_db:
            continue
        source = audio.span(other, region.start_s, region.end_s)
        heard = audio.span(channel, region.start_s, region.end_s)
        if match(source, heard, audio.rate_hz).correlation >= settings.echo_correlation:
            return Region(region.start_s, region.end_s, region.level_dbfs, other)
    return region


def clip_span(
    spans: Sequence[tuple[float, float]],
    start_s: float,
    end_s: float,
    margin_s: float = 1.5,
    reach_s: float = 4.0,
) -> tuple[float, float]:
    """A clip around start…end that begins and ends where nobody speaks, at least `margin_s` away where it can.

    `spans` are the speech regions of all channels (any order). Each end goes to the nearest silence beyond
    the margin within `reach_s`; where speech goes on without a pause, it stays at the margin. The start is
    never below 0; the end may lie past the recording, whoever cuts clamps it.
    """
    first, last = max(0.0, start_s - margin_s), end_s + margin_s
    for a, b in sorted(spans, reverse=True):
        if a < first < b and start_s - a <= reach_s:
            first = max(0.0, a)
    for a, b in sorted(spans):
        if a < last < b and b - end_s <= reach_s:
            last = b
    return first, last
