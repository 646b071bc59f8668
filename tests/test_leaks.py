"""Personal data planted everywhere a run reads; nothing the system writes outside its store may hold any of it.

The store's own tables of turns, personal data, words of findings and message texts hold it by design: that is
what the audit reads. Everything else is searched for every planted datum in every form it was planted in.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect
from typer.testing import CliRunner, Result

from audit.__main__ import app
from audit.errors import AuditError
from audit.intake import COLUMNS
from audit.store import Store
from audit.store import tables as t

MINI = Path(__file__).parents[1] / "audit" / "sample" / "model" / "mini-whisper.pt"
PHONE = "13976054821"
SECRETS: dict[str, tuple[str, ...]] = {
    "phone": (PHONE, "139 7605 4821", "139-7605-4821", "一三九七六零五四八二一", "幺三九 七六零五 四八二幺"),
    "id card": ("110101199003078515", "幺幺零幺零幺幺九九零零三零七八五幺五", "110101 19900307 8515"),
    "card": ("4539578763621486", "4539 5787 6362 1486"),
    "person": ("欧阳雪梅", "欧陽雪梅", "Winterbourne", "WINTERBOURNE"),
    "address": ("建国路88号院3号楼1204室", "118 Larkspur Lane"),
    "e-mail": ("o.winterbourne@example.com",),
    "ssn": ("457-55-5462", "457 55 5462"),
    "wechat": ("xuemei_ouyang90",),
}
FORMS = tuple(form for forms in SECRETS.values() for form in forms)

ZH = [
    ("agent", "您好，我是松屿服务的，请问是欧阳雪梅女士吗？"),
    ("customer", "我是欧阳雪梅，欧陽雪梅就是我。"),
    ("agent", f"你的电话{PHONE}，也就是139 7605 4821，我们都有，再不还钱我叫人打断你的腿。"),
    ("customer", "电话是幺三九 七六零五 四八二幺，也有人写139-7605-4821。"),
    ("agent", "欧阳雪梅你听着，手机号一三九七六零五四八二一，我打断你的腿。"),
    ("customer", "身份证号110101199003078515，身份证号幺幺零幺零幺幺九九零零三零七八五幺五。"),
    ("agent", "身份证110101 19900307 8515，银行卡4539 5787 6362 1486，明天把你家砸了，打断你的腿。"),
    ("customer", "我的卡号4539578763621486，我住在建国路88号院3号楼1204室，微信xuemei_ouyang90。"),
    ("agent", "我们派人去建国路88号院3号楼1204室打断你的腿，欧阳雪梅你是个骗子，不要脸。"),
]
EN = [
    ("agent", "Hello, am I speaking with Mrs Winterbourne?"),
    ("customer", "Yes, my name is Olga Winterbourne, my email is o.winterbourne@example.com."),
    ("agent", "Mrs Winterbourne, you are a lying piece of trash and we will have you arrested today."),
    ("customer", "My social security number is 457-55-5462, I live at 118 Larkspur Lane."),
    ("agent", "MRS WINTERBOURNE, SOCIAL SECURITY NUMBER 457 55 5462, PAY OR WE BREAK YOUR LEGS."),
    ("agent", "I will come to 118 Larkspur Lane and break your legs, you lying piece of trash."),
]
SMS = f"欧阳雪梅，{PHONE}，身份证110101199003078515，再不还钱就打断你的腿，让你全家不得安宁。"


@dataclass(frozen=True)
class Planted:
    folder: Path
    said: str
    written: Path


def audit(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def talk(path: Path, language: str, lines: list[tuple[str, str]]) -> None:
    turns = [
        {"speaker": speaker, "text": text, "start": 6.0 * at, "end": 6.0 * at + 5.5}
        for at, (speaker, text) in enumerate(lines)
    ]
    path.write_text(json.dumps({"language": language, "utterances": turns}, ensure_ascii=False), "utf-8")


BROKEN = {
    "b0.json": '{"utterances": [{"speaker": "agent", "text": "欧阳雪梅 13976054821',
    "b1.json": json.dumps({"utterances": [{"speaker": "agent", "text": 5, "start": PHONE}]}),
    "b2.json": json.dumps({"utterances": [{"speaker": "欧阳雪梅", "text": PHONE, "start": "139 7605 4821"}]}),
    "b3.json": json.dumps(
        {"utterances": [{"speaker": "agent", "text": "a", "start": 13976054821, "end": 1}]}
    ),
    "b4.json": json.dumps({"欧阳雪梅": PHONE}),
    "b5.json": f"欧阳雪梅 {PHONE}",
    "b6.json": f"WEBVTT\n\n{PHONE} --> 00:10\n欧阳雪梅\n",
    "b7.json": f"1\n00:00:{PHONE},000 --> 00:00:04,000\n欧阳雪梅 4539578763621486\n",
    "b8.json": json.dumps({"segments": [{"text": "x", "start": "欧阳雪梅", "end": PHONE}]}),
    "b9.json": json.dumps(
        {"utterances": [{"text": "a", "start": 1, "end": 2, "words": [PHONE, "欧阳雪梅"]}]}
    ),
    "b10.json": json.dumps({"results": {"items": [PHONE, {"type": "欧阳雪梅"}]}}),
}

SHIFTED = {
    "started_at": "139-7605-4821",
    "timezone": "欧阳雪梅",
    "duration_s": PHONE,
    "channel": f"打{PHONE}",
    "direction": "欧阳雪梅",
    "outcome": "建国路88号院3号楼1204室",
    "called_party": "Winterbourne",
    "consent_hours": "139 7605 4821",
    "jurisdiction": "欧阳雪梅",
    "language": "o.winterbourne@example.com",
    "agent_channel": "4539578763621486",
}
"""Column -> what stands in it when an export slips by a column."""


def row(call_id: str, **cells: str) -> dict[str, str]:
    plain = {"started_at": "2026-03-31T10:13:48", "agency": "松屿服务", "agent": "SY61", "number": PHONE}
    return dict.fromkeys(COLUMNS, "") | plain | cells | {"call_id": call_id}


def log_rows() -> list[dict[str, str]]:
    spoken = {"outcome": "conversation", "called_party": "debtor"}
    rows = [
        row("ZH1", transcript="zh.json", language="zh", agent_channel="0", **spoken),
        row(
            "EN1",
            transcript="en.json",
            language="en",
            jurisdiction="US",
            timezone="America/Chicago",
            **spoken,
        ),
        row("SMS1", channel="sms", text=SMS),
        row("RAISES", transcript="zh.json", **spoken),
        row("NUMBER", number=f"欧阳雪梅 {PHONE} / 4539 5787 6362 1486", outcome="busy"),
        row("GONE1", recording=f"{PHONE}_20260331101348.wav", **spoken),
        row("GONE2", transcript=f"calls/{PHONE}.json", **spoken),
        row("LETTER", recording=f"letter-{PHONE}.wav", **spoken),
    ]
    rows += [row(f"BAD{at}", transcript=name, **spoken) for at, name in enumerate(BROKEN)]
    rows += [row(f"SHIFT-{name}", **{name: value}) for name, value in SHIFTED.items()]
    rows += [row("ZH1", text=SMS), row("", text=SMS), row("x" * 129, text=SMS)]
    return rows


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """One run, a recheck, a report, clips and masked packs over planted input; all that was said beside it."""
    folder = tmp_path_factory.mktemp("planted")
    source, out = folder / "in", folder / "written"
    (source / "recordings").mkdir(parents=True)
    talk(source / "zh.json", "zh", ZH)
    talk(source / "en.json", "en", EN)
    for name, text in BROKEN.items():
        (source / name).write_text(text, "utf-8")
    (source / "recordings" / f"letter-{PHONE}.wav").write_text("a letter to 欧阳雪梅", "utf-8")
    (source / "recordings" / f"unlogged_{PHONE}.wav").write_bytes(b"")
    with (source / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(log_rows())
    store = ("--store", f"sqlite:///{folder / 'audit.db'}")
    said = []
    with pytest.MonkeyPatch.context() as patch:
        _judging_that_raises(patch)
        said.append(
            audit(
                *("run", "--calls", source / "calls.csv", "--transcripts", source, *store),
                *("--recordings", source / "recordings", "--out", out / "run", "--model", MINI),
            )
        )
    said.append(audit("recheck", *store))
    said.append(audit("report", *store, "--out", out / "report", "--language", "zh"))
    said.append(audit("clips", "export", *store, "--out", out / "clips"))
    said.append(audit("verify", *store))
    _packs(Store.open(store[1]), out / "packs")
    for result in said:
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert [result.exit_code for result in said] == [1, 0, 0, 0, 0], [result.stderr for result in said]
    return Planted(folder, "\n".join(result.output + result.stderr for result in said), out)


def _judging_that_raises(patch: pytest.MonkeyPatch) -> None:
    """Judging the contact RAISES fails with an error that quotes the call, as errors of libraries do."""
    from audit import pipeline

    judge = pipeline.judge_words

    def judge_words(contact: Any, transcript: Any, *rest: Any) -> Any:
        if contact.call_id == "RAISES":
            raise ValueError(f"cannot judge {transcript.turns[2].text!r}")
        return judge(contact, transcript, *rest)

    patch.setattr(pipeline, "judge_words", judge_words)


def _packs(store: Store, out: Path) -> None:
    from audit.evidence import make_pack

    with store.read() as connection:
        cases = [one["case_id"] for one in connection.execute(t.cases.select()).mappings()]
    for case_id in cases:
        make_pack(store, case_id, None, out, "ann")
    store.close()


def held(text: str) -> set[str]:
    """The planted forms that a text holds."""
    return {form for form in FORMS if form in text}


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """(part, text) of a written file; archives (workbooks, packs) are opened, part by part."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.name}:{name}", name + archive.read(name).decode("utf-8", "replace")
    else:
        yield path.name, path.read_text("utf-8", "replace")


