"""A transcript file of any known kind -> a transcript; the kind is told by what it holds, not by its suffix."""

from __future__ import annotations

from pathlib import Path

from audit.errors import TranscriptError
from audit.models import Transcript
from audit.transcripts.build import build
from audit.transcripts.captions import parse_srt, parse_vtt, pieces
from audit.transcripts.decoding import decode_text
from audit.transcripts.json_files import read_json

MAX_BYTES = 200 * 2**20


def read(path: Path | str) -> Transcript:
    """Read a ready transcript: own JSON, Whisper, WhisperX, Amazon Transcribe (both), WebVTT, SRT.

    Speakers, words and times are kept as the file gives them. A transcript without words has no turns.
    Raises TranscriptError naming the line: a file that lost words may not look clear.
    """
    path = Path(path)
    if not path.is_file():
        raise TranscriptError("the transcript file is missing")
    if path.stat().st_size > MAX_BYTES:
        raise TranscriptError("the file is larger than 200 MB: no transcript of a call")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"the transcript cannot be read ({error.strerror})") from error
    return read_text(decode_text(data))


def read_text(text: str) -> Transcript:
    """The same for text that is already decoded."""
    bare = text.lstrip("﻿").lstrip()
    if not bare:
        raise TranscriptError("line 1: the file is empty")
    if bare[0] in "{[":
        found, language, source = read_json(text)
        return build(found, language, source)
    if bare.startswith("WEBVTT"):
        return build(pieces(*parse_vtt(text.lstrip("﻿"))), _vtt_language(text), "WebVTT")
    if "-->" in bare:
        return build(pieces(*parse_srt(text.lstrip("﻿"))), None, "SRT")
    raise TranscriptError("line 1: neither JSON, WebVTT nor SRT")


def _vtt_language(text: str) -> str | None:
    for line in text.splitlines()[1:6]:
        if line.lower().startswith("language:"):
            return line.split(":", 1)[1].strip()
    return None
