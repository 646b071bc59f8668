"""Bytes of a transcript file -> text: UTF-8, UTF-16 and UTF-32 (with or without mark), GB18030, cp1252."""

from __future__ import annotations

import codecs

from audit.errors import TranscriptError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode_text(data: bytes) -> str:
    """The text of a file, its mark removed. Raises TranscriptError with the line of the first bad byte."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], name)
    wide = _wide(data)
    if wide is not None:
        return _strict(data, wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _legacy(data, error)


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(name, "ignore").count("\n") + 1
        raise TranscriptError(f"line {line}: the bytes are not valid {name.upper()}") from error


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Latin text and line ends is 0."""
    head = data[:2000]
    if len(head) < 4 or b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) / 40:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _legacy(data: bytes, error: UnicodeDecodeError) -> str:
    """GB18030, where high bytes come in pairs; lone ones between Latin letters are Windows' quotes."""
    high = [i for i, byte in enumerate(data) if byte >= 0x80]
    lone = sum((i == 0 or data[i - 1] < 0x80) and (i + 1 == len(data) or data[i + 1] < 0x80) for i in high)
    for name in ("cp1252", "gb18030") if lone > 0.9 * len(high) else ("gb18030",):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    line = data[: error.start].count(b"\n") + 1
    raise TranscriptError(f"line {line}: the text is neither UTF-8, UTF-16 nor GB18030") from error
