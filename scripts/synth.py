"""Speech from free synthesisers with the time of every word: espeak-ng (Mandarin) and flite (English).

Only the author of the sample needs them (Debian: `apt install espeak-ng flite`); who uses the sample takes
the committed recordings. `Synthesiser.say` is deterministic: same text and voice, same samples.
"""

from __future__ import annotations

import ctypes
import difflib
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

RATE_HZ = 8000
PUNCTUATION = "，。？！、,.?!;:"
_LOW_HZ, _HIGH_HZ = 180.0, 3600.0
_SPEECH_RMS = 0.075
_WORD_EVENT = 1


@dataclass(frozen=True)
class Voice:
    """One speaker. `engine` espeak | flite; `pitch` 0-99 and `rate` words a minute are espeak's, `shift` is
    the factor by which a flite voice is played faster and higher."""

    engine: str
    name: str
    rate: int = 165
    pitch: int = 50
    shift: float = 1.0


@dataclass(frozen=True)
class Spoken:
    """One utterance at 8 kHz, mono float32, silence at both ends trimmed; `words` are (text, start_s, end_s),
    punctuation glued to the word before it; a word is one character in Chinese."""

    samples: np.ndarray
    words: tuple[tuple[str, float, float], ...]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Espeak:
    """libespeak-ng through ctypes: the only way to its word events."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate_hz: int = self.library.espeak_Initialize(1, 0, None, 1)
        self.chunks: list[np.ndarray] = []
        self.events: list[tuple[int, int]] = []
        self.callback = _CALLBACK(self._take)  # kept alive: the library holds only a pointer
        self.library.espeak_SetSynthCallback(self.callback)

    def _take(self, wave: ctypes._Pointer, count: int, events: ctypes._Pointer) -> int:
        if wave and count:
            self.chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type != 0:
            event = events[index]
            if event.type == _WORD_EVENT and event.length > 0:
                self.events.append((event.position - 1, event.sample))
            index += 1
        return 0

    def say(self, text: str, voice: Voice) -> tuple[np.ndarray, list[tuple[int, int]]]:
        """Samples (float32) and (character offset, first sample) of each word of `text` (ASCII)."""
        self.chunks.clear()
        self.events.clear()
        if self.library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise SystemExit(f"espeak-ng knows no voice {voice.name}")
        self.library.espeak_SetParameter(1, voice.rate, 0)
        self.library.espeak_SetParameter(3, voice.pitch, 0)
        data = text.encode()
        self.library.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
        self.library.espeak_Synchronize()
        return np.concatenate(self.chunks).astype(np.float32) / 32768, list(self.events)


@cache
def _espeak() -> _Espeak:
    return _Espeak()


def split_words(text: str) -> list[str]:
    """Words with their punctuation glued on: characters in Chinese, blank-separated words in English."""
    if text.isascii():
        return text.split()
    words: list[str] = []
    for char in text:
        if char in PUNCTUATION and words:
            words[-1] += char
        else:
            words.append(char)
    return words


def _pinyin(text: str) -> tuple[str, list[int]]:
    """espeak input for Chinese, and the offset in it at which each word (see split_words) starts."""
    from pypinyin import Style, lazy_pinyin

    words = split_words(text)
    bare = "".join(word[0] for word in words)
    # The punctuation stays in for the reading (it separates words), then falls out of the syllables.
    syllables = [
        item
        for item in lazy_pinyin(
            text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, errors=list
        )
        if item not in PUNCTUATION
    ]
    if len(syllables) != len(bare):
        raise SystemExit(f"cannot read: {text}")
    marks = {"，": ",", "、": ",", "。": ".", "？": "?", "！": "!"}
    spoken, starts = "", []
    for word, syllable in zip(words, syllables, strict=True):
        starts.append(len(spoken))
        spoken += syllable + "".join(marks[mark] for mark in word[1:]) + " "
    return spoken, starts


def _say_espeak(text: str, voice: Voice) -> tuple[np.ndarray, int, list[float]]:
    spoken, starts = _pinyin(text)
    samples, events = _espeak().say(spoken, voice)
    first = dict(reversed(events))  # a syllable that espeak splits keeps its first event
    if any(start not in first for start in starts):
        raise SystemExit(f"espeak-ng gave no time for every word of: {text}")
    return samples, _espeak().rate_hz, [first[start] / _espeak().rate_hz for start in starts]


def _flite(voice: str, text: str, output: str) -> list[tuple[str, float]]:
    command = ["flite", "-voice", voice, "-psdur", "-t", text, output]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [(item.split(":")[0], float(item.split(":")[1])) for item in printed.split()]


@cache
def _phones(voice: str, word: str) -> tuple[str, ...]:
    return tuple(name for name, _ in _flite(voice, word, "none") if name != "pau")


def _say_flite(text: str, voice: Voice) -> tuple[np.ndarray, int, list[float]]:
    """Word starts come from the phones' ends: the phones of each word alone, laid against those of the whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "flite.wav")
        timed = _flite(voice.name, text, path)
        samples, rate_hz = sf.read(path, dtype="float32")
    begins = [0.0] + [end for _, end in timed[:-1]]
    heard = [(name, begin) for (name, _), begin in zip(timed, begins, strict=True) if name != "pau"]
    expected: list[str] = []
    first: list[int] = []
    for word in text.split():
        first.append(len(expected))
        expected.extend(_phones(voice.name, word.strip(PUNCTUATION)))
    matcher = difflib.SequenceMatcher(a=expected, b=[name for name, _ in heard], autojunk=False)
    where = np.full(len(expected) + 1, np.nan)
    where[-1] = len(heard)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            where[block.a + step] = block.b + step
    known = ~np.isnan(where)
    filled = np.interp(np.arange(len(where)), np.flatnonzero(known), where[known])
    starts = [heard[min(round(filled[index]), len(heard) - 1)][1] for index in first]
    return samples, int(rate_hz), starts


