"""Turns, roles and measures: who is the agent, from the log, the map, what is said; mono; echo; doubt kept."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import audio
from audit.audio import Audio, channel_health
from audit.models import Transcript, Turn
from audit.speakers import assemble, leaning, measures, swap_roles
from audit.speakers.utterances import Utterance, join_text
from audit.speakers.voices import two_voices
from audit.speech import Region, Segment
from tests.fake_recognisers import segment

SAMPLE = Path(__file__).parents[1] / "audit" / "sample"
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "dev" / "audio"
RATE = 16_000

AGENT_ZH = ["您好,我是受某某银行委托的催收员,工号三零一", "您的欠款已经逾期两个月了,什么时候能处理"]
DEBTOR_ZH = ["喂,你是谁", "我现在没有钱,失业了"]
AGENT_EN = [
    "Hi, this is Sam calling from Acme Recovery",
    "You have an outstanding balance, can you make a payment today",
]
DEBTOR_EN = ["Hello?", "I lost my job, I can't pay that right now"]


def talk(*sides: list[str]) -> dict[int, list[Segment]]:
    """Sides that take turns, five seconds each."""
    out: dict[int, list[Segment]] = {c: [] for c in range(len(sides))}
    at = 0.0
    for row in range(max(map(len, sides))):
        for channel, texts in enumerate(sides):
            if row < len(texts):
                out[channel].append(segment(texts[row], at, at + 4.0))
                at += 5.0
    return out


def speakers(transcript: Transcript) -> dict[int | None, set[str]]:
    out: dict[int | None, set[str]] = {}
    for turn in transcript.turns:
        out.setdefault(turn.channel, set()).add(turn.speaker)
    return out


@pytest.mark.parametrize(
    ("agent", "debtor", "language"), [(AGENT_ZH, DEBTOR_ZH, "zh"), (AGENT_EN, DEBTOR_EN, "en")]
)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_agent_is_found_by_what_is_said(
    agent: list[str], debtor: list[str], language: str, swapped: bool
) -> None:
    channels = talk(debtor, agent) if swapped else talk(agent, debtor)
    found = assemble(channels, language=language)
    assert speakers(found) == (
        {1: {"agent"}, 0: {"customer"}} if swapped else {0: {"agent"}, 1: {"customer"}}
    )
    assert 0.7 < found.agent_confidence < 1.0
    assert f"channel {int(swapped)}" in found.agent_evidence


def test_evidence_names_cues_and_never_repeats_words() -> None:
    evidence = assemble(talk(AGENT_EN, DEBTOR_EN), language="en").agent_evidence
    assert "says from" in evidence
    assert "Sam" not in evidence
    assert "Acme" not in evidence


def test_the_log_comes_before_the_map_and_the_map_before_the_words() -> None:
    channels = talk(AGENT_ZH, DEBTOR_ZH)
    by_log = assemble(channels, 1, "zh", agency_channel=0)
    assert speakers(by_log)[1] == {"agent"}
    assert by_log.agent_confidence == 1.0
    assert "log" in by_log.agent_evidence
    by_map = assemble(channels, None, "zh", agency_channel=1)
    assert speakers(by_map)[1] == {"agent"}
    assert by_map.agent_confidence == 0.95
    nowhere = assemble(channels, 7, "zh")
    assert speakers(nowhere)[0] == {"agent"}


def test_where_nothing_tells_nobody_is_named() -> None:
    found = assemble(talk(["二十三四十五"], ["六十七八十九"]), language="zh")
    assert speakers(found) == {0: {"unknown"}, 1: {"unknown"}}
    assert found.agent_confidence == 0.0


@pytest.mark.parametrize("silent", [0, 1])
def test_one_side_alone_is_judged_by_what_it_says(silent: int) -> None:
    agent = talk(*([[], AGENT_ZH] if silent == 0 else [AGENT_ZH, []]))
    assert speakers(assemble(agent, language="zh")) == {1 - silent: {"agent"}}
    debtor = talk(*([[], DEBTOR_ZH] if silent == 0 else [DEBTOR_ZH, []]))
    assert speakers(assemble(debtor, language="zh")) == {1 - silent: {"customer"}}


def test_swapping_exchanges_roles_and_is_certain() -> None:
    found = assemble(talk(AGENT_ZH, DEBTOR_ZH), language="zh")
    swapped = swap_roles(found)
    assert speakers(swapped) == {0: {"customer"}, 1: {"agent"}}
    assert swapped.agent_confidence == 1.0
    assert swap_roles(swapped).turns == found.turns
    assert "reviewer" in swapped.agent_evidence


def test_a_word_in_between_does_not_tear_a_sentence() -> None:
    channels = {
        0: [segment("if you don't pay", 0.0, 2.0), segment("you will be arrested", 2.6, 4.5)],
        1: [segment("mm", 2.1, 2.4)],
    }
    turns = assemble(channels, 0, "en").turns
    assert [(t.speaker, t.text) for t in turns] == [
        ("agent", "if you don't pay you will be arrested"),
        ("customer", "mm"),
    ]


def test_an_answer_in_between_does() -> None:
    channels = {
        0: [segment("can you pay", 0.0, 1.5), segment("then on Friday", 5.0, 6.5)],
        1: [segment("no I really cannot pay today", 2.0, 4.5)],
    }
    assert [t.speaker for t in assemble(channels, 0, "en").turns] == ["agent", "customer", "agent"]


def test_a_long_silence_parts_turns_of_one_speaker() -> None:
    channels = {0: [segment("hold the line", 0.0, 1.0), segment("thank you", 30.0, 31.0)], 1: []}
    assert len(assemble(channels, 0, "en").turns) == 2


def test_a_segment_over_a_pause_is_cut_there() -> None:
    a, b = segment("we will see", 0.0, 1.0), segment("you in court", 6.0, 7.0)
    joined = Segment(f"{a.text} {b.text}", 0.0, 7.0, (*a.words, *b.words))
    turns = assemble({0: [joined], 1: [segment("no", 3.0, 3.5)]}, 0, "en").turns
    assert [t.text for t in turns] == ["we will see", "no", "you in court"]


def echo(text: str, start_s: float, level: float) -> Segment:
    return segment(text, start_s, start_s + 3.0, level_dbfs=level)


ECHOES = [
    (-45.0, "you have to pay the balance today", False),
    (-45.0, "you have to pay balance today", False),
    (-22.0, "you have to pay the balance today", True),
    (-45.0, "I do not have any money at all", True),
    (-45.0, "yes", True),
]


@pytest.mark.parametrize(("level", "text", "stays"), ECHOES)
def test_only_faint_repetition_at_the_same_time_is_dropped(level: float, text: str, stays: bool) -> None:
    channels = {0: [echo("you have to pay the balance today", 10.0, -20.0)], 1: [echo(text, 10.3, level)]}
    turns = assemble(channels, 0, "en").turns
    assert any(t.channel == 1 for t in turns) == stays
    assert any(t.channel == 0 for t in turns)


def test_an_echo_later_in_the_call_is_a_repetition_and_stays() -> None:
    text = "you have to pay the balance today"
    channels = {0: [echo(text, 10.0, -20.0)], 1: [echo(text, 25.0, -45.0)]}
    assert len(assemble(channels, 0, "en").turns) == 2


texts = st.lists(st.sampled_from(["pay now", "我没钱", "hello", "工号三零一", "mm"]), max_size=6)


@settings(max_examples=100, deadline=None)
@given(first=texts, second=texts, gap=st.floats(0.0, 3.0))
def test_no_word_is_lost_and_turns_are_in_order(first: list[str], second: list[str], gap: float) -> None:
    channels: dict[int, list[Segment]] = {0: [], 1: []}
    at = 0.0
    for i, text in enumerate([*first, *second]):
        channels[i % 2].append(segment(text, at, at + 1.0))
        at += 1.0 + gap
    found = assemble(channels, language="zh")
    assert [t.index for t in found.turns] == list(range(len(found.turns)))
    assert all(a.start_s <= b.start_s for a, b in pairwise(found.turns))
    for channel, own in channels.items():
        said = "".join(t.text for t in found.turns if t.channel == channel).replace(" ", "")
        assert said == "".join(s.text for s in own).replace(" ", "")
    for turn in found.turns:
        at_text = 0
        for word in turn.words:
            at_text = turn.text.index(word.text, at_text) + len(word.text)


def reference(name: str) -> tuple[list[Segment], list[tuple[float, str]]]:
    content = json.loads((SAMPLE / "reference" / f"{name}.json").read_text("utf-8"))
    segments = [segment(u["text"], u["start"], u["end"]) for u in content["utterances"]]
    return segments, [((u["start"] + u["end"]) / 2, u["speaker"]) for u in content["utterances"]]


def test_mono_roles_on_a_shipped_call_and_their_ceiling() -> None:
    segments, truth = reference("LQ-0512-1545")
    sound = audio.decode(SAMPLE / "recordings" / "LQ-0512-1545.wav")
    found = assemble({0: segments}, language="zh", audio=sound)
    right = sum(
        any(t.start_s <= at <= t.end_s and t.speaker == who for t in found.turns) for at, who in truth
    )
    assert right == len(truth)
    assert 0.3 <= found.agent_confidence <= 0.85
    assert "one channel" in found.agent_evidence


def test_the_log_cannot_make_a_mono_recording_two_sided() -> None:
    segments, _ = reference("LQ-0512-1545")
    assert assemble({0: segments}, 0, "zh").agent_confidence <= 0.85


def test_a_recording_whose_channels_are_one_is_mono() -> None:
    segments, _ = reference("LQ-0512-1545")
    one = audio.decode(SAMPLE / "recordings" / "LQ-0512-1545.wav")
    twice = Audio(np.repeat(one.samples, 2, axis=0), RATE)
    found = assemble({0: segments, 1: []}, 0, "zh", health=channel_health(twice))
    assert {t.speaker for t in found.turns} == {"agent", "customer"}
    assert found.agent_confidence <= 0.85


def test_mono_without_any_cue_stays_unknown() -> None:
    found = assemble({0: [segment("二十三", 0, 1), segment("四十五", 3, 4)]}, language="zh")
    assert {t.speaker for t in found.turns} == {"unknown"}
    assert found.agent_confidence == 0.0


def vowel(pitch_hz: float, formants: tuple[float, ...], seconds: float, seed: int) -> np.ndarray:
    """A voice of sorts: pulses through resonances, pitch wandering a little."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    phase = np.cumsum(pitch_hz * (1 + 0.03 * np.sin(2 * np.pi * (2 + rng.random()) * t))) / RATE
    out = np.zeros(len(t))
    for k in range(1, int(3800 / pitch_hz)):
        gain = sum(1 / (1 + ((k * pitch_hz - f) / 90) ** 2) for f in formants)
        out += gain * np.sin(2 * np.pi * k * phase)
    return 0.05 * out + 0.001 * rng.standard_normal(len(t))


