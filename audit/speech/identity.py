"""What decides a transcript beside the sound, told without loading a model: its file's hash and our settings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from audit.speech.load import LARGEST, cache_directory, looks_like_path

_PACKAGES = {"whisper": "openai-whisper", "faster-whisper": "faster-whisper"}


def model_id(model: str, engine: str) -> tuple[str, str]:
    """The model's name without directories, and the hash of its files; its name where none is on this machine."""
    path = Path(model).expanduser() if looks_like_path(model) else _kept(model, engine)
    if path is not None and path.is_file():
        with path.open("rb") as file:
            return path.name, hashlib.file_digest(file, "sha256").hexdigest()
    if path is not None and path.is_dir():
        from audit.speech.fast_engine import directory_hash

        return path.name, directory_hash(path)
    return Path(model).name, model


def _kept(name: str, engine: str) -> Path | None:
    """Where the library keeps an official model that was fetched before."""
    if engine == "whisper":
        return cache_directory() / "whisper" / f"{LARGEST.get(name, name)}.pt"
    snapshots = (
        cache_directory() / "huggingface" / "hub" / f"models--Systran--faster-whisper-{name}" / "snapshots"
    )
    return max(snapshots.iterdir(), default=None) if snapshots.is_dir() else None


def hearing_hash(engine: str) -> str:
    """Hash of everything of ours that decides a transcript and no setting names, 16 hex digits.

    The engine's version, when sound counts as speech, how windows are packed and decoded, what counts as invented.
    """
    from audit.speech import guard
    from audit.speech.engine import PACK_S, SMALL_STATE
    from audit.speech.regions import RegionSettings
    from audit.speech.shapes import CAREFUL, Decoding

    deciding = {
        "engine": _version(_PACKAGES[engine]),
        "regions": RegionSettings().as_dict(),
        "windows": [PACK_S, SMALL_STATE],
        "decoding": [asdict(Decoding()), asdict(CAREFUL)],
        "guard": guard.settings(),
    }
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
