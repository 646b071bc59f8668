"""Rows to files: CSV with a BOM and XLSX in which no cell can be read as a formula; whole files or none."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from audit.errors import StoreError, UsageError

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CELL_LIMIT = 32000
"""Excel holds 32,767 characters in a cell."""

FINDING_COLUMNS = (
    "call_id",
    "agency",
    "agent",
    "rule",
    "category",
    "severity",
    "speaker",
    "start",
    "end",
    "evidence",
    "citation",
    "confidence",
    "basis",
    "decision",
    "reason",
    "status",
    "finding_id",
    "turn",
    "doubt",
)
CONTACT_COLUMNS = (
    "call_id",
    "status",
    "reason",
    "critical",
    "high",
    "medium",
    "low",
    "info",
    "highest_severity",
    "undecided",
    "agency",
    "agent",
    "started_at",
)


@contextmanager
def atomic(path: Path, binary: bool = False) -> Iterator[Any]:
    """A file that appears whole under its name or not at all; raises StoreError where it cannot be written."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        out: IO[Any] = partial.open("wb") if binary else partial.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}).") from error
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}).") from error
    finally:
        partial.unlink(missing_ok=True)


def require_folder(out: Path) -> None:
    """Make sure that `out` is a folder that can be written to, before any work; raises UsageError, StoreError."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: is a file; give a folder.")
    with atomic(out / ".writable") as probe:
        probe.write("")
    (out / ".writable").unlink(missing_ok=True)


def safe_cell(value: Any) -> Any:
    """The value, with an apostrophe before text that a spreadsheet would read as a formula.

    Source: OWASP, CSV Injection. Numbers stay numbers.
    """
    if not isinstance(value, str):
        return value
    text = "".join(sign for sign in value if sign >= " " or sign in "\t\n")[:CELL_LIMIT]
    return "'" + text if text.startswith(FORMULA_SIGNS) else text


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as UTF-8 CSV with a BOM (Excel opens Chinese right); returns how many."""
    count = 0
    with atomic(path) as out:
        out.write("\ufeff")
        writer = csv.writer(out)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([safe_cell(row.get(name)) for name in columns])
            count += 1
    return count


def finding_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A findings row of the store as a line of findings.csv; masked evidence only, times in seconds."""
    return {
        **{name: row[name] for name in FINDING_COLUMNS if name in row},
        "start": _rounded(row["start_s"]),
        "end": _rounded(row["end_s"]),
        "confidence": round(row["confidence"], 4),
        "status": row["verdict"] or "open",
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its title, its width in characters, whether its numbers are shares (shown as %)."""

    title: str
    width: int = 12
    share: bool = False


class Workbook:
    """An XLSX file sheet by sheet: header frozen and filtered, widths fitted, text never a formula or a link."""

    def __init__(self, file: IO[bytes]) -> None:
        import xlsxwriter

        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(file, options)
        self.head = self.book.add_format(
            {"bold": True, "bg_color": "#123B4A", "font_color": "#FFFFFF", "valign": "vcenter", "border": 1}
        )
        self.plain = self.book.add_format({"valign": "top"})
        self.wrapped = self.book.add_format({"valign": "top", "text_wrap": True})
        self.percent = self.book.add_format({"valign": "top", "num_format": "0.0%"})
        self.title = self.book.add_format({"bold": True, "font_size": 14, "font_color": "#123B4A"})

    def sheet(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
        """A table: rows give their cells in the order of the columns. Returns the count of rows."""
        sheet = self.book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)
            sheet.write_string(0, at, column.title, self.head)
        count = 0
        for count, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                self._cell(sheet, (count, at), value, columns[at])
        if count:
            sheet.autofilter(0, 0, count, len(columns) - 1)
        return count

    def _cell(self, sheet: Any, place: tuple[int, int], value: Any, column: Column) -> None:
        if value is None or value == "":
            sheet.write_blank(*place, None, self.plain)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(*place, value, self.percent if column.share else self.plain)
        else:
            text = safe_cell(str(value))
            sheet.write_string(*place, text, self.wrapped if column.width >= 30 else self.plain)

    def close(self) -> None:
        """Write the file's end; without it there is no workbook."""
        self.book.close()
