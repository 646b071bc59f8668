"""The call log: three file kinds, three encodings, every fault with its row, nothing lost."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import CallLogError
from audit.intake import COLUMNS, keyed_hash, read_call_log

KEY = b"k" * 32
HEADER = "call_id,started_at,timezone,outcome,agency,number,called_party,text"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def read(tmp_path: Path, text: str, encoding: str = "utf-8"):  # type: ignore[no-untyped-def]
    return read_call_log(write(tmp_path / "calls.csv", text, encoding), "CN", KEY)


def test_a_plain_row_becomes_a_contact(tmp_path: Path) -> None:
    log = read(tmp_path, HEADER + "\nK1,2026-03-31T10:13:48,Asia/Shanghai,busy,松屿,13800000000,debtor,\n")
    (contact,) = log.contacts
    assert contact.started_at == datetime(2026, 3, 31, 10, 13, 48)
    assert (contact.outcome, contact.agency, contact.called_party, contact.row) == (
        "busy",
        "松屿",
        "debtor",
        2,
    )
    assert contact.number_hash is not None and "1380" not in contact.number_hash
    assert log.faults == []


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8-sig", None), ("gb18030", "GB18030"), ("utf-16", "UTF-16")]
)
def test_encodings_are_found_and_said(tmp_path: Path, encoding: str, named: str | None) -> None:
    log = read(tmp_path, HEADER + "\nK1,,,busy,松屿服务,,,您好\n", encoding)
    assert log.contacts[0].agency == "松屿服务"
    assert (
        any(named in note for note in log.notes)
        if named
        else not any("read as" in note for note in log.notes)
    )


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    log = read(tmp_path, HEADER.replace(",", delimiter) + "\n" + delimiter.join(["K1"] + [""] * 7) + "\n")
    assert [contact.call_id for contact in log.contacts] == ["K1"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("K1,soon,,busy,,,,", "started_at"),
        ("K1,,Asia/Shangai,busy,,,,", "Asia/Shanghai"),
        ("K1,,,no_anser,,,,", "no_answer"),
        ("K1,,,,,,brother,", "called_party"),
        (",,,busy,,,,", "call_id is empty"),
        ("K1,,,busy,,,,\nK1,,,busy,,,,", "duplicate call_id: row 2"),
    ],
)
def test_faults_name_the_row_and_what_to_do(tmp_path: Path, row: str, says: str) -> None:
    log = read(tmp_path, HEADER + "\n" + row + "\nK9,,,busy,,,,\n")
    assert any(says in str(fault) and str(fault).startswith("row ") for fault in log.faults)
    assert log.contacts[-1].call_id == "K9"


def test_a_wrong_value_leaves_the_contact_in(tmp_path: Path) -> None:
    log = read(tmp_path, HEADER + "\nK1,soon,,busy,,,,\n")
    assert log.contacts[0].started_at is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("callid,agency\nK1,x\n", "callid"),
        ("call_id,call_id\nK1,K1\n", "twice"),
        ("call_id\n", "no contact"),
        ("call_id\nK1\x00\n", "NUL"),
    ],
)
def test_a_log_that_cannot_be_read_says_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CallLogError, match=says):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CallLogError, match="no such file"):
        read_call_log(tmp_path / "calls.csv", "CN", KEY)


def test_neither_utf8_nor_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(b"call_id\nK1\xff\xff\n")
    with pytest.raises(CallLogError, match="calls.csv:2"):
        read_call_log(path, "CN", KEY)


def test_unknown_and_absent_columns_are_noted(tmp_path: Path) -> None:
    log = read(tmp_path, "call_id,agancy,mood\nK1,x,y\n")
    assert any("agancy" in note and "agency" in note for note in log.notes)
    assert any("mood" in note for note in log.notes)
    assert any("columns not given" in note for note in log.notes)


def test_files_stay_in_their_folders(tmp_path: Path) -> None:
    log = read(tmp_path, "call_id,recording\nK1,../../secret.wav\nK2,/x.wav\nK3,a/b.wav\nK4,C:\\x.wav\n")
    assert [contact.recording for contact in log.contacts] == [None, None, "a/b.wav", None]
    assert len(log.faults) == 3


def test_workbook_and_parquet_give_what_csv_gives(tmp_path: Path) -> None:
    import openpyxl
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    rows = [
        ["call_id", "started_at", "number", "duration_s"],
        ["K1", datetime(2026, 3, 31, 10), 13800000000, 30.0],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "calls.xlsx")
    parquet.write_table(
        arrow.table({name: [value] for name, value in zip(*rows, strict=True)}), tmp_path / "calls.parquet"
    )
    with (tmp_path / "calls.csv").open("w", newline="") as file:
        csv.writer(file).writerows([rows[0], ["K1", "2026-03-31T10:00:00", "13800000000", "30"]])
    read_all = [
        read_call_log(tmp_path / f"calls.{kind}", "CN", KEY).contacts for kind in ("csv", "xlsx", "parquet")
    ]
    assert read_all[0] == read_all[1] == read_all[2]


def test_a_text_named_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallLogError, match="not a workbook"):
        read_call_log(write(tmp_path / "calls.xlsx", "call_id\nK1\n"), "CN", KEY)


@pytest.mark.parametrize(
    "number", ["+86 138-0000-0000", "008613800000000", "１３８００００００００", "13800000000"]
)
def test_one_number_has_one_hash(number: str) -> None:
    assert keyed_hash(number, KEY) == keyed_hash("13800000000", KEY)


def test_the_key_matters_and_no_digits_is_no_number() -> None:
    assert keyed_hash("13800000000", KEY) != keyed_hash("13800000000", b"x" * 32)
    assert keyed_hash("unknown", KEY) is None


@given(st.lists(st.fixed_dictionaries({name: st.text(max_size=30) for name in COLUMNS}), max_size=5))
def test_no_content_of_a_log_raises_anything_else(rows: list[dict[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        with path.open("w", encoding="utf-8", newline="", errors="surrogatepass") as file:
            try:
                writer = csv.DictWriter(file, COLUMNS)
                writer.writeheader()
                writer.writerows(rows)
            except UnicodeEncodeError:
                return
        try:
            log = read_call_log(path, "CN", KEY)
        except CallLogError:
            return
        ids = [contact.call_id for contact in log.contacts]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00", "1899-12-31"])
def test_a_year_out_of_this_world_is_taken_as_not_given(tmp_path: Path, moment: str) -> None:
    log = read(tmp_path, f"call_id,started_at\nK1,{moment}\n")
    assert log.contacts[0].started_at is None
    assert [fault.row for fault in log.faults] == [2] and "in the year" in log.faults[0].message


def test_signs_that_are_no_text_are_left_out_of_cells(tmp_path: Path) -> None:
    log = read(tmp_path, "call_id,agency,text\nK1,North\x1b[31m,pay\x0b now\x08\n")
    assert (log.contacts[0].agency, log.contacts[0].text) == ("North[31m", "pay now")


@pytest.mark.parametrize("sign", ["\n", "\x1b", "\x7f", "\u2028", "\u202e"])
def test_an_id_that_is_no_plain_text_is_refused_and_not_repeated(tmp_path: Path, sign: str) -> None:
    log = read(tmp_path, f'call_id,agency\n"K{sign}13812345678",North\nK2,North\n')
    assert [contact.call_id for contact in log.contacts] == ["K2"]
    said = str(log.faults[0])
    assert "row 2" in said and sign not in said and "13812345678" not in said


def test_a_quote_never_closed_ends_the_run_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(CallLogError, match=r"calls\.csv:3: a quote opens"):
        read(tmp_path, 'call_id,agency\nK1,North\nK2,"North\nK3,South\n')


def test_nul_bytes_are_named_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(CallLogError, match=r"calls\.csv:3: holds NUL"):
        read(tmp_path, "call_id\nK1\nK\x002\n")


def test_a_workbook_broken_inside_is_refused_in_words(tmp_path: Path) -> None:
    import zipfile

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["call_id"])
    book.save(tmp_path / "whole.xlsx")
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            sheet = name.startswith("xl/worksheets/")
            new.writestr(name, b"<worksheet><sheetData><row" if sheet else old.read(name))
    with pytest.raises(CallLogError, match="not a workbook"):
        read_call_log(broken, "CN", KEY)


def test_a_row_with_more_cells_than_the_header_is_named_and_still_taken(tmp_path: Path) -> None:
    log = read(tmp_path, "call_id,text\nK1,pay, now\nK2,pay,,\n")
    assert [contact.call_id for contact in log.contacts] == ["K1", "K2"]
    assert [fault.row for fault in log.faults] == [2] and "more cells" in log.faults[0].message
