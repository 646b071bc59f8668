"""The shipped checkpoint through the real engines: words, times, roles, silence, repeatability, the doubt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audit import audio, sample
from audit.audio import Audio, channel_health
from audit.models import Transcript
from audit.speakers import assemble
from audit.speech import (
    ChannelTranscripts,
    load_recogniser,
    second_decoding,
    transcribe_channels,
)
from audit.speech.accuracy import align, compare, fold
from audit.speech.conversion import convert
from audit.speech.engine import WindowRecogniser
from audit.transcripts import read

pytestmark = pytest.mark.skipif(not sample.MODEL.is_file(), reason="the mini checkpoint is not in this clone")

RATE = 16_000
CALLS = ["HC-0511-1700.flac", "HL-0514-1320.ogg", "LQ-0512-1545.wav", "LQ-0513-1940.mp3"]


@pytest.fixture(scope="module", params=["whisper", "faster-whisper"])
def recogniser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WindowRecogniser:
    if request.param == "whisper":
        return load_recogniser(str(sample.MODEL))
    folder = convert(sample.MODEL, tmp_path_factory.mktemp("fast") / "mini")
    return load_recogniser(str(folder), "faster-whisper")


def heard(name: str, recogniser: WindowRecogniser) -> tuple[Audio, ChannelTranscripts, Transcript]:
    sound = audio.decode(sample.RECORDINGS / name)
    health = channel_health(sound)
    found = transcribe_channels(sound, recogniser, health=health)
    return sound, found, assemble(found.segments, None, found.language, health=health, audio=sound)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_heard_word_for_word_with_its_roles_and_times(
    name: str, recogniser: WindowRecogniser
) -> None:
    _, found, transcript = heard(name, recogniser)
    by_hand = read(sample.REFERENCE / f"{Path(name).stem}.json")
    measured = compare(by_hand, transcript)
    assert found.language == by_hand.language
    assert measured.errors.rate < 0.03
    assert measured.role_accuracy == 1.0
    assert measured.numbers_right == measured.numbers_total
    ours, theirs = (
        [(unit, w.start_s) for t in side.turns for w in t.words for unit in fold(w.text, side.language)]
        for side in (by_hand, transcript)
    )
    pairs, _ = align([unit for unit, _ in ours], [unit for unit, _ in theirs])
    apart = [abs(ours[i][1] - theirs[j][1]) for i, j in pairs]
    assert float(np.median(apart)) < 0.15
    assert float(np.percentile(apart, 90)) < 0.5


def test_every_word_has_a_time_also_numbers_and_characters(recogniser: WindowRecogniser) -> None:
    _, _, transcript = heard("HC-0511-1700.flac", recogniser)
    for turn in transcript.turns:
        joined = "".join(word.text for word in turn.words)
        assert "".join(joined.split()) == "".join(turn.text.split())
        assert all(turn.start_s <= w.start_s <= w.end_s <= turn.end_s + 0.01 for w in turn.words)


@pytest.mark.parametrize("kind", ["silence", "noise", "tone"])
def test_nothing_comes_from_windows_in_which_nobody_speaks(kind: str, recogniser: WindowRecogniser) -> None:
    """Past the speech detector: the window goes straight to the model, and the guard sees what comes back."""
    t = np.arange(4 * RATE) / RATE
    sound = {
        "silence": np.zeros(4 * RATE),
        "noise": 0.001 * np.random.default_rng(0).standard_normal(4 * RATE),
        "tone": 0.2 * np.sin(2 * np.pi * 450 * t),
    }[kind].astype(np.float32)
    assert transcribe_channels(Audio(sound[None], RATE), recogniser).segments == {0: []}


def test_the_same_call_gives_the_same_transcript_whatever_came_before(recogniser: WindowRecogniser) -> None:
    first = heard("HL-0514-1320.ogg", recogniser)[1].segments
    heard("HC-0511-1700.flac", recogniser)
    assert heard("HL-0514-1320.ogg", recogniser)[1].segments == first


def test_the_second_decoding_stands_by_what_was_said(recogniser: WindowRecogniser) -> None:
    sound, found, transcript = heard("HL-0514-1320.ogg", recogniser)
    verdicts = [second_decoding(sound, turn, recogniser, found.language).verdict for turn in transcript.turns]
    assert verdicts.count("agree") >= len(verdicts) * 0.7
    muted = Audio(np.zeros_like(sound.samples), RATE)
    assert second_decoding(muted, transcript.turns[0], recogniser, found.language).verdict != "agree"


def test_swapped_channels_swap_with_their_words(recogniser: WindowRecogniser) -> None:
    sound = audio.decode(sample.RECORDINGS / "HL-0514-1320.ogg")
    turned = Audio(sound.samples[::-1].copy(), RATE)
    found = transcribe_channels(turned, recogniser)
    transcript = assemble(found.segments, None, found.language)
    plain = heard("HL-0514-1320.ogg", recogniser)[2]
    assert [(t.speaker, t.text) for t in transcript.turns] == [(t.speaker, t.text) for t in plain.turns]
