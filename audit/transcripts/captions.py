"""WebVTT (W3C) and SRT -> pieces: voices, "Name:" prefixes, word times, faults with their line."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from audit.errors import TranscriptError
from audit.models import Word
from audit.transcripts.build import Piece, role_of

_TIME = r"(?:(\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_VTT_TIMING = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?![\d:.])(.*)$")
_SRT_TIMING = re.compile(
    r"^\s*(\d{1,3}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})\s*-->\s*(\d{1,3}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
)
_VOICE = re.compile(r"<v(?:\.[^ \t>]*)?[ \t]+([^>]*)>")
_TAG = re.compile(r"<[^>]*>?")
_STAMP = re.compile(rf"<{_TIME}>")
_PREFIX = re.compile(
    r"^\s*[\[(【]?\s*([A-Za-z][\w .-]{0,24}|[一-鿿]{2,6}\d{0,2})\s*[\])】]?\s*[:：]\s*(?=\S)"
)
_NUMBERED = re.compile(r"(?i)^(speaker|spk|说话人|发言人|讲话人)[ _]?\w{1,3}$")


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: times in seconds, text with its tags, the 1-based line of its times."""

    start_s: float
    end_s: float
    text: str
    line: int


def parse_vtt(text: str) -> tuple[list[Cue], list[str]]:
    """Cues as the WebVTT parser of the standard gives them, and a sentence with its line for each cue lost.

    A file without the WEBVTT signature has no cues and one fault.
    """
    lines = re.split(r"\r\n|\n|\r", text.replace("\0", "�"))
    if not re.match(r"^WEBVTT(?:[ \t].*)?$", lines[0]):
        return [], ["line 1: a WebVTT file begins with WEBVTT"]
    cues: list[Cue] = []
    faults: list[str] = []
    at = _after_header(lines)
    while at < len(lines):
        if not lines[at].strip(" \t") and not lines[at]:
            at += 1
            continue
        at = _block(lines, at, cues, faults)
    return cues, faults


def _after_header(lines: Sequence[str]) -> int:
    """The first line of the body: header lines run to the first blank line or the first times."""
    at = 1
    while at < len(lines) and lines[at] and "-->" not in lines[at]:
        at += 1
    return at


def _block(lines: Sequence[str], at: int, cues: list[Cue], faults: list[str]) -> int:
    """Read one block from `at`; returns the line after it."""
    timing = at if "-->" in lines[at] else at + 1
    if timing >= len(lines) or "-->" not in lines[timing]:
        # A comment, a style, a region, or text that belongs to no cue.
        end = _until(lines, at)
        if not re.match(r"^(NOTE|STYLE|REGION|Region)\b", lines[at]):
            faults.append(f"line {at + 1}: text without times")
        return end
    found = _VTT_TIMING.match(lines[timing])
    end = _until(lines, timing + 1)
    if found is None:
        faults.append(f"line {timing + 1}: the times cannot be read")
        return end
    start_s, end_s = _seconds(found.groups()[:4]), _seconds(found.groups()[4:8])
    cues.append(Cue(start_s, end_s, "\n".join(lines[timing + 1 : end]), timing + 1))
    return end


def _until(lines: Sequence[str], at: int) -> int:
    """The line that ends a block: blank, or the next times."""
    while at < len(lines) and lines[at] and "-->" not in lines[at]:
        at += 1
    return at


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, rest = parts
    return (
        int(hours or 0) * 3600
        + int(minutes or 0) * 60
        + int(seconds or 0)
        + int((rest or "0").ljust(3, "0")) / 1000
    )


def parse_srt(text: str) -> tuple[list[Cue], list[str]]:
    """Cues of a SubRip file and a sentence with its line for each fault."""
    lines = re.split(r"\r\n|\n|\r", text)
    cues: list[Cue] = []
    faults: list[str] = []
    times = [i for i, line in enumerate(lines) if "-->" in line]
    for n, at in enumerate(times):
        found = _SRT_TIMING.match(lines[at])
        end = times[n + 1] if n + 1 < len(times) else len(lines)
        body = lines[at + 1 : end]
        while body and not body[-1].strip():
            body.pop()
        if n + 1 < len(times) and body and body[-1].strip().isdigit():
            body.pop()
        if found is None:
            faults.append(f"line {at + 1}: the times cannot be read")
            continue
        start_s, end_s = _seconds(found.groups()[:4]), _seconds(found.groups()[4:8])
        cues.append(Cue(start_s, end_s, "\n".join(body).strip(), at + 1))
    head = [line for line in lines[: times[0] if times else 0] if line.strip() and not line.strip().isdigit()]
    if head:
        faults.append("line 1: text without times")
    return cues, faults


def pieces(cues: Sequence[Cue], faults: Sequence[str]) -> list[Piece]:
    """Cues -> pieces, one a voice. Raises TranscriptError with all faults: a lost cue is words unjudged."""
    wrong = [*faults, *(f"line {c.line}: it ends before it starts" for c in cues if c.end_s < c.start_s)]
    if wrong:
        raise TranscriptError(
            "; ".join(wrong[:10]) + (f"; and {len(wrong) - 10} more" if len(wrong) > 10 else "")
        )
    return [piece for cue in cues for piece in _voices(cue)]


def _voices(cue: Cue) -> list[Piece]:
    """A cue cut at its <v Name> tags; the time is shared out by length when there are several."""
    parts: list[tuple[str, str]] = []
    label, at = "", 0
    for found in _VOICE.finditer(cue.text):
        parts.append((label, cue.text[at : found.start()]))
        label, at = html.unescape(found.group(1)).strip(), found.end()
    parts.append((label, cue.text[at:]))
    spoken = [(label, text) for label, text in parts if plain(text)]
    total = sum(len(plain(text)) for _, text in spoken)
    out: list[Piece] = []
    start_s = cue.start_s
    for label, text in spoken:
        end_s = start_s + (cue.end_s - cue.start_s) * len(plain(text)) / total
        out.append(_piece(cue, label, text, (start_s, end_s if len(spoken) > 1 else cue.end_s)))
        start_s = end_s
    return out


def _piece(cue: Cue, label: str, text: str, span: tuple[float, float]) -> Piece:
    bare = plain(text)
    if not label and (found := _PREFIX.match(bare)) and _is_name(found.group(1)):
        label, bare = found.group(1).strip(), bare[found.end() :]
    return Piece(bare, cue.line, span[0], span[1], label, _words(text, span))


def _is_name(prefix: str) -> bool:
    """Whether what stands before a colon is a speaker: a known role or "Speaker 1", not "Note"."""
    return role_of(prefix) in {"agent", "customer"} or bool(_NUMBERED.match(prefix.strip()))


def plain(text: str) -> str:
    """Caption text without tags and entities, on one line."""
    bare = html.unescape(_TAG.sub("", text)).replace("‎", "").replace("‏", "")
    return re.sub(r"\s+", " ", bare).strip()


def _words(text: str, span: tuple[float, float]) -> tuple[Word, ...]:
    """Words timed by <00:00:01.000> stamps, as karaoke captions and YouTube write them; none without stamps."""
    stamps = list(_STAMP.finditer(text))
    if not stamps:
        return ()
    edges = [span[0], *(_seconds(found.groups()) for found in stamps), span[1]]
    bounds = [0, *(found.end() for found in stamps)]
    ends = [*(found.start() for found in stamps), len(text)]
    said = [
        (plain(text[a:b]), edges[i], edges[i + 1]) for i, (a, b) in enumerate(zip(bounds, ends, strict=True))
    ]
    return tuple(Word(word, start, max(start, end)) for word, start, end in said if word)
