"""Model name or path -> recogniser; one process loads a model once."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from audit.errors import ModelError
from audit.speech.engine import WindowRecogniser

ENGINES = ("whisper", "faster-whisper")
LARGEST = {"large": "large-v3", "turbo": "large-v3-turbo"}
"""Names under which openai-whisper keeps models that have two."""
PRECISIONS = ("auto", "float32", "bfloat16", "float16", "int8", "int8_float16")
_SHORT = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}


def load_recogniser(
    model: str, engine: str = "whisper", device: str | None = None, precision: str | None = None
) -> WindowRecogniser:
    """The recogniser of a model, loaded once a process.

    `model`: path of a checkpoint (whisper: a .pt file; faster-whisper: a CTranslate2 directory) or an
    official name. `device`: "cpu", "cuda" or None (a GPU where there is one). `precision`: one of PRECISIONS or
    None (auto): whisper float32, bfloat16 (its encoder) and on a GPU float16; faster-whisper what CTranslate2
    computes in. What was chosen stands in `.settings`. Raises ModelError with one sentence when there is no such
    engine, model, device or precision.
    """
    precision = None if precision == "auto" else precision
    if engine not in ENGINES:
        raise ModelError(f"there is no engine {engine!r}: use one of {', '.join(ENGINES)}")
    if device is not None and not device.startswith(("cpu", "cuda")):
        raise ModelError(f"there is no device {device!r}: use cpu or cuda")
    return _loaded(str(model), engine, device, precision)


@lru_cache(maxsize=2)
def _loaded(model: str, engine: str, device: str | None, precision: str | None) -> WindowRecogniser:
    if engine == "whisper":
        from audit.speech.whisper_engine import load as load_whisper

        return load_whisper(model, device, _SHORT.get(precision, precision) if precision else None)
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


def absent(name: str, target: Path) -> str:
    """What to do when the weights of an official model are not here."""
    return (
        f"the Whisper model {name!r} is not on this machine: give the path of a checkpoint with --model, or put "
        f"its file at {target.parent.name}/{target.name} in the cache directory (docs/hearing.md, Models)"
    )
