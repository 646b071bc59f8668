"""Small parts of the screens: escaping, links, the excerpt, altered voices, tried dialogues, the workshop's gates."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.commands.app import LOCKS, environment, flags, open_app
from audit.errors import RecordingError, RightError, UsageError
from audit.screens.parts import workshop
from audit.screens.parts.desk import Desk
from audit.screens.parts.hearing import EXCERPT_S, excerpt, sound_of
from audit.screens.parts.lessons import lesson_zip
from audit.screens.parts.markup import Markup, link, table, tag
from audit.screens.parts.rules import dialogue
from audit.screens.parts.voice import shifted
from audit.screens.queue import from_link
from audit.settings import Settings
from audit.store import Store, views
from audit.store.accounts import Scope
from audit.store.views import LibraryFilter
from tests.app_seed import seed


@given(st.text(), st.text())
def test_no_text_becomes_markup(body: str, value: str) -> None:
    made = tag("b", body, title=value)
    inner = made[len("<b title=") : -len("</b>")]
    assert "<" not in inner
    assert made.count('"') == 2


def test_markup_is_kept_lists_are_flat_and_nothing_is_left_out() -> None:
    made = tag(
        "p", Markup("<i>x</i>"), ["a", None, [tag("b", 1)]], False, class_="k", hidden=True, data_row=None
    )
    assert made == '<p class="k" hidden><i>x</i>a<b>1</b></p>'
    assert "<script" not in table([("<script>", "")], [["<script>"]])


def test_links_read_back_as_filters() -> None:
    from urllib.parse import parse_qs

    target = link(
        "queue",
        week="2026-W14",
        severity="high",
        agency="甲 & 乙",
        hour=7,
        weekday=0,
        status="all",
        agent=None,
    )
    chosen = from_link(parse_qs(target.partition("?")[2]))
    assert (chosen.week, chosen.severity, chosen.agency, chosen.hour, chosen.weekday, chosen.status) == (
        "2026-W14", ("high",), "甲 & 乙", 7, 0, "all",
    )  # fmt: skip
    assert from_link(
        {"hour": ["x"], "status": ["bogus"], "severity": ["nothing"], "evil": ["1"]}
    ) == from_link({})


@given(
    st.floats(1, 20000),
    st.lists(st.floats(0, 20000), max_size=5),
    st.integers(0, 30),
)
def test_an_excerpt_lies_within_the_call_and_is_short(
    duration: float, moments: list[float], page: int
) -> None:
    start, end = excerpt(duration, [one for one in moments if one <= duration], page)
    assert 0 <= start < end <= duration + 1e-6
    assert end - start <= EXCERPT_S + 1e-6


def test_what_is_bleeped_does_not_leave_the_process(tmp_path: Path) -> None:
    import base64

    import soundfile

    rate = 8000
    voice = np.random.default_rng(3).normal(0, 0.2, (rate * 4, 2)).astype(np.float32)
    soundfile.write(tmp_path / "call.wav", voice, rate)
    plain = sound_of(tmp_path / "call.wav", 0.0, 4.0, ())
    masked = sound_of(tmp_path / "call.wav", 0.0, 4.0, ((None, 1.0, 2.0),))
    before, _ = soundfile.read(io.BytesIO(base64.b64decode(plain.data)))
    after, at = soundfile.read(io.BytesIO(base64.b64decode(masked.data)))
    assert plain.key != masked.key
    assert np.allclose(before[: at - 10], after[: at - 10], atol=1e-3)
    inside = after[at : 2 * at]
    spectrum = np.abs(np.fft.rfft(inside))
    assert spectrum.argmax() * at / len(inside) == pytest.approx(1000, abs=2)
    assert abs(np.corrcoef(before[at : 2 * at], inside)[0, 1]) < 0.05
    assert len(masked.peaks) == 2


def test_a_recording_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecordingError):
        sound_of(tmp_path / "none.wav", 0.0, 4.0, ())


@pytest.mark.parametrize("semitones", [-5.0, 4.0])
def test_an_altered_voice_keeps_its_length_and_moves_its_pitch(semitones: float) -> None:
    rate = 16000
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(rate) / rate)).astype(np.float32)
    moved = shifted(tone, semitones)
    assert abs(len(moved) - rate) < 20
    spectrum = np.abs(np.fft.rfft(moved * np.hanning(len(moved))))
    assert spectrum.argmax() * rate / len(moved) == pytest.approx(220 * 2 ** (semitones / 12), rel=0.02)
    assert np.abs(moved).max() < 0.6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A: pay now\nC: no", [("agent", "pay now"), ("customer", "no")]),
        ("催：还钱\n\n客：没钱", [("agent", "还钱"), ("customer", "没钱")]),
        ("just words", [("agent", "just words")]),
        ("At 10:30 we call", [("agent", "At 10:30 we call")]),
        ("Customer service: hello", [("agent", "Customer service: hello")]),
    ],
)
def test_a_tried_dialogue_is_read_line_by_line(text: str, expected: list[tuple[str, str]]) -> None:
    turns = dialogue(text)
    assert [(turn.speaker, turn.text) for turn in turns] == expected
    assert [turn.index for turn in turns] == list(range(len(turns)))


# --- starting the app -----------------------------------------------------------------------------------


def test_the_locks_hold_whatever_the_folder() -> None:
    given_flags = flags(8501, demo=True)
    for name, value in LOCKS:
        assert given_flags[given_flags.index(f"--{name}") + 1] == value
    assert ("client.disableDataExport", "true") in LOCKS
    assert ("browser.gatherUsageStats", "false") in LOCKS


def test_a_demo_never_leaves_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_APP_ADDRESS", "0.0.0.0")
    assert flags(1, demo=True)[flags(1, demo=True).index("--server.address") + 1] == "127.0.0.1"
    assert flags(1, demo=False)[flags(1, demo=False).index("--server.address") + 1] == "0.0.0.0"
    assert environment(Settings(), True)["AUDIT_APP_DEMO"] == "1"


def test_a_demo_without_a_demo_store_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="audit demo"):
        open_app(None, {}, True, 8501)


def test_every_option_of_the_locks_exists() -> None:
    from streamlit import config

    config.get_config_options()
    known = set(config._config_options_template)
    assert {name for name, _ in LOCKS} <= known


# --- the workshop ---------------------------------------------------------------------------------------

RULE = """title: {en: Threat of arrest, zh: 以抓捕相威胁}
says: Arrest is threatened.
asks: Was it raised by the collector?
severity: critical
speaker: agent
en:
  find:
    - any: ["be arrested"]
  hit:
    - you will be arrested tomorrow
  miss:
    - you can pay on Friday
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Desk]:
    pack = tmp_path / "pack"
    (pack / "threat").mkdir(parents=True)
    shutil.copy(workshop.shipped() / "lexicon.yaml", pack / "lexicon.yaml")
    text = (pack / "lexicon.yaml").read_text("utf-8")
    if "excuses" in text:
        shutil.copytree(workshop.shipped() / "excuses", pack / "excuses")
        shutil.copytree(workshop.shipped() / "terms", pack / "terms")
    (pack / "threat" / "legal.yaml").write_text(RULE, "utf-8")
    (tmp_path / "recordings").mkdir()
    store = Store.open("sqlite://")
    seed(store, tmp_path / "recordings")
    yield Desk(
        store, Scope("officer", "officer"), Settings(lexicons=pack, recordings=tmp_path / "recordings"), False
    )
    store.close()


