"""The default engine: openai-whisper on PyTorch, its own decoder, batched over windows."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from audit.audio.shapes import SPEECH_RATE_HZ, Samples
from audit.errors import ModelError
from audit.speech.attention import encode, keep_heads_apart
from audit.speech.engine import (
    PACK_S,
    SMALL_STATE,
    Raw,
    Tokens,
    WindowRecogniser,
    batch_size,
    context_s,
)
from audit.speech.shapes import Decoding
from audit.speech.words import Aligned

PRECISIONS = ("fp32", "bf16", "fp16")
_SEED = 20_250_228


def load(model: str, device: str | None, precision: str | None) -> WindowRecogniser:
    """A checkpoint in openai-whisper's format by path, or an official model by name.

    Raises ModelError with one sentence: path missing, not a checkpoint, unknown name, not downloaded.
    """
    path = checkpoint_path(model)
    loaded = _open(path, device, model)
    small = loaded.dims.n_audio_state < SMALL_STATE
    chosen = precision or _usual_precision(loaded.device.type, small)
    if chosen not in PRECISIONS:
        raise ModelError(
            f"the whisper engine does not compute in {precision}: set precision to auto, float32, bfloat16 or "
            "float16 (GPU), or take the engine faster-whisper"
        )
    if chosen == "fp16" and loaded.device.type == "cpu":
        raise ModelError("float16 is for GPUs: set precision to auto, float32 or bfloat16")
    if chosen == "bf16":
        halve_encoder(loaded)
    if loaded.device.type == "cpu":
        keep_heads_apart(loaded)
    backend = WhisperBackend(loaded, encoder_type=chosen, short_context=small)
    settings = {
        "engine": "whisper",
        "engine_version": _version("openai-whisper"),
        "torch_version": _version("torch"),
        "device": loaded.device.type,
        "precision": chosen,
        "batch": backend.batch,
        "short_context": small,
    }
    window_s = 0.0 if small else PACK_S
    return WindowRecogniser(backend, _short_name(model), file_hash(path), settings, window_s)


def _usual_precision(device: str, small: bool) -> str:
    """fp16 on a GPU as Whisper itself; bf16 in the encoder where the processor has it, else fp32."""
    from audit.speech.load import has_bfloat16

    if device == "cuda":
        return "fp16"
    return "bf16" if has_bfloat16() and not small else "fp32"


def halve_encoder(model: Any) -> None:
    """Weights of the encoder, and of what the decoder makes of its output once a window, to bfloat16, in place.

    All that happens once a window and is bound by arithmetic: twice as fast where the processor has the
    instructions. What happens once a word, its probabilities above all, stays in 32 bits.
    """
    import torch

    for module in model.encoder.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv1d):
            module.to(torch.bfloat16)
    for block in model.decoder.blocks:
        block.cross_attn.key = _half_linear(block.cross_attn.key)
        block.cross_attn.value = _half_linear(block.cross_attn.value)


def _half_linear(linear: Any) -> Any:
    """A linear layer that takes and gives 32 bits and multiplies in bfloat16."""
    import torch

    class HalfLinear(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = linear.to(torch.bfloat16)

        def forward(self, x: Any) -> Any:
            return self.inner(x.bfloat16()).float()

    return HalfLinear()


def checkpoint_path(model: str) -> Path:
    """Where the weights lie: a path as given, a name in Whisper's own cache (downloaded when allowed)."""
    from audit.speech.load import looks_like_path

    if looks_like_path(model):
        path = Path(model).expanduser()
        if not path.is_file():
            raise ModelError(f"there is no model file at {model!r}: check the path given with --model")
        return path
    return _official(model)


def _official(name: str) -> Path:
    import whisper

    from audit.speech.load import absent, downloads_allowed

    urls: dict[str, str] = whisper._MODELS
    if name not in urls:
        known = ", ".join(whisper.available_models())
        raise ModelError(f"there is no Whisper model named {name!r}: give a path, or one of {known}")
    from audit.speech.load import cache_directory

    target = cache_directory() / "whisper" / urls[name].rsplit("/", 1)[1]
    expected = urls[name].split("/")[-2]
    if target.is_file() and file_hash(target) == expected:
        return target
    if not downloads_allowed():
        raise ModelError(absent(name, target))
    return _download(name, urls[name], target)


