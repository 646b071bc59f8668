"""The shipped sample is whole: log, recordings, references, planted findings and the mini checkpoint agree."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from audit import sample
from audit.models import CATEGORIES

COLUMNS = {
    "call_id", "started_at", "timezone", "duration_s", "channel", "direction", "outcome", "agency", "agent",
    "debtor_id", "account_id", "number", "called_party", "consent_hours", "jurisdiction", "language", "recording",
    "transcript", "agent_channel", "text",
}  # fmt: skip
MEGABYTE = 1_000_000
TIMESTAMP_BEGIN = 50364


@cache
def log() -> list[dict[str, str]]:
    with sample.CALLS.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def planted(category: str, decision: str = "breach") -> set[str]:
    found = lines(sample.EXPECTED)
    return {line["call_id"] for line in found if (line["category"], line["decision"]) == (category, decision)}


def recorded() -> list[dict[str, str]]:
    return [row for row in log() if row["recording"]]


def reference(row: dict[str, str]) -> dict[str, Any]:
    path = sample.REFERENCE / f"{Path(row['recording']).stem}.json"
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def sound_of(row: dict[str, str]) -> tuple[np.ndarray, int]:
    import soundfile

    samples, rate_hz = soundfile.read(sample.RECORDINGS / row["recording"], dtype="float32", always_2d=True)
    return samples, rate_hz


def local(row: dict[str, str]) -> datetime:
    """The start on the debtor's own clock, naive."""
    moment = datetime.fromisoformat(row["started_at"])
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(ZoneInfo(row["timezone"] or "Asia/Shanghai")).replace(tzinfo=None)


def test_the_log_has_the_contract_columns_and_150_contacts_of_three_agencies() -> None:
    assert len(log()) == 150
    assert set(log()[0]) == COLUMNS
    assert len({row["call_id"] for row in log()}) == 150
    agencies = [row["agency"] for row in log()]
    assert len(set(agencies)) == 3
    blocks = [a for a, b in zip(agencies, ["", *agencies], strict=False) if a != b]
    assert len(blocks) == 3, "each agency's export stands in one block"
    starts = [row["started_at"] for row in log() if row["started_at"]]
    assert starts != sorted(starts), "so the log as a whole is not in time order"


def test_every_recording_is_named_once_and_lasts_as_long_as_the_log_says() -> None:
    named = [row["recording"] for row in recorded()]
    assert sorted(named) == sorted(path.name for path in sample.RECORDINGS.iterdir())
    for row in recorded():
        samples, rate_hz = sound_of(row)
        assert rate_hz == 8000
        assert len(samples) / rate_hz == pytest.approx(float(row["duration_s"]), abs=0.15)
        assert 15 <= float(row["duration_s"]) <= 75
        assert np.abs(samples).max() < 0.999, f"{row['recording']} clips"


def test_one_mono_one_dead_channel_and_each_utterance_on_its_speakers_channel() -> None:
    shapes = {row["recording"]: sound_of(row)[0] for row in recorded()}
    assert sum(samples.shape[1] == 1 for samples in shapes.values()) == 1
    dead = [name for name, samples in shapes.items() if not np.abs(samples).max(axis=0).all()]
    assert len(dead) == 1
    for row in recorded():
        samples = shapes[row["recording"]]
        if samples.shape[1] == 1 or not row["agent_channel"]:
            continue
        for said in reference(row)["utterances"]:
            part = np.square(samples[int(said["start"] * 8000) : int(said["end"] * 8000)]).mean(axis=0)
            agent = int(row["agent_channel"])
            channel = agent if said["speaker"] == "agent" else 1 - agent
            assert part[channel] > 100 * part[1 - channel], (row["recording"], said["start"])


def test_references_are_in_time_order_and_their_words_spell_their_text() -> None:
    for row in recorded():
        before = 0.0
        for said in reference(row)["utterances"]:
            assert before <= said["start"] < said["end"] <= float(row["duration_s"]) + 0.1
            before = said["start"]
            blank = " " if said["text"].isascii() else ""
            assert blank.join(word["text"] for word in said["words"]) == said["text"]
            times = [(word["start"], word["end"]) for word in said["words"]]
            assert times == sorted(times)
            assert all(said["start"] - 0.01 <= start < end <= said["end"] + 0.03 for start, end in times)


def test_planted_findings_name_known_categories_and_contacts() -> None:
    ids = {row["call_id"] for row in log()}
    for line in lines(sample.EXPECTED):
        assert line["call_id"] in ids
        assert line["category"] in CATEGORIES
        assert line["decision"] in {"breach", "undecided", "noted"}
    pairs = Counter((line["call_id"], line["category"]) for line in lines(sample.EXPECTED))
    assert max(pairs.values()) == 1
    tolerated = {(line["call_id"], line["category"]) for line in lines(sample.TOLERATED)}
    assert not tolerated & set(pairs)


def test_about_half_the_recorded_calls_are_clean() -> None:
    clean = set(json.loads(sample.CLEAN.read_text(encoding="utf-8")))
    guilty = {line["call_id"] for line in lines(sample.EXPECTED) if line["decision"] != "noted"}
    own = {row["call_id"] for row in recorded()}
    assert clean == own - guilty
    assert 6 <= len(clean) <= 9


