"""Training material of the mini checkpoint: speech with the time of every token, cut into regions, made worse.

`build_pool` synthesises what the sample's voices say (the sample's own utterances from its recordings, the same
texts in other voices, and recombined texts); `Regions` turns it into endless batches as `speech` would decode
them: one region at a time, mostly one utterance, at times two, a cut one, silence or tones.
"""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
import synth
import torch
from make_sample import hold_tones
from sample_calls import AGENT, CALLS, HOLD, VOICES
from synth import RATE_HZ, Voice
from torch.utils.data import IterableDataset
from whisper.audio import log_mel_spectrogram
from whisper.tokenizer import get_tokenizer

FRAME_S = 0.02
CONTEXT_FRAMES = 1500
TIMESTAMPS = 751
"""Timestamp tokens in use: 0.00 to 15.00 s."""

WRITTEN = str.maketrans("，？！", ",?!")
"""Whisper writes these marks half-width in Mandarin; its tokens for the wide ones are three bytes each."""

Words = tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Item:
    """One utterance at 8 kHz (float16) with its word times in seconds of the samples."""

    language: str
    samples: np.ndarray
    words: Words


def sample_items(folder: Path) -> list[Item]:
    """The utterances as they lie in the shipped recordings, 0.6 s of their surroundings kept where quiet."""
    items = []
    for call in CALLS:
        sound, rate_hz = sf.read(folder / "recordings" / call.recording, dtype="float32", always_2d=True)
        assert rate_hz == RATE_HZ
        told = json.loads((folder / "reference" / f"{call.stem}.json").read_text(encoding="utf-8"))
        for said in told["utterances"]:
            channel = 0
            if call.agent_channel is not None:
                channel = call.agent_channel if said["speaker"] == AGENT else 1 - call.agent_channel
            first, last = round(said["start"] * RATE_HZ), round(said["end"] * RATE_HZ)
            words = tuple(
                (w["text"], w["start"] - said["start"], w["end"] - said["start"]) for w in said["words"]
            )
            items.append(Item(call.language, sound[first:last, channel].astype(np.float16), words))
    return items


def _clauses(text: str) -> list[str]:
    """Pieces that end at a punctuation mark, the mark kept."""
    pieces, piece = [], ""
    for char in text:
        piece += char
        if char in synth.PUNCTUATION and not piece.strip().endswith(("Mr.", "Dr.")):
            pieces.append(piece.strip())
            piece = ""
    return [*pieces, piece.strip()] if piece.strip() else pieces


def _scrambled(texts: list[str], chance: random.Random) -> str:
    """A sentence that nobody says: pieces of several sentences in a new order."""
    english = texts[0].isascii()
    if chance.random() < 0.5:
        parts = [chance.choice(_clauses(chance.choice(texts))) for _ in range(chance.randint(1, 3))]
        return " ".join(parts) if english else "".join(parts)
    out: list[str] = []
    for _ in range(chance.randint(2, 4)):
        words = synth.split_words(chance.choice(texts))
        words = [word.rstrip(synth.PUNCTUATION.replace(".", "")).removesuffix(".") or word for word in words]
        words = ["Mr." if word == "Mr" else word for word in words]
        first = chance.randrange(len(words))
        out += words[first : first + chance.randint(1, 4)]
    return (" " if english else "").join(out) + ("." if english else "。")


def _varied(voice: Voice, chance: random.Random) -> Voice:
    if voice.engine == "flite":
        return replace(voice, shift=voice.shift * chance.uniform(0.96, 1.04))
    return replace(
        voice, rate=voice.rate + chance.randint(-14, 14), pitch=voice.pitch + chance.randint(-5, 5)
    )


def _task(task: tuple[str, str, int]) -> Item | None:
    text, voice, seed = task
    language = "en" if text.isascii() else "zh"
    try:
        spoken = synth.say(text, _varied(VOICES[voice], random.Random(seed)))
    except SystemExit:  # a scrambled text that the synthesiser reads as fewer syllables
        return None
    return Item(language, spoken.samples.astype(np.float16), spoken.words)


