"""Recognisers for tests: one that reads a script by window, one backend that plays token sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from audit.models import Word
from audit.speech import Decoding, Segment
from audit.speech.engine import Raw
from audit.speech.words import Aligned


class ScriptedRecogniser:
    """Answers each window with what `say(samples, decoding)` returns; remembers what it was asked."""

    name = "scripted"
    model_hash = "0" * 64
    settings_hash = "1" * 64
    settings: Mapping[str, Any] = {"engine": "scripted"}

    def __init__(
        self,
        say: Callable[[np.ndarray, Decoding | None], list[Segment]],
        window_s: float = 0.0,
        languages: Callable[[np.ndarray], dict[str, float]] | None = None,
    ) -> None:
        self.say, self.window_s = say, window_s
        self.languages = languages or (lambda _: {"en": 1.0})
        self.asked: list[tuple[int, str | None, Decoding | None]] = []

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> list[Segment]:
        return self.transcribe_windows([samples], language)[0]

    def transcribe_windows(
        self, windows: Sequence[np.ndarray], language: str | None, decoding: Decoding | None = None
    ) -> list[list[Segment]]:
        self.asked += [(len(window), language, decoding) for window in windows]
        return [self.say(window, decoding) for window in windows]

    def detect_language(self, samples: np.ndarray) -> dict[str, float]:
        return self.languages(samples)


def segment(text: str, start_s: float, end_s: float, **more: Any) -> Segment:
    """A segment whose words share its time evenly."""
    tokens = [" " + w for w in text.split()] if text.isascii() else list(text)
    edges = np.linspace(start_s, end_s, len(tokens) + 1)
    words = tuple(Word(t, float(edges[i]), float(edges[i + 1]), 0.9) for i, t in enumerate(tokens))
    return Segment(text, start_s, end_s, words, 0.01, -0.2, **more)


EOT, BEGIN = 1000, 2000


class PlainTokens:
    """Token n is the character n; 1000 ends, 2000 + k is the time 0.02·k."""

    eot = EOT
    timestamp_begin = BEGIN

    def decode(self, tokens: list[int]) -> str:
        return "".join(chr(token) for token in tokens if token < EOT)


def at(seconds: float) -> int:
    """The time token of a moment."""
    return BEGIN + round(seconds / 0.02)


class PlayedBackend:
    """Gives the token sequences of a list, in the order of decoding; alignment is even over the window."""

    batch = 4
    token_limit = 50

    def __init__(self, plays: Callable[[np.ndarray, float], list[int] | Raw]) -> None:
        self.plays = plays
        self.decoded: list[tuple[float, int]] = []

    def tokens(self, language: str) -> PlainTokens:
        return PlainTokens()

    def encode(self, windows: Sequence[np.ndarray]) -> list[np.ndarray]:
        return list(windows)

    def joined(self, encoded: Sequence[Any]) -> list[np.ndarray]:
        return [row for rows in encoded for row in rows]

    def decode(
        self, encoded: Any, rows: Sequence[int], language: str, temperature: float, decoding: Decoding
    ) -> list[Raw]:
        out = []
        for row in rows:
            self.decoded.append((temperature, len(encoded[row])))
            played = self.plays(encoded[row], temperature)
            out.append(played if isinstance(played, Raw) else Raw(played, -0.2, 0.01, temperature))
        return out

    def align(
        self, encoded: Any, row: int, language: str, text_tokens: list[int], duration_s: float
    ) -> list[Aligned]:
        edges = np.linspace(0.0, duration_s, len(text_tokens) + 1)
        return [
            Aligned(chr(token), 1, float(edges[i]), float(edges[i + 1]), 0.9)
            for i, token in enumerate(text_tokens)
        ]

    def languages(self, encoded: Any) -> list[dict[str, float]]:
        return [{"en": 1.0} for _ in encoded]