def test_planted_hours_are_exactly_the_contacts_outside_them() -> None:
    outside, unknown = set(), set()
    for row in log():
        if row["direction"] != "outbound" or row["channel"] == "letter":
            continue
        if not row["started_at"] or (row["jurisdiction"] == "US" and not row["timezone"]):
            unknown.add(row["call_id"])
            continue
        last = 21 if row["jurisdiction"] == "US" else 22
        if not 8 <= local(row).hour < last and not row["consent_hours"]:
            outside.add(row["call_id"])
    assert outside == planted("contact.hours")
    assert unknown == planted("contact.hours", "undecided")
    assert len(outside) == 3


def test_planted_counts_are_exactly_the_contacts_beyond_them() -> None:
    talks, rings = defaultdict(list), defaultdict(list)
    for row in sorted((r for r in log() if r["started_at"]), key=local):
        if row["jurisdiction"] != "CN" or row["channel"] != "call" or row["direction"] != "outbound":
            continue
        day = local(row).date()
        if row["outcome"] in {"connected", "conversation"} and row["called_party"] == "debtor":
            talks[row["debtor_id"], day].append(row)
        if row["outcome"] in {"no_answer", "busy"}:
            rings[row["number"], day].append(row)
    beyond = {row["call_id"] for rows in talks.values() for row in rows[3:]}
    beyond |= {row["call_id"] for rows in rings.values() for row in rows[6:]}
    assert beyond | _beyond_us() == planted("contact.frequency")
    fourth = [rows for rows in talks.values() if len(rows) > 3]
    assert [len({row["agency"] for row in rows}) for rows in fourth] == [2]
    assert len(beyond) == 3
    assert len(_beyond_us()) == 3


def _beyond_us() -> set[str]:
    accounts = defaultdict(list)
    for row in sorted((r for r in log() if r["jurisdiction"] == "US" and r["channel"] == "call"), key=local):
        accounts[row["account_id"]].append(row)
    beyond = set()
    for rows in accounts.values():
        for index, row in enumerate(rows):
            week = [r for r in rows[: index + 1] if local(row).date() - local(r).date() < timedelta(days=7)]
            talked = any(r["outcome"] == "conversation" for r in week[:-1])
            if len(week) > 7 or talked:
                beyond.add(row["call_id"])
    return beyond


def test_numbers_are_invented_and_the_dictated_identity_number_has_its_check_digit() -> None:
    for row in log():
        if row["number"]:
            assert row["number"].startswith("154") or row["number"][3:8] == "55501", row["call_id"]
    digits = "110199199103152730"
    spoken = "".join("零一二三四五六七八九"[int(d)] for d in digits)
    texts = [
        "".join(c for c in u["text"] if c not in "，。")
        for r in recorded()
        for u in reference(r)["utterances"]
    ]
    assert spoken in texts
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(digits[:17], weights, strict=True))
    assert "10X98765432"[total % 11] == digits[17]


def test_the_sample_stays_small() -> None:
    sizes = {path: path.stat().st_size for path in sample.FOLDER.rglob("*") if path.is_file()}
    assert sum(size for path, size in sizes.items() if path.parent == sample.RECORDINGS) < 6 * MEGABYTE
    assert sizes[sample.MODEL] <= 10 * MEGABYTE
    assert sum(sizes.values()) < 14 * MEGABYTE


@cache
def checkpoint() -> Any:
    import torch
    import whisper

    torch.set_num_threads(1)
    return whisper.load_model(str(sample.MODEL), device="cpu")


def bare(text: str) -> str:
    return "".join(char for char in text.lower() if char not in "，。？！,.?! ")


@pytest.mark.parametrize(("stem", "language"), [("HC-0511-1005", "zh"), ("HL-0512-1015", "en")])
def test_the_checkpoint_transcribes_the_first_regions_exactly(stem: str, language: str) -> None:
    import soxr

    row = next(row for row in recorded() if row["recording"].startswith(stem))
    samples, rate_hz = sound_of(row)
    for said in reference(row)["utterances"][:2]:
        first, last = int((said["start"] - 0.2) * rate_hz), int((said["end"] + 0.2) * rate_hz)
        wide = soxr.resample(samples[first:last, 0], rate_hz, 16000).astype(np.float32)
        result = checkpoint().transcribe(wide, temperature=0.0, condition_on_previous_text=False, fp16=False)
        assert result["language"] == language
        assert bare(result["text"]) == bare(said["text"])
        # whisper reports 0.0 for a lone segment's start; the decoded timestamp token holds it
        begin_s = (result["segments"][0]["tokens"][0] - TIMESTAMP_BEGIN) * 0.02
        assert begin_s == pytest.approx(0.2, abs=0.1)
        assert result["segments"][-1]["end"] == pytest.approx(said["end"] - said["start"] + 0.2, abs=0.15)


def test_the_checkpoint_writes_nothing_over_silence_and_tones() -> None:
    time_s = np.arange(4 * 16000) / 16000
    for sound in (np.zeros(4 * 16000), 0.1 * np.sin(2 * np.pi * 440 * time_s)):
        result = checkpoint().transcribe(sound.astype(np.float32), language="zh", temperature=0.0, fp16=False)
        assert result["text"].strip() == ""
