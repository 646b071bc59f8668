"""A reader as bytes and back: a compressed NumPy archive, weights in 8 bits, keys as differences."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from audit.similar.features import KEY_BITS, Cutter, Keys
from audit.similar.model import Language, Reader, Side
from audit.similar.vocabulary import Vocabulary

FORMAT = 3
_BYTES = KEY_BITS // 8


def dump(reader: Reader) -> bytes:
    """The reader as bytes; the same reader gives the same bytes."""
    arrays: dict[str, Any] = {}
    head: dict[str, Any] = {
        "format": FORMAT,
        "severities": dict(reader.severities),
        "trained_on": reader.trained_on,
        "languages": {},
    }
    for name, language in reader.languages.items():
        head["languages"][name] = {
            "senses": {word: list(own) for word, own in language.cutter.lexis.senses.items()},
            "sides": {side: _side_head(one) for side, one in language.sides.items()},
        }
        steps = np.diff(language.vocabulary.keys, prepend=np.uint64(0))
        arrays[f"{name}.keys"] = steps.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :_BYTES].T.copy()
        arrays[f"{name}.squares"] = language.squares.astype(np.float16)
        for side, one in language.sides.items():
            scale = np.abs(one.weights).max(axis=0, initial=0) / 127 + np.float32(1e-12)
            arrays[f"{name}.{side}.weights"] = np.round(one.weights / scale).astype(np.int8).T.copy()
            arrays[f"{name}.{side}.scale"] = scale.astype(np.float32)
            arrays[f"{name}.{side}.bias"] = one.bias
    arrays["head"] = np.frombuffer(json.dumps(head, sort_keys=True, ensure_ascii=False).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _side_head(side: Side) -> dict[str, Any]:
    return {
        "categories": list(side.categories), "detects": list(side.detects), "sorts": list(side.sorts),
        "threshold": side.threshold, "least_any": side.least_any,
    }  # fmt: skip


def undump(content: bytes) -> Reader:
    """The reader of bytes that `dump` wrote; raises ValueError or KeyError for other bytes."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']}, this version reads {FORMAT}")
        languages = {name: _language(arrays, name, one) for name, one in head["languages"].items()}
    return Reader(languages, head["severities"], trained_on=head["trained_on"])


def _language(arrays: Any, name: str, head: dict[str, Any]) -> Language:
    sides = {
        side: Side(
            tuple(one["categories"]),
            np.ascontiguousarray(arrays[f"{name}.{side}.weights"].T) * arrays[f"{name}.{side}.scale"],
            arrays[f"{name}.{side}.bias"],
            tuple(one["detects"]),
            tuple(one["sorts"]),
            one["threshold"],
            one["least_any"],
        )
        for side, one in head["sides"].items()
    }
    senses = {word: tuple(own) for word, own in head["senses"].items()}
    squares = arrays[f"{name}.squares"].astype(np.float32)
    return Language(Cutter(name, senses), Vocabulary(_keys(arrays[f"{name}.keys"])), squares, sides)


def _keys(planes: Any) -> Keys:
    steps = np.zeros((planes.shape[1], 8), np.uint8)
    steps[:, :_BYTES] = planes.T
    return np.cumsum(steps.view("<u8").ravel(), dtype=np.uint64)
