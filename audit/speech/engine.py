"""What both engines share: windows through a ladder of temperatures into segments with words.

A window's text may end before its sound does (the token limit, an unfinished segment): the rest is then
heard as a window of its own, so that nothing said is lost. Nothing is carried from one window to the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np

from audit.audio.shapes import SPEECH_RATE_HZ, Audio, Samples
from audit.errors import UsageError
from audit.models import Word
from audit.speech.guard import compression_ratio
from audit.speech.regions import RegionSettings, speech_regions
from audit.speech.shapes import Decoding, Segment
from audit.speech.sound import active_frames, active_s, seconds_active
from audit.speech.windows import pack
from audit.speech.words import Aligned, collapsed, spread, tidy

WINDOW_LIMIT_S = 30.0
TIMESTAMP_S = 0.02
_SHORTEST_REST_S = 0.5
_UNHEARD_TAIL_S = 3.0
_MOST_PASSES = 6
_KEPT_WINDOWS = 6
_CONTEXTS_S = (5, 8, 12, 20, 30)
_CONTEXT_MARGIN_S = 1.0

SMALL_STATE = 384
"""Width of Whisper tiny. A narrower model is a demonstration one: it hears one region at a time, on one thread,
with a short context."""
PACK_S = 29.0
"""How full a window of a full-size model is packed: under 30 s, with room for the last word."""


_BATCH_BYTES = 1 << 30
_LARGEST_BATCH = 16


def batch_size(layers: int, context: int, state: int, bytes_each: int = 4) -> int:
    """How many windows are decoded side by side: the decoder's keys and values of their sound fit into 1 GiB."""
    return max(1, min(_LARGEST_BATCH, _BATCH_BYTES // (layers * context * state * 2 * bytes_each)))


@dataclass(frozen=True, slots=True)
class Raw:
    """One decoded window: tokens (without the start sequence and the end), and the model's own measures."""

    tokens: list[int]
    mean_log_probability: float
    no_speech_probability: float
    temperature: float


class Tokens(Protocol):
    """The part of Whisper's tokenizer that both libraries share."""

    eot: int

    @property
    def timestamp_begin(self) -> int:
        """Id of the token for 0.00 s."""

    def decode(self, tokens: list[int]) -> str:
        """Text of tokens; special ones are left out."""


class Backend(Protocol):
    """What an engine must do itself. `encoded` is whatever `encode` gave for a batch of windows."""

    batch: int
    token_limit: int

    def tokens(self, language: str) -> Tokens:
        """The tokenizer of a language."""

    def encode(self, windows: Sequence[Samples]) -> Any:
        """Windows of at most 30 s, each padded the way the model was trained on."""

    def joined(self, encoded: Sequence[Any]) -> Any:
        """Encoder outputs of single windows as that of a batch."""

    def decode(
        self, encoded: Any, rows: Sequence[int], language: str, temperature: float, decoding: Decoding
    ) -> list[Raw]:
        """Decode some rows of a batch at one temperature; the same call gives the same tokens."""

    def align(
        self, encoded: Any, row: int, language: str, text_tokens: list[int], duration_s: float
    ) -> list[Aligned]:
        """Words of tokens with times from the window's start."""

    def languages(self, encoded: Any) -> list[dict[str, float]]:
        """Probability of each language, one table a row."""


def context_s(windows: Sequence[Samples], short: bool) -> int:
    """Seconds the encoder is given: 30, or with `short` the least step that holds the longest window.

    Equal text on the shipped mini checkpoint and several times faster; not measured on full-size weights,
    so only small models use it.
    """
    longest_s = max(map(len, windows), default=0) / SPEECH_RATE_HZ + _CONTEXT_MARGIN_S
    return next((step for step in _CONTEXTS_S if short and step >= longest_s), 30)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A stretch between two time tokens of a window."""

    start_s: float
    end_s: float
    tokens: list[int]


class WindowRecogniser:
    """A `Recogniser` over a backend. `settings` holds all that decides a transcript beside the weights."""

    def __init__(
        self, backend: Backend, name: str, model_hash: str, settings: Mapping[str, Any], window_s: float
    ) -> None:
        self.backend = backend
        self.name = name
        self.model_hash = model_hash
        self.window_s = window_s
        self.decoding = Decoding()
        self._encoded: dict[bytes, Any] = {}
        self.settings: Mapping[str, Any] = {
            **settings,
            "window_s": window_s,
            "decoding": asdict(self.decoding),
            "regions": RegionSettings().as_dict(),
            "condition_on_previous_text": False,
        }
        canonical = json.dumps(self.settings, sort_keys=True, default=str)
        self.settings_hash = hashlib.sha256(canonical.encode()).hexdigest()

    def transcribe(self, samples: Samples, language: str | None = None) -> list[Segment]:
        """See `Recogniser.transcribe`: speech regions are found and heard one window at a time."""
        audio = Audio(np.atleast_2d(np.asarray(samples, np.float32)), SPEECH_RATE_HZ)
        windows = pack(0, speech_regions(audio, 0), self.window_s)
        heard = self.transcribe_windows([window.samples(audio) for window in windows], language)
        found = (
            window.placed(segment)
            for window, segments in zip(windows, heard, strict=True)
            for segment in segments
        )
        return sorted(found, key=lambda segment: (segment.start_s, segment.end_s))

    def detect_language(self, samples: Samples) -> dict[str, float]:
        """See `Recogniser.detect_language`."""
        limit = int(WINDOW_LIMIT_S * SPEECH_RATE_HZ)
        encoded = self.backend.encode([samples[:limit]])
        if self.window_s and len(samples) <= limit:
            # The same window is heard next: what the encoder made of it is kept for that.
            self._encoded[samples.tobytes()] = encoded
            while len(self._encoded) > _KEPT_WINDOWS:
                self._encoded.pop(next(iter(self._encoded)))
        return self.backend.languages(encoded)[0]

    def _encode(self, parts: Sequence[Samples]) -> Any:
        """Encoder outputs of a batch; those of windows whose language was asked are there already."""
        known = [self._encoded.pop(part.tobytes(), None) if self._encoded else None for part in parts]
        if not any(encoded is not None for encoded in known):
            return self.backend.encode(parts)
        fresh = [self.backend.encode([p]) if e is None else e for p, e in zip(parts, known, strict=True)]
        return self.backend.joined(fresh)

    def transcribe_windows(
        self, windows: Sequence[Samples], language: str | None, decoding: Decoding | None = None
    ) -> list[list[Segment]]:
        """See `Recogniser.transcribe_windows`. A language that is not given is that of the longest window."""
        if any(len(window) > WINDOW_LIMIT_S * SPEECH_RATE_HZ + 1 for window in windows):
            raise UsageError("a window may not be longer than 30 s")
        if windows and language is None:
            probabilities = self.detect_language(max(windows, key=len))
            language = max(probabilities, key=lambda code: probabilities[code])
        out: list[list[Segment]] = [[] for _ in windows]
        jobs = [_Job(i, 0.0, 1) for i, window in enumerate(windows) if len(window)]
        while jobs:
            now, jobs = jobs[: self.backend.batch], jobs[self.backend.batch :]
            parts = [windows[job.window][round(job.from_s * SPEECH_RATE_HZ) :] for job in now]
            for job, (segments, rest_s) in zip(
                now, self._hear(parts, language or "en", decoding or self.decoding), strict=True
            ):
                out[job.window].extend(_moved(segment, job.from_s) for segment in segments)
                if rest_s is not None and job.passes < _MOST_PASSES:
                    jobs.append(_Job(job.window, job.from_s + rest_s, job.passes + 1))
        return [sorted(segments, key=lambda s: (s.start_s, s.end_s)) for segments in out]

    def _hear(
        self, parts: Sequence[Samples], language: str, decoding: Decoding
    ) -> list[tuple[list[Segment], float | None]]:
        """Each part's segments and, where its text ended before its sound, from where to hear again."""
        encoded = self._encode(parts)
        raws = self._ladder(encoded, len(parts), language, decoding)
        out: list[tuple[list[Segment], float | None]] = []
        for row, (part, raw) in enumerate(zip(parts, raws, strict=True)):
            if _is_silence(raw, decoding):
                out.append(([], None))
                continue
            spoken, rest_s = self._read(raw, part, language, decoding)
            out.append((self._segments(encoded, row, part, spoken, raw, language), rest_s))
        return out

    def _ladder(self, encoded: Any, rows: int, language: str, decoding: Decoding) -> list[Raw]:
        """The whole batch at the first temperature, then each that failed by itself up the ladder."""
        first, *higher = decoding.temperatures
        raws = self.backend.decode(encoded, range(rows), language, first, decoding)
        for row, raw in enumerate(raws):
            for temperature in higher:
                if not self._failed(raws[row], language, decoding):
                    break
                raw = self.backend.decode(encoded, [row], language, temperature, decoding)[0]
                raws[row] = raw
        return raws

    def _failed(self, raw: Raw, language: str, decoding: Decoding) -> bool:
        if _is_silence(raw, decoding):
            return False
        text = self.backend.tokens(language).decode(_text_only(raw.tokens, self.backend.tokens(language)))
        return (
            compression_ratio(text) > decoding.compression_ratio_limit
            or raw.mean_log_probability < decoding.log_probability_limit
        )

    def _read(
        self, raw: Raw, part: Samples, language: str, decoding: Decoding
    ) -> tuple[list[_Spoken], float | None]:
        """Tokens as stretches, and where unheard sound begins (None: the text reaches its end)."""
        duration_s = len(part) / SPEECH_RATE_HZ
        if decoding.fixed_tokens is not None:
            words = _text_only(raw.tokens, self.backend.tokens(language))
            return [_Spoken(0.0, duration_s, words)], None
        spoken, reached_s, finished = read_tokens(raw.tokens, self.backend.tokens(language), duration_s)
        cut_off = len(raw.tokens) >= self.backend.token_limit - 1 and not finished
        tail_s = duration_s - reached_s
        again = (not finished or cut_off) and tail_s > _SHORTEST_REST_S
        # A full window whose text ends early although sound goes on: the model skipped what followed.
        skipped = self.window_s > 0 and tail_s > _UNHEARD_TAIL_S
        if reached_s >= _SHORTEST_REST_S and (again or skipped) and active_s(part, reached_s) > 0.3:
            return spoken, reached_s
        return spoken, None

    def _segments(
        self, encoded: Any, row: int, part: Samples, spoken: list[_Spoken], raw: Raw, language: str
    ) -> list[Segment]:
        tokens = [token for stretch in spoken for token in stretch.tokens]
        duration_s = len(part) / SPEECH_RATE_HZ
        aligned = self.backend.align(encoded, row, language, tokens, duration_s) if tokens else []
        active = active_frames(part)
        segments = []
        for stretch in spoken:
            own, aligned = _taken(aligned, len(stretch.tokens))
            text = self.backend.tokens(language).decode(stretch.tokens).strip()
            if not text.strip():
                continue
            words = tuple(tidy(own))
            times = "aligned" if words else "none"
            if collapsed(words, seconds_active(active, stretch.start_s, stretch.end_s)):
                words, times = spread(words, active, stretch.start_s, stretch.end_s), "spread"
            words = _within(words, duration_s)
            segments.append(
                Segment(
                    text=text,
                    start_s=words[0].start_s if words else stretch.start_s,
                    end_s=words[-1].end_s if words else stretch.end_s,
                    words=words,
                    no_speech_probability=raw.no_speech_probability,
                    mean_log_probability=raw.mean_log_probability,
                    temperature=raw.temperature,
                    language=language,
                    compression_ratio=round(compression_ratio(text), 3),
                    word_times="spread" if times == "spread" else "aligned" if words else "none",
                )
            )
        return segments


@dataclass(frozen=True, slots=True)
class _Job:
    """A window (or what is left of it from `from_s`) on its n-th pass."""

    window: int
    from_s: float
    passes: int


def read_tokens(tokens: list[int], names: Tokens, duration_s: float) -> tuple[list[_Spoken], float, bool]:
    """Tokens -> stretches between time tokens, the moment they reach, and whether the text is finished.

    Whisper writes <start> text <end><start> text <end>; two time tokens in a row end a stretch, one at the
    very end means that nothing follows. Text after the last pair is unfinished and left for the next pass.
    """
    begin = names.timestamp_begin
    stretches: list[_Spoken] = []
    start_s, text, last_s, closed = 0.0, list[int](), 0.0, False
    for token in tokens:
        if token >= begin:
            last_s = min((token - begin) * TIMESTAMP_S, duration_s)
            if text:
                stretches.append(_Spoken(start_s, max(start_s, last_s), text))
                text, closed = [], True
            else:
                closed = False
            start_s = last_s
        elif token < names.eot:
            text.append(token)
            closed = False
    if text and not stretches:
        return [_Spoken(start_s, duration_s, text)], duration_s, True
    if not tokens or not stretches:
        return stretches, duration_s, True
    return stretches, stretches[-1].end_s, closed


def _text_only(tokens: Sequence[int], names: Tokens) -> list[int]:
    return [token for token in tokens if token < names.eot]


def _is_silence(raw: Raw, decoding: Decoding) -> bool:
    """The model's own verdict: probably no speech, and no confidence in what it wrote."""
    return (
        raw.no_speech_probability > decoding.no_speech_limit
        and raw.mean_log_probability < decoding.log_probability_limit
    )


def _taken(aligned: list[Aligned], tokens: int) -> tuple[list[Aligned], list[Aligned]]:
    """The words that make up the next `tokens` tokens, and the others."""
    used = count = 0
    while count < len(aligned) and used < tokens:
        used += aligned[count].tokens
        count += 1
    return aligned[:count], aligned[count:]


def _within(words: tuple[Word, ...], duration_s: float) -> tuple[Word, ...]:
    return tuple(
        replace(word, start_s=min(word.start_s, duration_s), end_s=min(word.end_s, duration_s))
        for word in words
    )


def _moved(segment: Segment, by_s: float) -> Segment:
    if not by_s:
        return segment
    words = tuple(
        replace(w, start_s=round(w.start_s + by_s, 3), end_s=round(w.end_s + by_s, 3)) for w in segment.words
    )
    return replace(segment, start_s=segment.start_s + by_s, end_s=segment.end_s + by_s, words=words)
