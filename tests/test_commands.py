"""The command line as a user meets it: exit statuses, what is said where, and nothing of a call on stderr."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from audit.__main__ import app
from audit.store import Store, reading
from audit.store import tables as t

HERE = Path(__file__).parent
CALLS = HERE / "data" / "calls"
MINI = HERE.parent / "audit" / "sample" / "model" / "mini-whisper.pt"


def audit(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store and papers of the call set that was written for this project."""
    folder = tmp_path_factory.mktemp("audited")
    result = audit(
        *("run", "--calls", CALLS / "calls.csv", "--transcripts", CALLS / "transcripts"),
        *("--store", f"sqlite:///{folder / 'audit.db'}", "--out", folder / "out", "--language", "en"),
    )
    assert result.exit_code == 0, result.stderr
    return folder


def store_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'audit.db'}"


def test_help_answers_fast() -> None:
    began = time.monotonic()
    times = []
    for _ in range(3):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "audit", "--help"], capture_output=True, check=True, text=True
        )
        times.append(time.monotonic() - began)
    assert "recheck" in done.stdout
    assert min(times) < 0.5


@pytest.mark.parametrize(
    "verb",
    [
        *(["run"], ["scan"], ["recheck"], ["report"], ["verify"], ["purge"], ["demo"], ["app"], ["accuracy"]),
        *(["lexicons", verb] for verb in ("list", "test", "explain", "train")),
        ["clips", "export"],
    ],
)
def test_every_verb_has_help(verb: list[str]) -> None:
    result = audit(*verb, "--help")
    assert result.exit_code == 0 and "Usage" in result.output


def test_the_papers_of_a_run_are_there(audited: Path) -> None:
    names = {path.name for path in (audited / "out").iterdir()}
    assert names == {"findings.csv", "contacts.csv", "report.html", "report.xlsx", "run.json"}
    receipt = json.loads((audited / "out" / "run.json").read_text("utf-8"))
    assert {"code", "lexicons", "places", "second_reader", "model"} <= set(receipt["versions"])
    with (audited / "out" / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 268 and {row["status"] for row in rows} <= {"audited", "skipped"}


def test_a_second_run_changes_nothing(audited: Path) -> None:
    before = (audited / "out" / "findings.csv").read_bytes()
    result = audit(
        *("run", "--calls", CALLS / "calls.csv", "--transcripts", CALLS / "transcripts"),
        *("--store", store_of(audited), "--out", audited / "out", "--language", "en"),
    )
    assert "0 audited now" in result.stderr and "268 unchanged" in result.stderr
    assert (audited / "out" / "findings.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "--calls", "none.csv", "--out", "{out}"), "no such file"),
        (("run", "--calls", "{calls}", "--out", "{out}", "--recordings", "nowhere"), "no such folder"),
        (("run", "--calls", "{calls}", "--out", "{out}", "--store", "nonsense"), "not a store URL"),
        (("scan", "none.jsonl"), "no such file"),
        (("report", "--out", "{out}", "--store", "sqlite:///{out}/none.db"), "no store at"),
        (("verify", "--store", "sqlite:///{out}/none.db"), "no store at"),
        (("verify", "none.zip"), "no such file"),
        (("run", "--calls", "{calls}", "--out", "{calls}"), "is a file; give a folder"),
        (("run", "--calls", "{calls}", "--out", "{out}", "--jurisdiction", "XX"), "no such place is known"),
        (("clips", "export", "--out", "{out}", "--category", "threat.nope"), "is none of"),
        (("clips", "export", "--out", "{out}", "--verdict", "nope"), "is none of"),
        (("demo", "--out", "{calls}"), "is a file; give a folder"),
    ],
)
def test_a_wrong_call_ends_with_two_and_one_sentence(
    tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    filled = [word.format(out=tmp_path, calls=CALLS / "calls.csv") for word in words]
    if "--store" not in filled and filled[0] == "run":
        filled += ["--store", f"sqlite:///{tmp_path / 'a.db'}"]
    result = audit(*filled)
    assert result.exit_code == 2
    assert says in result.stderr and "Traceback" not in result.stderr


def test_bad_rows_are_named_and_the_exit_status_is_one(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "call_id,started_at,outcome,recording\nK1,2026-03-31T10:00,busy,\nK1,,,\nK2,,,gone.wav\nK3,,,text.wav\nK4,,,empty.wav\n"
    )
    (tmp_path / "text.wav").write_text("this is a letter")
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "unlogged.wav").write_bytes(b"")
    result = audit(
        *("run", "--calls", tmp_path / "calls.csv", "--recordings", tmp_path, "--out", tmp_path / "out"),
        *("--store", store_of(tmp_path), "--model", MINI),
    )
    assert result.exit_code == 1, result.stderr
    for sign in ("row 3", "gone.wav", "K3", "K4"):
        assert sign in result.stderr
    with (tmp_path / "out" / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["call_id"]: row for row in csv.DictReader(file)}
    assert {call_id: row["status"] for call_id, row in rows.items()} == {
        "K1": "audited",
        "K2": "failed",
        "K3": "failed",
        "K4": "failed",
    }
    assert all(rows[one]["reason"] for one in ("K2", "K3", "K4"))
    assert "unlogged.wav" in (tmp_path / "out" / "run.json").read_text("utf-8")


