"""The player of a case: wave, transcript and findings in step, driven by keys, without a rerun while listening."""

from __future__ import annotations

from audit.screens.player.mount import play

__all__ = ["play"]