def test_a_good_change_is_kept_with_who_and_when(here: Desk) -> None:
    changed = RULE.replace('["be arrested"]', '["be arrested", "go to prison"]').replace(
        "tomorrow\n", "tomorrow\n    - you will go to prison\n"
    )
    checked = workshop.check(here, "threat/legal.yaml", changed)
    assert checked.good, checked
    assert checked.examples == 3
    workshop.keep(here, "threat/legal.yaml", changed)
    assert "go to prison" in workshop.text_of(here, "threat/legal.yaml")
    (row,) = here.ask(workshop.history, "threat/legal.yaml")
    assert (row["actor"], row["path"]) == ("officer", "threat/legal.yaml")
    with here.store.read() as connection:
        rows, _ = views.ledger_rows(connection, here.scope, "rules.")
    assert [one["action"] for one in rows] == ["rules.changed"]


@pytest.mark.parametrize(
    "text",
    [
        RULE.replace('be arrested"]', 'be detained"]'),  # its own hit is lost
        RULE.replace("you can pay on Friday", "you could be arrested"),  # its own miss is hit
        RULE.replace("severity", "severty"),  # unknown key
        "title: [",  # no YAML
    ],
)
def test_a_change_that_breaks_a_gate_is_refused(here: Desk, text: str) -> None:
    checked = workshop.check(here, "threat/legal.yaml", text)
    assert not checked.good
    assert checked.faults or checked.failures
    with pytest.raises(UsageError):
        workshop.keep(here, "threat/legal.yaml", text)
    assert workshop.text_of(here, "threat/legal.yaml") == RULE


def test_only_the_own_pack_and_only_with_the_right(here: Desk) -> None:
    shipped = Desk(here.store, here.scope, Settings(), False)
    assert not workshop.own(shipped)
    with pytest.raises(UsageError):
        workshop.keep(shipped, workshop.files(shipped)[0], "x: 1")
    reader = Desk(here.store, Scope("r", "reviewer"), here.settings, False)
    with pytest.raises(RightError):
        workshop.keep(reader, "threat/legal.yaml", RULE)
    with pytest.raises(UsageError):
        workshop.text_of(here, "../secret.yaml")


def test_a_verdict_becomes_an_example(here: Desk) -> None:
    text = workshop.with_example(RULE, "en", "miss", "nobody is arrested for a debt", "agent")
    assert "nobody is arrested for a debt" in text
    assert "be arrested tomorrow" in text
    with pytest.raises(UsageError):
        workshop.with_example(RULE, "zh", "hit", "抓你", "agent")


# --- lessons --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("altered", [False, True])
def test_a_lesson_opens_offline_and_names_nobody(here: Desk, altered: bool) -> None:
    import soundfile

    trainer = Desk(here.store, Scope("trainer", "trainer"), here.settings, False)
    rows, _ = here.ask(views.library, LibraryFilter("bad", with_sound=True))
    chosen = next(row for row in rows if row["category"] == "harassment.insult" and row["language"] == "zh")
    data = lesson_zip_in_english(
        trainer, [{"finding_id": chosen["finding_id"], "question": "Why?", "answer": ""}], altered
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        page = archive.read("index.html").decode()
        sound = next(name for name in names if name.endswith(".flac"))
        samples, rate = soundfile.read(io.BytesIO(archive.read(sound)))
    assert "Why?" in page
    assert "http" not in page
    assert "赵强" not in page
    assert "墨江信服" not in page
    assert not [name for name in names if "K001" in name]
    assert len(samples) / rate > 2


def lesson_zip_in_english(here: Desk, clips: list[dict[str, str]], altered: bool) -> Any:
    import streamlit as st

    st.session_state["language"] = "en"
    return lesson_zip(here, "Insults", clips, altered)


def test_a_lesson_needs_the_right_to_export(here: Desk) -> None:
    with pytest.raises(RightError):
        lesson_zip(Desk(here.store, Scope("r", "reviewer"), here.settings, False), "x", [], False)
