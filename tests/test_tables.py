"""Rows to files: no formula, no half file, Chinese that opens right."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import StoreError
from audit.tables import FORMULA_SIGNS, Column, Workbook, atomic, safe_cell, write_csv

HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_csv_and_xlsx(tmp_path: Path, text: str) -> None:
    write_csv(tmp_path / "a.csv", ["a", "b"], [{"a": text, "b": 1}])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        (_, row) = csv.reader(file)
    assert not row[0].startswith(FORMULA_SIGNS)
    sheet = openpyxl.load_workbook(_book([[text, 1.5]])).worksheets[0]
    cell = sheet.cell(2, 1)
    assert cell.data_type == "s" and not str(cell.value).startswith(FORMULA_SIGNS)
    assert sheet.cell(2, 2).value == 1.5


def _book(rows: list[list[object]]) -> io.BytesIO:
    file = io.BytesIO()
    book = Workbook(file)
    book.sheet("发现", [Column("证据", 40), Column("n")], rows)
    book.close()
    file.seek(0)
    return file


@given(st.text())
def test_no_text_can_be_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(FORMULA_SIGNS)
    assert "\x00" not in cell


@pytest.mark.parametrize("value", [1, 0.5, None, -3])
def test_numbers_stay_numbers(value: object) -> None:
    assert safe_cell(value) is value


def test_csv_starts_with_a_bom(tmp_path: Path) -> None:
    assert write_csv(tmp_path / "a.csv", ["机构"], [{"机构": "松屿"}]) == 1
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_file_that_fails_half_way_does_not_appear(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old")
    rows = ({"n": 1 // number} for number in (1, 0))
    with pytest.raises(ZeroDivisionError):
        write_csv(tmp_path / "a.csv", ["n"], rows)
    assert (tmp_path / "a.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"), atomic(tmp_path / "file" / "a.csv"):
        pass
