"""What every format is read into, and how that becomes turns: pieces with labels -> a transcript."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.errors import TranscriptError
from audit.models import Speaker, Transcript, Turn, Word
from audit.phrases import detect_language
from audit.speakers.roles import confidence_of, leaning

_AGENT = {
    "agent", "collector", "operator", "representative", "rep", "advisor", "adviser", "csr", "employee",
    "staff", "坐席", "客服", "催收员", "专员", "业务员", "话务员", "agent_0", "客服人员", "员工",
}  # fmt: skip
_CUSTOMER = {
    "customer", "client", "debtor", "borrower", "consumer", "cardholder", "customer_0", "客户", "债务人",
    "借款人", "用户", "欠款人", "持卡人",
}  # fmt: skip
_UNKNOWN = {"", "unknown", "none", "speaker", "未知"}
_LANGUAGES = {
    "english": "en", "chinese": "zh", "mandarin": "zh", "cantonese": "zh", "cmn": "zh", "yue": "zh",
    "zho": "zh", "chi": "zh", "eng": "en",
}  # fmt: skip
_SURE_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of text as a file gives it; `label` is the file's name of the speaker, `line` 1-based."""

    text: str
    line: int
    start_s: float | None = None
    end_s: float | None = None
    label: str = ""
    words: tuple[Word, ...] = ()
    channel: int | None = None
    no_speech_probability: float | None = None
    mean_log_probability: float | None = None


def build(pieces: Sequence[Piece], language: str | None, source: str) -> Transcript:
    """Pieces in the file's order -> turns in time order (a file without times keeps its order).

    Speakers are the file's. Labels that name nobody (SPEAKER_00, ch_1) are told apart by what they say,
    with confidence; without a clear difference they are "unknown". Raises TranscriptError naming the line
    of times that cannot be.
    """
    for piece in pieces:
        _check_times(piece)
    kept = [piece for piece in pieces if piece.text.strip()]
    if all(piece.start_s is not None for piece in kept):
        kept = sorted(kept, key=lambda piece: (piece.start_s or 0.0, piece.end_s or 0.0))
    code = language_code(language) or detect_language(" ".join(piece.text for piece in kept))
    speakers, confidence, evidence = _speakers(kept, code)
    turns = tuple(_turn(i, piece, speakers[piece.label]) for i, piece in enumerate(kept))
    return Transcript(code, turns, source, confidence, evidence)


def _turn(index: int, piece: Piece, speaker: Speaker) -> Turn:
    return Turn(
        index,
        speaker,
        piece.text.strip(),
        piece.start_s,
        piece.end_s,
        piece.words,
        piece.channel,
        piece.no_speech_probability,
        piece.mean_log_probability,
    )


def _check_times(piece: Piece) -> None:
    for time in (piece.start_s, piece.end_s):
        if time is not None and (not math.isfinite(time) or time < 0):
            raise TranscriptError(f"line {piece.line}: a time is {time:g}; times are seconds from 0 on")
    if piece.start_s is not None and piece.end_s is not None and piece.end_s < piece.start_s:
        raise TranscriptError(
            f"line {piece.line}: it ends ({piece.end_s:g} s) before it starts ({piece.start_s:g} s)"
        )


def language_code(name: object) -> str | None:
    """`zh-CN`, `Chinese`, `cmn-Hans` -> `zh`; None for nothing usable."""
    if not isinstance(name, str) or not name.strip():
        return None
    first = name.strip().lower().replace("_", "-").split("-")[0]
    if first in _LANGUAGES:
        return _LANGUAGES[first]
    return first if 2 <= len(first) <= 3 and first.isalpha() else None


def role_of(label: str) -> Speaker | None:
    """The role a label names; None for a label that only tells voices apart."""
    bare = label.strip().lower()
    if bare in _AGENT:
        return "agent"
    if bare in _CUSTOMER:
        return "customer"
    return "unknown" if bare in _UNKNOWN else None


def _speakers(pieces: Sequence[Piece], language: str) -> tuple[dict[str, Speaker], float, str]:
    """Role of each label, how sure, from what."""
    labels = list(dict.fromkeys(piece.label for piece in pieces))
    named = {label: role for label in labels if (role := role_of(label)) is not None}
    unnamed = [label for label in labels if label not in named]
    if not unnamed:
        known = any(role != "unknown" for role in named.values())
        return named, 1.0 if known else 0.0, "named in the file" if known else "the file names no speakers"
    if "agent" in named.values():
        return {**named, **dict.fromkeys(unnamed, "customer")}, 1.0, "named in the file"
    return _by_words(pieces, unnamed, named, language)


def _by_words(
    pieces: Sequence[Piece], unnamed: list[str], named: dict[str, Speaker], language: str
) -> tuple[dict[str, Speaker], float, str]:
    said = {label: leaning([p.text for p in pieces if p.label == label], language) for label in unnamed}
    ranked = sorted(unnamed, key=lambda label: -said[label].score)
    second = said[ranked[1]].score if len(ranked) > 1 else 0.0
    margin = said[ranked[0]].score - second
    if margin < _SURE_MARGIN:
        roles: dict[str, Speaker] = {**named, **dict.fromkeys(unnamed, "unknown")}
        return roles, 0.0, "nothing said tells which of the file's speakers is the agent"
    roles = {**named, **dict.fromkeys(unnamed, "customer"), ranked[0]: "agent"}
    return (
        roles,
        round(confidence_of(margin), 3),
        f"speaker {ranked[0]} {', '.join(said[ranked[0]].cues[:3])}",
    )


def with_gaps_filled(
    words: Sequence[tuple[str, float | None, float | None, float | None]],
) -> tuple[Word, ...]:
    """Words (text, start, end, probability), some without times (WhisperX aligns no digits), between neighbours.

    The words without times share the gap between the last known end and the next known start.
    """
    out = [
        Word(text, s if s is not None else -1.0, e if e is not None else -1.0, p) for text, s, e, p in words
    ]
    i = 0
    while i < len(out):
        if out[i].start_s >= 0 and out[i].end_s >= 0:
            i += 1
            continue
        last = i
        while last + 1 < len(out) and (out[last + 1].start_s < 0 or out[last + 1].end_s < 0):
            last += 1
        begin = (
            out[i - 1].end_s if i else max(0.0, out[last + 1].start_s - 0.3 if last + 1 < len(out) else 0.0)
        )
        end = out[last + 1].start_s if last + 1 < len(out) else begin + 0.3 * (last - i + 1)
        step = max(0.0, end - begin) / (last - i + 1)
        for k in range(i, last + 1):
            at = begin + step * (k - i)
            out[k] = replace(out[k], start_s=round(at, 3), end_s=round(at + step, 3))
        i = last + 1
    return tuple(out)
