"""Speed of hearing: ten minutes of stereo telephone, half of each side silent, beside plain Whisper.

    python -m benchmarks.speech_bench [--dims tiny|base] [--minutes 10] [--threads 2]

Random weights of the true dimensions and a fixed number of decoded tokens (four a second of speech, on both
sides alike): speed is real, words are not. Seconds are processor seconds, so that a busy machine does not tilt them. The baseline is `model.transcribe` over each channel, its array
decoded by PyAV, since `whisper.load_audio` needs the ffmpeg program, with its defaults (language detected,
text carried over, no word times) but for what random weights would upset: temperature 0 only, no time tokens.
Ours is the whole way from the file to turns, with word times.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from audit import audio
from audit.audio import Audio
from audit.sample import RECORDINGS
from audit.speakers import assemble
from audit.speech import (
    Decoding,
    load_recogniser,
    speech_regions,
    speech_seconds,
    transcribe_channels,
)
from audit.speech.conversion import convert
from audit.speech.windows import pack

TOKENS_A_SECOND = 4.0
DIMENSIONS = {
    "tiny": {"state": 384, "heads": 6, "layers": 4},
    "base": {"state": 512, "heads": 8, "layers": 6},
    "small": {"state": 768, "heads": 12, "layers": 12},
}


def random_checkpoint(path: Path, name: str) -> Path:
    """A checkpoint of an official size, with its alignment heads and random weights."""
    import torch
    import whisper
    from whisper.model import ModelDimensions, Whisper

    size = DIMENSIONS[name]
    half = {
        side + key: value
        for side in ("n_audio_", "n_text_")
        for key, value in (("state", size["state"]), ("head", size["heads"]), ("layer", size["layers"]))
    }
    dims = {"n_mels": 80, "n_audio_ctx": 1500, "n_vocab": 51865, "n_text_ctx": 448, **half}
    torch.manual_seed(1)
    model = Whisper(ModelDimensions(**dims))
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.02)
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS[name])
    heads = model.alignment_heads.indices().T.tolist()
    torch.save({"dims": dims, "model_state_dict": model.state_dict(), "alignment_heads": heads}, path)
    return path


def telephone_call(path: Path, minutes: float) -> Path:
    """A stereo mu-law file in which the sides speak in turn, from the shipped sample's speech."""
    import soundfile

    pieces: list[np.ndarray[Any, Any]] = []
    for recording in sorted(RECORDINGS.iterdir()):
        sound = audio.decode(recording)
        for channel in range(sound.channels):
            pieces += [sound.span(channel, r.start_s, r.end_s) for r in speech_regions(sound, channel)]
    length = round(minutes * 60 * 16_000)
    call = np.zeros((2, length), np.float32)
    at = turn = 0
    while at < length:
        piece = pieces[turn % len(pieces)][: length - at]
        call[turn % 2, at : at + len(piece)] = piece
        at, turn = at + len(piece) + 4_000, turn + 1
    call += 0.0005 * np.random.default_rng(0).standard_normal(call.shape).astype(np.float32)
    soundfile.write(path, call[:, ::2].T, 8_000, subtype="ULAW")
    return path


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives and the processor seconds it took: those of all threads, whoever else is at work."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def decode_by_av(path: Path) -> np.ndarray[Any, Any]:
    """What stands for whisper.load_audio: all of a file through PyAV, here with its channels kept."""
    import av

    container = av.open(str(path))
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=16_000)
    frames = [f.to_ndarray() for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate(frames, axis=1)


def baseline(
    path: Path, checkpoint: Path, tokens: int, *, word_times: bool = False, carry: bool = True
) -> float:
    """Seconds that Whisper's own transcribe takes over both channels; `carry` is its default."""
    import whisper
    from whisper.tokenizer import get_tokenizer

    model = whisper.load_model(str(checkpoint), device="cpu")
    # Compile and warm what the libraries do once a process.
    model.transcribe(np.zeros(16_000, np.float32), language="en", fp16=False, word_timestamps=word_times)
    end = get_tokenizer(True).eot

    def work() -> None:
        for channel in decode_by_av(path):
            model.transcribe(
                np.ascontiguousarray(channel), temperature=0.0, fp16=False, sample_len=tokens,
                suppress_tokens=[-1, *range(end, model.dims.n_vocab)], without_timestamps=True,
                condition_on_previous_text=carry,
                compression_ratio_threshold=None, logprob_threshold=None, no_speech_threshold=None,
                word_timestamps=word_times,
            )  # fmt: skip

    return timed(work)[1]


def ours(path: Path, model: Path, engine: str, total_tokens: float) -> dict[str, float]:
    """Seconds of our whole way from file to turns, and of its parts."""
    recogniser = load_recogniser(str(model), engine, "cpu")
    sound, decode_s = timed(lambda: audio.decode(path))
    regions, vad_s = timed(lambda: {c: speech_regions(sound, c) for c in (0, 1)})
    windows = sum(len(pack(c, own, recogniser.window_s)) for c, own in regions.items())
    recogniser.decoding = Decoding(
        temperatures=(0.0,),
        fixed_tokens=min(220, math.ceil(total_tokens / windows)),
        log_probability_limit=-99,
    )

    def work() -> Any:
        whole = audio.decode(path)
        health = audio.channel_health(whole)
        heard = transcribe_channels(whole, _Unguarded(recogniser), health=health)
        return assemble(heard.segments, 0, heard.language, health=health)

    recogniser.transcribe_windows([np.zeros(16_000, np.float32)], "en")
    _, all_s = timed(work)
    return {"all": all_s, "decode": decode_s, "vad": vad_s, "windows": windows}


class _Unguarded:
    """Random weights write loops; the guard's second decoding of them is not what is measured here."""

    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser
        self.window_s, self.settings = recogniser.window_s, recogniser.settings
        self.detect_language = recogniser.detect_language

    def transcribe_windows(self, windows: Any, language: str, decoding: Any = None) -> Any:
        if decoding is not None:
            return [[] for _ in windows]
        return self._recogniser.transcribe_windows(windows, language)


def say(line: str) -> None:
    """One line, at once."""
    print(line, flush=True)


def main() -> None:
    """Measure and print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dims", choices=sorted(DIMENSIONS), default="base")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument(
        "--threads", type=int, default=1, help="of either side; 1 is steady on a busy machine"
    )
    parser.add_argument("--engines", nargs="+", default=["whisper", "faster-whisper"])
    parser.add_argument(
        "--more-baselines", action="store_true", help="also without carrying, and with word times"
    )
    options = parser.parse_args()
    # Before torch and CTranslate2 are imported: both read it once.
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(options.threads)
    os.environ["NUMBA_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = random_checkpoint(folder / f"{options.dims}.pt", options.dims)
        call = telephone_call(folder / "call.wav", options.minutes)
        sound: Audio = audio.decode(call)
        speech_s = speech_seconds({c: speech_regions(sound, c) for c in (0, 1)})
        total = speech_s * TOKENS_A_SECOND
        windows = 2 * math.ceil(sound.duration_s / 30)
        print(
            f"{sound.duration_s / 60:.1f} min stereo, {speech_s:.0f} s of speech, {total:.0f} tokens, {options.dims}, {options.threads} thread(s)"
        )
        tokens = math.ceil(total / windows)
        plain = baseline(call, checkpoint, tokens)
        say(f"baseline whisper.transcribe, both channels   {plain:8.1f} s   1.0 x   ({windows} windows)")
        if options.more_baselines:
            without = baseline(call, checkpoint, tokens, carry=False)
            say(f"the same, nothing carried over               {without:8.1f} s   {plain / without:.1f} x")
            with_words = baseline(call, checkpoint, tokens, word_times=True)
            say(
                f"the same with word times                     {with_words:8.1f} s   {plain / with_words:.1f} x"
            )
        for engine in options.engines:
            model = checkpoint if engine == "whisper" else convert(checkpoint, folder / "fast", "float32")
            took = ours(call, model, engine, total)
            share = (took["decode"] + took["vad"]) / took["all"]
            say(
                f"ours, {engine:14} file to turns, word times {took['all']:8.1f} s   {plain / took['all']:.1f} x"
                f"   ({took['windows']:.0f} windows; decode {took['decode']:.2f} s, VAD {took['vad']:.2f} s:"
                f" {share:.1%})"
            )


if __name__ == "__main__":
    main()
