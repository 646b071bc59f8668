"""A second decoding of a flagged stretch with other settings: does the recogniser stand by its words?"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from audit.audio.shapes import SPEECH_RATE_HZ, Audio, Samples
from audit.models import Turn
from audit.speech.guard import units
from audit.speech.shapes import CAREFUL, Decoding, Recogniser

Verdict = Literal["agree", "differ", "silent"]

AGREEMENT = 0.8
"""Share of words in common from which two decodings agree."""
_MARGIN_S = 0.4
_LONGEST_S = 29.0


@dataclass(frozen=True, slots=True)
class SecondDecoding:
    """What the second decoding gave. `agreement` is 2·common / (words of both), 0–1, in order.

    `text` is what was heard the second time, to be shown beside the first.
    """

    verdict: Verdict
    agreement: float
    text: str


def second_decoding(
    audio: Audio,
    turn: Turn,
    recogniser: Recogniser,
    language: str,
    decoding: Decoding = CAREFUL,
    span_s: tuple[float, float] | None = None,
) -> SecondDecoding:
    """Hear a turn (or only `span_s` of it) again: beams instead of greedy, a margin each side.

    "silent": nothing came back. A turn longer than half a minute is compared over its pieces. Says how
    stable the words are, not whether they are right: both decodings share one model.
    """
    start_s, end_s = span_s or (turn.start_s or 0.0, turn.end_s or 0.0)
    expected = _said_between(turn, start_s, end_s)
    windows = _windows(audio, turn.channel or 0, start_s, end_s)
    heard = recogniser.transcribe_windows(windows, language, decoding)
    text = " ".join(segment.text for segments in heard for segment in segments).strip()
    share = agreement(expected, text)
    if not units(text):
        return SecondDecoding("silent", 0.0, "")
    return SecondDecoding("agree" if share >= AGREEMENT else "differ", share, text)


def agreement(first: str, second: str) -> float:
    """Share of words (characters in Chinese) two texts have in common, in order; marks and case aside.

    The margin may bring in words of neighbours: what is more than the first at either end does not count.
    """
    a, b = units(first), units(second)
    if not a or not b:
        return 0.0
    blocks = [
        block for block in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks() if block.size
    ]
    if not blocks:
        return 0.0
    common = sum(block.size for block in blocks)
    inner = b[max(0, blocks[0].b - blocks[0].a) : blocks[-1].b + len(a) - blocks[-1].a]
    return 2 * common / (len(a) + len(inner))


def _said_between(turn: Turn, start_s: float, end_s: float) -> str:
    if not turn.words or (turn.start_s == start_s and turn.end_s == end_s):
        return turn.text
    inside = [word.text for word in turn.words if word.end_s > start_s and word.start_s < end_s]
    return "".join(inside) if any(text.startswith(" ") for text in inside) else " ".join(inside)


def _windows(audio: Audio, channel: int, start_s: float, end_s: float) -> list[Samples]:
    start_s, end_s = max(0.0, start_s - _MARGIN_S), min(audio.duration_s, end_s + _MARGIN_S)
    channel = min(channel, audio.channels - 1)
    out = []
    while end_s - start_s > 0.05:
        out.append(audio.span(channel, start_s, min(end_s, start_s + _LONGEST_S)))
        start_s += _LONGEST_S
    return [samples for samples in out if len(samples) > SPEECH_RATE_HZ // 20]
