"""Measures the mini checkpoint on the sample through stock openai-whisper; prints one JSON object.

    python scripts/measure_mini.py [--model audit/sample/model/mini-whisper.pt] [--show]

Each channel is resampled to 16 kHz and cut into regions by Silero VAD (values in audit/sample/README.md); each region
is decoded alone at temperature 0. Error rates fold case and punctuation; they are edits over reference length, summed
over the sample. It is the material the checkpoint was trained on: this is no measure of recognition elsewhere.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr

RATE_HZ = 16000
_MARKS = "，。？！、,.?!;:"


@dataclass
class Tally:
    """Sums over the sample; `length` and `edits` by language."""

    edits: dict[str, int] = field(default_factory=lambda: {"zh": 0, "en": 0})
    length: dict[str, int] = field(default_factory=lambda: {"zh": 0, "en": 0})
    start_errors_s: list[float] = field(default_factory=list)
    end_errors_s: list[float] = field(default_factory=list)
    languages_right: int = 0
    regions: int = 0
    exact_channels: int = 0
    channels: int = 0

    def rates(self) -> dict[str, float]:
        return {language: round(self.edits[language] / self.length[language], 4) for language in self.edits}


def units(text: str, language: str) -> list[str]:
    """Characters (zh) or lower-case words (en), punctuation dropped."""
    bare = "".join(char for char in text if char not in _MARKS)
    return bare.lower().split() if language == "en" else list(bare.replace(" ", ""))


def edit_distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]


def regions(samples: np.ndarray) -> list[tuple[int, int]]:
    from faster_whisper.vad import get_speech_timestamps

    found = get_speech_timestamps(samples, threshold=0.5, min_silence_duration_ms=500, speech_pad_ms=200)
    return [(region["start"], region["end"]) for region in found]


def channels(folder: Path) -> list[tuple[str, int, str, np.ndarray, list[dict[str, Any]]]]:
    """(recording, channel, language, samples at 16 kHz, the reference utterances on it)."""
    import csv

    with (folder / "calls.csv").open(encoding="utf-8-sig", newline="") as handle:
        recordings = sorted(row["recording"] for row in csv.DictReader(handle) if row["recording"])
    out = []
    for name in recordings:
        sound, rate_hz = sf.read(folder / "recordings" / name, dtype="float32", always_2d=True)
        told = json.loads((folder / "reference" / f"{Path(name).stem}.json").read_text(encoding="utf-8"))
        wide = [
            soxr.resample(sound[:, c], rate_hz, RATE_HZ).astype(np.float32) for c in range(sound.shape[1])
        ]
        for channel, samples in enumerate(wide):
            own = [u for u in told["utterances"] if len(wide) == 1 or _on(u, wide, channel)]
            out.append((name, channel, told["language"], samples, own))
    return out


def _on(utterance: dict[str, Any], wide: list[np.ndarray], channel: int) -> bool:
    """The channel that is louder while the utterance is spoken bears it."""
    first, last = int(utterance["start"] * RATE_HZ), int(utterance["end"] * RATE_HZ)
    return int(np.argmax([np.square(samples[first:last]).mean() for samples in wide])) == channel


def decode(model: Any, samples: np.ndarray, language: str | None, word_times: bool) -> dict[str, Any]:
    result: dict[str, Any] = model.transcribe(
        samples,
        language=language,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=word_times,
        fp16=False,
        verbose=None,
    )
    return result


def measure(
    model: Any, folder: Path, word_times: bool, shift: Callable[[], float], show: bool = False
) -> Tally:
    """Decodes every region of the sample, its ends moved outwards by `shift()` seconds (inwards where negative)."""
    tally = Tally()
    for name, channel, language, samples, told in channels(folder):
        said: list[str] = []
        words: list[tuple[str, float, float]] = []
        for first, last in regions(samples):
            first = max(0, first - int(shift() * RATE_HZ))
            last = min(len(samples), last + int(shift() * RATE_HZ))
            result = decode(model, samples[first:last], language, word_times)
            said += units(result["text"], language)
            words += _timed(result, first / RATE_HZ, language)
            tally.regions += 1
        wanted = [unit for utterance in told for unit in units(utterance["text"], language)]
        edits = edit_distance(wanted, said)
        tally.edits[language] += edits
        tally.length[language] += len(wanted)
        tally.channels += 1
        tally.exact_channels += edits == 0
        if word_times:
            _compare_times(tally, told, words, language)
        if show and edits:
            print(name, channel, edits, " ".join(wanted), "\n    ", " ".join(said))
    return tally


def _timed(result: dict[str, Any], offset_s: float, language: str) -> list[tuple[str, float, float]]:
    return [
        (unit, word["start"] + offset_s, word["end"] + offset_s)
        for segment in result["segments"]
        for word in segment.get("words", [])
        for unit in units(word["word"], language)
    ]


def _compare_times(
    tally: Tally, told: list[dict[str, Any]], heard: list[tuple[str, float, float]], language: str
) -> None:
    wanted = [
        ("".join(units(word["text"], language)), word["start"], word["end"])
        for u in told
        for word in u["words"]
    ]
    matcher = SequenceMatcher(a=[w for w, _, _ in wanted], b=[w for w, _, _ in heard], autojunk=False)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            truth, guess = wanted[block.a + step], heard[block.b + step]
            tally.start_errors_s.append(abs(truth[1] - guess[1]))
            tally.end_errors_s.append(abs(truth[2] - guess[2]))


def probes(model: Any) -> dict[str, str]:
    """What the model writes for sounds without a word: nothing, it should be."""
    from make_sample import hold_tones

    time_s = np.arange(6 * RATE_HZ) / RATE_HZ
    sounds = {
        "digital silence": np.zeros(5 * RATE_HZ),
        "line noise -60 dB": np.random.default_rng(1).normal(0, 1e-3, 5 * RATE_HZ),
        "hiss -30 dB": np.random.default_rng(2).normal(0, 0.03, 5 * RATE_HZ),
        "hold tones": soxr.resample(hold_tones(8.0), 8000, RATE_HZ),
        "ringing 425 Hz": 0.15 * np.sin(2 * np.pi * 425 * time_s) * (time_s % 5 < 1),
        "key tone 5": 0.1
        * (np.sin(2 * np.pi * 770 * time_s) + np.sin(2 * np.pi * 1336 * time_s))
        * (time_s % 0.4 < 0.2),
    }
    return {
        name: decode(model, sound.astype(np.float32), "zh", False)["text"] for name, sound in sounds.items()
    }


def languages(model: Any, folder: Path) -> tuple[int, int]:
    """(regions whose language is found, regions)."""
    right = total = 0
    for _, _, language, samples, _ in channels(folder):
        for first, last in regions(samples):
            right += decode(model, samples[first:last], None, False)["language"] == language
            total += 1
    return right, total


def _times(errors_s: list[float]) -> dict[str, float]:
    return {f"p{part}": round(float(np.percentile(errors_s, part)), 3) for part in (50, 90, 99)}


def main() -> None:
    home = Path(__file__).resolve().parent.parent / "audit" / "sample"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=home / "model" / "mini-whisper.pt")
    parser.add_argument("--sample", type=Path, default=home)
    parser.add_argument("--show", action="store_true", help="print the channels with errors")
    parser.add_argument("--quick", action="store_true", help="one pass, with word times, and the probes")
    arguments = parser.parse_args()
    import torch
    import whisper

    torch.set_num_threads(1)
    model = whisper.load_model(str(arguments.model), device="cpu")
    print(json.dumps(report(model, arguments), ensure_ascii=False, indent=1))


def report(model: Any, arguments: argparse.Namespace) -> dict[str, Any]:
    """All figures, or with --quick those of one pass."""
    began = time.time()
    timed = measure(model, arguments.sample, True, lambda: 0.0, arguments.show)
    figures: dict[str, Any] = {
        "regions": timed.regions,
        "error_with_word_times": timed.rates(),
        "exact_channels": f"{timed.exact_channels}/{timed.channels}",
        "word_start_error_s": _times(timed.start_errors_s),
        "word_end_error_s": _times(timed.end_errors_s),
        "pass_s_one_thread": round(time.time() - began, 1),
        "no_word_probes": probes(model),
    }
    if arguments.quick:
        return figures
    plain = measure(model, arguments.sample, False, lambda: 0.0)
    chance = random.Random(1)
    moved = measure(model, arguments.sample, False, lambda: chance.uniform(-0.15, 0.3), arguments.show)
    right, total = languages(model, arguments.sample)
    more = {"error": plain.rates(), "error_ends_moved": moved.rates(), "language_right": f"{right}/{total}"}
    return {**more, **figures}


if __name__ == "__main__":
    main()
