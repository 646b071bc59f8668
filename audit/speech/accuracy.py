"""How right a transcript is beside one made by hand: error rate, roles, numbers. Pure: two transcripts in.

CER for Chinese, WER elsewhere: (substitutions + deletions + insertions) / units of the reference, after
folding case, width, marks and script and reading number words as digits on both sides. An error rate says
nothing of which words were lost: read it together with the numbers and with what happens to findings.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import numpy as np

from audit.models import Transcript, Turn
from audit.speech.guard import units

_BLOCK_UNITS = 1_500
_FILLERS = {"嗯", "呃", "啊", "哦", "噢", "唉", "uh", "um", "mm", "mhm", "hmm", "er", "erm", "ah", "oh"}
_EN_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
}
_EN_TENS = {
    word: 10 * (i + 2)
    for i, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())
}
_EN_DIGITS = {"oh": "0", "o": "0"}


@dataclass(frozen=True, slots=True)
class Errors:
    """Edit counts against a reference of `units` characters (zh) or words."""

    units: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def rate(self) -> float:
        """CER or WER; 0 for an empty reference heard as nothing, 1 for one heard as something."""
        wrong = self.substitutions + self.deletions + self.insertions
        return wrong / self.units if self.units else float(bool(wrong))

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            self.units + other.units,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )


@dataclass(frozen=True, slots=True)
class CallAccuracy:
    """One call: errors of all words, words whose speaker is right of those heard, numbers right of all."""

    errors: Errors
    roles_right: int
    roles_total: int
    numbers_right: int
    numbers_total: int

    def __add__(self, other: CallAccuracy) -> CallAccuracy:
        return CallAccuracy(
            self.errors + other.errors,
            self.roles_right + other.roles_right,
            self.roles_total + other.roles_total,
            self.numbers_right + other.numbers_right,
            self.numbers_total + other.numbers_total,
        )

    @property
    def role_accuracy(self) -> float | None:
        """Share of the words heard that stand with the right speaker; None where no word was heard."""
        return self.roles_right / self.roles_total if self.roles_total else None

    @property
    def number_accuracy(self) -> float | None:
        """Share of the reference's numbers of two digits and more that were heard; None without any."""
        return self.numbers_right / self.numbers_total if self.numbers_total else None


NOTHING = CallAccuracy(Errors(), 0, 0, 0, 0)


def compare(reference: Transcript, heard: Transcript) -> CallAccuracy:
    """Measure one call. Speakers "unknown" in the reference are left out of the roles.

    Words of both sides are compared speaker by speaker where channels or roles allow nothing better than
    time order: over-talk may therefore cost a few errors that are none.
    """
    total = NOTHING
    for ours, theirs in _blocks(reference, heard):
        total = total + _compare_block(ours, theirs, reference.language)
    right, numbers = _numbers(reference, heard)
    return CallAccuracy(total.errors, total.roles_right, total.roles_total, right, numbers)


Said = tuple[str, str]
"""(unit, speaker)"""


def _blocks(reference: Transcript, heard: Transcript) -> list[tuple[list[Said], list[Said]]]:
    """Both transcripts cut at the same moments, so that alignment stays small in calls of an hour."""
    timed = all(turn.start_s is not None for turn in (*reference.turns, *heard.turns))
    cuts = _cuts(reference.turns, reference.language) if timed else []
    edges = [0.0, *cuts, float("inf")]
    language = reference.language
    return [
        (
            _said(_between(reference.turns, low, high), language),
            _said(_between(heard.turns, low, high), language),
        )
        for low, high in itertools.pairwise(edges)
    ]


def _cuts(turns: Sequence[Turn], language: str) -> list[float]:
    out, count = [], 0
    for turn in turns:
        if count > _BLOCK_UNITS:
            out.append(turn.start_s or 0.0)
            count = 0
        count += len(fold(turn.text, language))
    return out


def _between(turns: Iterable[Turn], low: float, high: float) -> list[Turn]:
    return [t for t in turns if low <= ((t.start_s or 0.0) + (t.end_s or t.start_s or 0.0)) / 2 < high]


def _said(turns: Iterable[Turn], language: str) -> list[Said]:
    return [(unit, turn.speaker) for turn in turns for unit in fold(turn.text, language)]


def _compare_block(ours: list[Said], theirs: list[Said], language: str) -> CallAccuracy:
    pairs, errors = align([unit for unit, _ in ours], [unit for unit, _ in theirs])
    judged = [(ours[i][1], theirs[j][1]) for i, j in pairs if ours[i][1] != "unknown"]
    return CallAccuracy(errors, sum(a == b for a, b in judged), len(judged), 0, 0)


