"""Rules over conversations: phrases, clauses and exceptions of a pack -> findings with evidence."""

from __future__ import annotations

from audit.rules.judge import Judge

__all__ = ["Judge"]
