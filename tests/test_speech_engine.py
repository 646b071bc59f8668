"""Windows, ladders, rests and words: what both engines share, on a backend that plays token sequences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.audio import Audio
from audit.errors import UsageError
from audit.models import Word
from audit.speech import Decoding, Region
from audit.speech.engine import Raw, WindowRecogniser, read_tokens
from audit.speech.windows import pack
from audit.speech.words import Aligned, collapsed, spread, tidy
from tests.fake_recognisers import PlainTokens, PlayedBackend, at

RATE = 16_000


def sound(seconds: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (0.1 * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def recogniser(backend: PlayedBackend, window_s: float = 0.0) -> WindowRecogniser:
    return WindowRecogniser(backend, "played", "0" * 64, {"engine": "played"}, window_s)


def text(word: str) -> list[int]:
    return [ord(c) for c in word]


READINGS = [
    ([at(0), *text("hello"), at(2.0)], [(0.0, 2.0, "hello")], 2.0, True),
    (
        [at(0.5), *text("ab"), at(2), at(3), *text("cd"), at(4)],
        [(0.5, 2.0, "ab"), (3.0, 4.0, "cd")],
        4.0,
        True,
    ),
    ([at(0), *text("ab"), at(2), at(2), *text("cut of")], [(0.0, 2.0, "ab")], 2.0, False),
    ([at(0), *text("no end")], [(0.0, 10.0, "no end")], 10.0, True),
    (text("no times at all"), [(0.0, 10.0, "no times at all")], 10.0, True),
    ([], [], 10.0, True),
    ([at(0), *text("late"), at(29.0)], [(0.0, 10.0, "late")], 10.0, True),
]


@pytest.mark.parametrize(("tokens", "stretches", "reached_s", "finished"), READINGS)
def test_tokens_are_read_as_whisper_means_them(
    tokens: list[int], stretches: list[tuple[float, float, str]], reached_s: float, finished: bool
) -> None:
    names = PlainTokens()
    found, reached, done = read_tokens(tokens, names, 10.0)
    assert [(s.start_s, s.end_s, names.decode(s.tokens)) for s in found] == stretches
    assert (reached, done) == (reached_s, finished)


def test_what_is_cut_off_is_heard_as_a_window_of_its_own() -> None:
    def plays(window: np.ndarray, _: float) -> list[int]:
        if len(window) == 10 * RATE:
            return [at(0), *text("first"), at(4.0), at(4.0), *text("sec")]
        return [at(0), *text("second"), at(6.0)]

    backend = PlayedBackend(plays)
    segments = recogniser(backend).transcribe_windows([sound(10)], "en")[0]
    assert [s.text for s in segments] == ["first", "second"]
    assert segments[1].start_s == pytest.approx(4.0, abs=0.1)
    assert segments[1].words[-1].end_s <= 10.0
    assert [n for _, n in backend.decoded] == [10 * RATE, 6 * RATE]


def test_a_model_that_never_finishes_ends_all_the_same() -> None:
    backend = PlayedBackend(lambda *_: [at(0), *text("a"), at(0.6), at(0.6), *text("b")])
    segments = recogniser(backend).transcribe_windows([sound(20)], "en")[0]
    assert 1 < len(segments) <= 6


def test_the_ladder_climbs_only_where_it_must_and_is_recorded() -> None:
    def plays(window: np.ndarray, temperature: float) -> Raw:
        if len(window) == 2 * RATE and temperature < 0.4:
            return Raw([at(0), *text("again and " * 40), at(2)], -0.3, 0.01, temperature)
        return Raw([at(0), *text("fine"), at(1.5)], -0.3, 0.01, temperature)

    backend = PlayedBackend(plays)
    good, bad = recogniser(backend).transcribe_windows([sound(3), sound(2)], "en")
    assert (good[0].temperature, bad[0].temperature) == (0.0, 0.4)
    assert bad[0].text == "fine"
    assert [t for t, n in backend.decoded if n == 3 * RATE] == [0.0]


def test_low_probability_climbs_too_and_silence_gives_nothing() -> None:
    unsure = PlayedBackend(lambda _, t: Raw([at(0), *text("um"), at(1)], -2.0 if t < 0.2 else -0.5, 0.1, t))
    assert recogniser(unsure).transcribe_windows([sound(2)], "en")[0][0].temperature == 0.2
    silent = PlayedBackend(lambda _, t: Raw([at(0), *text("thanks"), at(1)], -2.0, 0.9, t))
    assert recogniser(silent).transcribe_windows([sound(2)], "en") == [[]]
    assert len(silent.decoded) == 1


def test_windows_keep_their_order_whatever_the_batch() -> None:
    backend = PlayedBackend(lambda w, _: [at(0), *text(chr(65 + len(w) // RATE)), at(1)])
    windows = [sound(n) for n in (5, 1, 9, 3, 7, 2, 8, 4, 6)]
    heard = recogniser(backend).transcribe_windows(windows, "en")
    assert [s[0].text for s in heard] == [chr(65 + n) for n in (5, 1, 9, 3, 7, 2, 8, 4, 6)]


def test_a_window_longer_than_the_model_hears_is_refused() -> None:
    with pytest.raises(UsageError, match="30 s"):
        recogniser(PlayedBackend(lambda *_: [])).transcribe_windows([sound(31)], "en")


def test_no_window_and_empty_windows_give_nothing() -> None:
    played = recogniser(PlayedBackend(lambda *_: [at(0), *text("x"), at(1)]))
    assert played.transcribe_windows([], None) == []
    assert played.transcribe_windows([np.zeros(0, np.float32)], "en") == [[]]


def test_settings_hash_follows_settings() -> None:
    a, b = (recogniser(PlayedBackend(lambda *_: []), window) for window in (0.0, 27.0))
    assert a.settings_hash != b.settings_hash
    assert a.settings_hash == recogniser(PlayedBackend(lambda *_: []), 0.0).settings_hash
    assert a.settings["condition_on_previous_text"] is False
    assert "prompt" not in str(a.settings)


ALIGNED = [
    (
        [Aligned(" Pay", 1, 0.0, 0.4, 0.9), Aligned(" now", 1, 0.4, 0.8, 0.8), Aligned(".", 1, 0.8, 0.8, 0.5)],
        [" Pay", " now."],
    ),
    ([Aligned("我们", 1, 0.0, 0.4, 0.9), Aligned("来", 1, 0.4, 0.6, 0.9), Aligned("。", 1, 0.6, 0.6, 0.5)], ["我", "们", "来。"]),
    ([Aligned(" “", 1, 0.0, 0.0, 0.5), Aligned("Yes", 1, 0.0, 0.3, 0.9), Aligned("”", 1, 0.3, 0.3, 0.9)], [" “Yes”"]),
    ([Aligned("欠5000元", 3, 0.0, 0.9, 0.9)], ["欠", "5000", "元"]),
]  # fmt: skip


@pytest.mark.parametrize(("aligned", "texts"), ALIGNED)
def test_words_carry_their_marks_and_characters_stand_alone(aligned: list[Aligned], texts: list[str]) -> None:
    words = tidy(aligned)
    assert [w.text for w in words] == texts
    assert "".join(w.text for w in words) == "".join(a.text for a in aligned)


aligned_strategy = st.lists(
    st.builds(
        Aligned,
        text=st.sampled_from([" one", "two", "。", ",", "我", "我们", " “", "5", "?"]),
        tokens=st.just(1),
        start_s=st.floats(0, 10),
        end_s=st.floats(0, 10),
        probability=st.floats(0, 1),
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(aligned=aligned_strategy)
def test_words_are_in_order_whatever_alignment_gave(aligned: list[Aligned]) -> None:
    words = tidy(aligned)
    assert all(w.end_s >= w.start_s for w in words)
    assert all(b.start_s >= a.start_s for a, b in itertools.pairwise(words))
    squeezed = "".join("".join(a.text for a in aligned).split())
    if any(any(c.isalnum() for c in a.text) for a in aligned[:1]):
        assert "".join("".join(w.text for w in words).split()) == squeezed


def test_a_word_beside_a_pause_is_not_as_long_as_the_pause() -> None:
    aligned = [
        Aligned(" So", 1, 0.0, 5.0, 0.9),
        *(Aligned(f" w{i}", 1, 5 + i * 0.3, 5.3 + i * 0.3, 0.9) for i in range(5)),
    ]
    assert tidy(aligned)[0].start_s > 4.0


def test_collapsed_alignment_is_seen_and_spread_over_what_sounds() -> None:
    words = [Word(f"w{i}", 1.0, 1.0) for i in range(8)]
    active = np.zeros(250, bool)
    active[50:100] = active[150:200] = True
    assert collapsed(words, 2.0)
    out = spread(words, active, 0.0, 5.0)
    assert out[0].start_s == pytest.approx(1.0, abs=0.02)
    assert out[-1].end_s == pytest.approx(4.0, abs=0.05)
    assert not any(2.1 < w.start_s < 2.9 for w in out)
    assert not collapsed(out, 2.0)


region_lists = st.lists(st.floats(0.3, 20.0), min_size=1, max_size=15)


@settings(max_examples=100, deadline=None)
@given(lengths=region_lists, window_s=st.sampled_from([0.0, 10.0, 27.0]))
def test_packing_loses_no_region_and_times_lead_back(lengths: list[float], window_s: float) -> None:
    regions, start = [], 0.0
    for length in lengths:
        regions.append(Region(start, start + length))
        start += length + 1.5
    windows = pack(0, regions, window_s)
    assert sorted((p.start_s, p.end_s) for w in windows for p in w.pieces) == [
        (r.start_s, r.end_s) for r in regions
    ]
    begun = [window.pieces[0].start_s for window in windows]
    assert begun == sorted(begun)
    for window in windows:
        assert list(window.pieces) == sorted(window.pieces, key=lambda piece: piece.start_s)
        assert len(window.pieces) == 1 or window.duration_s <= window_s + 1e-6
        for piece in window.pieces:
            middle = piece.offset_s + (piece.end_s - piece.start_s) / 2
            assert window.moment(middle) == pytest.approx((piece.start_s + piece.end_s) / 2)
            assert window.moment(piece.offset_s) == pytest.approx(piece.start_s)
        end = window.duration_s
        assert window.moment(end, ending=True) == pytest.approx(window.pieces[-1].end_s)


def test_windows_are_filled_before_new_ones_are_begun() -> None:
    lengths = [20.0, 12.0, 8.0, 14.0, 2.0, 25.0]
    starts = itertools.accumulate((length + 1 for length in lengths), initial=0.0)
    regions = [Region(start, start + length) for start, length in zip(starts, lengths, strict=False)]
    windows = pack(0, regions, 29.0)
    assert [len(window.pieces) for window in windows] == [2, 3, 1]
    assert sum(window.duration_s for window in windows) == sum(lengths)


def test_a_window_is_its_pieces_end_to_end() -> None:
    audio = Audio(np.arange(10 * RATE, dtype=np.float32)[None], RATE)
    window = pack(0, [Region(1.0, 2.0), Region(5.0, 5.5)], 27.0)[0]
    expected = np.concatenate(
        [audio.samples[0, RATE : 2 * RATE], audio.samples[0, 5 * RATE : round(5.5 * RATE)]]
    )
    assert np.array_equal(window.samples(audio), expected)


def test_long_sound_without_a_window_is_transcribed_by_regions() -> None:
    """transcribe() of noise alone finds no speech, so the backend is never asked."""
    backend = PlayedBackend(lambda *_: [at(0), *text("x"), at(1)])
    assert recogniser(backend).transcribe(sound(40) * 0.01, "en") == []
    assert backend.decoded == []


def test_fixed_tokens_are_for_measuring_and_give_one_segment() -> None:
    backend = PlayedBackend(lambda *_: text("abc"))
    out = recogniser(backend).transcribe_windows(
        [sound(5)], "en", Decoding(fixed_tokens=3, temperatures=(0.0,))
    )
    assert [s.text for s in out[0]] == ["abc"]
