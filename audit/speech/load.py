"""Model name or path -> recogniser; one process loads a model once."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from audit.errors import ModelError
from audit.speech.engine import WindowRecogniser

ENGINES = ("whisper", "faster-whisper")


def load_recogniser(
    model: str, engine: str = "whisper", device: str | None = None, precision: str | None = None
) -> WindowRecogniser:
    """The recogniser of a model, loaded once a process.

    `model`: path of a checkpoint (whisper: a .pt file; faster-whisper: a CTranslate2 directory) or an
    official name. `device`: "cpu", "cuda" or None (a GPU where there is one). `precision`: whisper fp32 |
    bf16 (encoder only) | fp16 (GPU); faster-whisper int8 | float32 | float16 | int8_float16; None chooses. What was chosen stands in
    `.settings`. Raises ModelError with one sentence when there is no such engine, model or device.
    """
    if engine not in ENGINES:
        raise ModelError(f"there is no engine {engine!r}: use one of {', '.join(ENGINES)}")
    if device is not None and not device.startswith(("cpu", "cuda")):
        raise ModelError(f"there is no device {device!r}: use cpu or cuda")
    return _loaded(str(model), engine, device, precision)


@lru_cache(maxsize=2)
def _loaded(model: str, engine: str, device: str | None, precision: str | None) -> WindowRecogniser:
    if engine == "whisper":
        from audit.speech.whisper_engine import load as load_whisper

        return load_whisper(model, device, precision)
    from audit.speech.fast_engine import load as load_fast

    return load_fast(model, device, precision)


def looks_like_path(model: str) -> bool:
    """Whether a model was given as a path: it exists, has a separator, or ends like a checkpoint."""
    return os.sep in model or model.endswith((".pt", ".pth", ".bin")) or Path(model).exists()


@lru_cache(maxsize=1)
def has_bfloat16() -> bool:
    """Whether this processor multiplies in bfloat16 (AVX-512); imports PyTorch."""
    import torch

    return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())


def downloads_allowed() -> bool:
    """Whether official weights may be fetched: not where HF_HUB_OFFLINE is 1, which settings.silence sets."""
    return os.environ.get("HF_HUB_OFFLINE") != "1"


def cache_directory() -> Path:
    """Where openai-whisper keeps weights: $XDG_CACHE_HOME, else ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def fetch_sentence(name: str, url: str, target: Path) -> str:
    """What to do when weights are neither here nor to be had."""
    return (
        f"the Whisper model {name!r} is not on this machine and cannot be downloaded from here: fetch "
        f"{url} elsewhere and put it at {target.parent.name}/{target.name} in the cache directory, "
        "or give the path of a checkpoint with --model"
    )
