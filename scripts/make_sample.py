"""Writes the sample week into audit/sample: recordings, reference transcripts, call log, expected findings.

    python scripts/make_sample.py [--out audit/sample]

Needs espeak-ng and flite (`apt install espeak-ng flite`) and the packages of requirements.txt. Deterministic up to
the versions of the synthesisers and encoders (an Ogg file also bears a random serial number). Run it again only to
change the sample, and then train the mini checkpoint again (scripts/train_mini.py).
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import synth
from sample_calls import AGENT, CALLS, CUSTOMER, HOLD, VOICES, Call
from sample_log import rows
from synth import RATE_HZ

from audit.intake import COLUMNS

_LINE_NOISE = 6e-5
_LEAD_S, _TAIL_S = 0.6, 0.8
_PAUSE_TURN_S, _PAUSE_SAME_S = (0.35, 1.1), (0.75, 1.2)
_FORMATS = {
    "flac": ("FLAC", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "ogg": ("OGG", "VORBIS"),
    "wav": ("WAV", "ULAW"),
}


@dataclass(frozen=True)
class Placed:
    """One utterance at its place in the call; `words` in seconds of the call."""

    speaker: str
    text: str
    start_s: float
    end_s: float
    words: tuple[tuple[str, float, float], ...]


def hold_tones(length_s: float) -> np.ndarray:
    """Slow three-note music on hold, float32 at 8 kHz."""
    time = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    notes = np.array([440.0, 554.4, 659.3, 554.4])[(time / 0.5).astype(int) % 4]
    fade = np.minimum(1.0, np.minimum((time % 0.5) / 0.03, (0.5 - time % 0.5) / 0.05))
    return (0.08 * fade * (np.sin(2 * np.pi * notes * time) + 0.3 * np.sin(4 * np.pi * notes * time))).astype(
        "f4"
    )


def compose(call: Call) -> tuple[np.ndarray, list[Placed]]:
    """The call as (samples, 2 channels: agent, customer) and its utterances in time order."""
    chance = random.Random(call.key)
    voices = dict(zip((AGENT, CUSTOMER), call.voices, strict=True))
    clock_s, before = _LEAD_S, ""
    placed: list[Placed] = []
    pieces: list[tuple[int, float, np.ndarray]] = []
    for speaker, text in call.lines:
        clock_s += chance.uniform(*(_PAUSE_SAME_S if speaker == before else _PAUSE_TURN_S)) if before else 0.0
        if speaker == HOLD:
            samples = hold_tones(float(text))
        else:
            spoken = synth.say(text, VOICES[voices[speaker]])
            samples = spoken.samples
            words = tuple((w, round(a + clock_s, 3), round(b + clock_s, 3)) for w, a, b in spoken.words)
            end_s = clock_s + len(samples) / RATE_HZ
            placed.append(Placed(speaker, text, round(clock_s, 3), round(end_s, 3), words))
        pieces.append((1 if speaker == CUSTOMER else 0, clock_s, samples))
        clock_s += len(samples) / RATE_HZ
        before = speaker
    return _lay(call, pieces, clock_s + _TAIL_S), placed


def _lay(call: Call, pieces: list[tuple[int, float, np.ndarray]], length_s: float) -> np.ndarray:
    noise = np.random.default_rng(sum(map(ord, call.key)))
    sound = noise.normal(0.0, _LINE_NOISE, (round(length_s * RATE_HZ), 2)).astype(np.float32)
    for channel, start_s, samples in pieces:
        first = round(start_s * RATE_HZ)
        sound[first : first + len(samples), channel] += samples
    if call.dead is not None:
        sound[:, call.dead] = 0.0
    return sound


def write_recording(call: Call, sound: np.ndarray, folder: Path) -> float:
    """Writes the file in the agency's format; returns its duration in seconds."""
    if call.agent_channel is None:
        sound = sound.sum(axis=1)
    elif call.agent_channel == 1:
        sound = sound[:, ::-1]
    kind, subtype = _FORMATS[call.suffix]
    sf.write(folder / call.recording, np.clip(sound, -1, 1), RATE_HZ, format=kind, subtype=subtype)
    return len(sound) / RATE_HZ


def reference(call: Call, placed: list[Placed]) -> dict[str, object]:
    """The contract's transcript with word times."""
    utterances = [
        {
            "speaker": item.speaker,
            "start": item.start_s,
            "end": item.end_s,
            "text": item.text,
            "words": [{"text": text, "start": start, "end": end} for text, start, end in item.words],
        }
        for item in placed
    ]
    return {"language": call.language, "utterances": utterances}


def _dump(path: Path, lines: list[object]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def write_log(folder: Path, durations: dict[str, float]) -> None:
    """calls.csv, expected.jsonl, tolerated.jsonl and clean.json."""
    exported = rows(durations)
    with (folder / "calls.csv").open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(row.cells for row in exported)
    expected: list[object] = [
        {"call_id": row.call_id, "category": category, "decision": decision}
        for row in exported
        for category, decision in row.planted
    ]
    tolerated: list[object] = [
        {"call_id": row.call_id, "category": category} for row in exported for category in row.tolerated
    ]
    _dump(folder / "expected.jsonl", expected)
    _dump(folder / "tolerated.jsonl", tolerated)
    clean = [
        row.call_id
        for row in exported
        if row.cells.get("recording") and all(decision == "noted" for _, decision in row.planted)
    ]
    (folder / "clean.json").write_text(json.dumps(clean) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    home = Path(__file__).resolve().parent.parent
    parser.add_argument("--out", type=Path, default=home / "audit" / "sample")
    out: Path = parser.parse_args().out
    for name in ("recordings", "reference"):
        (out / name).mkdir(parents=True, exist_ok=True)
    durations: dict[str, float] = {}
    for call in CALLS:
        sound, placed = compose(call)
        durations[call.key] = write_recording(call, sound, out / "recordings")
        text = json.dumps(reference(call, placed), ensure_ascii=False, indent=1)
        (out / "reference" / f"{call.stem}.json").write_text(text + "\n", encoding="utf-8")
    write_log(out, durations)


if __name__ == "__main__":
    main()