def _download(name: str, url: str, target: Path) -> Path:
    """Whisper's own download with its checksum; whatever keeps it from the network is one ModelError."""
    import socket

    import whisper

    from audit.speech.load import absent

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(20.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            whisper._download(url, str(target.parent), False)
    except (OSError, RuntimeError, TypeError) as error:
        # TypeError: a proxy that answers without a length; RuntimeError: the checksum, or blocked sockets.
        target.unlink(missing_ok=True)
        raise ModelError(absent(name, target)) from error
    finally:
        socket.setdefaulttimeout(before)
    return target


def _open(path: Path, device: str | None, model: str) -> Any:
    import pickle

    # numba (Whisper's alignment) would set torch's threads to its own number at its first parallel loop.
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    import torch
    import whisper

    _usual_threads()
    try:
        loaded = whisper.load_model(str(path), device=device)
    except (
        pickle.UnpicklingError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        RuntimeError,
        ValueError,
    ) as error:
        raise ModelError(
            f"{model!r} is not a whole checkpoint in openai-whisper's format, or does not fit on the device"
        ) from error
    heads = whisper._ALIGNMENT_HEADS.get(model)
    if heads is not None:
        loaded.set_alignment_heads(heads)
    else:
        _set_own_heads(loaded, path)
    loaded.eval()
    torch.set_grad_enabled(False)
    # Threads cost a small model more than they give: on a busy machine each barrier waits for a time slice.
    torch.set_num_threads(1 if loaded.dims.n_audio_state < SMALL_STATE else _usual_threads())
    return loaded


@lru_cache(maxsize=1)
def _usual_threads() -> int:
    import torch

    return int(torch.get_num_threads())


def _set_own_heads(loaded: Any, path: Path) -> None:
    """A checkpoint may carry `alignment_heads` ([[layer, head], …]) beside its weights."""
    import torch

    heads = torch.load(path, map_location="cpu", weights_only=True).get("alignment_heads")
    if heads is not None:
        mask = torch.zeros(loaded.dims.n_text_layer, loaded.dims.n_text_head, dtype=torch.bool)
        for layer, head in heads:
            mask[int(layer), int(head)] = True
        loaded.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _short_name(model: str) -> str:
    """A name without directories, so that receipts carry no path of the machine."""
    return Path(model).name if "/" in model else model


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


class WhisperBackend:
    """See `Backend`: Whisper's encoder once a window, its decoder over the whole batch."""

    def __init__(self, model: Any, *, encoder_type: str = "fp32", short_context: bool = False) -> None:
        self.model = model
        self._half = encoder_type == "fp16"
        self._encoder_type = encoder_type
        self._short_context = short_context
        dims = model.dims
        self.token_limit = dims.n_text_ctx // 2
        self.batch = batch_size(
            dims.n_text_layer, dims.n_audio_ctx, dims.n_audio_state, 2 if self._half else 4
        )

    @cached_property
    def _tokens(self) -> Any:
        @lru_cache(maxsize=8)
        def tokens(language: str) -> Any:
            from whisper.tokenizer import get_tokenizer

            return get_tokenizer(
                self.model.is_multilingual,
                num_languages=self.model.num_languages,
                language=language,
                task="transcribe",
            )

        return tokens

    def tokens(self, language: str) -> Tokens:
        """See `Backend.tokens`."""
        try:
            names: Tokens = self._tokens(language)
        except ValueError as error:
            raise ModelError(f"the model does not know the language {language!r}") from error
        return names

    def encode(self, windows: Sequence[Samples]) -> Any:
        """Features (windows, frames, state), padded with 0.0 in the log-mel domain as Whisper's own code does."""
        import torch
        from whisper.audio import HOP_LENGTH, log_mel_spectrogram, pad_or_trim

        frames = 100 * context_s(windows, self._short_context)
        mels = []
        for window in windows:
            # A little padding makes the last frames what they would be before 30 s of silence.
            mel = log_mel_spectrogram(window, self.model.dims.n_mels, padding=4 * HOP_LENGTH)
            mels.append(pad_or_trim(mel[:, : len(window) // HOP_LENGTH], frames))
        batch = torch.stack(mels).to(self.model.device)
        if self.model.device.type != "cpu":
            return self._encoder(batch)
        # One by one: as fast on a processor, and a window's features depend on nothing beside it.
        return torch.cat([self._encoder(mel[None]) for mel in batch])

    def _encoder(self, mel: Any) -> Any:
        """Features of one window (on a GPU of a batch), in 32 bits but on a GPU in 16."""
        import torch

        kind = {"fp16": torch.float16, "bf16": torch.bfloat16}.get(self._encoder_type, torch.float32)
        x = encode(self.model.encoder, mel, kind)
        return x if self._half else x.float()

    def joined(self, encoded: Sequence[Any]) -> Any:
        """See `Backend.joined`."""
        import torch

        return torch.cat(list(encoded))

    @contextmanager
    def _context_of(self, encoded: Any) -> Iterator[None]:
        """Whisper's decoding takes features for what they are only at the length its dimensions name."""
        dims = self.model.dims
        whole, dims.n_audio_ctx = dims.n_audio_ctx, encoded.shape[1]
        try:
            yield
        finally:
            dims.n_audio_ctx = whole

    def decode(
        self, encoded: Any, rows: Sequence[int], language: str, temperature: float, decoding: Decoding
    ) -> list[Raw]:
        """See `Backend.decode`; sampling starts from the same seed every time, so a call repeats itself."""
        import torch
        from whisper.decoding import decode

        options = self._options(language, temperature, decoding)
        with torch.random.fork_rng(devices=[]), self._context_of(encoded):
            torch.manual_seed(_SEED)
            results = decode(self.model, encoded[list(rows)], options)
        return [
            Raw(result.tokens, result.avg_logprob, result.no_speech_prob, temperature) for result in results
        ]

    def _options(self, language: str, temperature: float, decoding: Decoding) -> Any:
        from whisper.decoding import DecodingOptions

        fixed = decoding.fixed_tokens
        return DecodingOptions(
            language=language if self.model.is_multilingual else "en",
            temperature=temperature,
            beam_size=decoding.beam_size if temperature == 0 else None,
            sample_len=fixed,
            suppress_tokens="-1" if fixed is None else [-1, *self._not_words(language)],
            without_timestamps=fixed is not None,
            fp16=self._half,
        )

    def _not_words(self, language: str) -> list[int]:
        """The end and everything above it, time tokens included."""
        return list(range(self.tokens(language).eot, self.model.dims.n_vocab))

    def align(
        self, encoded: Any, row: int, language: str, text_tokens: list[int], duration_s: float
    ) -> list[Aligned]:
        """Whisper's own alignment, fed the encoder's output that is there already."""
        from whisper.timing import find_alignment

        frames = max(2, int(duration_s * SPEECH_RATE_HZ) // 160)
        heard = _Heard(self.model, encoded[row : row + 1])
        # Whisper's median filter needs more frames than half its width.
        found = find_alignment(heard, self._tokens(language), text_tokens, _Mel(), max(frames, 16))
        return [
            Aligned(word.word, len(word.tokens), float(word.start), float(word.end), float(word.probability))
            for word in found
        ]

    def languages(self, encoded: Any) -> list[dict[str, float]]:
        """See `Backend.languages`; an English-only model knows one."""
        from whisper.decoding import detect_language

        if not self.model.is_multilingual:
            return [{"en": 1.0} for _ in range(len(encoded))]
        with self._context_of(encoded):
            _, tables = detect_language(self.model, encoded)
        return [dict(table) for table in tables]


class _Heard:
    """Stands for the model in Whisper's alignment, with the encoder's work already done."""

    def __init__(self, model: Any, features: Any) -> None:
        self._model, self._features = model, features
        self.decoder, self.dims, self.device = model.decoder, model.dims, model.device
        self.alignment_heads = model.alignment_heads

    def __call__(self, mel: Any, tokens: Any) -> Any:
        return self._model.decoder(tokens, self._features)


class _Mel(SimpleNamespace):
    """Whisper's alignment hands the spectrogram on to the model; `_Heard` has no need of it."""

    def unsqueeze(self, _: int) -> _Mel:
        """Itself."""
        return self