def test_two_unlike_voices_are_told_apart_and_one_voice_is_not_halved() -> None:
    def part(i: int) -> Utterance:
        return Utterance(0, "x", i * 2.0, i * 2.0 + 1.6, (), None, None, None)

    low, high = (110.0, (600.0, 1100.0, 2500.0)), (220.0, (800.0, 1500.0, 2900.0))
    who = [i % 3 == 0 for i in range(24)]
    sound = np.concatenate([vowel(*(low if w else high), 2.0, i) for i, w in enumerate(who)])
    voices = two_voices(Audio(sound[None].astype(np.float32), RATE), [part(i) for i in range(24)])
    same = [side > 0 for side in voices.side]
    assert same in (who, [not w for w in who])
    assert voices.separation > 0.5
    one = np.concatenate([vowel(*low, 2.0, i) for i in range(24)])
    assert (
        two_voices(Audio(one[None].astype(np.float32), RATE), [part(i) for i in range(24)]).separation < 0.5
    )
    few = two_voices(Audio(sound[None].astype(np.float32), RATE), [part(0), part(1)])
    assert few.separation == 0.0


CUES = [
    ("zh", "我这边是某某公司法务部的", 1), ("zh", "请问是张先生吗", 1), ("zh", "跟您核实一下身份信息", 1),
    ("zh", "我是公安局经侦大队的", 1), ("zh", "你们打错了", -1), ("zh", "我没有能力还,刚失业", -1),
    ("zh", "别再给我打电话了,我要投诉你们", -1), ("zh", "今天天气不错", 0),
    ("en", "I'm calling on behalf of First Bank", 1), ("en", "This call is being recorded", 1),
    ("en", "Can you verify the last four of your social", 1), ("en", "Who is this?", -1),
    ("en", "Stop calling me", -1), ("en", "You've got the wrong number", -1), ("en", "the weather is fine", 0),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "side"), CUES)
