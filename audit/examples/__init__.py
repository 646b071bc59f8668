"""Tests a pack by the examples in its own files: verdicts, clause coverage, noise, quiet corpus."""

from __future__ import annotations

from audit.examples.coverage import Uncovered, run_coverage
from audit.examples.exercise import Exercised, run_exercise
from audit.examples.noise import NoiseReport, run_noise
from audit.examples.own import Failure, Judged, findings_of, judge_examples, run_examples, turns_of
from audit.examples.quiet import QuietReport, cross_fire, run_quiet
from audit.phrases.noise import as_heard

__all__ = [
    "Exercised",
    "Failure",
    "Judged",
    "NoiseReport",
    "QuietReport",
    "Uncovered",
    "as_heard",
    "cross_fire",
    "findings_of",
    "judge_examples",
    "run_coverage",
    "run_examples",
    "run_exercise",
    "run_noise",
    "run_quiet",
    "turns_of",
]
