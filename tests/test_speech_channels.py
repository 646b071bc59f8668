"""Regions, echoes, the call's language, the guard's second look and the doubt, on real and made sound."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import audio
from audit.audio import Audio
from audit.models import Turn
from audit.speech import (
    CAREFUL,
    Decoding,
    Region,
    RegionSettings,
    agreement,
    clip_span,
    second_decoding,
    speech_regions,
    speech_seconds,
    transcribe_channels,
)
from audit.speech.regions import mark_echoes, spans_of
from tests.fake_recognisers import ScriptedRecogniser, segment

RATE = 16_000
SAMPLE = Path(__file__).parents[1] / "audit" / "sample" / "recordings"
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "dev" / "audio"


@pytest.fixture(scope="module")
def call() -> Audio:
    """A shipped stereo call, 48 s, English."""
    return audio.decode(SAMPLE / "HL-0511-1100.ogg")


def test_regions_cover_the_words_of_a_real_call(call: Audio) -> None:
    import json

    reference = json.loads((SAMPLE.parent / "reference" / "HL-0511-1100.json").read_text("utf-8"))
    found = [r for c in (0, 1) for r in speech_regions(call, c)]
    words = [w for u in reference["utterances"] for w in u["words"]]
    covered = [any(r.start_s <= (w["start"] + w["end"]) / 2 <= r.end_s for r in found) for w in words]
    assert sum(covered) / len(covered) > 0.98
    assert speech_seconds({0: found}) < 0.9 * call.duration_s


def test_regions_are_in_order_and_inside(call: Audio) -> None:
    for channel in (0, 1):
        found = speech_regions(call, channel)
        assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(found))
        assert all(0 <= r.start_s < r.end_s <= call.duration_s for r in found)
        assert all(r.level_dbfs is not None and -60 < r.level_dbfs < 0 for r in found)


def melody() -> np.ndarray:
    """Hold music: chords of plucked tones."""
    out = np.zeros(20 * RATE)
    t = np.arange(RATE // 2) / RATE
    for i in range(40):
        for hz in (220, 277, 330):
            step = hz * 2 ** ((i * 5 % 12) / 12)
            out[i * RATE // 2 : (i + 1) * RATE // 2] += 0.1 * np.sin(2 * np.pi * step * t) * np.exp(-3 * t)
    return out


def ringing() -> np.ndarray:
    t = np.arange(20 * RATE) / RATE
    return 0.2 * (np.sin(2 * np.pi * 450 * t)) * ((t % 5) < 1)


NOBODY = {
    "digital silence": np.zeros(20 * RATE),
    "line noise": 0.003 * np.random.default_rng(0).standard_normal(20 * RATE),
    "loud noise": 0.2 * np.random.default_rng(0).standard_normal(20 * RATE),
    "ringing": ringing(),
    "hold music": melody(),
    "offset": np.full(20 * RATE, 0.5),
    "hum": 0.2 * np.sin(2 * np.pi * 50 * np.arange(20 * RATE) / RATE),
    "a click": np.eye(1, 20 * RATE, 5 * RATE)[0],
}


@pytest.mark.parametrize("kind", NOBODY)
def test_nothing_is_heard_where_nobody_speaks(kind: str) -> None:
    talker = ScriptedRecogniser(lambda *_: [segment("Thanks for watching!", 0.0, 1.0)])
    silent = Audio(NOBODY[kind].astype(np.float32)[None], RATE)
    heard = transcribe_channels(silent, talker)
    assert heard.segments == {0: []}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared development recordings are not beside this clone")
@pytest.mark.parametrize("name", ["silence_empty_1s.wav", "tones_overlap.wav"])
def test_nothing_is_heard_on_the_probes_of_others(name: str) -> None:
    talker = ScriptedRecogniser(lambda *_: [segment("you", 0.0, 0.3)])
    assert transcribe_channels(audio.decode(SHARED / name), talker).segments == {0: []}


probabilities = st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.99]), max_size=400)


@settings(max_examples=150, deadline=None)
@given(values=probabilities)
def test_spans_are_ordered_bounded_and_cover_what_is_sure(values: list[float]) -> None:
    chosen = RegionSettings(max_region_s=3.0)
    duration = len(values) * 0.032
    spans = spans_of(np.array(values, np.float32), chosen, duration)
    assert all(0 <= a < b <= duration + 1e-9 for a, b in spans)
    assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(spans))
    assert all(b - a <= 3.0 + 1e-6 for a, b in spans)
    for i in range(len(values) - 3):
        if all(v > 0.9 for v in values[i : i + 4]):
            assert any(a <= (i + 1) * 0.032 <= b for a, b in spans)


def test_a_pause_shorter_than_the_limit_does_not_part_a_region() -> None:
    values = np.array([0.9] * 20 + [0.0] * 10 + [0.9] * 20 + [0.0] * 40 + [0.9] * 20, np.float32)
    spans = spans_of(values, RegionSettings(), 110 * 0.032)
    assert len(spans) == 2


def test_an_echo_is_marked_and_double_talk_is_not(call: Audio) -> None:
    faint = 0.08 * np.roll(call.samples[0], int(0.1 * RATE))
    mixed = Audio(np.stack([call.samples[0], call.samples[1] + faint]), RATE)
    talkative = [Region(r.start_s, r.end_s, r.level_dbfs) for r in speech_regions(mixed, 0)]
    alone = [Region(r.start_s, r.end_s, (r.level_dbfs or 0) - 22) for r in talkative if r.duration_s > 0.8]
    own = speech_regions(call, 1)
    marked = mark_echoes(mixed, {0: talkative, 1: alone})
    quiet = [m for m in marked[1] if not any(o.start_s < m.end_s and o.end_s > m.start_s for o in own)]
    assert quiet
    assert all(m.echo_of == 0 for m in quiet)
    assert all(m.echo_of is None for m in marked[0])
    both = mark_echoes(mixed, {0: talkative, 1: own})
    assert all(m.echo_of is None for m in both[1])


def script(window: np.ndarray, decoding: Decoding | None) -> list:
    return [segment("hello there", 0.0, len(window) / RATE)]


def test_each_channel_is_heard_by_itself_and_times_are_the_calls(call: Audio) -> None:
    heard = transcribe_channels(call, ScriptedRecogniser(script))
    for channel in (0, 1):
        assert len(heard.segments[channel]) == len(heard.regions[channel])
        for one, region in zip(heard.segments[channel], heard.regions[channel], strict=True):
            assert region.start_s - 0.01 <= one.start_s <= one.end_s <= region.end_s + 0.01
            assert one.level_dbfs == region.level_dbfs


def test_packing_changes_no_time(call: Audio) -> None:
    def words(window: np.ndarray, _: Decoding | None) -> list:
        loud = np.flatnonzero(np.abs(window) > 0.02)
        return [segment("word", loud[0] / RATE, loud[0] / RATE + 0.1)]

    packed = transcribe_channels(call, ScriptedRecogniser(words, window_s=27.0))
    single = transcribe_channels(call, ScriptedRecogniser(words, window_s=0.0))
    starts = {round(s.start_s, 1) for s in single.segments[0]}
    assert len(packed.segments[0]) < len(single.segments[0])
    assert all(round(s.start_s, 1) in starts for s in packed.segments[0])


def test_dead_and_copied_channels_are_not_heard(call: Audio) -> None:
    dead = transcribe_channels(
        Audio(np.stack([call.samples[0], np.zeros_like(call.samples[0])]), RATE), ScriptedRecogniser(script)
    )
    assert dead.segments[1] == []
    assert any("dead" in note for note in dead.notes)
    copied = transcribe_channels(
        Audio(np.stack([call.samples[0], call.samples[0] * 0.7]), RATE), ScriptedRecogniser(script)
    )
    assert copied.segments[0]
    assert copied.segments[1] == []
    assert any("same sound" in note for note in copied.notes)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"zh": 0.9, "en": 0.1}, "zh"),
        ({"en": 0.8}, "en"),
        ({"yue": 0.7, "zh": 0.2}, "zh"),
        ({"nn": 0.4, "en": 0.3, "zh": 0.1}, "en"),
        ({"jw": 0.45, "zh": 0.3, "en": 0.1}, "zh"),
        ({"es": 0.9}, "es"),
    ],
)
def test_the_language_is_found_once_and_fixed(call: Audio, table: dict[str, float], expected: str) -> None:
    fake = ScriptedRecogniser(script, languages=lambda _: table)
    heard = transcribe_channels(call, fake)
    assert heard.language == expected
    assert {language for _, language, _ in fake.asked} == {expected}
    given_fake = ScriptedRecogniser(script, languages=lambda _: pytest.fail("was asked"))
    assert transcribe_channels(call, given_fake, "zh").language == "zh"


def test_a_loop_is_decoded_again_and_the_better_text_kept(call: Audio) -> None:
    def say(window: np.ndarray, decoding: Decoding | None) -> list:
        if decoding == CAREFUL:
            return [segment("I can pay on Friday", 0.2, 1.2)]
        return [segment("you will be arrested " * 20, 0.0, len(window) / RATE)]

    heard = transcribe_channels(call, ScriptedRecogniser(say), "en")
    assert {s.text for s in heard.segments[0]} == {"I can pay on Friday"}
    assert heard.discarded == {}


def test_what_stays_invented_is_set_apart_not_lost(call: Audio) -> None:
    fake = ScriptedRecogniser(lambda *_: [segment("Thanks for watching!", 0.0, 1.0)])
    heard = transcribe_channels(call, fake, "en")
    assert heard.segments == {0: [], 1: []}
    assert heard.discarded[0]
    assert all(s.suspicious for s in heard.discarded[0])


def test_a_loop_over_a_real_voice_stays_and_is_marked(call: Audio) -> None:
    fake = ScriptedRecogniser(lambda w, _: [segment("you will pay me " * 30, 0.0, len(w) / RATE)])
    heard = transcribe_channels(call, fake, "en")
    assert heard.segments[0]
    assert all(s.suspicious for s in heard.segments[0])


def test_progress_counts_seconds_of_speech(call: Audio) -> None:
    seen: list[tuple[float, float]] = []
    heard = transcribe_channels(call, ScriptedRecogniser(script), "en", lambda d, t: seen.append((d, t)))
    assert seen == sorted(seen)
    assert seen[-1][0] == pytest.approx(seen[-1][1])
    assert seen[-1][1] == pytest.approx(speech_seconds(heard.regions))


CLIPS = [
    ([(9.0, 16.0)], (10.0, 12.0), (8.5, 16.0)),
    ([(7.0, 16.0)], (10.0, 12.0), (7.0, 16.0)),
    ([(0.0, 60.0)], (30.0, 32.0), (28.5, 33.5)),
    ([], (0.5, 1.0), (0.0, 2.5)),
    ([(8.0, 9.5), (10.0, 12.0), (13.0, 13.8)], (10.0, 12.0), (8.0, 13.8)),
]


@pytest.mark.parametrize(("spans", "hit", "clip"), CLIPS)
def test_clips_begin_and_end_where_nobody_speaks(
    spans: list[tuple[float, float]], hit: tuple[float, float], clip: tuple[float, float]
) -> None:
    assert clip_span(spans, *hit) == pytest.approx(clip)


TURN = Turn(0, "agent", "if you don't pay you will be arrested", 10.0, 13.0, channel=0)

DOUBTS = [
    ("If you don't pay, you will be arrested.", "agree"),
    ("well if you don't pay you will be arrested okay", "agree"),
    ("if you want to pay you can be reassured", "differ"),
    ("something else entirely", "differ"),
    ("", "silent"),
    ("...", "silent"),
]


@pytest.mark.parametrize(("again", "verdict"), DOUBTS)
def test_the_doubt(call: Audio, again: str, verdict: str) -> None:
    fake = ScriptedRecogniser(lambda *_: [segment(again, 0.0, 1.0)] if again else [])
    second = second_decoding(call, TURN, fake, "en")
    assert second.verdict == verdict
    assert fake.asked[0][2] == CAREFUL
    assert fake.asked[0][0] == pytest.approx(3.8 * RATE, abs=2)


def test_a_long_turn_is_heard_in_pieces(call: Audio) -> None:
    fake = ScriptedRecogniser(lambda *_: [segment("a b", 0.0, 1.0)])
    second_decoding(call, Turn(0, "agent", "a b a b", 0.5, 45.0, channel=0), fake, "en")
    assert len(fake.asked) == 2
    assert all(n <= 30 * RATE for n, _, _ in fake.asked)


def test_a_turn_at_the_very_end_and_on_a_channel_that_is_gone(call: Audio) -> None:
    fake = ScriptedRecogniser(lambda *_: [])
    end = call.duration_s
    assert (
        second_decoding(call, Turn(0, "agent", "x", end - 0.1, end + 3, channel=7), fake, "en").verdict
        == "silent"
    )


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.sampled_from(["pay", "now", "or", "else", "我", "们"]), min_size=1, max_size=12))
def test_agreement_is_one_with_itself_and_survives_a_margin(words: list[str]) -> None:
    text = " ".join(words)
    assert agreement(text, text) == 1.0
    assert agreement(text, f"zebra {text} giraffe") == 1.0
    assert agreement(text, "zebra giraffe") == 0.0
