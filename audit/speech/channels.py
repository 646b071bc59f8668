"""A whole recording -> what was heard on each channel: regions, language, windows, and the guard's second look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from audit.audio.health import AudioHealth, channel_health
from audit.audio.shapes import Audio, Samples
from audit.speech.guard import Sound, is_boilerplate, suspicion
from audit.speech.regions import RegionSettings, mark_echoes, speech_regions
from audit.speech.shapes import (
    CAREFUL,
    ChannelTranscripts,
    Progress,
    Recogniser,
    Region,
    Segment,
)
from audit.speech.sound import active_s
from audit.speech.windows import Window, pack

_LANGUAGE_WINDOWS = 6
_LANGUAGE_SPEECH_S = 30.0
_SAME = {"yue": "zh"}
"""Cantonese is judged by the Chinese lexicons; Whisper writes it in characters either way."""
_HOME = ("zh", "en")
_SURE = 0.5
_CLEAR = 0.9
_LANGUAGE_ENOUGH_S = 5.0
_GROUP = 16


def transcribe_channels(
    audio: Audio,
    recogniser: Recogniser,
    language: str | None = None,
    progress: Progress | None = None,
    health: AudioHealth | None = None,
) -> ChannelTranscripts:
    """Hear every live channel of a 16 kHz recording by itself.

    The language is the one given, else found on the first speech of the call and then fixed. Dead channels,
    copies and regions that are only an echo are not heard, and `notes` says so. A text that looks invented
    is decoded again; what still does so without a voice beneath it goes to `discarded`. Does not say who
    speaks. Raises ModelError when the model does not know the language.
    """
    health = health or channel_health(audio)
    settings = RegionSettings()
    found = {c: speech_regions(audio, c, settings) if c in health.live else [] for c in range(audio.channels)}
    regions = mark_echoes(audio, found, settings) if len(health.live) > 1 else found
    windows = [
        window
        for channel, own in regions.items()
        for window in pack(channel, [region for region in own if region.echo_of is None], recogniser.window_s)
    ]
    certain = 1.0
    if language is None:
        language, certain = _language(audio, windows, recogniser)
    listener = _Listener(audio, recogniser, language, regions)
    segments, discarded = listener.hear(windows, progress)
    notes = (*audio.warnings, *health.notes, *_echo_notes(regions))
    return ChannelTranscripts(segments, regions, language, recogniser.settings, certain, notes, discarded)


def speech_seconds(regions: Mapping[int, Sequence[Region]]) -> float:
    """Seconds that are to be heard: what a time estimate is made of."""
    return sum(r.duration_s for own in regions.values() for r in own if r.echo_of is None)


def _echo_notes(regions: Mapping[int, Sequence[Region]]) -> Iterable[str]:
    for channel, own in regions.items():
        count = sum(region.echo_of is not None for region in own)
        if count:
            yield f"channel {channel}: {count} stretches are only an echo of another channel and were not heard"


def _language(audio: Audio, windows: Sequence[Window], recogniser: Recogniser) -> tuple[str, float]:
    """The language most probable over the first speech of all channels, and how probable.

    Every channel has a say: an agent's long opening must not outvote a customer who answers. A weak answer
    falls back on the better of the home languages, since telephone sound draws Whisper to odd ones.
    """
    pooled: dict[str, float] = {}
    weight = 0.0
    chosen = _first_speech(windows)
    for i, window in enumerate(chosen):
        length = min(window.duration_s, 30.0)
        weight += length
        for code, p in recogniser.detect_language(window.samples(audio)).items():
            code = _SAME.get(code, code)
            pooled[code] = pooled.get(code, 0.0) + length * p
        unheard = {later.channel for later in chosen[i + 1 :]} - {past.channel for past in chosen[: i + 1]}
        if not unheard and weight >= _LANGUAGE_ENOUGH_S and max(pooled.values()) > _CLEAR * weight:
            break
    if not pooled or weight <= 0:
        return "zh", 0.0
    best = max(sorted(pooled), key=lambda code: pooled[code])
    if pooled[best] / weight < _SURE:
        best = max(_HOME, key=lambda code: pooled.get(code, 0.0))
    return best, pooled.get(best, 0.0) / weight


def _first_speech(windows: Sequence[Window]) -> list[Window]:
    """The first windows of the call with at least a second of speech, at most half a minute a channel."""
    chosen: list[Window] = []
    taken: dict[int, float] = {}
    for window in sorted(windows, key=lambda w: (w.pieces[0].start_s, w.channel)):
        had = taken.get(window.channel, 0.0)
        if had < _LANGUAGE_SPEECH_S and len(chosen) < _LANGUAGE_WINDOWS and window.duration_s >= 1.0:
            chosen.append(window)
            taken[window.channel] = had + window.duration_s
    return chosen or list(windows[:1])


@dataclass(frozen=True, slots=True)
class _Listener:
    audio: Audio
    recogniser: Recogniser
    language: str
    regions: Mapping[int, Sequence[Region]]

    def hear(
        self, windows: Sequence[Window], progress: Progress | None
    ) -> tuple[dict[int, list[Segment]], dict[int, list[Segment]]]:
        """Segments and discarded segments by channel, in time order."""
        kept: dict[int, list[Segment]] = {channel: [] for channel in self.regions}
        dropped: dict[int, list[Segment]] = {}
        total = sum(window.duration_s for window in windows)
        done = 0.0
        # Like with like: a batch takes as long as its longest member.
        order = sorted(windows, key=lambda w: (-w.duration_s, w.channel, w.pieces[0].start_s))
        for group in _groups(order):
            sounds = [window.samples(self.audio) for window in group]
            heard = self.recogniser.transcribe_windows(sounds, self.language)
            for window, sound, segments in zip(group, sounds, heard, strict=True):
                for segment in segments:
                    good, bad = self._weighed(window, sound, segment)
                    kept[window.channel].extend(good)
                    dropped.setdefault(window.channel, []).extend(bad)
                done += window.duration_s
            self.audio.release()
            if progress is not None:
                progress(done, total)
        return (
            {channel: _in_order(own) for channel, own in kept.items()},
            {channel: _in_order(own) for channel, own in dropped.items() if own},
        )

    def _weighed(
        self, window: Window, sound: Samples, segment: Segment
    ) -> tuple[list[Segment], list[Segment]]:
        """The segment as it stands, or what a second decoding of its stretch gives instead."""
        reason = _reason(segment, sound)
        if reason is None:
            return [self._placed(window, segment)], []
        rate = self.audio.rate_hz
        first = max(0, round((segment.start_s - 0.2) * rate))
        last = min(len(sound), round((segment.end_s + 0.2) * rate))
        part = sound[first:last] if last - first > rate // 5 else sound
        offset_s = first / rate if part is not sound else 0.0
        again = self.recogniser.transcribe_windows([part], self.language, CAREFUL)[0]
        good = [_shifted(s, offset_s) for s in again if _reason(s, part) is None]
        if good:
            return [self._placed(window, s) for s in good], []
        marked = self._placed(window, replace(segment, suspicious=reason))
        silent = not again or is_boilerplate(segment.text) or active_s(part) < 0.3 * len(part) / rate
        return ([], [marked]) if silent else ([marked], [])

    def _placed(self, window: Window, segment: Segment) -> Segment:
        placed = window.placed(segment)
        return replace(placed, level_dbfs=self._level(window.channel, placed))

    def _level(self, channel: int, segment: Segment) -> float | None:
        levels = [
            r.level_dbfs
            for r in self.regions[channel]
            if r.level_dbfs is not None and r.start_s < segment.end_s and r.end_s > segment.start_s
        ]
        return max(levels, default=None)


def _groups(windows: Sequence[Window]) -> Iterable[Sequence[Window]]:
    for first in range(0, len(windows), _GROUP):
        yield windows[first : first + _GROUP]


def _in_order(segments: list[Segment]) -> list[Segment]:
    return sorted(segments, key=lambda s: (s.start_s, s.end_s))


def _reason(segment: Segment, sound: Samples) -> str | None:
    """The guard's verdict on a segment of a window."""
    return suspicion(
        segment.text,
        Sound(
            duration_s=segment.end_s - segment.start_s,
            active_s=active_s(sound, segment.start_s, segment.end_s),
            no_speech_probability=segment.no_speech_probability or 0.0,
            mean_log_probability=segment.mean_log_probability or 0.0,
        ),
    )


def _shifted(segment: Segment, by_s: float) -> Segment:
    words = tuple(replace(w, start_s=w.start_s + by_s, end_s=w.end_s + by_s) for w in segment.words)
    return replace(segment, start_s=segment.start_s + by_s, end_s=segment.end_s + by_s, words=words)
