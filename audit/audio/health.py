"""What a channel is worth: dead, a copy of another, an echo of another, silent, clipped.

Measured on 20 ms frames and on a few loud stretches; says nothing about who speaks or what is said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.audio.shapes import Audio, Samples

FRAME_S = 0.02
FLOOR_DBFS = -100.0
_DEAD_DBFS = -70.0
_QUIET_DBFS = -50.0
_SILENCE_DBFS = -45.0
_COPY_CORRELATION = 0.97
_ECHO_CORRELATION = 0.5
_ECHO_LOUDER_DB = 8.0
_LAG_S = 0.4
_STRETCH_S = 1.0
_STRETCHES = 12


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """One channel. Levels in dBFS of 20 ms frames (0 = full scale), shares 0–1, DC removed first.

    `dead`: nothing but silence or a steady faint hum. `duplicate_of` / `echo_of`: the channel whose sound
    this one repeats, at full or lower level; `echo_gain_db` (negative) and `echo_delay_s` say how.
    """

    channel: int
    dead: bool
    level_dbfs: float
    floor_dbfs: float
    peak_dbfs: float
    silence_share: float
    clipped_share: float
    duplicate_of: int | None = None
    echo_of: int | None = None
    echo_gain_db: float | None = None
    echo_delay_s: float | None = None


@dataclass(frozen=True, slots=True)
class AudioHealth:
    """All channels of a recording and one plain English sentence for each thing that is wrong."""

    channels: tuple[ChannelHealth, ...]
    notes: tuple[str, ...]

    @property
    def live(self) -> tuple[int, ...]:
        """Channels worth hearing: neither dead nor a copy of an earlier one."""
        return tuple(c.channel for c in self.channels if not c.dead and c.duplicate_of is None)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, for the store and for JSON."""
        channels = [
            {key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(c).items()}
            for c in self.channels
        ]
        return {"channels": channels, "notes": list(self.notes), "live": list(self.live)}


def channel_health(audio: Audio) -> AudioHealth:
    """Judge every channel by itself and every pair for copies and echo; about 0.3 s per hour and pair."""
    levels = [frame_levels(audio, channel) for channel in range(audio.channels)]
    channels = [_alone(audio, channel, level) for channel, level in enumerate(levels)]
    for first, second in combinations(range(audio.channels), 2):
        if not (channels[first].dead or channels[second].dead):
            _compare(audio, levels, channels, (first, second))
    audio.release()
    return AudioHealth(tuple(channels), tuple(note for c in channels for note in _notes(c)))


