"""A checkpoint in openai-whisper's format -> a CTranslate2 directory for the fast engine, without any network.

Writes what stock faster-whisper opens offline: model.bin, config.json, vocabulary.json, tokenizer.json
(rebuilt from the ranks that openai-whisper ships) and preprocessor_config.json.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from audit.errors import ModelError, UsageError

PRECISIONS = ("float32", "float16", "int8")


def convert(checkpoint: Path | str, directory: Path | str, precision: str = "float16") -> Path:
    """Convert a .pt checkpoint; weights are stored in `precision`, the engine may load them in another.

    Raises ModelError when the checkpoint is missing or not one, UsageError when the directory is not empty.
    """
    source, target = Path(checkpoint), Path(directory)
    if target.exists() and any(target.iterdir()):
        raise UsageError("the target directory is not empty: choose another or remove it first")
    if precision not in PRECISIONS:
        raise UsageError(f"weights are stored in one of {', '.join(PRECISIONS)}, not in {precision!r}")
    content = _checkpoint(source)
    dims, weights = content["dims"], _Weights(content["model_state_dict"])
    tokens = _token_names(dims)
    spec = _spec(dims, weights)
    spec.register_vocabulary(tokens)
    _configure(spec.config, dims, content, tokens)
    spec.validate()
    spec.optimize(quantization=None if precision == "float32" else precision)
    target.mkdir(parents=True, exist_ok=True)
    spec.save(str(target))
    (target / "tokenizer.json").write_text(_tokenizer(dims, tokens), encoding="utf-8")
    features = {"feature_size": dims["n_mels"], "sampling_rate": 16_000, "hop_length": 160, "n_fft": 400}
    (target / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    return target


def _checkpoint(path: Path) -> Any:
    import pickle

    import torch

    if not path.is_file():
        raise ModelError(f"there is no checkpoint named {path.name}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        return content if content["dims"] and content["model_state_dict"] else {}
    except (pickle.UnpicklingError, KeyError, TypeError, RuntimeError, EOFError) as error:
        raise ModelError(f"{path.name} is not a checkpoint in openai-whisper's format") from error


class _Weights:
    """The state dict as float32 arrays."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._state = state

    def get(self, name: str) -> np.ndarray[Any, Any]:
        """A weight by its name in openai-whisper."""
        array: np.ndarray[Any, Any] = self._state[name].float().numpy()
        return np.ascontiguousarray(array)

    def linear(self, spec: Any, names: Sequence[str]) -> None:
        """One linear layer, or several side by side; a bias that is absent (keys have none) is 0."""
        weights = [self.get(f"{name}.weight") for name in names]
        biases = [
            self.get(f"{name}.bias") if f"{name}.bias" in self._state else np.zeros(len(weight), np.float32)
            for name, weight in zip(names, weights, strict=True)
        ]
        spec.weight, spec.bias = np.concatenate(weights), np.concatenate(biases)

    def norm(self, spec: Any, name: str) -> None:
        """A layer norm."""
        spec.gamma, spec.beta = self.get(f"{name}.weight"), self.get(f"{name}.bias")


def _spec(dims: Mapping[str, int], weights: _Weights) -> Any:
    from ctranslate2.specs import WhisperSpec

    spec = WhisperSpec(dims["n_audio_layer"], dims["n_audio_head"], dims["n_text_layer"], dims["n_text_head"])
    for conv in ("conv1", "conv2"):
        layer = getattr(spec.encoder, conv)
        layer.weight, layer.bias = weights.get(f"encoder.{conv}.weight"), weights.get(f"encoder.{conv}.bias")
    spec.encoder.position_encodings.encodings = weights.get("encoder.positional_embedding")
    weights.norm(spec.encoder.layer_norm, "encoder.ln_post")
    for i, layer in enumerate(spec.encoder.layer):
        _block(layer, weights, f"encoder.blocks.{i}")
    embedding = weights.get("decoder.token_embedding.weight")
    spec.decoder.embeddings.weight = embedding
    spec.decoder.projection.weight = embedding
    spec.decoder.position_encodings.encodings = weights.get("decoder.positional_embedding")
    weights.norm(spec.decoder.layer_norm, "decoder.ln")
    for i, layer in enumerate(spec.decoder.layer):
        name = f"decoder.blocks.{i}"
        _block(layer, weights, name)
        weights.norm(layer.attention.layer_norm, f"{name}.cross_attn_ln")
        weights.linear(layer.attention.linear[0], [f"{name}.cross_attn.query"])
        weights.linear(layer.attention.linear[1], [f"{name}.cross_attn.key", f"{name}.cross_attn.value"])
        weights.linear(layer.attention.linear[2], [f"{name}.cross_attn.out"])
    return spec