def written(planted: Planted) -> list[Path]:
    return [path for path in planted.written.rglob("*") if path.is_file()]


def test_the_run_read_what_was_planted(planted: Planted) -> None:
    """Else the other tests would prove nothing: every form is in the input, and the store's turns hold most."""
    read = json.dumps([*ZH, *EN], ensure_ascii=False) + SMS
    assert held(read) == set(FORMS)
    store = Store.open(f"sqlite:///{planted.folder / 'audit.db'}")
    with store.read() as connection:
        turns = " ".join(row["text"] for row in connection.execute(t.turns.select()).mappings())
        kept = {row["call_id"]: row for row in connection.execute(t.contacts.select()).mappings()}
        rules = {row["call_id"] for row in connection.execute(t.findings.select()).mappings()}
    store.close()
    assert held(turns) == set(FORMS)
    assert {"ZH1", "EN1", "SMS1"} <= rules
    failed = {call_id for call_id, one in kept.items() if one["status"] == "failed"}
    assert {"RAISES", "GONE1", "GONE2", "LETTER", "BAD0", "BAD5"} <= failed
    assert "ValueError" in kept["RAISES"]["reason"]


def test_what_is_said_on_the_way_holds_none(planted: Planted) -> None:
    assert "SHIFT-started_at" in planted.said and "GONE1" in planted.said
    assert held(planted.said) == set()


