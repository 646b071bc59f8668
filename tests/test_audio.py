"""Recordings of every make decode with their true length; bad files give a plain reason; edits are exact."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import audio
from audit.audio import Audio
from audit.audio.files import MAX_DURATION_S
from audit.errors import RecordingError, UsageError

SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "dev" / "audio"
RATE = 16_000


def tone(seconds: float, rate_hz: int = RATE, hz: float = 300.0, channels: int = 1) -> np.ndarray:
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    rows = [0.3 * np.sin(2 * np.pi * hz * (k + 1) * t) for k in range(channels)]
    return np.stack(rows).astype(np.float32)


def noise(seconds: float, level: float = 0.1, seed: int = 0, rate_hz: int = RATE) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * rate_hz))).astype(np.float32)


def speechlike(seconds: float, seed: int, rate_hz: int = RATE) -> np.ndarray:
    """Noise in bursts of a second with gaps, as talk has them."""
    rng = np.random.default_rng(seed)
    gate = np.repeat(rng.random(int(seconds * 2) + 1) > 0.4, rate_hz // 2)[: round(seconds * rate_hz)]
    return noise(seconds, 0.1, seed + 1, rate_hz) * gate + noise(seconds, 1e-4, seed + 2, rate_hz)


def write_plain(path: Path, samples: np.ndarray, rate_hz: int, subtype: str, kind: str = "WAV") -> Path:
    import soundfile

    soundfile.write(path, samples.T, rate_hz, subtype=subtype, format=kind)
    return path


def write_coded(path: Path, samples: np.ndarray, rate_hz: int, codec: str, kind: str) -> Path:
    import av

    container = av.open(str(path), "w", format=kind)
    stream = container.add_stream(codec, rate=rate_hz)
    stream.layout = "mono" if len(samples) == 1 else "stereo"
    if codec.startswith("wma"):
        stream.bit_rate = 64_000
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples), format="fltp", layout=stream.layout.name
    )
    frame.sample_rate = rate_hz
    resampler = av.AudioResampler(
        format=stream.codec_context.format, layout=stream.layout, rate=rate_hz,
        frame_size=stream.codec_context.frame_size or 1024,
    )  # fmt: skip
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))
    container.close()
    return path


PLAIN = [
    ("PCM_U8", 8_000), ("PCM_16", 8_000), ("PCM_24", 44_100), ("PCM_32", 48_000), ("FLOAT", 16_000),
    ("ULAW", 8_000), ("ALAW", 8_000), ("GSM610", 8_000), ("IMA_ADPCM", 11_025), ("MS_ADPCM", 22_050),
]  # fmt: skip


@pytest.mark.parametrize(("subtype", "rate_hz"), PLAIN)
def test_wav_of_every_coding_keeps_its_length_and_pitch(tmp_path: Path, subtype: str, rate_hz: int) -> None:
    path = write_plain(tmp_path / "a.wav", tone(3.0, rate_hz), rate_hz, subtype)
    facts = audio.probe(path)
    decoded = audio.decode(path)
    assert facts.rate_hz == rate_hz
    assert facts.duration_s == pytest.approx(3.0, abs=0.3)
    assert decoded.duration_s == pytest.approx(3.0, abs=0.3)
    assert decoded.undecodable_frames == 0
    assert loudest_hz(decoded, 0) == pytest.approx(300, abs=5)


CODED = [
    ("a.mp3", "libmp3lame", "mp3", 22_050, 2), ("a.mp3", "libmp3lame", "mp3", 8_000, 1),
    ("a.m4a", "aac", "ipod", 44_100, 2), ("a.m4a", "aac", "ipod", 8_000, 1), ("a.aac", "aac", "adts", 16_000, 1),
    ("a.ogg", "libopus", "ogg", 48_000, 2), ("a.opus", "libopus", "ogg", 16_000, 1),
    ("a.webm", "libopus", "webm", 48_000, 1), ("a.amr", "libopencore_amrnb", "amr", 8_000, 1),
    ("a.wav", "g722", "wav", 16_000, 1), ("a.mp4", "aac", "mp4", 32_000, 2),
    ("a.wma", "wmav2", "asf", 44_100, 2), ("a.wma", "wmav2", "asf", 16_000, 1), ("a.wma", "wmav1", "asf", 22_050, 2),
    ("a.m4a", "alac", "ipod", 44_100, 2), ("a.mpg", "mp2", "mpeg", 44_100, 2),
    ("a.mka", "libopus", "matroska", 48_000, 2), ("a.3gp", "libopencore_amrnb", "3gp", 8_000, 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "codec", "kind", "rate_hz", "channels"), CODED)
def test_coded_recordings_keep_length_channels_and_pitch(
    tmp_path: Path, name: str, codec: str, kind: str, rate_hz: int, channels: int
) -> None:
    path = write_coded(tmp_path / name, tone(4.0, rate_hz, channels=channels), rate_hz, codec, kind)
    facts = audio.probe(path)
    decoded = audio.decode(path)
    assert facts.channels == channels
    assert facts.duration_s == pytest.approx(4.0, abs=0.3)
    assert decoded.duration_s == pytest.approx(facts.duration_s, abs=0.01)
    for channel in range(channels):
        assert loudest_hz(decoded, channel) == pytest.approx(300 * (channel + 1), abs=10)


@pytest.mark.parametrize(("mode", "bits"), [(0, 132), (2, 253), (8, 477)])
def test_wideband_amr_is_decoded_though_nothing_here_writes_it(tmp_path: Path, mode: int, bits: int) -> None:
    """RFC 4867 storage: a magic line, then frames of 20 ms; random bits are speech of a kind to the decoder."""
    rng = np.random.default_rng(mode)
    frame = lambda: bytes([mode << 3 | 4]) + rng.bytes((bits + 7) // 8)  # noqa: E731
    path = tmp_path / "a.awb"
    path.write_bytes(b"#!AMR-WB\n" + b"".join(frame() for _ in range(200)))
    facts, decoded = audio.probe(path), audio.decode(path)
    assert (facts.rate_hz, facts.channels) == (16_000, 1)
    assert facts.duration_s == pytest.approx(4.0, abs=0.3)
    assert decoded.duration_s == pytest.approx(4.0, abs=0.05)
    assert decoded.undecodable_frames == 0
    assert float(np.abs(decoded.samples).max()) > 0.01


@pytest.mark.parametrize("kind", ["FLAC", "AIFF", "AU", "CAF", "W64", "RF64"])
def test_other_plain_containers(tmp_path: Path, kind: str) -> None:
    path = write_plain(tmp_path / "a.bin", tone(2.0, 8_000, channels=2), 8_000, "PCM_16", kind)
    assert audio.probe(path).duration_s == pytest.approx(2.0, abs=0.01)
    assert audio.decode(path).channels == 2


def test_more_channels_than_two_stay_apart(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.wav", tone(1.0, channels=6), RATE, "PCM_16")
    decoded = audio.decode(path)
    assert [round(loudest_hz(decoded, c), -1) for c in range(6)] == [300, 600, 900, 1200, 1500, 1800]


def loudest_hz(decoded: Audio, channel: int) -> float:
    middle = decoded.span(channel, 0.5, decoded.duration_s - 0.3)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * decoded.rate_hz / len(middle))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"This is a letter and no recording.\n" * 50, "not a recording"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "recording"),
        (b"ID3" + bytes(4000), "recording"),
        (b"#EXTM3U\n#EXTINF:10,\n/etc/hostname\n", "recording"),
        (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "recording"),
        (bytes(range(256)) * 40, "recording"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "recording"),
    ],
)
def test_what_is_no_recording_gets_a_plain_reason(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    for look in (audio.probe, audio.decode, lambda p: list(audio.decode_blocks(p))):
        with pytest.raises(RecordingError) as caught:
            look(path)
        assert says in str(caught.value)
        assert str(tmp_path) not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="missing"):
        audio.decode(tmp_path / "none.wav")
    with pytest.raises(RecordingError, match="not a file"):
        audio.decode(tmp_path)


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "ogg"])
def test_header_without_sound(tmp_path: Path, kind: str) -> None:
    path = write_plain(tmp_path / "a.wav", tone(1.0), RATE, "PCM_16")
    short = tmp_path / f"short.{kind}"
    if kind == "wav":
        short.write_bytes(path.read_bytes()[:44])
    else:
        whole = audio.write(tmp_path / f"whole.{kind}", Audio(tone(1.0), RATE))
        short.write_bytes(whole.read_bytes()[:60])
    with pytest.raises(RecordingError):
        audio.probe(short)


def test_truncated_wav_gives_what_is_there_and_says_what_is_missing(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.wav", tone(10.0), RATE, "PCM_16")
    path.write_bytes(path.read_bytes()[: 44 + 4 * RATE * 2])
    decoded = audio.decode(path)
    assert decoded.duration_s == pytest.approx(4.0, abs=0.05)
    assert any("6.0 s before" in warning for warning in decoded.warnings)


def test_wav_of_a_recorder_that_never_wrote_its_length(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.wav", tone(2.0), RATE, "PCM_16")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    for length in (0, 0xFFFFFFFF):
        data[at : at + 4] = struct.pack("<I", length)
        path.write_bytes(data)
        decoded = audio.decode(path)
        assert decoded.duration_s == pytest.approx(2.0, abs=0.05)
        assert decoded.warnings == ()


def test_damaged_mp3_counts_frames_and_keeps_what_follows(tmp_path: Path) -> None:
    path = audio.write(tmp_path / "a.mp3", Audio(tone(10.0) + noise(10.0, 0.02)[None], RATE))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    facts = audio.probe(path)
    assert facts.frames_bad > 0
    assert facts.duration_s > 8.5
    assert any("could not be decoded" in warning for warning in facts.warnings)


def test_truncated_m4a_is_refused_plainly(tmp_path: Path) -> None:
    path = write_coded(tmp_path / "a.m4a", tone(5.0, 16_000), 16_000, "aac", "ipod")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RecordingError):
        audio.probe(path)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "says"), [(4_000_000_000, 1, "rate"), (8_000, 1000, "channels")]
)
def test_absurd_headers_are_refused(tmp_path: Path, rate_hz: int, channels: int, says: str) -> None:
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 10**6, b"WAVE", b"fmt ", 16, 1, channels, rate_hz, 16_000, 2, 16
    )
    (tmp_path / "a.wav").write_bytes(head + struct.pack("<4sI", b"data", 4000) + bytes(4000))
    with pytest.raises(RecordingError):
        audio.probe(tmp_path / "a.wav")


def test_a_day_of_silence_in_a_small_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.audio.files.MAX_DURATION_S", 5.0)
    path = write_plain(tmp_path / "a.flac", np.zeros((1, RATE * 20), np.float32), RATE, "PCM_16", "FLAC")
    with pytest.raises(RecordingError, match="longer than"):
        audio.decode(path)
    assert MAX_DURATION_S == 24 * 3600


def test_samples_that_are_no_numbers_become_silence_and_are_counted(tmp_path: Path) -> None:
    samples = tone(1.0)
    samples[0, 100:110] = np.nan
    samples[0, 200] = np.inf
    decoded = audio.decode(write_plain(tmp_path / "a.wav", samples, RATE, "FLOAT"))
    assert np.isfinite(decoded.samples).all()
    assert decoded.undecodable_frames == 11
    assert any("no numbers" in warning for warning in decoded.warnings)


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=600),
    head=st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"ID3\x04", b"\xff\xfb", b"#!AMR\n"]),
)
def test_no_bytes_whatever_give_anything_but_a_reason(
    data: bytes, head: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.wav"
    path.write_bytes(head + data)
    try:
        heard_s = audio.decode(path).duration_s
    except RecordingError:
        heard_s = None
    assert heard_s is None or heard_s > 0


def test_blocks_are_the_whole_decoded_in_pieces(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.wav", tone(25.0, 8_000, channels=2), 8_000, "ULAW")
    whole = audio.decode(path)
    blocks = list(audio.decode_blocks(path))
    assert len(blocks) > 2
    assert np.array_equal(np.concatenate([b.samples for b in blocks], axis=1), whole.samples)
    assert blocks[1].start_s == pytest.approx(blocks[0].samples.shape[1] / RATE)


def test_a_stretch_is_the_same_sound_as_in_the_whole(tmp_path: Path) -> None:
    path = write_plain(tmp_path / "a.wav", noise(30.0)[None], RATE, "PCM_16")
    whole = audio.decode(path, None)
    part = audio.decode_range(path, 12.5, 15.0)
    assert np.array_equal(part.samples, whole.samples[:, round(12.5 * RATE) : 15 * RATE])
    with pytest.raises(RecordingError, match="outside"):
        audio.decode_range(path, 40.0, 41.0)


def test_long_recordings_lie_in_a_file_and_read_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_plain(tmp_path / "a.wav", np.stack([noise(40.0), noise(40.0, seed=1)]), RATE, "PCM_16")
    plain = audio.decode(path)
    monkeypatch.setattr("audit.audio.files.MEMORY_BYTES", 100_000)
    mapped = audio.decode(path)
    assert plain.mapped is None
    assert mapped.mapped is not None
    assert np.array_equal(plain.samples, mapped.samples)
    mapped.release()
    assert np.array_equal(plain.span(1, 3.0, 4.0), mapped.span(1, 3.0, 4.0))
    assert audio.channel_health(plain) == audio.channel_health(mapped)


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".ogg", ".opus", ".mp3"])
def test_written_sound_comes_back(tmp_path: Path, suffix: str) -> None:
    source = Audio(tone(2.0, channels=2), RATE)
    back = audio.decode(audio.write(tmp_path / f"a{suffix}", source))
    assert back.channels == 2
    assert back.duration_s == pytest.approx(2.0, abs=0.1)
    assert loudest_hz(back, 1) == pytest.approx(600, abs=10)


def test_a_failed_write_leaves_neither_file_nor_rest(tmp_path: Path) -> None:
    with pytest.raises(RecordingError):
        audio.write(tmp_path / "a.opus", Audio(tone(1.0, 11_111), 11_111))
    with pytest.raises(UsageError, match="not as"):
        audio.write(tmp_path / "a.doc", Audio(tone(1.0), RATE))
    assert list(tmp_path.iterdir()) == []


def test_cut_takes_the_samples_between() -> None:
    source = Audio(noise(10.0)[None], RATE)
    assert np.array_equal(audio.cut(source, 2.0, 3.0).samples, source.samples[:, 2 * RATE : 3 * RATE])
    assert audio.cut(source, -5.0, 99.0).duration_s == 10.0
    with pytest.raises(UsageError):
        audio.cut(source, 11.0, 12.0)


spans_strategy = st.lists(
    st.tuples(st.sampled_from([None, 0, 1]), st.floats(-1, 4), st.floats(-1, 4)), max_size=5
)


@settings(max_examples=50, deadline=None)
@given(spans=spans_strategy)
def test_bleep_keeps_the_length_and_touches_only_its_spans(
    spans: list[tuple[int | None, float, float]],
) -> None:
    source = Audio(np.stack([noise(3.0), noise(3.0, seed=5)]), RATE)
    before = source.samples.copy()
    out = audio.bleep(source, spans)
    assert out.samples.shape == before.shape
    assert np.array_equal(source.samples, before)
    touched = np.zeros(before.shape, bool)
    for channel, start, end in spans:
        if end > start:
            first, last = max(0, int(np.floor(start * RATE))), max(0, int(np.ceil(end * RATE)))
            touched[slice(None) if channel is None else channel, first:last] = True
    assert np.array_equal(out.samples[~touched], before[~touched])


def test_bleep_leaves_nothing_of_what_was_said() -> None:
    source = Audio(noise(2.0)[None], RATE)
    out = audio.bleep(source, [(0, 0.5, 1.5)])
    covered = out.samples[0, RATE // 2 : RATE * 3 // 2]
    again = audio.bleep(Audio(np.zeros((1, 2 * RATE), np.float32), RATE), [(0, 0.5, 1.5)])
    assert np.array_equal(covered, again.samples[0, RATE // 2 : RATE * 3 // 2])
    spectrum = np.abs(np.fft.rfft(covered))
    assert np.argmax(spectrum) == 1000


def test_dead_and_humming_channels_are_dead_and_quiet_speech_is_not() -> None:
    hum = 0.001 * np.sin(2 * np.pi * 50 * np.arange(20 * RATE) / RATE)
    quiet = speechlike(20.0, 3) * 0.02
    rows = np.stack([speechlike(20.0, 1), np.zeros(20 * RATE), hum, quiet, np.full(20 * RATE, 0.2)])
    health = audio.channel_health(Audio(rows.astype(np.float32), RATE))
    assert [c.dead for c in health.channels] == [False, True, True, False, True]
    assert health.live == (0, 3)
    assert any("channel 1 is dead" in note for note in health.notes)


@pytest.mark.parametrize("gain", [1.0, 0.5, -1.0])
def test_a_copy_is_recognised_also_when_louder_delayed_or_turned(gain: float) -> None:
    first = speechlike(30.0, 1)
    health = audio.channel_health(Audio(np.stack([first, gain * np.roll(first, 40)]), RATE))
    assert health.channels[1].duplicate_of == 0
    assert health.live == (0,)


def test_two_sides_are_neither_copies_nor_echoes() -> None:
    health = audio.channel_health(Audio(np.stack([speechlike(30.0, 1), speechlike(30.0, 77)]), RATE))
    assert [(c.duplicate_of, c.echo_of) for c in health.channels] == [(None, None)] * 2
    assert health.notes == ()


def test_echo_of_one_side_on_the_other_is_measured() -> None:
    first, second = speechlike(40.0, 1), speechlike(40.0, 77)
    second = second + 0.1 * np.roll(first, int(0.12 * RATE))
    health = audio.channel_health(Audio(np.stack([first, second.astype(np.float32)]), RATE))
    echo = health.channels[1]
    assert echo.echo_of == 0
    assert echo.echo_gain_db == pytest.approx(-20, abs=2)
    assert echo.echo_delay_s == pytest.approx(0.12, abs=0.01)
    assert health.channels[0].echo_of is None
    assert health.live == (0, 1)


def test_clipping_is_a_share_and_a_single_peak_is_none() -> None:
    clipped = np.clip(noise(10.0, 0.8), -0.9, 0.9)
    peak = noise(10.0, 0.05)
    peak[500] = 1.0
    health = audio.channel_health(Audio(np.stack([clipped, peak]), RATE))
    assert health.channels[0].clipped_share > 0.1
    assert health.channels[1].clipped_share == 0.0


def test_health_goes_into_json() -> None:
    import json

    plain = json.loads(json.dumps(audio.channel_health(Audio(tone(2.0, channels=2), RATE)).as_dict()))
    assert {"channels", "notes", "live"} == set(plain)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 500), length=st.integers(1, 3000))
def test_peaks_hold_lowest_and_highest_of_each_stretch(n: int, length: int) -> None:
    source = Audio(noise(0.2)[None, :length], RATE)
    outline = audio.peaks(source, n)
    assert outline.shape == (1, min(n, source.samples.shape[1]), 2)
    assert outline[..., 1].max() == source.samples.max()
    assert outline[..., 0].min() == source.samples.min()
    assert (outline[..., 0] <= outline[..., 1]).all()


DEV = [
    ("Auto_Repairs_40_agent.wav", 245.38), ("en_jfk_16k.wav", 11.0), ("en_stereo_two_speakers.wav", 5.0),
    ("pydub__test-192khz-32bit.flac", 6.96), ("pydub__test-dc_offset.wav", 10.0), ("pydub__test3.mp3", 8.3),
    ("silence_empty_1s.wav", 1.0), ("sr__audio-mono-16-bit-44100Hz.aiff", 2.74),
    ("sr__audio-mono-32-bit-44100Hz.wav", 2.74), ("tones_overlap.wav", 6.0),
]  # fmt: skip


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared development recordings are not beside this clone")
@pytest.mark.parametrize(("name", "duration_s"), DEV)
def test_odd_recordings_of_others(name: str, duration_s: float) -> None:
    assert audio.probe(SHARED / name).duration_s == pytest.approx(duration_s, abs=0.3)
    assert audio.decode(SHARED / name).duration_s == pytest.approx(duration_s, abs=0.3)


def test_importing_the_room_is_cheap() -> None:
    import subprocess
    import sys

    code = (
        "import sys, audit.audio; print([m for m in ('av','soundfile','soxr','torch') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
