"""JSON transcripts -> pieces: our own, Whisper, WhisperX, Amazon Transcribe standard and Call Analytics."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from audit.errors import TranscriptError
from audit.models import Word
from audit.transcripts.build import Piece, with_gaps_filled

Found = tuple[list[Piece], str | None, str]
"""Pieces, language as the file names it, source."""

_TURN_GAP_S = 1.5


def read_json(text: str) -> Found:
    """Raises TranscriptError with the line: not JSON, no format that is known, a field of the wrong kind."""
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise TranscriptError(f"line {error.lineno}: not valid JSON ({error.msg})") from error
    except RecursionError as error:
        raise TranscriptError("line 1: the JSON is nested too deeply to be a transcript") from error
    if isinstance(data, list):
        nested = bool(data) and isinstance(data[0], dict) and "utterances" in data[0]
        data = data[0] if nested else {"utterances": data}
    if isinstance(data, dict):
        for key, reader in _FORMATS:
            if key in data:
                return reader(data, text)
    known = "utterances (own), segments (Whisper), results (Amazon Transcribe), Transcript (Call Analytics)"
    raise TranscriptError(f"line 1: not a transcript that is known: it has none of {known}")


def _no_constant(name: str) -> float:
    raise TranscriptError(f"the file holds {name}, which is no number")


def _lines(text: str, key: str) -> Iterator[int]:
    """1-based line of each element of the first array under `key`; then the last known line for ever."""
    found = re.search(rf'"{key}"\s*:\s*\[', text) or re.match(r"\s*\[", text)
    decoder = json.JSONDecoder()
    at, line, counted = (found.end() if found else len(text)), 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        line += text.count("\n", counted, at)
        counted = at
        yield line
        if at < len(text) and text[at] == "{":
            _, at = decoder.raw_decode(text, at)


class _Element:
    """An object of an array with its line: fields of the wrong kind are faults that name it."""

    def __init__(self, data: Any, line: int) -> None:
        self.line = line
        if not isinstance(data, dict):
            raise self.fault("an object with the text was expected")
        self.data: Mapping[str, Any] = data

    def fault(self, what: str) -> TranscriptError:
        return TranscriptError(f"line {self.line}: {what}")

    def text(self, key: str) -> str:
        value = self.data.get(key)
        if not isinstance(value, str):
            raise self.fault(f"{key} is missing or is not text")
        return value

    def label(self, key: str) -> str:
        value = self.data.get(key)
        if value is not None and not isinstance(value, str | int):
            raise self.fault(f"{key} is not text")
        return "" if value is None else str(value)

    def seconds(self, key: str, scale: float = 1.0) -> float | None:
        value = self.data.get(key)
        if value is None or value == "":
            return None
        return self.number(key, value) * scale

    def number(self, key: str, value: Any) -> float:
        try:
            if isinstance(value, bool):
                raise ValueError
            return float(value)
        except (TypeError, ValueError):
            raise self.fault(f"{key} is not a number") from None

    def optional(self, key: str) -> float | None:
        value = self.data.get(key)
        return None if value is None else self.number(key, value)

    def items(self, key: str) -> Sequence[Any]:
        value = self.data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.fault(f"{key} is not a list")
        return value


def _elements(data: Mapping[str, Any], key: str, text: str) -> list[_Element]:
    rows = data[key]
    if not isinstance(rows, list):
        raise TranscriptError(f"line 1: {key} is not a list")
    return [_Element(row, line) for row, line in zip(rows, _lines(text, key), strict=False)]


def _own(data: Mapping[str, Any], text: str) -> Found:
    """Contract: {"language", "utterances": [{"speaker", "start", "end", "text", "words"?}]}."""
    pieces = [
        Piece(
            element.text("text"),
            element.line,
            element.seconds("start"),
            element.seconds("end"),
            element.label("speaker"),
            _timed_words(element, "words", ("text", "start", "end", "probability")),
        )
        for element in _elements(data, "utterances", text)
    ]
    return pieces, data.get("language"), "own JSON"


def _timed_words(element: _Element, key: str, names: tuple[str, str, str, str]) -> tuple[Word, ...]:
    rows = [_Element(item, element.line) for item in element.items(key)]
    return with_gaps_filled(
        [
            (row.text(names[0]).strip(), row.seconds(names[1]), row.seconds(names[2]), row.optional(names[3]))
            for row in rows
        ]
    )


def _whisper(data: Mapping[str, Any], text: str) -> Found:
    """openai-whisper and faster-whisper (words have `word`, `probability`) and WhisperX (`score`, `speaker`)."""
    pieces: list[Piece] = []
    by_whisperx = "word_segments" in data
    for element in _elements(data, "segments", text):
        words = element.items("words")
        by_whisperx = by_whisperx or "speaker" in element.data or any("score" in w for w in words)
        pieces.extend(_by_word_speaker(element, words))
    return pieces, data.get("language"), "WhisperX JSON" if by_whisperx else "Whisper JSON"


def _by_word_speaker(element: _Element, words: Sequence[Any]) -> list[Piece]:
    """A segment whose words belong to several speakers (WhisperX says so by word) becomes several pieces."""
    kind = "score" if any("score" in word for word in words) else "probability"
    timed = _timed_words(element, "words", ("word", "start", "end", kind))
    labels = [str(word.get("speaker") or element.label("speaker")) for word in words]
    whole = Piece(
        element.text("text").strip(),
        element.line,
        element.seconds("start"),
        element.seconds("end"),
        labels[0] if labels else element.label("speaker"),
        timed,
        None,
        element.optional("no_speech_prob"),
        element.optional("avg_logprob"),
    )
    if len(set(labels)) < 2:
        return [whole]
    blank = " " if " " in whole.text else ""
    return [
        Piece(
            blank.join(timed[i].text for i in run),
            element.line,
            timed[run[0]].start_s,
            timed[run[-1]].end_s,
            labels[run[0]],
            tuple(timed[i] for i in run),
            None,
            whole.no_speech_probability,
            whole.mean_log_probability,
        )
        for run in _runs(labels)
    ]


def _runs(labels: Sequence[str]) -> list[list[int]]:
    runs: list[list[int]] = []
    for i, label in enumerate(labels):
        if runs and labels[runs[-1][-1]] == label:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _amazon(data: Mapping[str, Any], text: str) -> Found:
    """Amazon Transcribe: items with speaker labels, or channels; punctuation items carry no times."""
    results = data["results"]
    if not isinstance(results, dict):
        raise TranscriptError("line 1: results is not an object")
    language = results.get("language_code") or data.get("language_code")
    channels = (results.get("channel_labels") or {}).get("channels")
    if channels:
        pieces = [piece for n, channel in enumerate(channels) for piece in _amazon_channel(n, channel)]
        return pieces, language, "Amazon Transcribe JSON"
    if "items" not in results:
        raise TranscriptError("line 1: results has no items")
    labels = _amazon_labels(results)
    items = _elements(results, "items", text)
    return _amazon_turns(items, _labeller(labels), None), language, "Amazon Transcribe JSON"


def _amazon_channel(number: int, channel: Mapping[str, Any]) -> list[Piece]:
    name = str(channel.get("channel_label", ""))
    items = [_Element(item, 1) for item in channel.get("items", [])]
    return _amazon_turns(items, lambda _: name, number)


def _amazon_labels(results: Mapping[str, Any]) -> dict[str, str]:
    """Start time of each word (as written) -> its speaker label, for files whose items carry none."""
    segments = (results.get("speaker_labels") or {}).get("segments") or []
    return {
        str(item.get("start_time")): str(item.get("speaker_label", ""))
        for segment in segments
        for item in segment.get("items", [])
    }


def _labeller(labels: Mapping[str, str]) -> Callable[[_Element], str]:
    def label(item: _Element) -> str:
        return item.label("speaker_label") or labels.get(str(item.data.get("start_time")), "")

    return label


def _amazon_turns(
    items: Sequence[_Element], label_of: Callable[[_Element], str], channel: int | None
) -> list[Piece]:
    """Items -> pieces, a new one where the speaker changes or the speech pauses."""
    pieces: list[Piece] = []
    said: list[tuple[str, Word | None]] = []
    now = ""
    for item in items:
        word = _amazon_word(item)
        if word is None:
            said.append((_content(item), None))
            continue
        label = label_of(item)
        last = next((w for _, w in reversed(said) if w), None)
        if said and (label != now or (last and word.start_s - last.end_s > _TURN_GAP_S)):
            pieces.append(_amazon_piece(said, items[0].line, now, channel))
            said = []
        now = label
        said.append((word.text, word))
    return [*pieces, _amazon_piece(said, items[0].line, now, channel)] if said else pieces


def _content(item: _Element) -> str:
    alternatives = item.items("alternatives")
    if not alternatives:
        raise item.fault("an item has no alternatives")
    return _Element(alternatives[0], item.line).text("content")


def _amazon_word(item: _Element) -> Word | None:
    start, end = item.seconds("start_time"), item.seconds("end_time")
    if item.data.get("type") == "punctuation" or start is None or end is None:
        return None
    best = _Element(item.items("alternatives")[0], item.line) if item.items("alternatives") else item
    return Word(_content(item), start, end, best.optional("confidence"))


def _amazon_piece(
    said: Sequence[tuple[str, Word | None]], line: int, label: str, channel: int | None
) -> Piece:
    words = tuple(word for _, word in said if word is not None)
    text = ""
    for content, word in said:
        # Chinese is written without blanks, marks stand close to their word.
        blank = bool(text) and word is not None and ord(content[:1] or " ") < 0x2E80
        text += (" " if blank else "") + content
    return Piece(
        text,
        line,
        words[0].start_s if words else None,
        words[-1].end_s if words else None,
        label,
        words,
        channel,
    )


def _analytics(data: Mapping[str, Any], text: str) -> Found:
    """Amazon Transcribe Call Analytics: turns with roles, offsets in milliseconds."""
    pieces = [
        Piece(
            element.text("Content"),
            element.line,
            element.seconds("BeginOffsetMillis", 0.001),
            element.seconds("EndOffsetMillis", 0.001),
            element.label("ParticipantRole"),
            _analytics_words(element),
        )
        for element in _elements(data, "Transcript", text)
    ]
    return pieces, data.get("LanguageCode"), "Amazon Call Analytics JSON"


def _analytics_words(element: _Element) -> tuple[Word, ...]:
    rows = [_Element(item, element.line) for item in element.items("Items")]
    return tuple(
        Word(
            row.text("Content"),
            row.seconds("BeginOffsetMillis", 0.001) or 0.0,
            row.seconds("EndOffsetMillis", 0.001) or 0.0,
            row.optional("Confidence"),
        )
        for row in rows
        if row.data.get("Type") != "punctuation" and row.data.get("BeginOffsetMillis") is not None
    )


_FORMATS: tuple[tuple[str, Callable[[Mapping[str, Any], str], Found]], ...] = (
    ("utterances", _own),
    ("Transcript", _analytics),
    ("results", _amazon),
    ("segments", _whisper),
)