def fold(text: str, language: str) -> list[str]:
    """Units of a text for comparison: simplified script, number words as digits, no marks, no fillers."""
    if language == "zh":
        text = _chinese_numbers(_simplified(text))
        found = [piece for unit in units(text) for piece in (list(unit) if unit.isdigit() else [unit])]
    else:
        found = [piece for unit in _english_numbers(units(text)) for piece in _digits_apart(unit)]
    return [unit for unit in found if unit not in _FILLERS]


def _digits_apart(unit: str) -> list[str]:
    """A number counts by its digits: one wrong digit of a phone number is one error, not eleven."""
    return list(unit) if unit.isdigit() else [unit.replace("’", "'")]


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _simplified(text: str) -> str:
    return str(_converter().convert(text))


def _chinese_numbers(text: str) -> str:
    """Number words as digits: 三百五 and 一三八 alike; thousands marks out of written numbers."""
    import cn2an

    text = re.sub(r"(?<=\d)[,，](?=\d{3}(?!\d))", "", text.replace("幺", "一").replace("两", "二"))

    def digits(found: re.Match[str]) -> str:
        words = found.group()
        if not re.search("[十百千万亿]", words):
            return "".join(str("零一二三四五六七八九".index(word)) for word in words.replace("〇", "零"))
        try:
            return str(cn2an.cn2an(words, "smart"))
        except ValueError:
            return words

    return re.sub(r"[零〇一二三四五六七八九十百千万亿]+", digits, text)


def _english_numbers(words: Sequence[str]) -> list[str]:
    """ "one hundred twenty", "five five five", "twenty-two" as digits; single digits in a row stay apart."""
    out: list[str] = []
    i = 0
    while i < len(words):
        value, used = _english_number(words, i)
        if used:
            out.append(str(value))
            i += used
        else:
            digit = _EN_DIGITS.get(words[i], words[i]) if out and out[-1].isdigit() else words[i]
            out.append(digit)
            i += 1
    return out


def _english_number(words: Sequence[str], at: int) -> tuple[int, int]:
    """The number that begins at a word and how many words it takes; (0, 0) where none begins."""
    total = value = used = 0
    last = ""
    for word in words[at:]:
        if word in _EN_TENS and last in {"", "hundred", "thousand"}:
            value, last = value + _EN_TENS[word], "tens"
        elif word in _EN_UNITS and (
            last in {"", "hundred", "thousand"} or (last == "tens" and 0 < _EN_UNITS[word] < 10)
        ):
            value, last = value + _EN_UNITS[word], "units"
        elif word == "hundred" and last == "units" and 0 < value % 1000 < 100:
            value, last = value * 100, "hundred"
        elif word == "thousand" and last and value:
            total, value, last = total + value * 1000, 0, "thousand"
        else:
            break
        used += 1
    return total + value, used


def align(reference: Sequence[str], heard: Sequence[str]) -> tuple[list[tuple[int, int]], Errors]:
    """Levenshtein alignment: pairs (i, j) of equal units, in order, and the edit counts."""
    costs = _costs(reference, heard)
    i, j = len(reference), len(heard)
    pairs: list[tuple[int, int]] = []
    substitutions = deletions = insertions = 0
    while i or j:
        here = costs[i, j]
        if i and j and reference[i - 1] == heard[j - 1] and here == costs[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and j and here == costs[i - 1, j - 1] + 1:
            i, j, substitutions = i - 1, j - 1, substitutions + 1
        elif i and here == costs[i - 1, j] + 1:
            i, deletions = i - 1, deletions + 1
        else:
            j, insertions = j - 1, insertions + 1
    return pairs[::-1], Errors(len(reference), substitutions, deletions, insertions)


def _costs(reference: Sequence[str], heard: Sequence[str]) -> Any:
    """Edit distances of all prefixes, (len + 1, len + 1), a row at a time."""
    names = {unit: k for k, unit in enumerate(dict.fromkeys([*reference, *heard]))}
    columns = np.array([names[unit] for unit in heard], dtype=np.int32)
    steps = np.arange(len(heard) + 1, dtype=np.int32)
    costs = np.zeros((len(reference) + 1, len(heard) + 1), np.int32)
    costs[0] = steps
    for i, unit in enumerate(reference, 1):
        best = costs[i - 1] + 1
        best[1:] = np.minimum(best[1:], costs[i - 1, :-1] + (columns != names[unit]))
        # Insertions run along the row: the least of what stands to the left, each step adding one.
        costs[i] = np.minimum.accumulate(best - steps) + steps
    return costs


def _numbers(reference: Transcript, heard: Transcript) -> tuple[int, int]:
    """Numbers of two digits and more of the reference that the heard text has, in the same order."""
    ours, theirs = (_number_list(t, reference.language) for t in (reference, heard))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()), len(ours)


def _number_list(transcript: Transcript, language: str) -> list[str]:
    out = []
    for turn in transcript.turns:
        marked = [unit if unit.isdigit() else " " for unit in fold(turn.text, language)]
        out += [run for run in "".join(marked).split() if len(run) > 1]
    return out