def _block(layer: Any, weights: _Weights, name: str) -> None:
    """Self-attention and feed-forward part of a block."""
    attention = layer.self_attention
    weights.norm(attention.layer_norm, f"{name}.attn_ln")
    weights.linear(attention.linear[0], [f"{name}.attn.{part}" for part in ("query", "key", "value")])
    weights.linear(attention.linear[1], [f"{name}.attn.out"])
    weights.norm(layer.ffn.layer_norm, f"{name}.mlp_ln")
    weights.linear(layer.ffn.linear_0, [f"{name}.mlp.0"])
    weights.linear(layer.ffn.linear_1, [f"{name}.mlp.2"])


def _encoding(dims: Mapping[str, int]) -> tuple[Any, str]:
    """Whisper's token encoding for these dimensions and the name of its rank file."""
    from whisper.tokenizer import get_encoding

    multilingual = dims["n_vocab"] >= 51_865
    name = "multilingual" if multilingual else "gpt2"
    return get_encoding(name, num_languages=dims["n_vocab"] - 51_765 - int(multilingual)), name


def _byte_names() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte (as in every byte-level BPE vocabulary)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    names = {byte: chr(byte) for byte in printable}
    extra = 256
    for byte in range(256):
        if byte not in names:
            names[byte] = chr(extra)
            extra += 1
    return names


def _token_names(dims: Mapping[str, int]) -> list[str]:
    """Name of each token id, in order, as byte-level vocabularies write them."""
    encoding, _ = _encoding(dims)
    names = _byte_names()
    special = {number: token for token, number in encoding._special_tokens.items()}
    out = []
    for number in range(dims["n_vocab"]):
        if number in special:
            out.append(special[number])
        else:
            raw = encoding.decode_single_token_bytes(number)
            out.append("".join(names[byte] for byte in raw))
    return out


def _configure(config: Any, dims: Mapping[str, int], content: Mapping[str, Any], tokens: list[str]) -> None:
    """Language ids and alignment heads: the checkpoint's own, else the upper half, as Whisper itself chooses."""
    first, last = tokens.index("<|startoftranscript|>") + 1, tokens.index("<|translate|>")
    config.lang_ids = list(range(first, last))
    config.suppress_ids = []
    config.suppress_ids_begin = [tokens.index("Ġ"), tokens.index("<|endoftext|>")]
    layers = dims["n_text_layer"]
    heads = content.get("alignment_heads") or product(range(layers // 2, layers), range(dims["n_text_head"]))
    config.alignment_heads = [[int(layer), int(head)] for layer, head in heads]


def _tokenizer(dims: Mapping[str, int], tokens: list[str]) -> str:
    """tokenizer.json: the same byte pairs as openai-whisper's, with merges found again from their ranks."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    encoding, name = _encoding(dims)
    ranks = _ranks(name)
    names = _byte_names()
    merges: list[tuple[str, str]] = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        parts = _parts(ranks, token, rank)
        if len(parts) == 2:
            first, second = ("".join(names[byte] for byte in part) for part in parts)
            merges.append((first, second))
    vocabulary = {tokens[rank]: rank for rank in ranks.values()}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = sorted(encoding._special_tokens.items(), key=lambda item: item[1])
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token, _ in special])
    return str(tokenizer.to_str())


def _ranks(name: str) -> dict[bytes, int]:
    import whisper

    path = Path(whisper.__file__).parent / "assets" / f"{name}.tiktoken"
    lines = (line.split() for line in path.read_text().splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def _parts(ranks: Mapping[bytes, int], token: bytes, limit: int) -> list[bytes]:
    """A token as the pairs below its own rank leave it: the two parts that its merge joined."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        pairs = [(ranks.get(parts[i] + parts[i + 1], limit), i) for i in range(len(parts) - 1)]
        rank, i = min(pairs)
        if rank >= limit:
            break
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts
