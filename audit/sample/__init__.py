"""Where the shipped sample lies: recordings, call log, planted findings, mini Whisper checkpoint.

Everything here is synthetic (see README.md beside this file). Nothing is read on import.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CALLS = FOLDER / "calls.csv"
RECORDINGS = FOLDER / "recordings"
REFERENCE = FOLDER / "reference"
"""Contract transcripts with word times, one a recording, same stem: for measuring error, never fed to a run."""
EXPECTED = FOLDER / "expected.jsonl"
"""What must be found: call_id, category, decision (breach | undecided | noted)."""
TOLERATED = FOLDER / "tolerated.jsonl"
"""(call_id, category) pairs that are neither required nor wrong."""
CLEAN = FOLDER / "clean.json"
"""call_ids with a recording in which nothing may be held against the agent."""
MODEL = FOLDER / "model" / "mini-whisper.pt"
"""A Whisper checkpoint that knows the sample's voices and nothing else (model/README.md)."""