def build_pool(folder: Path, scrambled: int, seed: int = 1) -> tuple[list[Item], list[Item]]:
    """(utterances of the recordings, synthesised variants)."""
    from multiprocessing import Pool

    chance = random.Random(seed)
    texts = {
        language: sorted(
            {text for call in CALLS if call.language == language for who, text in call.lines if who != HOLD}
        )
        for language in ("zh", "en")
    }
    voices = {
        "zh": [name for name, voice in VOICES.items() if voice.engine == "espeak"],
        "en": [name for name, voice in VOICES.items() if voice.engine == "flite"],
    }
    tasks = [
        (text, voice, chance.randrange(10**6))
        for language, own in texts.items()
        for text in own
        for voice in chance.sample(voices[language], 4)
    ]
    for index in range(scrambled):
        language = "zh" if index % 3 else "en"
        voice = chance.choice(voices[language])
        tasks.append((_scrambled(texts[language], chance), voice, chance.randrange(10**6)))
    with Pool(2) as workers:
        made = [item for item in workers.imap(_task, tasks, chunksize=16) if item is not None]
    return sample_items(folder), [item for item in made if len(item.samples) < 11 * RATE_HZ]


def cached_pool(folder: Path, cache: Path, scrambled: int) -> tuple[list[Item], list[Item]]:
    if not cache.exists():
        cache.write_bytes(pickle.dumps(build_pool(folder, scrambled)))
    own, made = pickle.loads(cache.read_bytes())
    return own, made


class Vocabulary:
    """Which of Whisper's 51,865 tokens are in use; all others share one row, the last."""

    def __init__(self, items: list[Item]) -> None:
        self.tokenizer = get_tokenizer(True, num_languages=99, language="zh", task="transcribe")
        special = self.tokenizer.special_tokens
        self.languages = {"zh": special["<|zh|>"], "en": special["<|en|>"]}
        used: set[int] = set()
        for item in items:
            used.update(token for token, _, _ in self.timed_tokens(item.language, item.words))
        fixed = [
            self.tokenizer.sot,
            self.tokenizer.eot,
            self.tokenizer.transcribe,
            self.tokenizer.no_speech,
            self.tokenizer.no_timestamps,
            self.tokenizer.sot_prev,
            *self.languages.values(),
        ]
        stamps = range(self.tokenizer.timestamp_begin, self.tokenizer.timestamp_begin + TIMESTAMPS)
        self.ids = sorted(used) + fixed + list(stamps)
        self.place = {token: index for index, token in enumerate(self.ids)}
        self.first_stamp = self.place[self.tokenizer.timestamp_begin]
        self.rest = len(self.ids)

    def covers(self, language: str, words: Words) -> bool:
        """Whether every token of these words is in use (a cut can fall inside a token)."""
        return all(token in self.place for token, _, _ in self.timed_tokens(language, words))

    def timed_tokens(self, language: str, words: Words) -> list[tuple[int, float, float]]:
        """(token id, start_s, end_s): the times of words shared out over their bytes; a mark owns the pause."""
        text = " " + " ".join(w for w, _, _ in words) if language == "en" else "".join(w for w, _, _ in words)
        text = text.translate(WRITTEN)
        edge: list[float] = []  # the time at which each byte begins
        for index, (word, start_s, end_s) in enumerate(words):
            body = word.rstrip(synth.PUNCTUATION) or word
            marks = word[len(body) :].translate(WRITTEN)
            after_s = words[index + 1][1] if index + 1 < len(words) else end_s + 0.12
            if language == "en":
                edge.append(start_s)
            count = len(body.encode())
            edge += list(np.linspace(start_s, end_s, count, endpoint=False))
            edge += list(np.linspace(end_s, max(after_s, end_s + 0.02), len(marks.encode()), endpoint=False))
            last_s = max(after_s, end_s) if marks else end_s
        edge.append(last_s)
        timed, at = [], 0
        for token in self.tokenizer.encode(text):
            length = len(self.tokenizer.encoding.decode_single_token_bytes(token))
            timed.append((token, edge[at], edge[at + length]))
            at += length
        return timed


@dataclass(frozen=True)
class Example:
    """One decoded region: mel (80, 2 x frames), tokens in (compact), targets (compact, -1 = not judged) and for
    each position the frames to look at ((0, 0) = free), for each encoder frame the token spoken (or -1)."""

    mel: torch.Tensor
    tokens: list[int]
    targets: list[int]
    looks: list[tuple[int, int]]
    frames: np.ndarray
    silent_padding: bool