def test_no_file_that_is_written_holds_any(planted: Planted) -> None:
    names = {path.name for path in written(planted)}
    assert {"findings.csv", "contacts.csv", "report.html", "report.xlsx", "run.json"} <= names
    assert any(path.suffix == ".zip" for path in written(planted))
    assert any(path.parent.name == "clips" and path.suffix == ".html" for path in written(planted))
    found = {part: held(text) for path in written(planted) for part, text in texts_of(path)}
    assert {part: forms for part, forms in found.items() if forms} == {}


def test_every_cell_of_the_workbook_is_clear(planted: Planted) -> None:
    from openpyxl import load_workbook

    for path in planted.written.rglob("*.xlsx"):
        book = load_workbook(path, read_only=True)
        cells = [str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line]
        assert len(cells) > 200
        assert held("\n".join(cells)) == set()


def test_no_file_name_holds_any(planted: Planted) -> None:
    assert held("\n".join(path.as_posix() for path in written(planted))) == set()


BY_DESIGN = {
    "turns": {"text", "words"},
    "findings": {"text", "pieces"},
    "contacts": {"text", "recording", "transcript"},
    "discrepancies": {"subject"},
}
"""Columns of the store that hold what was said, or the names of the files it was heard from."""


def test_the_store_keeps_it_only_where_it_must(planted: Planted) -> None:
    store = Store.open(f"sqlite:///{planted.folder / 'audit.db'}")
    wrong: dict[str, set[str]] = {}
    with store.read() as connection:
        tables = inspect(connection).get_table_names()
        assert {"turns", "findings", "contacts", "ledger", "runs", "cases"} <= set(tables)
        for name in tables:
            for one in connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings():
                for column, value in one.items():
                    if column not in BY_DESIGN.get(name, set()) and (forms := held(str(value))):
                        wrong.setdefault(f"{name}.{column}", set()).update(forms)
    store.close()
    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        f"欧阳雪梅,{PHONE},110101199003078515\n",
        f"{PHONE}\n欧阳雪梅\n",
        f"call_id,{PHONE},欧阳雪梅\nA1,x,y\n",
        f'call_id,text\nA1,"欧阳雪梅 {PHONE}\n',
        f"call_id,text\n{PHONE}\x00,欧阳雪梅\n",
    ],
)
def test_a_log_without_a_header_or_whole_lines_is_not_quoted(tmp_path: Path, text: str) -> None:
    (tmp_path / "calls.csv").write_text(text, "utf-8")
    result = audit(
        *("run", "--calls", tmp_path / "calls.csv", "--out", tmp_path / "out"),
        *("--store", f"sqlite:///{tmp_path / 'a.db'}"),
    )
    papers = "".join(path.read_text("utf-8", "replace") for path in tmp_path.glob("out/*.json"))
    assert result.exit_code in (0, 1, 2) and not (result.exception and result.exit_code not in (0, 1, 2))
    assert held(result.output + result.stderr + papers) == set()


