"""The call log and its folders to contacts and files: typed, checked, tied; every fault named with its row.

Nothing is guessed: a value that does not hold is reported and then treated as not given, so that the contact
is still audited and what depends on the value answers "cannot decide".
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import hmac
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from audit.errors import CallLogError
from audit.models import Contact

COLUMNS = (
    "call_id",
    "started_at",
    "timezone",
    "duration_s",
    "channel",
    "direction",
    "outcome",
    "agency",
    "agent",
    "debtor_id",
    "account_id",
    "number",
    "called_party",
    "consent_hours",
    "jurisdiction",
    "language",
    "recording",
    "transcript",
    "agent_channel",
    "text",
)
CHOICES: dict[str, tuple[str, ...]] = {
    "channel": ("call", "sms", "letter", "email", "visit"),
    "direction": ("outbound", "inbound"),
    "outcome": ("no_answer", "busy", "voicemail", "connected", "conversation"),
    "called_party": ("debtor", "guarantor", "spouse", "contact", "workplace", "stranger", "unknown"),
}
DEFAULTS = {
    "channel": "call",
    "direction": "outbound",
    "called_party": "unknown",
    "agency": "unknown",
    "agent": "unknown",
}
_HEADER = re.compile(r"[A-Za-z_][A-Za-z_ ]{0,30}[0-9]{0,2}")
"""What a heading of a column looks like; anything else in the first line may be a person's data."""
_LONG_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{10,13}|[0-9]{15,19})(?![0-9])")
"""Lengths of telephone, identity and card numbers; a day (8) or a moment (14) in a file's name is none."""
_JURISDICTION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
CONSENT_HOURS = re.compile(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}([;,]\s*\d{1,2}:\d{2}-\d{1,2}:\d{2})*")
MAX_ID = 128
YEARS = range(1970, 2101)
"""Outside of them a moment is a typing error, and the arithmetic of zones has no room."""
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Signs that are no text: no terminal, chart, page or sheet can show them."""
_NO_ID = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Beside those: ends of lines, and signs that turn the direction and make one id look like another."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of one row: `row` is its 1-based line in the file (the header is line 1)."""

    row: int
    call_id: str | None
    message: str

    def __str__(self) -> str:
        return f"row {self.row}{f' ({self.call_id})' if self.call_id else ''}: {self.message}"


@dataclass(slots=True)
class CallLog:
    """A call log as read: contacts in file order, faults by row, notes about the file as a whole."""

    contacts: list[Contact] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sha256: str = ""


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, hex; read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def shape(value: str, harmless: bool = False) -> str:
    """How a cell that does not hold may be spoken of: digits as #, letters as a; a slipped column may hold anything.

    `harmless` values (a misspelt choice or zone) are quoted as they are.
    """
    if harmless:
        return f"“{value[:40]}”"
    signs = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "#", _NO_ID.sub("?", value)))
    return f"of the form “{signs[:40]}”"


def shown_name(name: str) -> str:
    """A file's name as messages and papers may show it: a number as long as a telephone's keeps its last four."""
    return _LONG_NUMBER.sub(lambda match: f"…{match[0][-4:]}", name)


def keyed_hash(number: str, key: bytes) -> str | None:
    """HMAC-SHA-256 of a telephone number's digits, 24 hex digits; None for a number without digits.

    A leading +86 or 0086 before a mainland mobile is dropped, so that one number has one hash.
    """
    digits = re.sub(r"\D", "", _plain_digits(number))
    digits = re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)
    if not digits:
        return None
    return hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()[:24]


