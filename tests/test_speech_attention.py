"""Whisper's sums in another order are the same sums: encoder by heads, keys kept by heads, the fast engine's encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audit.errors import ModelError
from audit.speech.conversion import convert
from audit.speech.fast_encoder import count_layers, read_weights
from audit.speech.fast_encoder import load as load_encoder
from tests.test_speech_models import save_random_checkpoint, sounds


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sizes = {"n_audio_state": 64, "n_text_state": 64, "n_audio_layer": 2, "n_text_layer": 3}
    return save_random_checkpoint(tmp_path_factory.mktemp("model") / "random.pt", **sizes)


def model_of(checkpoint: Path):  # type: ignore[no-untyped-def]
    import torch
    import whisper

    torch.set_grad_enabled(False)
    return whisper.load_model(str(checkpoint), device="cpu").eval()


def mel_of(seed: int = 5):  # type: ignore[no-untyped-def]
    import torch

    return torch.from_numpy(
        np.random.default_rng(seed).standard_normal((1, 80, 3000)).astype(np.float32) * 0.3
    )


def alike(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of two arrays."""
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def test_the_encoder_in_32_bits_is_whispers_own(checkpoint: Path) -> None:
    import torch

    from audit.speech.attention import encode

    model, mel = model_of(checkpoint), mel_of()
    assert torch.allclose(encode(model.encoder, mel, torch.float32), model.encoder(mel), atol=1e-5)


def test_head_by_head_in_bfloat16_is_near_32_bits(checkpoint: Path) -> None:
    import torch

    from audit.speech.attention import encode
    from audit.speech.whisper_engine import halve_encoder

    model, mel = model_of(checkpoint), mel_of()
    exact = model.encoder(mel).numpy()
    halve_encoder(model)
    halved = encode(model.encoder, mel, torch.bfloat16).float().numpy()
    assert alike(exact, halved) > 0.999
    # The fused attention in bfloat16 is no nearer.
    fused = encode(model.encoder, torch.cat([mel, mel]), torch.bfloat16)[:1].float().numpy()
    assert np.abs(exact - halved).max() < 2 * np.abs(exact - fused).max() + 1e-3


def test_keys_kept_by_heads_give_the_same_logits_and_the_same_weights(checkpoint: Path) -> None:
    import torch
    from whisper.model import disable_sdpa

    from audit.speech.attention import keep_heads_apart

    plain, changed = model_of(checkpoint), model_of(checkpoint)
    keep_heads_apart(changed)
    sound, tokens = plain.encoder(mel_of()), torch.tensor([[50258, 50259, 50359, 50363, 100, 200, 300]])
    assert torch.allclose(plain.decoder(tokens, sound), changed.decoder(tokens, sound), atol=1e-4)
    seen: dict[str, list] = {"plain": [], "changed": []}
    for name, model in (("plain", plain), ("changed", changed)):
        for block in model.decoder.blocks:
            block.cross_attn.register_forward_hook(lambda _m, _i, out, name=name: seen[name].append(out[1]))
    with disable_sdpa():
        plain.decoder(tokens, sound), changed.decoder(tokens, sound)
    assert len(seen["plain"]) == 3
    for a, b in zip(seen["plain"], seen["changed"], strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_keys_kept_by_heads_serve_beams_and_a_second_pass(checkpoint: Path) -> None:
    from whisper.decoding import DecodingOptions, decode

    from audit.speech.attention import keep_heads_apart

    plain, changed = model_of(checkpoint), model_of(checkpoint)
    keep_heads_apart(changed)
    sound = plain.encoder(mel_of())
    for beams in (None, 3):
        options = DecodingOptions(language="en", fp16=False, sample_len=12, beam_size=beams)
        assert decode(plain, sound, options)[0].tokens == decode(changed, sound, options)[0].tokens


@pytest.mark.parametrize(("stored", "least"), [("float32", 0.9999), ("float16", 0.999), ("int8", 0.995)])
def test_the_fast_engines_encoder_on_torch_is_ctranslate2s(
    checkpoint: Path, tmp_path: Path, stored: str, least: float
) -> None:
    import ctranslate2

    directory = convert(checkpoint, tmp_path / "fast", stored)
    mel = mel_of().numpy()
    features = load_encoder(directory)(mel)
    theirs = ctranslate2.models.Whisper(str(directory), compute_type="float32").encode(
        ctranslate2.StorageView.from_array(mel)
    )
    assert alike(np.array(theirs), features) > least
    assert count_layers(directory / "model.bin", "decoder/") == 3
    assert count_layers(directory / "model.bin", "encoder/") == 2


def test_a_broken_model_file_is_one_error(checkpoint: Path, tmp_path: Path) -> None:
    directory = convert(checkpoint, tmp_path / "fast", "float32")
    file = directory / "model.bin"
    whole = file.read_bytes()
    for broken in (whole[:200], b"\x01\0\0\0" + whole[4:], b"no model at all, only words"):
        file.write_bytes(broken)
        with pytest.raises(ModelError):
            read_weights(file, "encoder/")
        with pytest.raises(ModelError):
            load_encoder(directory)


def test_the_fast_engine_hears_the_same_with_either_encoder(checkpoint: Path, tmp_path: Path) -> None:
    from audit.speech import Decoding
    from audit.speech.fast_engine import load

    directory = convert(checkpoint, tmp_path / "fast", "float32")
    recogniser = load(str(directory), "cpu", "float32")
    assert recogniser.settings["encoder"] == "ctranslate2"
    quick = Decoding(temperatures=(0.0,), log_probability_limit=-99.0)
    before = recogniser.transcribe_windows(sounds(), "en", quick)
    recogniser.backend._encoder = load_encoder(directory)
    after = recogniser.transcribe_windows(sounds(), "en", quick)
    assert [[s.text[:20] for s in own] for own in before] == [[s.text[:20] for s in own] for own in after]
