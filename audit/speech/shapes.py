"""The shapes of the speech room: regions, segments with words, how to decode, and what a recogniser is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from audit.audio.shapes import Samples
from audit.models import Word

Progress = Callable[[float, float], None]
"""Called with (seconds of speech heard, seconds of speech in all) as work goes on."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where somebody speaks on one channel, padded; kept as data beside the words.

    `level_dbfs` is the level of its loud frames. `echo_of` names the channel of which the region is only
    an echo: it is then not transcribed.
    """

    start_s: float
    end_s: float
    level_dbfs: float | None = None
    echo_of: int | None = None

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of recognised text with its words; times in seconds of the recording (or of the samples).

    `words` holds one entry a word (a character in Chinese) with time and probability. `temperature` is the
    one that gave the text (0 = greedy, certain). `suspicious` says why the text may be invented, None when
    nothing speaks for that. `word_times` is "spread" where the model's own alignment collapsed and times
    were shared out over the stretch.
    """

    text: str
    start_s: float
    end_s: float
    words: tuple[Word, ...] = ()
    no_speech_probability: float | None = None
    mean_log_probability: float | None = None
    temperature: float = 0.0
    language: str | None = None
    suspicious: str | None = None
    compression_ratio: float | None = None
    level_dbfs: float | None = None
    word_times: Literal["aligned", "spread", "none"] = "aligned"


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to decode: the temperature ladder (the first is tried first) and beams at temperature 0.

    There is no prompt on purpose: a recogniser prompted with the words we look for would invent them.
    """

    temperatures: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    beam_size: int | None = None
    compression_ratio_limit: float = 2.4
    log_probability_limit: float = -1.0
    no_speech_limit: float = 0.6
    fixed_tokens: int | None = None
    """Decode exactly so many tokens a window: for speed measurements with random weights only."""


CAREFUL = Decoding(temperatures=(0.0, 0.4), beam_size=5)
"""Other settings than the default's greedy search: for a second decoding."""


class Recogniser(Protocol):
    """What every engine answers; fakes in tests answer the same."""

    name: str
    model_hash: str
    settings_hash: str
    settings: Mapping[str, Any]
    window_s: float
    """Regions of a channel are packed into windows up to this long; 0 = one region at a time."""

    def transcribe(self, samples: Samples, language: str | None = None) -> list[Segment]:
        """Words of mono float32 samples (n,) at 16 kHz of any length; times count from the first sample."""

    def transcribe_windows(
        self, windows: Sequence[Samples], language: str | None, decoding: Decoding | None = None
    ) -> list[list[Segment]]:
        """The same for windows of at most 30 s, each by itself, in the order given."""

    def detect_language(self, samples: Samples) -> dict[str, float]:
        """Probability of each ISO 639-1 code from at most 30 s of samples."""


@dataclass(frozen=True, slots=True)
class ChannelTranscripts:
    """What was heard on each channel of a recording.

    `language_probability` is 1 where the language was given. `notes` are sentences for people (dead
    channel, echo skipped, damage). `discarded` holds segments judged invented, kept out of `segments`.
    """

    segments: dict[int, list[Segment]]
    regions: dict[int, list[Region]]
    language: str
    settings: Mapping[str, Any]
    language_probability: float = 1.0
    notes: tuple[str, ...] = ()
    discarded: dict[int, list[Segment]] = field(default_factory=dict)
