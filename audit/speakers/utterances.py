"""Segments -> utterances at pauses, without what only echoes the other side, merged into turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from audit.models import Speaker, Turn, Word
from audit.speech.doubt import agreement
from audit.speech.guard import units
from audit.speech.shapes import Segment

PAUSE_LIMIT_S = 1.0
"""A longer silence of one speaker ends a turn if the other speaks in it, and always ends an utterance."""
MERGE_LIMIT_S = 2.0
"""Turns of one speaker with nobody between them are one turn up to this silence."""
_MONO_PAUSE_S = 0.35
_BACKCHANNEL_UNITS = 2
_BACKCHANNEL_S = 1.0
_ECHO_FAINTER_DB = 6.0
_ECHO_LAG_S = 0.6
_ECHO_AGREEMENT = 0.8


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one channel carries without a pause."""

    channel: int
    text: str
    start_s: float
    end_s: float
    words: tuple[Word, ...]
    no_speech_probability: float | None
    mean_log_probability: float | None
    level_dbfs: float | None
    speaker: Speaker = "unknown"


def utterances(channel: int, segments: Sequence[Segment], *, one_voice: bool = True) -> list[Utterance]:
    """Segments cut where their words pause; `one_voice=False` cuts at short pauses and after questions too."""
    out: list[Utterance] = []
    for segment in segments:
        for words, text in _cut(segment, one_voice):
            out.append(
                Utterance(
                    channel,
                    text,
                    words[0].start_s if words else segment.start_s,
                    words[-1].end_s if words else segment.end_s,
                    words,
                    segment.no_speech_probability,
                    segment.mean_log_probability,
                    segment.level_dbfs,
                )
            )
    return out


def _cut(segment: Segment, one_voice: bool) -> list[tuple[tuple[Word, ...], str]]:
    pieces: list[list[Word]] = []
    for word in segment.words:
        if not pieces or _breaks(pieces[-1][-1], word, one_voice):
            pieces.append([])
        pieces[-1].append(word)
    if len(pieces) < 2:
        return [(segment.words, segment.text)]
    return [(tuple(piece), _joined(piece)) for piece in pieces]


def _breaks(before: Word, word: Word, one_voice: bool) -> bool:
    pause = word.start_s - before.end_s
    if one_voice:
        return pause > PAUSE_LIMIT_S
    return pause > _MONO_PAUSE_S or before.text.rstrip()[-1:] in "?？。.!！"


def _joined(words: Sequence[Word]) -> str:
    """Words as text: recognisers keep the blank before a word; where none has one, characters stand close."""
    if any(word.text[:1].isspace() for word in words[1:]):
        return "".join(word.text for word in words).strip()
    return join_text(word.text for word in words)


def join_text(texts: Iterable[str]) -> str:
    """Texts joined with a blank where both sides are written with blanks, else without."""
    out = ""
    for text in texts:
        text = text.strip()
        blank = out and text and _spaced(out[-1]) and _spaced(text[0])
        out += (" " if blank else "") + text
    return out


def _spaced(sign: str) -> bool:
    """Whether a sign belongs to writing with blanks between words."""
    return ord(sign) < 0x2E80


def without_echo(by_channel: Mapping[int, Sequence[Utterance]]) -> dict[int, list[Utterance]]:
    """Drop from each channel what only repeats the other side's words at the same time and fainter.

    Kept when its level is not known, when it is as loud, or when it is a word or two: people do answer
    with the same word.
    """
    return {channel: [u for u in own if not _is_echo(u, by_channel)] for channel, own in by_channel.items()}


def _is_echo(utterance: Utterance, by_channel: Mapping[int, Sequence[Utterance]]) -> bool:
    if utterance.level_dbfs is None or len(units(utterance.text)) <= _BACKCHANNEL_UNITS:
        return False
    for channel, others in by_channel.items():
        if channel == utterance.channel:
            continue
        near = [
            other
            for other in others
            if other.level_dbfs is not None
            and other.level_dbfs - utterance.level_dbfs >= _ECHO_FAINTER_DB
            and other.start_s - _ECHO_LAG_S < utterance.end_s
            and other.end_s + _ECHO_LAG_S > utterance.start_s
        ]
        theirs = [w.text for o in near for w in o.words if _beside(w, utterance)] or [o.text for o in near]
        if theirs and agreement(utterance.text, join_text(theirs)) >= _ECHO_AGREEMENT:
            return True
    return False


def _beside(word: Word, utterance: Utterance) -> bool:
    return word.end_s > utterance.start_s - _ECHO_LAG_S and word.start_s < utterance.end_s + _ECHO_LAG_S


def merged(parts: Sequence[Utterance]) -> list[Turn]:
    """Utterances (any order) -> turns in time order, joined by speaker where nobody took over between.

    A word or two of the other side ("mm", "对") while somebody speaks on is no taking over: the turn goes
    on, so that a phrase is not torn apart.
    """
    groups: list[list[Utterance]] = []
    for utterance in sorted(parts, key=lambda u: (u.start_s, u.end_s, u.channel)):
        home = _home(groups, utterance)
        if home is None:
            groups.append([utterance])
        else:
            home.append(utterance)
    return [_turn(index, group) for index, group in enumerate(groups)]


def _home(groups: list[list[Utterance]], utterance: Utterance) -> list[Utterance] | None:
    """The turn that the utterance goes on with, if any."""
    between: list[list[Utterance]] = []
    for group in reversed(groups):
        if _same(group[-1], utterance):
            pause = utterance.start_s - group[-1].end_s
            limit = PAUSE_LIMIT_S if between else MERGE_LIMIT_S
            taken_over = any(not _backchannel(other) for other in between)
            return None if taken_over or pause > limit else group
        between.append(group)
        if len(between) > 2:
            return None
    return None


def _same(a: Utterance, b: Utterance) -> bool:
    return a.channel == b.channel and a.speaker == b.speaker


def _backchannel(group: Sequence[Utterance]) -> bool:
    said = sum(len(units(utterance.text)) for utterance in group)
    return said <= _BACKCHANNEL_UNITS and group[-1].end_s - group[0].start_s <= _BACKCHANNEL_S


def _turn(index: int, group: Sequence[Utterance]) -> Turn:
    no_speech = [u.no_speech_probability for u in group if u.no_speech_probability is not None]
    log_probability = [u.mean_log_probability for u in group if u.mean_log_probability is not None]
    return Turn(
        index=index,
        speaker=group[0].speaker,
        text=join_text(u.text for u in group),
        start_s=round(min(u.start_s for u in group), 3),
        end_s=round(max(u.end_s for u in group), 3),
        words=tuple(replace(word, text=word.text.strip()) for u in group for word in u.words),
        channel=group[0].channel,
        no_speech_probability=max(no_speech, default=None),
        mean_log_probability=min(log_probability, default=None),
    )
