"""What other tools write -> turns: our own JSON, Whisper, WhisperX, Amazon Transcribe, WebVTT, SRT."""

from __future__ import annotations

from audit.transcripts.read import read, read_text

__all__ = ["read", "read_text"]
