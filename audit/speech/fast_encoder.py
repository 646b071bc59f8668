"""The encoder of a CTranslate2 Whisper model on PyTorch in bfloat16: where the processor has the instructions,
it takes little more than half of CTranslate2's own time, most of which goes into attention in 32 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from audit.errors import ModelError
from audit.speech.attention import encode

_TYPES: Mapping[int, np.dtype[Any]] = {
    0: np.dtype("<f4"),
    1: np.dtype("i1"),
    2: np.dtype("<i2"),
    3: np.dtype("<i4"),
    4: np.dtype("<f2"),
}
"""Numbers of CTranslate2's binary format; bfloat16 (5) is read by hand."""
_BFLOAT16 = 5

Weights = Mapping[str, "np.ndarray[Any, Any]"]


def load(directory: Path) -> Callable[[Any], Any]:
    """The encoder of a model directory: log-mel (1, mels, frames) as an array -> features (1, frames / 2, state).

    Raises ModelError when model.bin is not in the format that this reads.
    """
    import torch
    from whisper.model import AudioEncoder

    weights = read_weights(directory / "model.bin", "encoder/")
    layers = sum(name.endswith("/ffn/linear_0/weight") for name in weights)
    try:
        context, state = weights["position_encodings/encodings"].shape
        mels = weights["conv1/weight"].shape[1]
        encoder = AudioEncoder(mels, context, state, int(weights["num_heads"]), layers)
        encoder.load_state_dict(_state(weights, layers))
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"the encoder of {directory.name!r} has not the layers of a Whisper model"
        ) from error
    for module in encoder.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv1d):
            module.to(torch.bfloat16)
    encoder.eval()

    def features(mel: Any) -> Any:
        with torch.inference_mode():
            return encode(encoder, torch.from_numpy(mel), torch.bfloat16).float().numpy()

    return features


def read_weights(path: Path, prefix: str) -> dict[str, np.ndarray[Any, Any]]:
    """Variables of a CTranslate2 model.bin whose names begin with `prefix`, without it, as 32-bit floats.

    8-bit weights are multiplied out by their scales. Raises ModelError on another format.
    """
    try:
        with path.open("rb") as file:
            places = _places(file, path.name)
            found = {
                name.removeprefix(prefix): _value(file, place)
                for name, place in places.items()
                if name.startswith(prefix)
            }
    except (struct.error, UnicodeDecodeError, ValueError, KeyError) as error:
        raise ModelError(f"{path.name} is not a whole CTranslate2 model") from error
    return _multiplied_out(found)


def count_layers(path: Path, prefix: str) -> int:
    """How many layers a part (`decoder/`) of a CTranslate2 model.bin has. Raises ModelError as `read_weights`."""
    try:
        with path.open("rb") as file:
            names = _places(file, path.name)
    except (struct.error, UnicodeDecodeError) as error:
        raise ModelError(f"{path.name} is not a whole CTranslate2 model") from error
    return max(
        1, len({name.split("/")[1] for name in names if name.startswith(f"{prefix}layer_")} - {"layer_norm"})
    )


def _places(file: BinaryIO, name: str) -> dict[str, _Place]:
    """Every variable's place; equal ones are stored once, under whichever name came first."""
    if _number(file, "<I") < _OLDEST:
        raise ModelError(f"{name} is in an old format of CTranslate2")
    _text(file)
    _number(file, "<I")
    places = dict(_place(file) for _ in range(_number(file, "<I")))
    aliases = {_text(file): _text(file) for _ in range(_number(file, "<I"))}
    return places | {alias: places[original] for alias, original in aliases.items() if original in places}


_OLDEST = 5
_Place = tuple[int, list[int], int, int]
"""Where a variable lies: offset, shape, type, bytes."""


def _number(file: BinaryIO, kind: str) -> int:
    (value,) = struct.unpack(kind, file.read(struct.calcsize(kind)))
    return int(value)


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "<H"))[:-1].decode("utf-8")


def _place(file: BinaryIO) -> tuple[str, _Place]:
    """The next variable's name and place; its value is passed over."""
    name = _text(file)
    shape = [_number(file, "<I") for _ in range(_number(file, "<B"))]
    kind, size = _number(file, "<B"), _number(file, "<I")
    place = (file.tell(), shape, kind, size)
    file.seek(size, 1)
    return name, place


def _value(file: BinaryIO, place: _Place) -> np.ndarray[Any, Any]:
    offset, shape, kind, size = place
    file.seek(offset)
    raw = file.read(size)
    if kind == _BFLOAT16:
        wide = np.frombuffer(raw, "<u2").astype(np.uint32) << 16
        return wide.view(np.float32).reshape(shape)
    value: np.ndarray[Any, Any] = np.frombuffer(raw, dtype=_TYPES[kind]).reshape(shape)
    return value if kind in (1, 2) else value.astype(np.float32)


def _multiplied_out(weights: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    out = {}
    for name, value in weights.items():
        scale = weights.get(f"{name}_scale")
        if value.dtype == np.int8 and scale is not None:
            value = value.astype(np.float32) / scale.reshape(-1, *[1] * (value.ndim - 1))
        out[name] = value.astype(np.float32)
    return out


def _state(weights: Weights, layers: int) -> dict[str, Any]:
    """The weights under the names that openai-whisper gives them."""
    import torch

    state: dict[str, Any] = {"positional_embedding": weights["position_encodings/encodings"]}
    for conv in ("conv1", "conv2"):
        state |= {f"{conv}.{part}": weights[f"{conv}/{part}"] for part in ("weight", "bias")}
    state |= _norm("ln_post", weights, "layer_norm")
    for number in range(layers):
        state |= _layer(weights, f"layer_{number}", f"blocks.{number}")
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()}


def _layer(weights: Weights, theirs: str, ours: str) -> dict[str, Any]:
    attention, forward = f"{theirs}/self_attention", f"{theirs}/ffn"
    state = _norm(f"{ours}.attn_ln", weights, f"{attention}/layer_norm")
    state |= _norm(f"{ours}.mlp_ln", weights, f"{forward}/layer_norm")
    # Query, key and value lie in one matrix; the key has no bias, which stands there as zeros.
    for part in ("weight", "bias"):
        query, key, value = np.split(weights[f"{attention}/linear_0/{part}"], 3)
        state |= {f"{ours}.attn.query.{part}": query, f"{ours}.attn.value.{part}": value}
        if part == "weight":
            state[f"{ours}.attn.key.weight"] = key
        state[f"{ours}.attn.out.{part}"] = weights[f"{attention}/linear_1/{part}"]
        state[f"{ours}.mlp.0.{part}"] = weights[f"{forward}/linear_0/{part}"]
        state[f"{ours}.mlp.2.{part}"] = weights[f"{forward}/linear_1/{part}"]
    return state


def _norm(ours: str, weights: Weights, theirs: str) -> dict[str, Any]:
    return {f"{ours}.weight": weights[f"{theirs}/gamma"], f"{ours}.bias": weights[f"{theirs}/beta"]}