def _telephone(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """8 kHz, band of a telephone line, one loudness for all voices."""
    narrow = soxr.resample(samples, rate_hz, RATE_HZ)
    spectrum = np.fft.rfft(narrow)
    frequency = np.fft.rfftfreq(len(narrow), 1 / RATE_HZ)
    shape = 1 / (1 + (_LOW_HZ / np.maximum(frequency, 1.0)) ** 6) / (1 + (frequency / _HIGH_HZ) ** 24)
    band = np.fft.irfft(spectrum * shape, len(narrow))
    loud = band[np.abs(band) > 0.01 * np.abs(band).max()]
    band *= _SPEECH_RMS / np.sqrt(np.mean(loud**2))
    return np.clip(band, -0.95, 0.95).astype(np.float32)


def say(text: str, voice: Voice) -> Spoken:
    """Speak one utterance (Chinese with espeak, English with flite)."""
    speak = _say_espeak if voice.engine == "espeak" else _say_flite
    samples, rate_hz, starts = speak(text, voice)
    narrow = _telephone(samples, round(rate_hz * voice.shift))
    starts = [start / voice.shift for start in starts]
    loud = np.flatnonzero(np.abs(narrow) > 0.004)
    begin, end = max(0, loud[0] - 80), min(len(narrow), loud[-1] + 160)
    spoken = narrow[begin:end]
    length_s = len(spoken) / RATE_HZ
    begins = [float(min(max(0.0, start - begin / RATE_HZ), length_s)) for start in starts]
    words = tuple(
        (word, round(start, 3), round(stop, 3))
        for word, start, stop in zip(
            split_words(text), begins, _ends(text, spoken, begins, length_s), strict=True
        )
    )
    return Spoken(spoken, words)


def _ends(text: str, samples: np.ndarray, begins: list[float], length_s: float) -> list[float]:
    """A word ends where the next begins, or, before a pause, where its sound dies away."""
    ends: list[float] = []
    for begin, stop in zip(begins, [*begins[1:], length_s], strict=True):
        part = np.abs(samples[int(begin * RATE_HZ) : int(stop * RATE_HZ)])
        loud = np.flatnonzero(part > 0.006)
        heard = begin + (loud[-1] + 1) / RATE_HZ if len(loud) else stop
        ends.append(max(heard, begin + 0.02))
    return ends
