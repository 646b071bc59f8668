"""What a change of the word lists would do: both packs over a period, masked examples, nothing on until confirmed."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from audit.lexicon import load_pack, shipped_directory
from audit.rules import Judge
from audit.screens.comparing import compare, tools_of
from audit.screens.parts.desk import DEMO_VARIABLE
from audit.screens.parts.whatif import read_outcome
from audit.settings import Settings
from audit.store import Store
from tests.app_seed import seed
from tests.test_app import fine, text_of

ROOT = Path(__file__).resolve().parents[1]
FILE = "harassment/insult.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("whatif")
    store = Store.open(f"sqlite:///{made / 'audit.db'}")
    seed(store)
    store.close()
    shutil.copytree(shipped_directory(), made / "pack")
    return made


def on_trial(text: str) -> str:
    assert "\nstatus: live\n" in text
    return text.replace("\nstatus: live\n", "\nstatus: trial\n", 1)


def test_a_rule_on_trial_loses_its_findings_and_live_again_gains_them(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "pack"
    shutil.copytree(folder / "pack", other)
    (other / FILE).write_text(on_trial((other / FILE).read_text("utf-8")), "utf-8")
    store = Store.open(f"sqlite:///{folder / 'audit.db'}", create=False)
    before = tools_of(folder / "pack", Settings())
    after = replace(before, judge=Judge(load_pack(other)))
    there = list(compare(store, before, after, None, None))
    back = list(compare(store, after, before, None, None))
    week = list(compare(store, before, after, "2026-W14", "2026-W14"))
    same = list(compare(store, before, before, None, None))
    store.close()
    lost = [one for line in there if "lost" in line for one in line["lost"]]
    assert lost
    assert {one["rule"] for one in lost} <= {"zh.harassment.insult", "en.harassment.insult"}
    assert there[-1]["end"]["lost"] == len(lost) == back[-1]["end"]["gained"]
    assert there[-1]["end"]["gained"] == 0
    assert week[-1]["end"]["contacts"] < there[-1]["end"]["contacts"]
    assert same == [{"end": {"contacts": there[-1]["end"]["contacts"], "changed": 0, "gained": 0, "lost": 0}}]
    assert not [one for one in lost if "赵强" in one["evidence"] or "一三八零" in one["evidence"]]


def test_an_outcome_that_is_still_being_written_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert read_outcome(path).total == 0
    finding = {"rule": "zh.a", "category": "c", "severity": "high", "evidence": "x", "language": "zh"}
    lines = [{"done": 20, "total": 60}, {"call_id": "K1", "gained": [finding] * 5, "lost": []}]
    path.write_text("\n".join(map(json.dumps, lines)) + '\n{"done": 40, "to', "utf-8")
    seen = read_outcome(path)
    assert (seen.done, seen.total, seen.gained["zh.a"], seen.end) == (20, 60, 5, None)
    assert len(seen.examples["gained", "zh.a"]) == 3


@pytest.mark.slow
def test_nothing_is_switched_on_until_confirmed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_STORE", f"sqlite:///{folder / 'audit.db'}")
    monkeypatch.setenv("AUDIT_LEXICONS", str(folder / "pack"))
    monkeypatch.setenv(DEMO_VARIABLE, "1")
    monkeypatch.setenv("AUDIT_LANGUAGE", "en")
    file = folder / "pack" / FILE
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    at.session_state["rulebook_tab"] = "Change words"
    at.switch_page("audit/screens/rulebook.py").run()
    at.selectbox(key="work_file").select(FILE).run()
    assert at.selectbox(key="work_period").value == "5"
    at.text_area(key="work_text").input(on_trial(file.read_text("utf-8"))).run()
    _button(at, "Check").click().run()
    fine(at)
    _button(at, "What would change").click().run()
    end = time.monotonic() + 90
    while "would be judged otherwise" not in text_of(at):
        assert time.monotonic() < end, text_of(at)
        time.sleep(0.5)
        at.run()
        fine(at)
    assert "zh.harassment.insult" in text_of(at)
    assert "nothing is switched on" in text_of(at)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    _button(at, "Switch on…").click().run()
    assert any("findings would come" in one.value for one in at.markdown)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    _button(at, "Switch on").click().run()
    fine(at)
    assert hashlib.sha256(file.read_bytes()).hexdigest() != before
    assert "Kept versions" in text_of(at)


def _button(at: AppTest, label: str) -> Any:
    return next(one for one in at.button if one.label == label)