def _plain_digits(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", text)


def read_call_log(path: Path, jurisdiction: str, key: bytes) -> CallLog:
    """The contacts of a CSV, XLSX or Parquet call log (contract.md), in file order.

    Raises CallLogError when the file as a whole cannot be read: missing, empty, no call_id column, not a
    table. Faults of rows are collected in `CallLog.faults`. `key` makes the keyed hash of numbers.
    """
    if not path.is_file():
        raise CallLogError(f"{path.name}: there is no such file. Give the call log with --calls.")
    if path.stat().st_size == 0:
        raise CallLogError(
            f"{path.name}: the file is empty; a call log has a header line and a row a contact."
        )
    log = CallLog(sha256=hash_file(path))
    rows = _rows(path, log)
    header = next(rows, None)
    if header is None:
        raise CallLogError(f"{path.name}: no header line was found.")
    names = _check_header([_cell(value) for value in header[1]], path, log)
    seen: dict[str, int] = {}
    for number, values in rows:
        cells = {name: _cell(value) for name, value in zip(names, values, strict=False) if name}
        if not any(cells.values()):
            continue
        if any(_cell(value) for value in values[len(names) :]):
            fault = "has more cells than the header: a delimiter in a cell? Put that cell in quotes."
            log.faults.append(RowFault(number, None, fault))
        _take_row(number, cells, log, seen, jurisdiction, key)
    if not log.contacts and not log.faults:
        raise CallLogError(f"{path.name}: the header is there, but no contact follows it.")
    return log


def _rows(path: Path, log: CallLog) -> Iterator[tuple[int, list[Any]]]:
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        return _xlsx_rows(path)
    if suffix in (".parquet", ".pq"):
        return _parquet_rows(path)
    return _csv_rows(path, log)


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    import zipfile
    import zlib

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # A sheet is read as it is asked for: a broken one shows only in the loop. SyntaxError is bad XML.
    broken = (InvalidFileException, zipfile.BadZipFile, zlib.error, LookupError, TypeError, ValueError)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            yield number, list(row)
        book.close()
    except (*broken, AttributeError, EOFError, OSError, SyntaxError) as error:
        raise CallLogError(
            f"{path.name}: not a workbook that can be read. Save it again as .xlsx or as CSV."
        ) from error


def _parquet_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(path)
        names = list(file.schema_arrow.names)
        yield 1, names
        number = 1
        for batch in file.iter_batches(batch_size=20000):
            for record in batch.to_pylist():
                number += 1
                yield number, [record[name] for name in names]
    except (arrow.ArrowException, OSError) as error:
        raise CallLogError(
            f"{path.name}: not a Parquet file that can be read. Export it again, or as CSV."
        ) from error


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file and its encoding: UTF-8 (with or without BOM), UTF-16 with BOM, else GB18030.

    Raises CallLogError when it is none of them.
    """
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16"), "UTF-16"
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as fault:
        at = raw.count(b"\n", 0, fault.start) + 1
    try:
        return raw.decode("gb18030"), "GB18030"
    except UnicodeDecodeError as error:
        raise CallLogError(
            f"{path.name}:{at}: neither UTF-8 nor GB18030. Save the file as “CSV UTF-8” and try again."
        ) from error


def _csv_rows(path: Path, log: CallLog) -> Iterator[tuple[int, list[Any]]]:
    text, encoding = read_text(path)
    if encoding != "UTF-8":
        log.notes.append(f"{path.name}: read as {encoding}; UTF-8 is what other tools expect.")
    if "\x00" in text:
        at = text.count("\n", 0, text.index("\x00")) + 1
        raise CallLogError(f"{path.name}:{at}: holds NUL bytes: this is not a text file. Export it again.")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    delimiter = delimiter if delimiter in first else ","
    _check_quotes(text, delimiter, path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise CallLogError(f"{path.name}:{line}: {error}. Check the quotes of this line.") from error


def _check_quotes(text: str, delimiter: str, path: Path) -> None:
    """Refuse a quote that is never closed: all rows behind it would silently become one cell."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error as error:
        if str(error) == "unexpected end of data":
            raise CallLogError(
                f"{path.name}:{line}: a quote opens in this row and is never closed, so no row after it can be "
                "told. Close the quote, or double it where it is meant."
            ) from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    # A dialler's own guard against spreadsheet formulas: ='0123' or a leading apostrophe.
    return text[1:] if text.startswith("'") else text


def _check_header(header: list[str], path: Path, log: CallLog) -> list[str]:
    names = [name.strip().lower().replace(" ", "_") for name in header]
    if "call_id" not in names:
        near = difflib.get_close_matches("call_id", names, 1, 0.6)
        hint = f" Is it “{header[names.index(near[0])]}”? Rename it." if near else ""
        # A file without a header line has a person's row here: only names of ours are said.
        known = [name for name in names if name in COLUMNS]
        found = f"Columns found: {', '.join(known)}." if known else "None of the columns known stands there."
        raise CallLogError(f"{path.name}:1: the column call_id is missing.{hint} {found}")
    for place, (name, given) in enumerate(zip(names, header, strict=True), start=1):
        if name and name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, 1, 0.75)
            hint = f" Did you mean {near[0]}?" if near else " It is left out."
            said = f"“{given}”" if near or _HEADER.fullmatch(given) else f"no. {place}"
            log.notes.append(f"{path.name}:1: unknown column {said}.{hint}")
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise CallLogError(f"{path.name}:1: the column {', '.join(doubled)} stands there twice.")
    absent = [name for name in COLUMNS if name not in names]
    if absent:
        log.notes.append(f"{path.name}:1: columns not given, taken as empty: {', '.join(absent)}.")
    return [name if name in COLUMNS else "" for name in names]