BAD_LINES = [
    f'{{"id": "a", "text": "欧阳雪梅 {PHONE}',
    f'{{"id": 5, "text": "欧阳雪梅 {PHONE}"}}',
    f'{{"id": "a", "text": ["欧阳雪梅", "{PHONE}"]}}',
    f'{{"id": "a", "text": "x", "speaker": "欧阳雪梅 {PHONE}"}}',
    f'{{"id": "a", "text": "x", "lang": "{PHONE}"}}',
    f'{{"id": "a", "text": "x", "start": "{PHONE}"}}',
]


def test_faults_of_scanned_lines_quote_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(BAD_LINES) + "\n", "utf-8")
    result = audit("scan", tmp_path / "a.jsonl")
    assert result.exit_code == 1 and result.output.count('"error"') == len(BAD_LINES)
    assert held(result.output + result.stderr) == set()


def test_masked_lines_of_a_scan_hold_none(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": str(at), "text": text, "speaker": speaker, "call_id": language, "lang": language})
        for language, talked in (("zh", ZH), ("en", EN))
        for at, (speaker, text) in enumerate(talked)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    result = audit("scan", tmp_path / "a.jsonl", "--output", tmp_path / "b.jsonl")
    assert result.exit_code == 0 and held(result.stderr) == set()
    masked = [json.loads(line)["masked"] for line in (tmp_path / "b.jsonl").read_text("utf-8").splitlines()]
    assert len(masked) == len(lines) and held("\n".join(masked)) == set()


def test_a_run_that_stops_says_only_the_kind_of_what_stopped_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit.batch import Batch

    def fails(*_: object) -> None:
        raise KeyError(f"欧阳雪梅 {PHONE}")

    monkeypatch.setattr(Batch, "_call_table", fails)
    (tmp_path / "calls.csv").write_text(f"call_id,channel,text\nA1,sms,欧阳雪梅 {PHONE}\n", "utf-8")
    result = audit(
        *("run", "--calls", tmp_path / "calls.csv", "--out", tmp_path / "out"),
        *("--store", f"sqlite:///{tmp_path / 'a.db'}"),
    )
    assert isinstance(result.exception, SystemExit) or not isinstance(result.exception, AuditError)
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}")
    with store.read() as connection:
        runs = [dict(one) for one in connection.execute(t.runs.select()).mappings()]
        acts = [dict(one) for one in connection.execute(t.ledger.select()).mappings()]
    store.close()
    assert runs[0]["status"] == "failed" and runs[0]["message"] == "KeyError"
    assert held(str(runs) + str(acts) + result.output + result.stderr) == set()
