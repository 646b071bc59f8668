"""What makes a contact unchanged: its sound, the model's file, the settings of hearing; and a bad model is found at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audit.batch import Batch, number_key
from audit.contact import load_places
from audit.errors import ModelError
from audit.intake import CallLog, read_call_log
from audit.pipeline import Tools
from audit.settings import Settings
from audit.speech import identity
from audit.speech.estimates import in_words
from audit.speech.identity import hearing_hash, model_id
from audit.store import Store, reading
from tests.fake_recognisers import ScriptedRecogniser, segment
from tests.test_batch import FakeDetector, FakeJudge

RATE = 16_000


def speech(path: Path) -> None:
    """Two seconds in which the detector hears a voice, from the shipped sample."""
    from audit.audio import decode
    from audit.sample import RECORDINGS

    sound = decode(next(iter(sorted(RECORDINGS.iterdir()))))
    soundfile.write(path, sound.samples[0, : 8 * RATE], RATE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    speech(tmp_path / "a.wav")
    (tmp_path / "model.pt").write_bytes(b"weights, first edition")
    rows = "call_id,started_at,recording,channel,text\nK1,2026-03-31T10:00:00,a.wav,call,\nK2,2026-03-31T11:00:00,,sms,请还款\n"
    (tmp_path / "calls.csv").write_text(rows)
    return tmp_path


class Loader:
    """Counts how often the recogniser is asked for."""

    def __init__(self, fails: bool = False) -> None:
        self.fails, self.asked, self.loaded = fails, 0, None

    def __call__(self) -> Any:
        self.asked += 1
        if self.fails:
            raise ModelError("no model to be had: give another with --model")
        self.loaded = ScriptedRecogniser(
            lambda samples, _: [segment("你好 请 还款", 0.1, len(samples) / RATE)]
        )
        return self.loaded


def batch(folder: Path, loader: Callable[[], Any], **settings: Any) -> tuple[Batch, CallLog]:
    store = Store.open(f"sqlite:///{folder / 'audit.db'}")
    chosen = Settings(**{"store": store.url, "model": str(folder / "model.pt")} | settings)
    tools = Tools(chosen, FakeJudge(), FakeDetector(), None, loader, folder, folder)  # type: ignore[arg-type]
    return Batch(store, tools, load_places(None)), read_call_log(
        folder / "calls.csv", "CN", number_key(store)
    )


def heard(folder: Path, **settings: Any) -> tuple[int, int]:
    """(contacts heard, contacts unchanged) of one run."""
    one, log = batch(folder, Loader(), **settings)
    summary = one.run(log, {})
    assert not summary.failures
    one.store.close()
    return summary.heard, summary.unchanged


def test_nothing_changed_nothing_is_heard(folder: Path) -> None:
    assert heard(folder) == (2, 0)
    assert heard(folder) == (0, 2)


def test_another_model_file_of_the_same_name_is_heard_with(folder: Path) -> None:
    heard(folder)
    (folder / "model.pt").write_bytes(b"weights, second edition")
    assert heard(folder) == (1, 1)
    assert heard(folder) == (0, 2)


@pytest.mark.parametrize(
    "change", [{"precision": "float32"}, {"engine": "faster-whisper"}, {"second_decoding": False}]
)
def test_a_setting_of_hearing_hears_recordings_again_and_messages_not(
    folder: Path, change: dict[str, Any]
) -> None:
    heard(folder)
    assert heard(folder, **change) == (1, 1)


def test_settings_that_do_not_touch_hearing_leave_it(folder: Path) -> None:
    heard(folder)
    one, log = batch(folder, Loader(), jurisdiction="US")
    assert one.run(log, {}).heard == 0


@pytest.mark.parametrize(
    ("module", "name", "change"),
    [
        ("audit.speech.regions", "RegionSettings", {"threshold": 0.5}),
        ("audit.speech.shapes", "Decoding", {"compression_ratio_limit": 3.0}),
    ],
)
def test_other_rules_of_speech_and_decoding_hear_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, change: dict[str, Any]
) -> None:
    import importlib

    heard(folder)
    kind = getattr(importlib.import_module(module), name)
    monkeypatch.setattr(f"{module}.{name}", lambda **given: replace(kind(**given), **change))
    assert heard(folder) == (1, 1)


def test_every_thing_that_decides_changes_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {hearing_hash("whisper"), hearing_hash("faster-whisper")}
    monkeypatch.setattr("audit.speech.engine.PACK_S", 20.0)
    seen.add(hearing_hash("whisper"))
    monkeypatch.setattr("audit.speech.guard._LOOP_RUNS", 9)
    seen.add(hearing_hash("whisper"))
    monkeypatch.setattr(identity, "_version", lambda _: "another")
    seen.add(hearing_hash("whisper"))
    assert len(seen) == 5


def test_a_model_known_by_name_has_the_hash_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert model_id("turbo", "whisper") == ("turbo", "turbo")
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "large-v3-turbo.pt").write_bytes(b"weights")
    name, digest = model_id("turbo", "whisper")
    assert (name, len(digest)) == ("large-v3-turbo.pt", 64)


def test_a_bad_model_is_found_before_anything_is_written(folder: Path) -> None:
    one, log = batch(folder, Loader(fails=True))
    with pytest.raises(ModelError, match="give another") as error:
        one.run(log, {})
    assert error.value.exit_status == 2
    with one.store.read() as connection:
        assert list(reading.contacts(connection)) == []


def test_no_model_is_asked_for_where_there_is_nothing_to_hear(folder: Path) -> None:
    (folder / "a.wav").unlink()
    one, log = batch(folder, Loader(fails=True))
    summary = one.run(log, {})
    assert [call_id for call_id, _ in summary.failures] == ["K1"]


def test_an_unchanged_run_loads_no_model(folder: Path) -> None:
    heard(folder)
    loader = Loader()
    one, log = batch(folder, loader)
    one.run(log, {})
    assert loader.asked == 0


def test_the_run_says_how_it_was_heard(folder: Path) -> None:
    one, log = batch(folder, Loader(), precision="float32")
    summary = one.run(log, {})
    assert summary.versions["precision"] == "float32"
    assert summary.versions["recogniser"] == {"engine": "scripted"}
    assert np.unique([len(summary.versions[name]) for name in ("hearing", "hearing_settings")]).tolist() == [
        16
    ]


def test_long_work_is_estimated_before_it_begins(folder: Path) -> None:
    rows = "".join(f"L{n},2026-03-31T10:00:00,a.wav,call,,1800\n" for n in range(4))
    (folder / "calls.csv").write_text("call_id,started_at,recording,channel,text,duration_s\n" + rows)
    one, log = batch(folder, Loader())
    said: list[tuple[str, int, int]] = []
    one.progress = lambda stage, done, total, _subject: said.append((stage, done, total))
    one.run(log, {})
    stage, done, total = said[0]
    assert stage.startswith("2 h 00 min of recordings, about ") and (done, total) == (0, 4)
    assert sum("of recordings" in stage for stage, _, _ in said) == 1
    again, log = batch(folder, Loader())
    said.clear()
    again.progress = one.progress
    again.run(log, {})
    assert not any("of recordings" in stage for stage, _, _ in said)


def test_times_are_said_as_people_say_them() -> None:
    assert [in_words(s) for s in (4.4, 95, 700, 3600, 11_100)] == [
        "4 s",
        "2 min",
        "12 min",
        "1 h 00 min",
        "3 h 05 min",
    ]
