"""Trains the mini Whisper checkpoint on the sample's synthetic speech and writes it in openai-whisper's format.

    nice python scripts/train_mini.py [--minutes 26] [--work build/mini] [--out audit/sample/model/mini-whisper.pt]

Needs what make_sample.py needs. CPU only. What makes a checkpoint this small work: the exact softmax over all
51,865 tokens costs a few hundred rows (all unused tokens share one row, whose logit gets + log of their number);
windows are padded with 0.0 in the log-mel domain, as `whisper.transcribe` does; the last decoder layer's
cross-attention, from which Whisper reads word times, is taught the synthesiser's own word times; an auxiliary
reading of every encoder frame, thrown away afterwards, makes it learn in minutes.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
import zipfile
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 (its customary name)
from mini_data import Regions, Vocabulary, cached_pool
from torch import Tensor, nn
from torch.utils.data import DataLoader
from whisper.model import ModelDimensions, MultiHeadAttention, Whisper

STATE, HEADS, LAYERS = 96, 4, 2
FULL_VOCABULARY = 51865
_SCRAMBLED = 3000
_RATE_PEAK, _RATE_END = 2.5e-3, 5e-5
_LOOK_WEIGHT, _ECHO_WEIGHT, _FRAME_WEIGHT = 0.35, 0.1, 0.4
_ECHO_HEADS = 2
_STAGES = ((0.4, 0.01, 3500), (0.65, 0.02, 6000), (0.85, 0.25, 9000), (1.0, 0.45, 9000))
"""(until this share of the time, share of batches at the full 30 s, encoder frames in a batch)."""


def dimensions(vocabulary: int) -> ModelDimensions:
    return ModelDimensions(80, 1500, STATE, HEADS, LAYERS, vocabulary, 448, STATE, HEADS, LAYERS)


def _split(attention: MultiHeadAttention, x: Tensor) -> Tensor:
    return x.view(*x.shape[:2], attention.n_head, -1).transpose(1, 2)


def _attend(attention: MultiHeadAttention, x: Tensor, causal: bool) -> Tensor:
    q, k, v = (_split(attention, part(x)) for part in (attention.query, attention.key, attention.value))
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return attention.out(mixed.transpose(1, 2).flatten(2))


def _attend_across(attention: MultiHeadAttention, x: Tensor, sound: Tensor) -> tuple[Tensor, Tensor]:
    """As whisper's own, but gives the log attention (batch, head, token, frame) with its gradient."""
    q, k = _split(attention, attention.query(x)), _split(attention, attention.key(sound))
    v = _split(attention, attention.value(sound))
    logs = F.log_softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), dim=-1)
    return attention.out((logs.exp() @ v).transpose(1, 2).flatten(2)), logs


class Learner(nn.Module):
    """The stock Whisper modules over the compact vocabulary, with attention that can be taught."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.model = Whisper(dimensions(len(vocabulary.ids) + 1))
        self.rest_log = math.log(FULL_VOCABULARY - len(vocabulary.ids))
        self.frame_reader = nn.Linear(STATE, vocabulary.rest + 1)
        nn.init.normal_(self.model.decoder.positional_embedding, std=0.02)
        nn.init.normal_(self.model.decoder.token_embedding.weight, std=0.06)

    def hear(self, mel: Tensor) -> Tensor:
        encoder = self.model.encoder
        x = F.gelu(encoder.conv2(F.gelu(encoder.conv1(mel)))).transpose(1, 2)
        x = x + encoder.positional_embedding[: x.shape[1]]
        for block in encoder.blocks:
            x = x + _attend(block.attn, block.attn_ln(x), causal=False)
            x = x + block.mlp(block.mlp_ln(x))
        return encoder.ln_post(x)

    def forward(self, mel: Tensor, tokens: Tensor) -> tuple[Tensor, list[Tensor], Tensor]:
        """Logits over the compact vocabulary, log attention of each layer, logits of each frame."""
        sound = self.hear(mel)
        decoder = self.model.decoder
        x = decoder.token_embedding(tokens) + decoder.positional_embedding[: tokens.shape[1]]
        looks = []
        for block in decoder.blocks:
            x = x + _attend(block.attn, block.attn_ln(x), causal=True)
            mixed, logs = _attend_across(block.cross_attn, block.cross_attn_ln(x), sound)
            x = x + mixed
            x = x + block.mlp(block.mlp_ln(x))
            looks.append(logs)
        logits = decoder.ln(x) @ decoder.token_embedding.weight.T
        logits = torch.cat([logits[..., :-1], logits[..., -1:] + self.rest_log], dim=-1)
        return logits, looks, self.frame_reader(sound)


def _token_loss(logits: Tensor, targets: Tensor, first_stamp: int) -> Tensor:
    """Cross-entropy; a timestamp's neighbours within 0.06 s share its weight."""
    judged = targets >= 0
    logs = F.log_softmax(logits[judged], dim=-1)
    wanted = targets[judged]
    stamped = (wanted >= first_stamp) & (wanted < logits.shape[-1] - 1)
    loss = -logs.gather(1, wanted[:, None])[:, 0]
    near = torch.arange(-3, 4)
    weights = torch.exp(-0.5 * (near / 1.2) ** 2)
    rows = wanted[stamped][:, None] + near
    rows = rows.clamp(first_stamp, logits.shape[-1] - 2)
    soft = -(logs[stamped].gather(1, rows) * (weights / weights.sum())).sum(1)
    return (loss[~stamped].sum() + soft.sum()) / len(wanted)