def _take_row(
    number: int, cells: Mapping[str, str], log: CallLog, seen: dict[str, int], jurisdiction: str, key: bytes
) -> None:
    call_id = cells.get("call_id", "")
    if not call_id:
        log.faults.append(RowFault(number, None, "call_id is empty; every contact needs an id of its own."))
        return
    if len(call_id) > MAX_ID or _NO_ID.search(call_id):
        # Such an id may be half a row behind a stray quote: only its form is said.
        fault = f"call_id is {shape(call_id)}, longer than {MAX_ID} signs or not plain text: give another."
        log.faults.append(RowFault(number, None, fault))
        return
    if call_id in seen:
        log.faults.append(
            RowFault(
                number, call_id, f"duplicate call_id: row {seen[call_id]} has it already; that row was taken."
            )
        )
        return
    seen[call_id] = number
    row = _Row(number, call_id, {name: _NO_TEXT.sub("", cell) for name, cell in cells.items()}, log.faults)
    log.contacts.append(row.contact(jurisdiction, key))


@dataclass(slots=True)
class _Row:
    """One row on its way to a Contact; faults go to the log's list."""

    number: int
    call_id: str
    cells: Mapping[str, str]
    faults: list[RowFault]

    def fault(self, message: str) -> None:
        self.faults.append(RowFault(self.number, self.call_id, message))

    def get(self, name: str) -> str | None:
        return self.cells.get(name) or DEFAULTS.get(name)

    def contact(self, jurisdiction: str, key: bytes) -> Contact:
        number = self.cells.get("number", "")
        return Contact(
            call_id=self.call_id,
            row=self.number,
            started_at=self.moment(),
            timezone=self.zone(),
            duration_s=self.duration_s(),
            channel=self.choice("channel") or "call",
            direction=self.choice("direction") or "outbound",
            outcome=self.choice("outcome"),
            agency=(self.get("agency") or "unknown")[:MAX_ID],
            agent=(self.get("agent") or "unknown")[:MAX_ID],
            debtor_id=self.get("debtor_id"),
            account_id=self.get("account_id"),
            number_hash=keyed_hash(number, key) if number else None,
            called_party=self.choice("called_party") or "unknown",
            consent_hours=self.consent_hours(),
            jurisdiction=self.jurisdiction(jurisdiction),
            language=self.language(),
            recording=self.file_name("recording"),
            transcript=self.file_name("transcript"),
            agent_channel=self.agent_channel(),
            text=self.cells.get("text") or None,
        )

    def choice(self, name: str) -> str | None:
        value = self.get(name)
        if value is None:
            return None
        value = value.lower().replace(" ", "_").replace("-", "_")
        if value in CHOICES[name]:
            return value
        near = difflib.get_close_matches(value, CHOICES[name], 1, 0.6)
        hint = f"Did you mean {near[0]}?" if near else f"One of: {', '.join(CHOICES[name])}."
        self.fault(f"{name} is {shape(value, bool(near))}, taken as not given. {hint}")
        return None

    def moment(self) -> datetime | None:
        value = self.get("started_at")
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value.replace("/", "-"))
        except ValueError:
            moment = None
        if moment is not None and moment.year in YEARS:
            return moment
        said = shape(value) if moment is None else f"in the year {moment.year}"
        self.fault(f"started_at is {said}, taken as not given. Write it as 2026-03-31T10:13:48+08:00.")
        return None

    def zone(self) -> str | None:
        value = self.get("timezone")
        if value is None or value in _zones():
            return value
        near = difflib.get_close_matches(value, _zones(), 1, 0.7)
        hint = f"Did you mean {near[0]}?" if near else "Write an IANA name such as Asia/Shanghai."
        # The name is kept: a place that is not known must not be taken for the jurisdiction's own zone.
        said = shape(value, bool(near))
        self.fault(f"timezone is {said}, no zone that is known: times cannot be decided. {hint}")
        return value if near else "unknown"

    def duration_s(self) -> float | None:
        value = self.get("duration_s")
        if value is None:
            return None
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1.0
        if 0 <= seconds < 1e6:
            return seconds
        self.fault(f"duration_s is {shape(value)}, taken as not given. Write seconds as a number.")
        return None

    def consent_hours(self) -> str | None:
        value = self.get("consent_hours")
        if value is None or CONSENT_HOURS.fullmatch(value.replace("–", "-")):
            return value.replace("–", "-") if value else None
        self.fault(f"consent_hours is {shape(value)}, taken as not given. Write it as 20:00-23:00.")
        return None

    def language(self) -> str | None:
        value = self.get("language")
        code = value.lower().split("-")[0].split("_")[0] if value else None
        if code is None or _LANGUAGE.fullmatch(code):
            return code
        self.fault(f"language is {shape(code)}, taken as not given. Write a code such as zh or en.")
        return None

    def jurisdiction(self, default: str) -> str:
        value = (self.get("jurisdiction") or default).upper()
        if _JURISDICTION.fullmatch(value):
            return value
        # Not the default: hours and counts of another place must not be held against a contact.
        self.fault(
            f"jurisdiction is {shape(value)}, no place that is known. Write an id such as CN or US-MA."
        )
        return "UNKNOWN"

    def agent_channel(self) -> int | None:
        value = self.get("agent_channel")
        if value is None or value in ("0", "1"):
            return int(value) if value else None
        self.fault(f"agent_channel is {shape(value)}, taken as not given. It is 0 (first) or 1 (second).")
        return None

    def file_name(self, name: str) -> str | None:
        value = self.get(name)
        if value is None:
            return None
        path = Path(value.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match(r"^[A-Za-z]:", value):
            self.fault(f"{name} leads out of its folder, taken as not given. Give a path inside --{name}s.")
            return None
        return path.as_posix()


_known_zones: frozenset[str] | None = None


def _zones() -> frozenset[str]:
    global _known_zones
    if _known_zones is None:
        _known_zones = frozenset(available_timezones())
    return _known_zones


def files_below(folder: Path, suffixes: Iterable[str]) -> list[str]:
    """The names (relative, with /) of the files below a folder that have one of the suffixes, sorted."""
    wanted = {suffix.lower() for suffix in suffixes}
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix.lower() in wanted
    )


AUDIO_SUFFIXES = [
    ".wav",
    ".wave",
    ".mp3",
    ".m4a",
    ".mp4",
    ".aac",
    ".ogg",
    ".opus",
    ".oga",
    ".flac",
    ".amr",
    ".awb",
    ".gsm",
    ".aif",
    ".aiff",
    ".au",
    ".wma",
    ".webm",
    ".3gp",
    ".caf",
]
