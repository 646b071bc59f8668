"""Clips of the shipped call with a dictated identity number: bleeped where it is said, untouched elsewhere, proved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from audit import sample
from audit.audio import Audio, decode, decode_range
from audit.batch import Batch
from audit.cases import fingerprint
from audit.clips import (
    CLIP_RATE_HZ,
    Source,
    bleeps,
    left_over,
    make_clip,
    masked_audio,
    masked_lines,
    read_source,
)
from audit.contact import load_places
from audit.errors import InputError, RecordingError, UsageError
from audit.intake import hash_file, read_call_log
from audit.models import CallResult, Finding, Transcript, Turn
from audit.pipeline import Tools, audit_contact
from audit.privacy import Detector
from audit.privacy.locate import GUARD_S
from audit.settings import load_settings
from audit.speech import load_recogniser
from audit.store import Store
from audit.store import tables as t

RECORDING = "HC-0515-0930.flac"
SPOKEN = "一一零一九九，一九九一，零三一五，二七三零"
CUSTOMER = 1
EDGE_S = 0.2
"""Reference times are the synthesiser's own; the recogniser may place a word's edge this much inside them."""

pytestmark = pytest.mark.skipif(not sample.MODEL.is_file(), reason="the mini checkpoint is not in this clone")


class SilentJudge:
    """Finds nothing: clips need no rule, and the rules shipped are no matter of theirs."""

    pack = SimpleNamespace(hash="none")

    def call(self, *_: object) -> list[Finding]:
        return []


@dataclass
class Call:
    """The audited call, its batch to write it with, and the turn with the identity number."""

    result: CallResult
    batch: Batch
    turn: int

    @property
    def call_id(self) -> str:
        return self.result.contact.call_id


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    """The call heard by the mini checkpoint and kept in a store, with one finding on the dictating turn."""
    folder = tmp_path_factory.mktemp("clips")
    settings = load_settings(
        None,
        store=f"sqlite:///{folder / 'audit.db'}",
        model=str(sample.MODEL),
        recordings=sample.RECORDINGS,
    )
    recogniser = load_recogniser(settings.model)
    judge: Any = SilentJudge()
    tools = Tools(settings, judge, Detector(), None, lambda: recogniser, settings.recordings, None)
    log = read_call_log(sample.CALLS, "CN", b"k" * 32)
    contact = next(one for one in log.contacts if one.recording == RECORDING)
    result = audit_contact(contact, tools)
    assert result.transcript is not None, result.reason
    turn = next(datum.turn for datum in result.personal_data if datum.type == "CN_ID_CARD")
    assert turn is not None
    batch = Batch(Store.open(settings.store), tools, load_places(None))
    yield Call(replace(result, recording_hash=hash_file(sample.RECORDINGS / RECORDING)), batch, turn)
    batch.store.close()


def kept(call: Call, change: Callable[[Turn], Turn] = lambda turn: turn) -> str:
    """Write the call with its dictating turn changed; returns the id of the finding on it."""
    transcript = call.result.transcript
    assert transcript is not None
    turns = tuple(change(turn) if turn.index == call.turn else turn for turn in transcript.turns)
    mine = turns[call.turn]
    finding = Finding(
        *("zh.privacy.number_read_aloud.x", "privacy.number_read_aloud", "high", "phrase", 0.9),
        turn=call.turn,
        speaker=mine.speaker,
        start=0,
        end=len(mine.text),
        text=mine.text,
        start_s=transcript.turns[call.turn].start_s,
        end_s=transcript.turns[call.turn].end_s,
    )
    changed = replace(call.result, transcript=replace(transcript, turns=turns), findings=(finding,))
    call.batch.save(changed, ("", ""))
    return fingerprint(call.call_id, finding)


def source_of(call: Call, change: Callable[[Turn], Turn] = lambda turn: turn) -> Source:
    return read_source(call.batch.store, kept(call, change))


def said_at() -> tuple[float, float]:
    """Start of the first and end of the last word of the number, from the reference."""
    told = json.loads((sample.REFERENCE / "HC-0515-0930.json").read_text("utf-8"))
    words = [word for one in told["utterances"] if SPOKEN in one["text"] for word in one["words"]]
    assert len(words) == 18
    return words[0]["start"], words[-1]["end"]


def cut_of(source: Source) -> Audio:
    assert source.start_s is not None and source.end_s is not None
    return decode_range(sample.RECORDINGS / RECORDING, source.start_s, source.end_s, CLIP_RATE_HZ)


def samples_in(audio: Audio, spans: list[tuple[float, float]]) -> np.ndarray:
    """True for each sample that lies in one of the spans, their edges included."""
    inside = np.zeros(audio.samples.shape[1], bool)
    for start_s, end_s in spans:
        inside[int(start_s * audio.rate_hz) : int(np.ceil(end_s * audio.rate_hz))] = True
    return inside


def test_the_number_is_bleeped_from_its_first_to_its_last_word_with_guard(call: Call) -> None:
    source = source_of(call)
    first_s, last_s = said_at()
    spans = [span for span in bleeps(source) if span[0] == CUSTOMER]
    (mine,) = [span for span in spans if span[1] < (first_s + last_s) / 2 < span[2]]
    assert mine[1] <= first_s - GUARD_S + EDGE_S and mine[2] >= last_s + GUARD_S - EDGE_S
    assert mine[2] - mine[1] < last_s - first_s + 2.0, "a bleep over everything would prove nothing"


def test_the_clip_lasts_as_long_and_changes_nothing_but_what_is_bleeped(call: Call) -> None:
    source = source_of(call)
    plain = cut_of(source)
    masked, listed = masked_audio(source, sample.RECORDINGS)
    assert masked.samples.shape == plain.samples.shape and masked.rate_hz == plain.rate_hz
    for channel in range(masked.channels):
        spans = [(one["start_s"], one["end_s"]) for one in listed if one["channel"] in (channel, None)]
        inside = samples_in(masked, [(start - 0.001, end + 0.001) for start, end in spans])
        assert np.array_equal(masked.samples[channel, ~inside], plain.samples[channel, ~inside])
    assert {one["channel"] for one in listed} >= {CUSTOMER}


def test_nothing_of_the_number_is_left_under_the_bleep(call: Call) -> None:
    source = source_of(call)
    first_s, last_s = (time - (source.start_s or 0.0) for time in said_at())
    plain, (masked, _) = cut_of(source), masked_audio(source, sample.RECORDINGS)
    begin, end = int(first_s * plain.rate_hz), int(last_s * plain.rate_hz)
    likeness = np.corrcoef(plain.samples[CUSTOMER, begin:end], masked.samples[CUSTOMER, begin:end])[0, 1]
    assert abs(likeness) < 0.05
    # A pure tone: all its power stands at one frequency, so no speech can lie beneath it.
    power = np.abs(np.fft.rfft(masked.samples[CUSTOMER, begin:end] * np.hanning(end - begin))) ** 2
    top = int(power.argmax())
    assert power[max(0, top - 8) : top + 9].sum() > 0.999 * power.sum()


def test_a_second_hearing_finds_the_number_before_and_nothing_after(call: Call, tmp_path: Path) -> None:
    finding_id = kept(call)
    recogniser = load_recogniser(str(sample.MODEL))
    clear, _ = masked_audio(read_source(call.batch.store, finding_id), sample.RECORDINGS, masked=False)
    assert "CN_ID_CARD" in left_over(clear, recogniser, "zh")
    clip = make_clip(call.batch.store, finding_id, sample.RECORDINGS, tmp_path, recogniser)
    receipt = json.loads(clip.receipt.read_text("utf-8"))
    assert receipt["left_over"] == []
    assert clip.sound is not None and receipt["clip_sha256"] == hash_file(clip.sound)
    assert receipt["recording_sha256"] == hash_file(sample.RECORDINGS / RECORDING)
    written = decode(clip.sound)
    assert written.duration_s == pytest.approx(receipt["end_s"] - receipt["start_s"], abs=0.001)
    source = read_source(call.batch.store, finding_id)
    begin = source.start_s or 0.0
    expected = [
        (channel, max(0.0, start - begin), min(written.duration_s, end - begin))
        for channel, start, end in bleeps(source)
    ]
    assert len(receipt["bleeps"]) == len(expected) >= 1
    for one, (channel, start, end) in zip(receipt["bleeps"], expected, strict=True):
        assert one["channel"] == channel
        assert (one["start_s"], one["end_s"]) == (
            pytest.approx(start, abs=0.001),
            pytest.approx(end, abs=0.001),
        )
    paper = clip.text.read_text("utf-8") + clip.receipt.read_text("utf-8")
    assert "CN_ID_CARD" in paper and "一一零一九九" not in paper and "罗斌" not in paper


def test_a_clip_on_which_something_is_still_heard_is_not_written(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.clips.left_over", lambda *_: ["CN_ID_CARD"])
    with pytest.raises(InputError, match="still heard after masking: CN_ID_CARD"):
        make_clip(call.batch.store, kept(call), sample.RECORDINGS, tmp_path, object())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_without_word_times_the_whole_turn_is_bleeped(call: Call) -> None:
    transcript = call.result.transcript
    assert transcript is not None
    turn = transcript.turns[call.turn]
    assert turn.start_s is not None and turn.end_s is not None
    for change in (
        lambda one: replace(one, words=()),
        lambda one: replace(one, words=one.words[:4]),
        lambda one: replace(one, words=tuple(replace(word, text="嗯") for word in one.words)),
    ):
        spans = [span for span in bleeps(source_of(call, change)) if span[0] == CUSTOMER]
        assert any(start <= turn.start_s and end >= turn.end_s for _, start, end in spans)


def test_a_turn_without_times_is_bleeped_wherever_it_may_be_heard(call: Call) -> None:
    """Seen from the clip of another finding, too: the turns beside it give the room it can be in."""
    finding_id = kept(call, lambda one: replace(one, start_s=None, end_s=None, words=()))
    first_s, last_s = said_at()
    spans = bleeps(read_source(call.batch.store, finding_id))
    assert any(span[0] == CUSTOMER and span[1] <= first_s and span[2] >= last_s for span in spans)
    transcript = call.result.transcript
    assert transcript is not None
    before = transcript.turns[call.turn - 1]
    other = _finding_on(call, before, transcript, finding_id)
    near = read_source(call.batch.store, other)
    assert near.end_s is not None and near.end_s > first_s
    assert any(span[0] == CUSTOMER and span[1] <= first_s for span in bleeps(near))


def _finding_on(call: Call, turn: Turn, transcript: Transcript, finding_id: str) -> str:
    """Move the stored finding to another turn."""
    with call.batch.store.begin() as connection:
        where = t.findings.c.finding_id == finding_id
        values = {"turn": turn.index, "start_s": turn.start_s, "end_s": turn.end_s}
        connection.execute(t.findings.update().where(where).values(values))
    return finding_id


def test_bleeps_end_with_the_clip_and_the_receipt_holds_plain_numbers(call: Call) -> None:
    source = source_of(call, lambda one: replace(one, start_s=None, end_s=None, words=()))
    last = replace(source, start_s=20.0, end_s=24.0)
    audio, listed = masked_audio(last, sample.RECORDINGS)
    assert listed and all(0.0 <= one["start_s"] < one["end_s"] <= audio.duration_s + 0.001 for one in listed)
    json.loads(json.dumps(listed, allow_nan=False))


def test_a_recording_that_was_replaced_is_not_cut(call: Call, tmp_path: Path) -> None:
    """The times belong to the file that was audited: over another one a bleep would miss what is said."""
    import shutil

    source = source_of(call)
    shutil.copy(sample.RECORDINGS / "HC-0511-1005.flac", tmp_path / RECORDING)
    with pytest.raises(RecordingError, match="no longer the file that was audited"):
        masked_audio(source, tmp_path)
    with pytest.raises(RecordingError, match="not in the folder"):
        masked_audio(source, tmp_path / "nowhere")


def test_lines_of_a_clip_are_masked_and_the_flagged_one_is_marked(call: Call) -> None:
    lines = masked_lines(source_of(call))
    (flagged,) = [line for line in lines if line["flagged"]]
    # The other side speaks two seconds before the turn: the clip begins with what it says, not within.
    assert flagged["text"].startswith("[CN_ID_CARD]") and 2.0 <= flagged["start_s"] <= 4.0
    assert not any("罗斌" in line["text"] for line in lines)


def test_an_unknown_finding_is_said(call: Call) -> None:
    with pytest.raises(UsageError, match="no finding nothing"):
        read_source(call.batch.store, "nothing")


def test_a_clip_ends_where_nobody_speaks() -> None:
    from audit.clips import _between_words

    measures = {"duration_s": 60.0, "regions": {"0": [[10.0, 14.0], [30.0, 32.0]], "1": [[15.5, 19.0]]}}
    # The turn 12–16 s with two seconds each side: the start lies in 10–14, the end in 15.5–19.
    assert _between_words(measures, 10.5, 18.0, 2.0) == (10.0, 19.0)
    assert _between_words(measures, 20.0, 26.0, 2.0) == (20.0, 26.0)
    assert _between_words(measures, 57.0, 62.0, 2.0) == (57.0, 60.0)
    assert _between_words({}, 10.5, 18.0, 2.0) == (10.5, 18.0)
