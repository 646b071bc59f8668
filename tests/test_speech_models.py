"""The real engines on a checkpoint of tiny dimensions with random weights: loading, agreement, repeatability."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from audit.errors import ModelError, UsageError
from audit.speech import Decoding, load_recogniser
from audit.speech.conversion import convert

RATE = 16_000
QUICK = Decoding(temperatures=(0.0,), log_probability_limit=-99.0)


def save_random_checkpoint(path: Path, **changes: int) -> Path:
    import torch
    from whisper.model import ModelDimensions, Whisper

    dims = {
        "n_mels": 80, "n_audio_ctx": 1500, "n_audio_state": 32, "n_audio_head": 2, "n_audio_layer": 1,
        "n_vocab": 51865, "n_text_ctx": 448, "n_text_state": 32, "n_text_head": 2, "n_text_layer": 1,
    } | changes  # fmt: skip
    torch.manual_seed(7)
    with torch.enable_grad():
        model = Whisper(ModelDimensions(**dims))
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.02)
    torch.nn.init.normal_(model.decoder.token_embedding.weight, std=0.3)
    torch.save({"dims": dims, "model_state_dict": model.state_dict()}, path)
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_random_checkpoint(tmp_path_factory.mktemp("model") / "random.pt")


@pytest.fixture(scope="module")
def converted(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return convert(checkpoint, tmp_path_factory.mktemp("fast") / "random", "float32")


def sounds() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [(0.1 * rng.standard_normal(round(n * RATE))).astype(np.float32) for n in (1.0, 4.2, 2.5)]


def test_both_engines_write_the_same_words(checkpoint: Path, converted: Path) -> None:
    slow = load_recogniser(str(checkpoint))
    fast = load_recogniser(str(converted), "faster-whisper", precision="float32")
    for language in ("zh", "en"):
        first = slow.transcribe_windows(sounds(), language, QUICK)
        second = fast.transcribe_windows(sounds(), language, QUICK)
        for a, b in zip(first, second, strict=True):
            assert [s.text[:40] for s in a] == [s.text[:40] for s in b]
    table, other = (engine.detect_language(sounds()[1]) for engine in (slow, fast))
    assert table.keys() == other.keys()
    assert all(table[code] == pytest.approx(other[code], abs=1e-4) for code in table)


@pytest.mark.parametrize("engine", ["whisper", "faster-whisper"])
def test_the_same_sound_gives_the_same_segments_whatever_came_before(
    engine: str, checkpoint: Path, converted: Path
) -> None:
    model = checkpoint if engine == "whisper" else converted
    recogniser = load_recogniser(str(model), engine)
    ladder = Decoding(temperatures=(0.0, 0.6), log_probability_limit=99.0)
    window = sounds()[2:]
    before = recogniser.transcribe_windows(window, "en", ladder)
    recogniser.transcribe_windows(sounds()[:2], "zh", ladder)
    assert recogniser.transcribe_windows(window, "en", ladder) == before
    assert all(segment.temperature == 0.6 for segment in before[0])


def test_words_have_times_inside_the_window_and_probabilities(checkpoint: Path) -> None:
    segments = load_recogniser(str(checkpoint)).transcribe_windows(sounds()[1:2], "en", QUICK)[0]
    words = [word for segment in segments for word in segment.words]
    assert words
    assert all(0 <= w.start_s <= w.end_s <= 4.2 for w in words)
    assert all(w.probability is not None and 0 <= w.probability <= 1 for w in words)


def test_a_model_is_loaded_once_and_says_what_it_is(checkpoint: Path) -> None:
    first = load_recogniser(str(checkpoint))
    assert load_recogniser(str(checkpoint)) is first
    assert first.name == "random.pt"
    assert len(first.model_hash) == 64
    assert first.settings["device"] in {"cpu", "cuda"}
    assert str(checkpoint.parent) not in str(first.settings)


def test_half_precision_is_the_encoders_and_hardly_changes_what_it_hears(tmp_path: Path) -> None:
    path = save_random_checkpoint(tmp_path / "half.pt")
    whole, half = (load_recogniser(str(path), precision=precision) for precision in ("fp32", "bf16"))
    assert whole.settings["precision"] == "fp32"
    assert half.settings["precision"] == "bf16"
    assert whole.settings_hash != half.settings_hash
    first, second = (np.asarray(engine.backend.encode(sounds()[1:2]), np.float32) for engine in (whole, half))
    assert first.shape == second.shape
    assert 0 < float(np.abs(first - second).max()) < 0.1 * float(np.abs(first).max())
    assert half.transcribe_windows(sounds()[1:2], "en", QUICK)[0]
    with pytest.raises(ModelError, match="float32"):
        load_recogniser(str(path), precision="int4")


def test_a_window_whose_language_was_asked_is_encoded_once(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = load_recogniser(str(checkpoint))
    encoded: list[int] = []
    encode = recogniser.backend.encode
    monkeypatch.setattr(recogniser, "window_s", 27.0)
    monkeypatch.setattr(recogniser.backend, "_short_context", False)
    monkeypatch.setattr(
        recogniser.backend, "encode", lambda windows: encoded.append(len(windows)) or encode(windows)
    )
    before = recogniser.transcribe_windows(sounds(), "en", QUICK)
    recogniser.detect_language(sounds()[1])
    assert recogniser.transcribe_windows(sounds(), "en", QUICK) == before
    assert encoded == [3, 1, 1, 1]


def test_another_precision_is_another_receipt(converted: Path) -> None:
    whole = load_recogniser(str(converted), "faster-whisper", precision="float32")
    small = load_recogniser(str(converted), "faster-whisper", precision="int8")
    assert whole.model_hash == small.model_hash
    assert whole.settings_hash != small.settings_hash


def test_small_models_hear_one_region_at_a_time_and_large_ones_pack(tmp_path: Path, checkpoint: Path) -> None:
    assert load_recogniser(str(checkpoint)).window_s == 0.0
    wide = save_random_checkpoint(
        tmp_path / "wide.pt", n_audio_state=384, n_text_state=384, n_audio_head=6, n_text_head=6
    )
    assert load_recogniser(str(wide)).window_s > 20.0


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "not a whole checkpoint"), (b"not a model at all" * 99, "not a whole checkpoint")],
)
def test_what_is_no_checkpoint_is_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad.pt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=says):
        load_recogniser(str(path))


def test_a_cut_off_checkpoint_and_one_of_another_kind(tmp_path: Path, checkpoint: Path) -> None:
    import torch

    (tmp_path / "cut.pt").write_bytes(checkpoint.read_bytes()[:100_000])
    torch.save({"weights": torch.zeros(3)}, tmp_path / "other.pt")
    for name in ("cut.pt", "other.pt"):
        with pytest.raises(ModelError, match="checkpoint"):
            load_recogniser(str(tmp_path / name))
        with pytest.raises(ModelError):
            convert(tmp_path / name, tmp_path / "out")


MISSING = [
    ("/nowhere/model.pt", "whisper", "no model file"),
    ("gigantic", "whisper", "no Whisper model named"),
    ("/nowhere/model", "faster-whisper", "no model directory"),
    ("gigantic", "faster-whisper", "no faster-whisper model named"),
    ("base", "whisper-jax", "no engine"),
]


@pytest.mark.parametrize(("model", "engine", "says"), MISSING)
def test_a_model_that_is_not_there(model: str, engine: str, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        load_recogniser(model, engine)
    with pytest.raises(ModelError, match="no device"):
        load_recogniser(model, device="tpu")


@pytest.mark.parametrize("engine", ["whisper", "faster-whisper"])
@pytest.mark.parametrize("offline", ["1", "0"])
def test_an_official_name_without_network_says_what_to_do(
    engine: str, offline: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", offline)
    opened: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: opened.append(address))
    with pytest.raises(ModelError) as caught:
        load_recogniser("tiny", engine)
    assert "\n" not in str(caught.value)
    assert "--model" in str(caught.value)
    assert not opened
    assert not list(tmp_path.rglob("*.pt"))


def test_a_directory_that_lacks_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"lacks model\.bin, tokenizer\.json"):
        load_recogniser(str(tmp_path), "faster-whisper")


def test_conversion_refuses_a_full_directory_and_odd_precision(tmp_path: Path, checkpoint: Path) -> None:
    (tmp_path / "x").write_text("kept")
    with pytest.raises(UsageError, match="not empty"):
        convert(checkpoint, tmp_path)
    with pytest.raises(UsageError, match="float32"):
        convert(checkpoint, tmp_path / "new", "int3")


def test_the_rebuilt_tokenizer_is_whispers(converted: Path) -> None:
    from tokenizers import Tokenizer
    from whisper.tokenizer import get_tokenizer

    rebuilt = Tokenizer.from_file(str(converted / "tokenizer.json"))
    whispers = get_tokenizer(True, language="zh")
    for text in (
        "我是公司的,您欠5000元",
        " If you don't pay, you're gonna be arrested. 1,234.50!",
        " 繁體 mixed\n abc",
    ):
        ids = whispers.encode(text)
        assert rebuilt.encode(text, add_special_tokens=False).ids == ids
        assert rebuilt.decode(ids) == text
    assert rebuilt.token_to_id("<|zh|>") == whispers.to_language_token("zh")
    assert rebuilt.token_to_id("<|0.00|>") == whispers.timestamp_begin