def test_a_call_that_ends_outside_the_hours_is_noted_and_no_breach(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "call_id,started_at,duration_s,outcome,debtor_id\nK1,2026-03-31T21:59:00,300,no_answer,D1\n"
    )
    words = ("run", "--calls", tmp_path / "calls.csv", "--out", tmp_path / "out", "--language", "en")
    assert audit(*words, "--store", store_of(tmp_path)).exit_code == 0
    receipt = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert [fault for fault in receipt["faults"] if fault.startswith("K1: ") and "22:0" in fault]
    assert receipt["findings"]["breach"] == 0


def test_a_week_can_be_reported_again(audited: Path, tmp_path: Path) -> None:
    result = audit("report", "--store", store_of(audited), "--out", tmp_path, "--week", "2026-W15")
    assert result.exit_code == 0 and (tmp_path / "report.html").exists()
    wrong = audit("report", "--store", store_of(audited), "--out", tmp_path, "--week", "1999-W01")
    assert wrong.exit_code == 2 and "2026-W15" in wrong.stderr


def test_recheck_with_the_same_pack_changes_nothing(audited: Path) -> None:
    result = audit("recheck", "--store", store_of(audited), "--dry-run")
    assert result.exit_code == 0 and result.stdout == ""
    assert "0 findings would change" in result.stderr


def test_the_ledger_verifies(audited: Path) -> None:
    result = audit("verify", "--store", store_of(audited))
    assert result.exit_code == 0 and "whole" in result.stdout


def test_purge_says_first_and_never_shrinks(audited: Path, tmp_path: Path) -> None:
    import shutil

    for file in audited.glob("audit.db*"):
        shutil.copy(file, tmp_path)
    (tmp_path / "audit.toml").write_text("[retention]\nrecords_days = 1\n")
    words = ("purge", "--store", store_of(tmp_path), "--settings", tmp_path / "audit.toml")
    said = audit(*words)
    assert said.exit_code == 0 and "Nothing was deleted" in said.stderr
    assert len(said.stdout.split()) > 200
    done = audit(*words, "--yes")
    assert done.exit_code == 0 and "Deleted" in done.stderr
    (tmp_path / "audit.toml").write_text("[retention]\nrecords_days = 1\nrecordings_days = 1\n")
    shrunk = audit(*words)
    assert shrunk.exit_code == 2 and "never shrink" in shrunk.stderr


def test_unknown_settings_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "audit.toml").write_text('stor = "x"\n')
    result = audit("verify", "--settings", tmp_path / "audit.toml")
    assert result.exit_code == 2 and "stor" in result.stderr and "Known settings" in result.stderr


def case_of(folder: Path) -> str:
    store = Store.open(store_of(folder))
    with store.read() as connection:
        row = (
            connection.execute(t.cases.select().order_by(t.cases.c.severity_rank, t.cases.c.case_id))
            .mappings()
            .first()
        )
    assert row is not None
    return str(row["case_id"])


@pytest.mark.parametrize("masked", [True, False])
def test_an_evidence_pack_proves_itself_and_shows_every_change(
    audited: Path, tmp_path: Path, masked: bool
) -> None:
    from audit.evidence import make_pack

    pack = make_pack(Store.open(store_of(audited)), case_of(audited), None, tmp_path, "ann", masked)
    whole = audit("verify", pack)
    assert whole.exit_code == 0 and "whole" in whole.stdout
    with zipfile.ZipFile(pack) as old:
        content = {name: old.read(name) for name in old.namelist()}
    for name in content:
        with zipfile.ZipFile(tmp_path / "changed.zip", "w") as new:
            for other, bytes_ in content.items():
                new.writestr(other, bytes_ + b" " if other == name and name != "manifest.json" else bytes_)
            if name == "manifest.json":
                new.writestr("extra.txt", b"x")
        broken = audit("verify", tmp_path / "changed.zip")
        assert broken.exit_code == 1, name
    (tmp_path / "cut.zip").write_bytes(pack.read_bytes()[:-30])
    assert audit("verify", tmp_path / "cut.zip").exit_code == 1


