"""Regions packed into windows of one recogniser pass, and the way back from a window's times to the call's.

Full-size Whisper hears several utterances in one window as well as one, and each window costs the same,
so regions of a channel are joined (their silences left out) up to the window's length. A small model
(`window_s` 0) gets one region at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from audit.audio.shapes import Audio, Samples
from audit.models import Word
from audit.speech.shapes import Region, Segment


@dataclass(frozen=True, slots=True)
class Piece:
    """A region inside a window: begins at `offset_s` of the window, at `start_s` of the recording."""

    offset_s: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Window:
    """What one pass hears: pieces of one channel, in order, laid end to end."""

    channel: int
    pieces: tuple[Piece, ...]

    @property
    def duration_s(self) -> float:
        """Length of the window in seconds."""
        last = self.pieces[-1]
        return last.offset_s + last.end_s - last.start_s

    def samples(self, audio: Audio) -> Samples:
        """The window's sound, shape (n,)."""
        parts = [audio.span(self.channel, piece.start_s, piece.end_s) for piece in self.pieces]
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def moment(self, time_s: float, *, ending: bool = False) -> float:
        """A time of the window as a time of the recording; an ending on a seam belongs to the piece before."""
        chosen = self.pieces[0]
        for piece in self.pieces:
            if piece.offset_s < time_s - 1e-6 or (not ending and piece.offset_s <= time_s + 1e-6):
                chosen = piece
        return min(max(chosen.start_s, chosen.start_s + time_s - chosen.offset_s), chosen.end_s)

    def placed(self, segment: Segment) -> Segment:
        """A segment heard in the window, with times of the recording."""
        words = tuple(self._word(word) for word in segment.words)
        start = words[0].start_s if words else self.moment(segment.start_s)
        end = words[-1].end_s if words else self.moment(segment.end_s, ending=True)
        return replace(segment, words=words, start_s=start, end_s=max(start, end))

    def _word(self, word: Word) -> Word:
        """A word may not reach over a seam: it stays in the piece where its middle lies."""
        middle = (word.start_s + word.end_s) / 2
        piece = [p for p in self.pieces if p.offset_s <= middle + 1e-6][-1:] or [self.pieces[0]]
        shift = piece[0].start_s - piece[0].offset_s
        start = min(max(word.start_s + shift, piece[0].start_s), piece[0].end_s)
        end = min(max(word.end_s + shift, start), piece[0].end_s)
        return replace(word, start_s=round(start, 3), end_s=round(max(start, end), 3))


_OPEN = 4
"""So many windows are filled side by side; one that is left behind is closed, so that windows stay near in time."""


def pack(channel: int, regions: Sequence[Region], window_s: float) -> list[Window]:
    """Regions (in order) into windows of at most `window_s` seconds; 0 = one region a window.

    A region goes into the fullest open window that holds it: windows are full, and what a window holds is in
    order, though a later region may lie in an earlier window. Windows come in the order of their beginnings.
    """
    closed: list[list[Piece]] = []
    filling: list[list[Piece]] = []
    for region in regions:
        fitting = [pieces for pieces in filling if _filled(pieces) + region.duration_s <= window_s]
        if fitting:
            pieces = max(fitting, key=_filled)
        else:
            pieces = []
            filling.append(pieces)
            if len(filling) > _OPEN:
                closed.append(filling.pop(0))
        pieces.append(Piece(_filled(pieces), region.start_s, region.end_s))
    windows = [Window(channel, tuple(pieces)) for pieces in (*closed, *filling)]
    return sorted(windows, key=lambda window: window.pieces[0].start_s)


def _filled(pieces: Sequence[Piece]) -> float:
    return pieces[-1].offset_s + pieces[-1].end_s - pieces[-1].start_s if pieces else 0.0