def _look_loss(logs: Tensor, looks: Tensor) -> Tensor:
    """Cross-entropy of attention (batch, head, token, frame) to an even spread over each token's frames."""
    frame = torch.arange(logs.shape[-1])
    inside = (frame >= looks[..., :1]) & (frame < looks[..., 1:])
    count = inside.sum(-1)
    judged = count > 0
    picked = logs.masked_fill(~inside[:, None], 0.0).sum(-1) / count.clamp(min=1)[:, None]
    return -(picked * judged[:, None]).sum() / (judged.sum().clamp(min=1) * logs.shape[1])


def loss_of(learner: Learner, batch: tuple[Tensor, ...], first_stamp: int) -> tuple[Tensor, list[float]]:
    mel, tokens, targets, looks, frames = batch
    logits, attention, heard = learner(mel, tokens)
    said = _token_loss(logits, targets, first_stamp)
    look = _look_loss(attention[-1], looks)
    # the first layer finds the place of the word just written: where the last layer looks one token earlier
    earlier = torch.cat([torch.zeros_like(looks[:, :1]), looks[:, :-1]], dim=1)
    echo = _look_loss(attention[0][:, :_ECHO_HEADS], earlier)
    frame = F.cross_entropy(heard.flatten(0, 1), frames.flatten())
    total = said + _LOOK_WEIGHT * look + _ECHO_WEIGHT * echo + _FRAME_WEIGHT * frame
    return total, [said.item(), look.item(), echo.item(), frame.item()]


def export(learner: Learner, vocabulary: Vocabulary, path: Path) -> None:
    """openai-whisper's own file, half precision; its records are deflated (torch.load reads that)."""
    state = {name: value.half() for name, value in learner.model.state_dict().items()}
    compact = state["decoder.token_embedding.weight"]
    full = compact[-1].repeat(FULL_VOCABULARY, 1)
    full[torch.tensor(vocabulary.ids)] = compact[:-1]
    state["decoder.token_embedding.weight"] = full
    dims = dict(vars(dimensions(FULL_VOCABULARY)))
    plain = path.with_suffix(".plain")
    torch.save({"dims": dims, "model_state_dict": state}, plain)
    part = path.with_suffix(".part")
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        for item in source.infolist():
            # one fixed date: equal weights give an equal file
            entry = zipfile.ZipInfo(item.filename, (2026, 1, 1, 0, 0, 0))
            target.writestr(entry, source.read(item), zipfile.ZIP_DEFLATED)
    plain.unlink()
    part.replace(path)


def _rate(peak: float, progress: float, step: int) -> float:
    warm = min(1.0, (step + 1) / 60)
    return warm * (_RATE_END + (peak - _RATE_END) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))


def train(
    learner: Learner, vocabulary: Vocabulary, pool: tuple, minutes: float, peak: float, work: Path
) -> Learner:  # type: ignore[type-arg]
    """Trains for the time given; returns the running mean of the weights."""
    optimizer = torch.optim.AdamW(learner.parameters(), lr=_RATE_PEAK, betas=(0.9, 0.98), weight_decay=0.01)
    mean = copy.deepcopy(learner)
    began, step, shown = time.time(), 0, [0.0] * 4
    for until, full_share, size in _STAGES:
        regions = Regions(*pool, vocabulary, full_share, size, seed=int(until * 100))
        loader = iter(DataLoader(regions, batch_size=None, num_workers=1))
        while (progress := (time.time() - began) / (60 * minutes)) < until:
            for group in optimizer.param_groups:
                group["lr"] = _rate(peak, progress, step)
            total, parts = loss_of(learner, next(loader), vocabulary.first_stamp)
            optimizer.zero_grad()
            total.backward()
            nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
            optimizer.step()
            keep = min(0.998, step / (step + 50))
            with torch.no_grad():
                for slow, fast in zip(mean.parameters(), learner.parameters(), strict=True):
                    slow.lerp_(fast, 1 - keep)
            shown = [0.97 * a + 0.03 * b for a, b in zip(shown, parts, strict=True)] if step else parts
            step += 1
            if step % 50 == 0:
                print(f"{progress:5.1%} step {step} " + " ".join(f"{x:.3f}" for x in shown), flush=True)
            if step % 250 == 0:
                export(mean, vocabulary, work / "mini-whisper.pt")
                torch.save(mean.state_dict(), work / "learner.pt")
    torch.save(mean.state_dict(), work / "learner.pt")
    return mean


def main() -> None:
    home = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=26)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sample", type=Path, default=home / "audit" / "sample")
    parser.add_argument("--work", type=Path, default=Path("build") / "mini", help="pool and states between")
    parser.add_argument("--start", type=Path, help="a learner.pt to go on from")
    parser.add_argument("--rate", type=float, default=_RATE_PEAK, help="highest learning rate")
    parser.add_argument("--out", type=Path, default=home / "audit" / "sample" / "model" / "mini-whisper.pt")
    arguments = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    arguments.work.mkdir(parents=True, exist_ok=True)
    pool = cached_pool(arguments.sample, arguments.work / "pool.pickle", _SCRAMBLED)
    vocabulary = Vocabulary(pool[0] + pool[1])
    learner = Learner(vocabulary)
    if arguments.start:
        learner.load_state_dict(torch.load(arguments.start, weights_only=True))
    learner = train(learner, vocabulary, pool, arguments.minutes, arguments.rate, arguments.work)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    export(learner, vocabulary, arguments.out)


if __name__ == "__main__":
    main()