def test_the_masked_edition_holds_no_unmasked_word(audited: Path, tmp_path: Path) -> None:
    from audit.evidence import make_pack

    store = Store.open(store_of(audited))
    with store.read() as connection:
        data = {
            (row["call_id"], row["turn"]): (row["start"], row["end"])
            for row in connection.execute(t.personal_data.select()).mappings()
        }
        cases = [row["case_id"] for row in connection.execute(t.cases.select()).mappings()]
        secrets = {
            turn.text[slice(*data[(call_id, turn.index)])]
            for call_id, _ in data
            for turn in (reading.transcript(connection, call_id) or ()).turns  # type: ignore[union-attr]
            if (call_id, turn.index) in data
        }
    long = {secret for secret in secrets if len(secret) >= 6}
    assert long
    for case_id in cases:
        with zipfile.ZipFile(make_pack(store, case_id, None, tmp_path, "ann")) as pack:
            text = "".join(pack.read(name).decode("utf-8", "replace") for name in pack.namelist())
        assert not [secret for secret in long if secret in text]


def test_clips_of_calls_without_sound_are_masked_text(audited: Path, tmp_path: Path) -> None:
    result = audit(
        *("clips", "export", "--store", store_of(audited), "--out", tmp_path, "--category", "threat.legal"),
        *("--limit", 2),
    )
    assert result.exit_code == 0, result.stderr
    pages = list(tmp_path.glob("*.html"))
    assert 1 <= len(pages) <= 2
    for page in pages:
        receipt = json.loads(page.with_suffix(".json").read_text("utf-8"))
        assert receipt["category"] == "threat.legal" and any(
            line["flagged"] for line in receipt["transcript"]
        )


def test_a_fault_of_ours_is_one_sentence_without_its_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import audit.commands.purge as purge

    def broken(*_words: object) -> int:
        raise ZeroDivisionError("13812345678")

    monkeypatch.setattr(purge, "purge", broken)
    result = audit("purge", "--store", store_of(tmp_path))
    assert result.exit_code == 2 and "unforeseen fault (ZeroDivisionError" in result.stderr
    assert "13812345678" not in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_says_so_and_leaves_a_whole_store(
    tmp_path: Path, sign: signal.Signals, status: int
) -> None:
    rows = [f"K{n},2026-03-31T10:00:00,sms,您好，请您尽快处理欠款" for n in range(20000)]
    (tmp_path / "calls.csv").write_text("\n".join(["call_id,started_at,channel,text", *rows]), "utf-8")
    command = [sys.executable, "-m", "audit", "run", "--calls", tmp_path / "calls.csv"]
    command += ["--out", tmp_path / "out", "--store", store_of(tmp_path)]
    # A shell's background job starts with SIGINT ignored, and so would our child: give it back its default.
    process = subprocess.Popen(
        [str(word) for word in command],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not _heard(tmp_path / "audit.db"):
        time.sleep(0.1)
    process.send_signal(sign)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == status, said
    assert "stopped; what was done is kept" in said and "Traceback" not in said
    store = Store.open(store_of(tmp_path), create=False)
    with store.read() as connection:
        assert connection.execute(t.runs.select()).one().status == "stopped"
    store.close()


def _heard(file: Path) -> bool:
    import sqlite3

    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            return bool(connection.execute("SELECT count(*) FROM contacts").fetchone()[0])
    except sqlite3.OperationalError:
        return False


def test_clips_into_a_place_that_is_no_folder_are_refused_before_any_work(audited: Path) -> None:
    result = audit("clips", "export", "--store", store_of(audited), "--out", audited / "out" / "run.json")
    assert (
        result.exit_code == 2 and "give a folder" in result.stderr and "second hearing" not in result.stderr
    )


def test_a_pack_with_any_broken_byte_never_ends_in_another_error(audited: Path, tmp_path: Path) -> None:
    from audit.errors import IntegrityError
    from audit.evidence import make_pack, verify_pack

    store = Store.open(store_of(audited), create=False)
    with store.read() as connection:
        case_id = connection.execute(t.cases.select()).first().case_id  # type: ignore[union-attr]
    whole = make_pack(store, case_id, None, tmp_path, "officer").read_bytes()
    store.close()
    broken = tmp_path / "broken.zip"
    refused = 0
    places = range(0, len(whole), max(1, len(whole) // 400))
    for at in places:
        broken.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            verify_pack(broken)
        except IntegrityError:
            refused += 1
    assert refused > len(places) * 0.8