def frame_levels(audio: Audio, channel: int) -> NDArray[np.float64]:
    """Level of each 20 ms frame in dBFS (RMS around each minute's own mean), shape (frames,)."""
    size = min(max(1, int(FRAME_S * audio.rate_hz)), audio.samples.shape[1])
    out = []
    # A whole number of frames a stretch, so that frames stay where they are in long recordings.
    for part in audio.stretches(channel, size * 3000 / audio.rate_hz):
        frames = part[: len(part) // size * size].reshape(-1, size)
        if len(frames):
            out.append(_levels(frames))
    return np.concatenate(out) if out else np.full(1, FLOOR_DBFS)


def _levels(frames: Samples) -> NDArray[np.float64]:
    """RMS around the block's mean, so that an offset is not taken for sound."""
    mean = float(frames.mean())
    power = np.einsum("ij,ij->i", frames, frames) / frames.shape[1]
    power = power - 2 * mean * frames.mean(axis=1) + mean * mean
    return decibel(np.maximum(power, 0.0))


def decibel(power: NDArray[np.floating]) -> NDArray[np.float64]:
    """Power to dBFS, not below `FLOOR_DBFS`."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR_DBFS / 10))), dtype=np.float64)


def _alone(audio: Audio, channel: int, levels: NDArray[np.float64]) -> ChannelHealth:
    loud, floor = (float(x) for x in np.percentile(levels, (99, 10)))
    peak, at_top = _peak(audio, channel)
    steady = loud < _QUIET_DBFS and loud - floor < 6
    return ChannelHealth(
        channel=channel,
        dead=loud < _DEAD_DBFS or steady,
        level_dbfs=loud,
        floor_dbfs=floor,
        peak_dbfs=float(decibel(np.array(peak * peak))),
        silence_share=float(np.mean(levels < max(_SILENCE_DBFS, min(floor + 6, loud - 20)))),
        clipped_share=float(at_top / audio.samples.shape[1]),
    )


def _peak(audio: Audio, channel: int) -> tuple[float, int]:
    """Highest magnitude and how many samples stand there: clipping leaves many, a single loud peak one."""
    peak = max(float(np.abs(part).max()) for part in audio.stretches(channel))
    if peak < 0.5:
        return peak, 0
    at_top = sum(int(np.count_nonzero(np.abs(part) >= peak * 0.999)) for part in audio.stretches(channel))
    return peak, at_top if at_top > 10 else 0


def _compare(
    audio: Audio, levels: list[NDArray[np.float64]], channels: list[ChannelHealth], pair: tuple[int, int]
) -> None:
    """Mark the later of two copies, or the one that carries the other's echo."""
    first, second = pair
    both = [_match(audio, (first, second), at) for at in _loud_places(levels[first])]
    back = [_match(audio, (second, first), at) for at in _loud_places(levels[second])]
    if both and back and _is_copy(both) and _is_copy(back):
        channels[second] = _marked(channels[second], duplicate_of=first)
        return
    for source, copy in ((first, second), (second, first)):
        places = _loud_places(levels[source], levels[copy])
        found = _echo([_match(audio, (source, copy), at) for at in places])
        if found is not None:
            gain_db, delay_s = found
            channels[copy] = _marked(channels[copy], echo_of=source, gain_db=gain_db, delay_s=delay_s)


def _marked(
    health: ChannelHealth,
    duplicate_of: int | None = None,
    echo_of: int | None = None,
    gain_db: float | None = None,
    delay_s: float | None = None,
) -> ChannelHealth:
    return replace(
        health, duplicate_of=duplicate_of, echo_of=echo_of, echo_gain_db=gain_db, echo_delay_s=delay_s
    )


def _loud_places(levels: NDArray[np.float64], quieter: NDArray[np.float64] | None = None) -> list[float]:
    """Starts (s) of a channel's loudest stretches, at most a dozen, in order.

    With `quieter` only those during which that channel is fainter: there an echo shows, if there is one.
    """
    per = int(_STRETCH_S / FRAME_S)
    power = _stretch_power(levels, per)
    other = np.zeros_like(power) if quieter is None else _stretch_power(quieter, per)[: len(power)]
    fit = (power > 10 ** (_QUIET_DBFS / 10)) & (other < power * 10 ** (-_ECHO_LOUDER_DB / 10))
    best = [int(i) for i in np.argsort(-power, kind="stable") if fit[i]][:_STRETCHES]
    return [i * _STRETCH_S for i in sorted(best)]


def _stretch_power(levels: NDArray[np.float64], per: int) -> NDArray[np.float64]:
    """Mean power of each stretch of `per` frames; a recording shorter than one is one stretch."""
    count = max(1, len(levels) // per)
    power = 10 ** (levels[: max(per * count, 1)] / 10)
    return np.array([part.mean() for part in np.array_split(power, count)])


@dataclass(frozen=True, slots=True)
class _Match:
    """How one stretch of a source shows in another channel: correlation 0–1, gain, delay, level apart."""

    correlation: float
    gain_db: float
    delay_s: float


def _match(audio: Audio, pair: tuple[int, int], start_s: float) -> _Match:
    """Best match of the source's stretch within ±`_LAG_S` of the other channel, by FFT correlation."""
    source = audio.span(pair[0], start_s, start_s + _STRETCH_S)
    other = audio.span(pair[1], start_s, start_s + _STRETCH_S)
    return match(source, other, audio.rate_hz)


def match(source: Samples, other: Samples, rate_hz: int) -> _Match:
    """How `other` repeats `source` (equal length): see `_Match`; (0, −inf, 0) where one of them is silent."""
    x, y = source - source.mean(), other - other.mean()
    power_x, power_y = float(x @ x), float(y @ y)
    if power_x < 1e-9 or power_y < 1e-9:
        return _Match(0.0, -np.inf, 0.0)
    size = 1 << (2 * len(x) - 1).bit_length()
    cross = np.fft.irfft(np.fft.rfft(y, size) * np.conj(np.fft.rfft(x, size)), size)
    lag = min(int(_LAG_S * rate_hz), len(x) - 1)
    window = np.concatenate([cross[-lag:], cross[: lag + 1]]) if lag else cross[:1]
    best = int(np.argmax(np.abs(window)))
    gain = float(window[best]) / power_x
    correlation = abs(float(window[best])) / np.sqrt(power_x * power_y)
    gain_db = 20 * float(np.log10(max(abs(gain), 1e-6)))
    return _Match(float(correlation), gain_db, (best - lag) / rate_hz)


def _is_copy(places: list[_Match]) -> bool:
    return float(np.median([place.correlation for place in places])) > _COPY_CORRELATION


def _echo(places: list[_Match]) -> tuple[float, float] | None:
    """Gain and delay where most loud stretches of a source come back fainter at one same delay."""
    faint = [p for p in places if p.correlation > _ECHO_CORRELATION and p.gain_db < -_ECHO_LOUDER_DB]
    if len(faint) < max(2, len(places) / 2):
        return None
    delay_s = float(np.median([p.delay_s for p in faint]))
    near = [p for p in faint if abs(p.delay_s - delay_s) < 0.005]
    if len(near) < max(2, len(faint) / 2):
        return None
    return float(np.median([p.gain_db for p in near])), delay_s


def _notes(health: ChannelHealth) -> list[str]:
    notes = []
    name = f"channel {health.channel}"
    if health.dead:
        notes.append(f"{name} is dead: nothing but silence or a steady faint hum")
    if health.duplicate_of is not None:
        notes.append(f"{name} carries the same sound as channel {health.duplicate_of}")
    if health.echo_of is not None:
        notes.append(f"{name} carries an echo of channel {health.echo_of} ({health.echo_gain_db:.0f} dB)")
    if health.clipped_share > 0.001:
        notes.append(f"{name} is clipped ({health.clipped_share:.1%} of its samples at the top)")
    return notes
