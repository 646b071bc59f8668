"""Whisper's attention laid out for a processor: the same sums, in an order that its caches and bfloat16 units like.

PyTorch's fused attention on CPUs gains nothing from bfloat16 and reads keys that lie strided; here the encoder
multiplies head by head, and the decoder's keys and values of the sound are kept head by head.
"""

from __future__ import annotations

from types import MethodType
from typing import Any


def encode(encoder: Any, mel: Any, kind: Any) -> Any:
    """Whisper's encoder over as many frames as there are, which its own forward refuses; (1, frames / 2, state).

    `kind` is the type its weights and sums have; in bfloat16 attention goes head by head.
    """
    import torch
    import torch.nn.functional as functional

    x = functional.gelu(encoder.conv2(functional.gelu(encoder.conv1(mel.to(kind))))).permute(0, 2, 1)
    x = (x + encoder.positional_embedding[: x.shape[1]]).to(x.dtype)
    apart = kind == torch.bfloat16 and len(mel) == 1 and mel.device.type == "cpu"
    for block in encoder.blocks:
        x = _block(block, x) if apart else block(x)
    return encoder.ln_post(x)


def _block(block: Any, x: Any) -> Any:
    """One residual block, its self-attention head by head."""
    attention, normed = block.attn, block.attn_ln(x)
    mixed = _by_heads(
        attention.query(normed), attention.key(normed), attention.value(normed), attention.n_head
    )
    x = x + attention.out(mixed)
    return x + block.mlp(block.mlp_ln(x))


def _by_heads(query: Any, key: Any, value: Any, heads: int) -> Any:
    """Attention of one window (1, n, state), a head at a time: its table of weights then stays in the cache."""
    import torch

    count, state = query.shape[1:]
    width = state // heads
    q, k, v = (
        part.view(count, heads, width).transpose(0, 1).contiguous()
        for part in (query * width**-0.5, key, value)
    )
    mixed = torch.empty_like(q)
    for head in range(heads):
        torch.matmul(torch.softmax(q[head] @ k[head].T, -1), v[head], out=mixed[head])
    return mixed.transpose(0, 1).reshape(1, count, state)


def keep_heads_apart(model: Any) -> None:
    """Keys and values that the decoder makes of the sound once a window lie head by head from then on, in place."""
    for block in model.decoder.blocks:
        cross = block.cross_attn
        cross.key = _split(cross.key, cross.n_head)
        cross.value = _split(cross.value, cross.n_head)
        cross.qkv_attention = MethodType(_attend, cross)


def _split(linear: Any, heads: int) -> Any:
    """The layer with its output as (windows, heads, frames, width), contiguous."""
    import torch

    class Split(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = linear

        def forward(self, x: Any) -> Any:
            out = self.inner(x)
            return out.view(*out.shape[:2], heads, -1).permute(0, 2, 1, 3).contiguous()

    return Split()


def _attend(self: Any, q: Any, k: Any, v: Any, mask: Any = None) -> tuple[Any, Any]:
    """Whisper's `qkv_attention` over keys and values that lie head by head; `mask` is never given here."""
    import torch
    import torch.nn.functional as functional
    from whisper.model import SDPA_AVAILABLE, MultiHeadAttention

    q = q.view(*q.shape[:2], self.n_head, -1).permute(0, 2, 1, 3)
    if SDPA_AVAILABLE and MultiHeadAttention.use_sdpa:
        mixed, weights = functional.scaled_dot_product_attention(q.contiguous(), k, v), None
    else:
        weights = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        mixed = torch.softmax(weights.float(), dim=-1).to(q.dtype) @ v
    return mixed.permute(0, 2, 1, 3).flatten(start_dim=2), weights