def test_single_cues_lean_the_right_way(language: str, text: str, side: int) -> None:
    assert np.sign(leaning([text], language).score) == side


def turn(index: int, speaker: str, start_s: float, end_s: float, text: str = "one two three four") -> Turn:
    return Turn(index, speaker, text, start_s, end_s)  # type: ignore[arg-type]


def test_measures_of_a_plain_call() -> None:
    call = Transcript("en", (turn(0, "agent", 0, 4), turn(1, "customer", 3, 5), turn(2, "agent", 8, 10)))
    found = measures(call, duration_s=20.0)
    assert found["over_talk_share"] == pytest.approx(1 / 20)
    assert found["silence_share"] == pytest.approx(1 - 7 / 20)
    assert found["talk_share_agent"] == pytest.approx(6 / 20)
    assert found["talk_share_customer"] == pytest.approx(2 / 20)
    assert found["longest_monologue_s"] == 4.0
    assert found["longest_monologue_speaker"] == "agent"
    assert found["speech_rate_agent"] == pytest.approx(8 / 6 * 60, abs=0.1)


def test_measures_come_from_regions_where_there_are_two_sides() -> None:
    call = Transcript("en", (turn(0, "agent", 0, 4),))
    regions = {0: [Region(0, 4)], 1: [Region(2, 6), Region(7, 8, echo_of=0)]}
    found = measures(call, regions, duration_s=10.0)
    assert found["over_talk_share"] == pytest.approx(0.2)
    assert found["silence_share"] == pytest.approx(0.4)


