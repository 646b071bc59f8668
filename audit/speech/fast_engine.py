"""The fast engine: Whisper on CTranslate2 as faster-whisper ships it, int8 on CPUs, batched over windows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from audit.audio.shapes import Samples
from audit.errors import ModelError
from audit.speech.engine import (
    PACK_S,
    SMALL_STATE,
    Raw,
    Tokens,
    WindowRecogniser,
    batch_size,
    context_s,
)
from audit.speech.fast_encoder import count_layers
from audit.speech.shapes import Decoding
from audit.speech.words import Aligned

_FRAMES = 3000
_GPU_BATCH = 16
_RUNG_BEAMS = 5
_NEEDED = ("model.bin", "config.json", "tokenizer.json")


def load(model: str, device: str | None, precision: str | None) -> WindowRecogniser:
    """A CTranslate2 directory by path (model.bin, config.json, tokenizer.json), or a model by name.

    Raises ModelError with one sentence: directory missing or not whole, unknown name, not downloaded.
    """
    _widest_instructions()
    import ctranslate2

    directory = _directory(model)
    device = device or ("cuda" if ctranslate2.get_cuda_device_count() else "cpu")
    chosen = precision or ("float16" if device.startswith("cuda") else "int8")
    loaded = _open(directory, device, chosen, model)
    width = _width(loaded)
    small = width < SMALL_STATE
    encoder = _encoder(directory, device, precision, small)
    layers = count_layers(directory / "model.bin", "decoder/")
    batch = _GPU_BATCH if device.startswith("cuda") else batch_size(layers, _FRAMES // 2, width)
    backend = FastBackend(loaded, batch, short_context=small, encoder=encoder)
    settings = {
        "engine": "faster-whisper",
        "engine_version": _version("faster-whisper"),
        "ctranslate2_version": ctranslate2.__version__,
        "device": device.split(":")[0],
        "precision": loaded.model.compute_type,
        "encoder": "bfloat16 on torch" if encoder else "ctranslate2",
        "batch": backend.batch,
        "short_context": small,
    }
    window_s = 0.0 if small else PACK_S
    return WindowRecogniser(backend, directory.name or model, directory_hash(directory), settings, window_s)


def _widest_instructions() -> None:
    """CTranslate2 reads this once, when it is imported; left alone it stays with AVX2 on other makers' processors."""
    flags = Path("/proc/cpuinfo")
    held = flags.read_text("ascii", "replace") if flags.is_file() else ""
    if all(f" {name}" in held for name in ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")):
        os.environ.setdefault("CT2_FORCE_CPU_ISA", "AVX512")


def _directory(model: str) -> Path:
    from audit.speech.load import looks_like_path

    if not looks_like_path(model):
        return _named(model)
    path = Path(model).expanduser()
    missing = [name for name in _NEEDED if not (path / name).is_file()]
    if not path.is_dir():
        raise ModelError(
            f"there is no model directory at {model!r}: faster-whisper reads a CTranslate2 directory, "
            "scripts/convert_mini.py makes one of a checkpoint"
        )
    if missing:
        raise ModelError(f"the model directory {model!r} lacks {', '.join(missing)}")
    return path


def _named(name: str) -> Path:
    import huggingface_hub
    from faster_whisper.utils import available_models, download_model

    from audit.speech.load import downloads_allowed

    if name not in available_models():
        known = ", ".join(available_models())
        raise ModelError(f"there is no faster-whisper model named {name!r}: give a path, or one of {known}")
    try:
        return Path(download_model(name, local_files_only=not downloads_allowed()))
    except (OSError, RuntimeError, ValueError, huggingface_hub.errors.HfHubHTTPError) as error:
        raise ModelError(
            f"the faster-whisper model {name!r} is not on this machine: give the path of its directory with "
            "--model (docs/hearing.md, Models)"
        ) from error


def _open(directory: Path, device: str, precision: str, model: str) -> Any:
    from faster_whisper import WhisperModel

    kind, _, index = device.partition(":")
    try:
        return WhisperModel(str(directory), device=kind, device_index=int(index or 0), compute_type=precision)
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelError(
            f"{model!r} cannot be loaded as a CTranslate2 Whisper model on {device} in {precision}"
        ) from error


def _encoder(directory: Path, device: str, precision: str | None, small: bool) -> Callable[[Any], Any] | None:
    """The encoder on PyTorch in bfloat16 where nobody chose a precision and the processor computes in it."""
    from audit.speech.load import has_bfloat16

    if precision is not None or small or device.startswith("cuda") or not has_bfloat16():
        return None
    from audit.speech.fast_encoder import load as load_encoder

    return load_encoder(directory)


def _width(loaded: Any) -> int:
    """Width of the encoder's output, from half a second of silence."""
    features = np.zeros((1, loaded.model.n_mels, _FRAMES), np.float32)
    return int(loaded.encode(features).shape[-1])


def directory_hash(directory: Path) -> str:
    """SHA-256 over the files that decide what a model writes, in order of their names."""
    digest = hashlib.sha256()
    for path in sorted(directory.iterdir()):
        if path.suffix in {".bin", ".json", ".txt"}:
            with path.open("rb") as file:
                digest.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    return digest.hexdigest()


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


class FastBackend:
    """See `Backend`."""

    token_limit = 224

    def __init__(
        self,
        model: Any,
        batch: int,
        *,
        short_context: bool = False,
        encoder: Callable[[Any], Any] | None = None,
    ) -> None:
        self.model = model
        self.batch = batch
        self._encoder = encoder
        self._short_context = short_context
        self._tokens = lru_cache(maxsize=8)(self._new_tokens)

    def _new_tokens(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        try:
            return Tokenizer(
                self.model.hf_tokenizer, self.model.model.is_multilingual, "transcribe", language
            )
        except ValueError as error:
            raise ModelError(f"the model does not know the language {language!r}") from error

    def tokens(self, language: str) -> Tokens:
        """See `Backend.tokens`."""
        names: Tokens = self._tokens(language)
        return names

    def encode(self, windows: Sequence[Samples]) -> list[Any]:
        """One encoder output a window (kept apart: decoding and alignment pick rows)."""
        frames = 100 * context_s(windows, self._short_context)
        batch = [self._features(window, frames) for window in windows]
        if self._encoder is not None:
            import ctranslate2

            return [ctranslate2.StorageView.from_array(self._encoder(one[None])) for one in batch]
        return [self.model.encode(features[None]) for features in batch]

    def joined(self, encoded: Sequence[Any]) -> list[Any]:
        """See `Backend.joined`."""
        return [row for rows in encoded for row in rows]

    def _features(self, window: Samples, frames: int) -> Any:
        """Log-mel frames padded with 0.0, as openai-whisper pads them."""
        mel = self.model.feature_extractor(np.asarray(window, np.float32), padding=640)
        mel = mel[:, : min(len(window) // 160, frames)]
        return np.pad(mel, ((0, 0), (0, frames - mel.shape[1]))).astype(np.float32)

    def decode(
        self, encoded: Any, rows: Sequence[int], language: str, temperature: float, decoding: Decoding
    ) -> list[Raw]:
        """See `Backend.decode`.

        CTranslate2 seeds its sampling once a thread, so a sampled text could depend on what was decoded
        before. Rungs above temperature 0 are therefore beams with a growing penalty for repetition: as good
        a way out of a loop, and the same every time. `temperature` then names the rung.
        """
        names = self._tokens(language)
        prompt = [*names.sot_sequence]
        fixed = decoding.fixed_tokens
        limits = {"max_length": len(prompt) + self.token_limit}
        suppressed = sorted({*names.non_speech_tokens, *self._never(names)})
        if fixed is not None:
            prompt = [*prompt, names.no_timestamps]
            limits = {"max_length": len(prompt) + 1 + fixed}
            suppressed = sorted({*suppressed, *range(names.eot, self.model.hf_tokenizer.get_vocab_size())})
        results = self.model.model.generate(
            _joined([encoded[row] for row in rows]),
            [prompt] * len(rows),
            beam_size=(decoding.beam_size or 1) if temperature == 0 else _RUNG_BEAMS,
            repetition_penalty=1.0 + max(0.0, temperature - 0.2) / 2,
            suppress_tokens=suppressed,
            suppress_blank=True,
            max_initial_timestamp_index=50,
            return_scores=True,
            return_no_speech_prob=True,
            **limits,
        )
        return [_raw(result, temperature) for result in results]

    @staticmethod
    def _never(names: Any) -> set[int]:
        """Tokens that no transcript holds."""
        return {
            names.transcribe,
            names.translate,
            names.sot,
            names.sot_prev,
            names.sot_lm,
            names.no_speech,
        }

    def align(
        self, encoded: Any, row: int, language: str, text_tokens: list[int], duration_s: float
    ) -> list[Aligned]:
        """See `Backend.align`; CTranslate2's own, over the encoder's output that is there already."""
        frames = max(16, int(duration_s * 100))
        found = self.model.find_alignment(self._tokens(language), [text_tokens], encoded[row], frames)
        return [
            Aligned(
                word["word"],
                len(word["tokens"]),
                float(word["start"]),
                float(word["end"]),
                float(word["probability"]),
            )
            for word in found[0]
        ]

    def languages(self, encoded: Any) -> list[dict[str, float]]:
        """See `Backend.languages`."""
        if not self.model.model.is_multilingual:
            return [{"en": 1.0} for _ in encoded]
        tables = [self.model.model.detect_language(row)[0] for row in encoded]
        return [{name[2:-2]: float(p) for name, p in table} for table in tables]


def _joined(rows: list[Any]) -> Any:
    """Encoder outputs of single windows as one batch."""
    import ctranslate2

    if len(rows) == 1:
        return rows[0]
    return ctranslate2.StorageView.from_array(np.concatenate([_array(row) for row in rows]))


def _array(view: Any) -> Any:
    import ctranslate2

    on_host = view.to_device(ctranslate2.Device.cpu) if view.device != "cpu" else view
    return np.array(on_host.to(ctranslate2.DataType.float32), dtype=np.float32)


def _raw(result: Any, temperature: float) -> Raw:
    tokens = list(result.sequences_ids[0])
    # CTranslate2 gives the mean over tokens; Whisper divides the sum by one more (the end token).
    mean = float(result.scores[0]) * len(tokens) / (len(tokens) + 1)
    return Raw(tokens, mean, float(result.no_speech_prob), temperature)
