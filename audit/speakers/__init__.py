"""Channels' segments -> a transcript of turns whose agent is known, with evidence and confidence."""

from __future__ import annotations

from audit.speakers.assemble import assemble, swap_roles
from audit.speakers.measures import measures
from audit.speakers.roles import Leaning, leaning

__all__ = ["Leaning", "assemble", "leaning", "measures", "swap_roles"]
