"""Which of many strings of words occur in which of many texts, and where: the phrase pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from audit.phrases.bulk.anchors import Anchors
from audit.phrases.bulk.cutting import Characters, Cutter, Words
from audit.phrases.bulk.needs import RUNS
from audit.phrases.bulk.stream import Stream, read

Numbers = NDArray[np.int64]


class Strings:
    """Numbered strings: of hard tokens that follow one another (signs in Chinese), or one soft token, or RUNS.

    `sounds` are the sounds that matter where a word is unknown (English only).
    """

    def __init__(self, strings: Sequence[tuple[str, ...]], language: str, sounds: Iterable[str] = ()) -> None:
        tokens = sorted({token for string in strings for token in string})
        self.cutter: Cutter = Characters() if language == "zh" else Words(tokens, sounds)
        self.runs = [(number, RUNS[string[0]]) for number, string in enumerate(strings) if string[0] in RUNS]
        spelt = [() if string[0] in RUNS else string for string in strings]
        codes = [tuple(self.cutter.code(token) for token in string) for string in spelt]
        soft = [bool(string) and bool(self.cutter.soft[string[0]]) for string in codes]
        self.hard = [() if is_soft else string for string, is_soft in zip(codes, soft, strict=True)]
        """Codes of each string; empty where it is no string of hard tokens."""
        self.anchors = Anchors(self.hard, self.cutter.size)
        self.soft_string = np.full(self.cutter.size, -1, np.int64)
        self.matters = np.zeros(self.cutter.size, np.bool_)
        for number, (string, is_soft) in enumerate(zip(codes, soft, strict=True)):
            self.matters[list(string)] = True
            if is_soft:
                self.soft_string[string[0]] = number

    def read(self, texts: Sequence[str]) -> Stream:
        """The texts as this object's codes."""
        return read(texts, self.cutter, self.matters)

    def places(self, stream: Stream) -> tuple[Numbers, NDArray[np.int32]]:
        """Every occurrence of the strings of hard tokens: where in `stream.codes` it begins, and its number."""
        return self.anchors.find(stream.codes)

    def columns(self, stream: Stream) -> tuple[Numbers, Numbers]:
        """Which string occurs in which column, of all strings."""
        places, strings = self.places(stream)
        soft = self.soft_string[stream.soft]
        known = soft >= 0
        found = [(strings, stream.columns[places]), (soft[known], stream.soft_columns[known])]
        found += [
            (np.full(len(at), number), at)
            for number, length in self.runs
            for at in [stream.columns[in_a_row(self.cutter.numeral[stream.codes], length)]]
        ]
        return np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])


def in_a_row(flags: NDArray[np.bool_], length: int) -> Numbers:
    """Where so many flags in a row begin."""
    last = max(0, len(flags) - length + 1)
    both = flags[:last].copy()
    for step in range(1, length):
        both &= flags[step : last + step]
    return np.flatnonzero(both)