class Regions(IterableDataset):  # type: ignore[type-arg]
    """Endless batches; a batch is (mel, tokens, targets, looks, frames, context)."""

    def __init__(
        self,
        own: list[Item],
        made: list[Item],
        vocabulary: Vocabulary,
        full_share: float,
        size: int,
        seed: int,
    ) -> None:
        self.own, self.made, self.vocabulary = own, made, vocabulary
        self.full_share, self.size, self.seed = full_share, size, seed
        self.chance = random.Random(seed)
        self.noise = np.random.default_rng(seed)

    def _pick(self) -> Item:
        return self.chance.choice(self.own if self.chance.random() < 0.5 else self.made)

    def _cut(self, item: Item) -> tuple[np.ndarray, Words]:
        """The utterance, at times only a stretch of its words."""
        samples, words = item.samples.astype(np.float32), item.words
        if self.chance.random() < 0.15 and len(words) > 4:
            first = self.chance.randrange(len(words) - 2)
            last = self.chance.randint(first + 1, len(words) - 1)
            begin_s, end_s = words[first][1], words[last][2]
            if not self.vocabulary.covers(item.language, words[first : last + 1]):
                return samples, words
            samples = samples[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)]
            words = tuple((w, a - begin_s, b - begin_s) for w, a, b in words[first : last + 1])
        return samples, words

    def _region(self) -> tuple[str, np.ndarray, list[Words]]:
        """(language, samples at 8 kHz, words of each utterance)."""
        first = self._pick()
        parts = [self._cut(first)]
        if self.chance.random() < 0.12 and len(first.samples) < 6 * RATE_HZ:
            other = self._pick()
            if other.language == first.language and len(other.samples) < 6 * RATE_HZ:
                parts.append(self._cut(other))
        lead_s = (
            max(0.0, self.chance.gauss(0.2, 0.1))
            if self.chance.random() < 0.8
            else self.chance.uniform(0, 0.6)
        )
        pieces: list[np.ndarray] = [np.zeros(round(lead_s * RATE_HZ), np.float32)]
        clock_s = len(pieces[0]) / RATE_HZ
        told: list[Words] = []
        for samples, words in parts:
            told.append(tuple((w, a + clock_s, b + clock_s) for w, a, b in words))
            gap = np.zeros(round(self.chance.uniform(0.15, 0.7) * RATE_HZ), np.float32)
            pieces += [samples, gap]
            clock_s += (len(samples) + len(gap)) / RATE_HZ
        pieces[-1] = np.zeros(round(abs(self.chance.gauss(0.22, 0.12)) * RATE_HZ), np.float32)
        sound = np.concatenate(pieces)
        if self.chance.random() < 0.12:  # a late start or early end inside the sound
            sound, told = self._shave(sound, told)
        return first.language, sound, told

    def _shave(self, sound: np.ndarray, told: list[Words]) -> tuple[np.ndarray, list[Words]]:
        begin_s = told[0][0][1] + self.chance.uniform(-0.05, 0.12)
        end_s = told[-1][-1][2] - self.chance.uniform(-0.05, 0.1)
        begin_s = max(0.0, begin_s)
        length_s = end_s - begin_s
        if length_s < 0.4:
            return sound, told
        moved = [
            tuple((w, max(0.0, a - begin_s), min(length_s, max(b - begin_s, 0.02))) for w, a, b in words)
            for words in told
        ]
        return sound[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)], moved

    def _nothing(self) -> np.ndarray:
        """Silence, hiss, hold music, ringing, keys: sound without a word."""
        length_s = self.chance.uniform(0.3, 8.0)
        time = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
        kind = self.chance.randrange(6)
        if kind == 0:
            return np.zeros(len(time), np.float32)
        if kind == 1:
            return self.noise.normal(0, 10 ** self.chance.uniform(-5, -1.3), len(time)).astype(np.float32)
        if kind == 2:
            return hold_tones(length_s)
        if kind == 3:
            on = (time % self.chance.uniform(1, 5)) < self.chance.uniform(0.3, 2)
            both = np.sin(2 * np.pi * self.chance.choice((400, 425, 440, 480)) * time)
            return (0.15 * on * both).astype(np.float32)
        if kind == 4:
            low, high = self.chance.choice((697, 770, 852, 941)), self.chance.choice((1209, 1336, 1477))
            on = (time % 0.35) < 0.15
            return (0.1 * on * (np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time))).astype(
                np.float32
            )
        glide = np.cumsum(2 * np.pi * (self.chance.uniform(200, 900) + 120 * np.sin(time)) / RATE_HZ)
        return (self.chance.uniform(0.02, 0.3) * np.sin(glide)).astype(np.float32)

    def _mel(self, sound: np.ndarray) -> torch.Tensor:
        """Line noise, gain, sometimes mu-law, to 16 kHz, Whisper's log-mel."""
        sound = sound * np.float32(10 ** (self.chance.gauss(0, 3.0) / 20))
        level = 10 ** self.chance.uniform(-5.0, -2.6) if self.chance.random() < 0.5 else 6e-5
        sound = sound + self.noise.normal(0, level, len(sound)).astype(np.float32)
        if self.chance.random() < 0.15:
            folded = np.sign(sound) * np.log1p(255 * np.minimum(np.abs(sound), 1)) / np.log(256)
            folded = np.round(folded * 128) / 128
            sound = np.sign(folded) * (256 ** np.abs(folded) - 1) / 255
        wide = soxr.resample(np.clip(sound, -1, 1).astype(np.float32), RATE_HZ, 16000)
        if self.chance.random() < 0.3:  # another resampler's leftovers above 4 kHz
            wide = wide + self.noise.normal(0, 10 ** self.chance.uniform(-5.5, -3.5), len(wide)).astype(
                np.float32
            )
        mel = log_mel_spectrogram(np.ascontiguousarray(wide, np.float32), padding=8000)
        return mel[:, : len(wide) // 160 // 2 * 2]

    def example(self) -> Example:
        silent_padding = self.chance.random() < 0.2
        if self.chance.random() < 0.08:
            return self._silent_example(silent_padding)
        language, sound, told = self._region()
        mel = self._mel(sound)
        tokens, targets, looks, frames = self._sequence(language, told, mel.shape[1] // 2)
        return Example(mel, tokens, targets, looks, frames, silent_padding)

    def _silent_example(self, silent_padding: bool) -> Example:
        vocabulary, tok = self.vocabulary, self.vocabulary.tokenizer
        mel = self._mel(self._nothing())
        place = vocabulary.place
        language = self.chance.choice(list(vocabulary.languages.values()))
        tokens = [place[tok.sot], place[language], place[tok.transcribe], vocabulary.first_stamp]
        targets = [place[tok.no_speech], -1, vocabulary.first_stamp, place[tok.eot]]
        frames = np.full(mel.shape[1] // 2, vocabulary.rest)
        return Example(mel, tokens, targets, [(0, 0)] * 4, frames, silent_padding)

    def _sequence(
        self, language: str, told: list[Words], frame_count: int
    ) -> tuple[list[int], list[int], list[tuple[int, int]], np.ndarray]:
        vocabulary, tok = self.vocabulary, self.vocabulary.tokenizer
        place = vocabulary.place
        stamped = self.chance.random() < 0.6
        frames = np.full(frame_count, vocabulary.rest)
        body: list[tuple[int, float, float]] = []  # compact token, look from, look to
        for words in told:
            timed = vocabulary.timed_tokens(language, words)
            start_s, end_s = words[0][1], words[-1][2]
            if stamped:
                body.append((self._stamp(start_s), start_s - 0.06, start_s + 0.06))
            body += [(place[token], a, b) for token, a, b in timed]
            if stamped:
                body.append((self._stamp(end_s), end_s - 0.02, end_s + 0.12))
            for token, a, b in timed:
                low, high = self._frames(a, b, frame_count)
                frames[low:high] = place[token]
        stop_s = told[-1][-1][2]
        body.append((place[tok.eot], stop_s + 0.06, stop_s + 0.26))
        head = [place[tok.sot], place[vocabulary.languages[language]], place[tok.transcribe]]
        head += [] if stamped else [place[tok.no_timestamps]]
        head_targets = [head[1], -1] + ([] if stamped else [-1])
        tokens = head + [token for token, _, _ in body[:-1]]
        targets = head_targets + [token for token, _, _ in body]
        looks = [(0, 0)] * len(head_targets) + [self._frames(a, b, frame_count) for _, a, b in body]
        tokens = self._disturbed(tokens, len(head))
        if self.chance.random() < 0.05:
            tokens, targets, looks = self._prompted(tokens, targets, looks)
        return tokens, targets, looks, frames

    def _stamp(self, at_s: float) -> int:
        return self.vocabulary.first_stamp + min(TIMESTAMPS - 1, max(0, round(at_s / FRAME_S)))

    @staticmethod
    def _frames(start_s: float, end_s: float, count: int) -> tuple[int, int]:
        low = min(max(0, round(start_s / FRAME_S)), count - 1)
        return low, min(count, max(low + 1, round(end_s / FRAME_S)))

    def _disturbed(self, tokens: list[int], head: int) -> list[int]:
        """Some words already written are wrong: the next must come from the sound, not from memory."""
        share = self.chance.choice((0.0, 0.0, 0.1, 0.25))
        first_fixed = self.vocabulary.place[self.vocabulary.tokenizer.sot]
        return [
            self.chance.randrange(first_fixed)
            if at >= head and token < first_fixed and self.chance.random() < share
            else token
            for at, token in enumerate(tokens)
        ]

    def _prompted(
        self, tokens: list[int], targets: list[int], looks: list[tuple[int, int]]
    ) -> tuple[list[int], list[int], list[tuple[int, int]]]:
        item = self.chance.choice(self.own)
        before = [
            self.vocabulary.place[t] for t, _, _ in self.vocabulary.timed_tokens(item.language, item.words)
        ]
        before = [self.vocabulary.place[self.vocabulary.tokenizer.sot_prev], *before]
        return before + tokens, [-1] * len(before) + targets, [(0, 0)] * len(before) + looks

    def __iter__(self) -> Iterator[tuple[torch.Tensor, ...]]:
        worker = torch.utils.data.get_worker_info()
        number = self.seed * 100 + (worker.id if worker else 0)
        self.chance, self.noise = random.Random(number), np.random.default_rng(number)
        torch.set_num_threads(1)
        while True:
            drawn = sorted((self.example() for _ in range(96)), key=lambda e: e.mel.shape[1])
            batches, batch = [], []
            for example in drawn:
                batch.append(example)
                if len(batch) * (example.mel.shape[1] // 2 + 60) > self.size:
                    batches.append(batch)
                    batch = []
            batches.append(batch) if batch else None
            self.chance.shuffle(batches)
            for batch in batches:
                if self.chance.random() < self.full_share:
                    yield collate(
                        self.chance.sample(batch, min(6, len(batch))), self.vocabulary.rest, CONTEXT_FRAMES
                    )
                else:
                    longest = max(e.mel.shape[1] // 2 for e in batch)
                    yield collate(
                        batch,
                        self.vocabulary.rest,
                        min(CONTEXT_FRAMES, longest + self.chance.randint(10, 110)),
                    )


def collate(batch: list[Example], rest: int, context: int) -> tuple[torch.Tensor, ...]:
    """Pads the mel with 0.0 as `whisper.transcribe` does, at times with silence as its language check does."""
    length = max(len(e.tokens) for e in batch)
    mel = torch.zeros(len(batch), 80, context * 2)
    tokens = torch.full((len(batch), length), rest)
    targets = torch.full((len(batch), length), -1)
    looks = torch.zeros(len(batch), length, 2, dtype=torch.long)
    frames = torch.full((len(batch), context), rest)
    for row, example in enumerate(batch):
        width = example.mel.shape[1]
        if example.silent_padding:
            mel[row] = example.mel.min()
        mel[row, :, :width] = example.mel
        tokens[row, : len(example.tokens)] = torch.tensor(example.tokens)
        targets[row, : len(example.targets)] = torch.tensor(example.targets)
        looks[row, : len(example.looks)] = torch.tensor(example.looks)
        frames[row, : width // 2] = torch.from_numpy(example.frames)
    return mel, tokens, targets, looks, frames