def test_taking_turns_is_no_talking_over() -> None:
    call = Transcript("en", (turn(0, "agent", 0, 4), turn(1, "customer", 3.9, 6)))
    assert measures(call)["over_talk_share"] == 0.0


def test_measures_without_times_are_few() -> None:
    assert measures(Transcript("en", (Turn(0, "agent", "hello"),))) == {"agent_confidence": 1.0}
    assert measures(Transcript("en", ())) == {"agent_confidence": 1.0}


spans = st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 10)), max_size=12)


@settings(max_examples=100, deadline=None)
@given(first=spans, second=spans)
def test_shares_are_shares(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> None:
    turns = [turn(0, "agent", s, s + d) for s, d in first] + [
        turn(0, "customer", s, s + d) for s, d in second
    ]
    found = measures(Transcript("en", tuple(sorted(turns, key=lambda t: t.start_s or 0))))
    assert all(0 <= value <= 1 for key, value in found.items() if key.endswith("_share"))
    if first and second:
        assert found["over_talk_share"] <= 1 - found["silence_share"] + 1e-6


def test_texts_join_as_their_writing_wants() -> None:
    assert join_text(["you", "will", "pay"]) == "you will pay"
    assert join_text(["您好", "我是", "ABC", "公司"]) == "您好我是ABC公司"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared development dialogues are not beside this clone")
def test_roles_on_the_development_dialogues() -> None:
    wrong = []
    for path in sorted((SHARED.parent / "calls" / "transcripts").glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        channels: dict[int, list[Segment]] = {0: [], 1: []}
        for u in content["utterances"]:
            channels[int(u["speaker"] != "agent")].append(Segment(u["text"], u["start"], u["end"]))
        found = assemble(channels, language=content["language"])
        if speakers(found)[0] != {"agent"}:
            wrong.append(path.stem)
    assert not wrong
