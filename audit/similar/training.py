"""Training the second reader: examples of the pack and verdicts -> models, joined and thresholded author by author.

Examples stand in `examples/<language>/*.tsv` of the pack (speaker, labels, text). Whoever reads calls meets words of
people nobody trained on, and folds drawn at random flatter: they hold lines of every author on both sides. So each
author's lines are scored by models trained on the others; on those scores the models are joined and the thresholds
chosen, the lowest at which the shares of hard negatives and of plain lines that are named stay within BUDGET.
Deterministic: same examples, same file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.errors import Fault, LexiconError
from audit.models import CATEGORIES
from audit.similar.features import Cutter
from audit.similar.matrix import Fitted, Pieces
from audit.similar.model import (
    SORTED,
    Language,
    Reader,
    Side,
    for_detecting,
    for_sorting,
    joined,
    short_margins,
)
from audit.similar.senses import Senses
from audit.similar.vocabulary import Vocabulary

STRICT = {"hard": 0.034, "plain": 0.02}
BUDGET = {"zh": STRICT, "en": {"hard": 0.06, "plain": 0.025}}
"""Shares of lines that may be named, a language; English authors' hard negatives lie closer to what they deny."""
LEAST_PRECISION = 0.85
LEAST_EXAMPLES = 12
"""Fewer positives than this make no model: the category stays to phrases."""
LEAST_AUTHORS, LEAST_LINES = 3, 100
"""With fewer authors (of so many lines a language) folds are drawn by the hash of the text."""
FOLDS = 5
LOST = 0.005
"""Share of right findings given up so that most talk needs no more than one score."""
REST = "rest"
_AUTHOR = re.compile(r"(\w+?)_author")

Kind = str


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled utterance. `kind` is positive, hard (typical words, no label) or plain."""

    language: str
    speaker: str
    text: str
    labels: tuple[str, ...]
    kind: Kind
    author: str = REST


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is promised of one side for authors nobody trained on: counts over all of them at the chosen threshold."""

    language: str
    side: str
    examples: int
    threshold: float
    precision: float
    recall: float
    hard: float
    plain: float


def read_examples(folder: Path) -> list[Example]:
    """The examples of `folder/<language>/*.tsv`, in file order; raises LexiconError with all faults."""
    examples: list[Example] = []
    faults: list[Fault] = []
    for file in sorted(folder.glob("*/*.tsv")):
        author = author_of(file)
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            example = _read(file.parent.name, line, author)
            if isinstance(example, str):
                faults.append(Fault(f"{file.parent.name}/{file.name}", number, example))
            else:
                examples.append(example)
    if faults:
        raise LexiconError(faults)
    return examples


def author_of(file: Path) -> str:
    """Who wrote a file of examples: `third` for third_author_2.tsv; all files that name nobody are one author's."""
    found = _AUTHOR.match(file.name)
    return found[1] if found else REST


def _read(language: str, line: str, author: str) -> Example | str:
    cells = line.split("\t")
    if len(cells) != 3:
        return f"{len(cells)} columns instead of 3: speaker, labels, text"
    speaker, labels, text = cells
    if speaker not in ("agent", "customer"):
        return f"speaker {speaker!r} is neither agent nor customer"
    if labels in ("-", "."):
        return Example(language, speaker, text, (), "hard" if labels == "-" else "plain", author)
    names = tuple(labels.split(","))
    wrong = [name for name in names if name not in CATEGORIES]
    if wrong:
        return f"{wrong[0]!r} is no category of the taxonomy"
    return Example(language, speaker, text, names, "positive", author)


def folder_hash(folder: Path) -> str:
    """SHA-256 over names and contents of the table files of a folder and its folders."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.tsv")):
        digest.update(f"{file.relative_to(folder).as_posix()}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def train(
    examples: Sequence[Example],
    severities: dict[str, str],
    trained_on: dict[str, Any],
    senses: Mapping[str, Senses] | None = None,
) -> tuple[Reader, list[Estimate]]:
    """The reader, and what it promises for authors it does not know; about two seconds a thousand examples."""
    languages: dict[str, Language] = {}
    estimates: list[Estimate] = []
    for name in sorted({example.language for example in examples}):
        mine = [one for one in examples if one.language == name]
        trainer = _Trainer(name, mine, (senses or {}).get(name, {}))
        language, promised = trainer.train()
        if language.sides:
            languages[name] = language
            estimates += promised
    return Reader(languages, severities, trained_on=trained_on), estimates


class _Trainer:
    """One language: pieces cut once, models fitted for each fold and for all."""

    def __init__(self, language: str, examples: Sequence[Example], senses: Senses) -> None:
        self.language = language
        self.examples = examples
        self.cutter = Cutter(language, senses)
        self.pieces = Pieces(self.cutter, [one.text for one in examples])
        self.sides: dict[str, tuple[NDArray[np.int64], tuple[str, ...]]] = {}
        for side in ("agent", "customer"):
            rows = np.array([at for at, one in enumerate(examples) if one.speaker == side], np.int64)
            categories = with_enough(examples[at] for at in rows)
            if categories:
                self.sides[side] = (rows, categories)

    def train(self) -> tuple[Language, list[Estimate]]:
        held_out = {
            side: np.zeros((len(rows), len(categories) + 1), np.float32)
            for side, (rows, categories) in self.sides.items()
        }
        fold = folds(self.examples)
        for number in np.unique(fold):
            for side, fitted in self._fit(fold != number).items():
                rows = self.sides[side][0]
                held = fold[rows] == number
                held_out[side][held] = fitted.scores(rows[held])
        whole = self._fit(np.ones(len(self.examples), bool))
        kept = self.pieces.worth_keeping(list(whole.values()))
        squares = (next(iter(whole.values())).rarity[kept] ** 2) if whole else np.zeros(0, np.float32)
        language = Language(
            self.cutter, Vocabulary(self.pieces.keys[kept]), squares.astype(np.float16).astype(np.float32), {}
        )
        estimates = []
        for side, fitted in whole.items():
            language.sides[side], estimate = self._side(side, fitted, held_out[side], kept)
            estimates.append(estimate)
        return language, estimates

    def _fit(self, train: NDArray[np.bool_]) -> dict[str, Fitted]:
        rarity = self.pieces.rarity(train)
        values = self.pieces.values(rarity)
        fitted = {}
        for side, (rows, categories) in self.sides.items():
            mine = rows[train[rows]]
            targets = labelled([self.examples[at] for at in mine], categories)
            bears = np.array([bool(self.examples[at].labels) for at in mine], bool)
            fitted[side] = Fitted.of(values, mine, np.column_stack([targets, bears]), rarity)
        return fitted

    def _side(
        self, side: str, fitted: Fitted, held_out: NDArray[np.float32], kept: NDArray[np.int64]
    ) -> tuple[Side, Estimate]:
        rows, categories = self.sides[side]
        mine = [self.examples[at] for at in rows]
        labels = labelled(mine, categories)
        bears = np.array([bool(one.labels) for one in mine])
        detects = join(for_detecting(held_out), bears)
        sorts = join(for_sorting(held_out)[bears], labels[bears])
        named = np.asarray(joined(for_sorting(held_out), sorts) > SORTED)
        odds = joined(for_detecting(held_out), detects)
        least_any = lowest_any(held_out[:, -1], (odds > 0) & (named & labels).any(axis=1))
        odds -= short_margins(self.pieces.tokens[rows], self.language)
        odds[held_out[:, -1] <= least_any] = -np.inf
        estimate = choose(mine, labels, odds, named, (self.language, side))
        weights = fitted.kept(kept)
        made = Side(categories, weights, fitted.bias, detects, sorts, estimate.threshold, least_any)
        return made, estimate


def with_enough(examples: Iterable[Example]) -> tuple[str, ...]:
    """The categories with enough positives for a model."""
    tally: dict[str, int] = {}
    for one in examples:
        for label in one.labels:
            tally[label] = tally.get(label, 0) + 1
    return tuple(sorted(label for label, count in tally.items() if count >= LEAST_EXAMPLES))


def labelled(examples: Sequence[Example], categories: Sequence[str]) -> NDArray[np.bool_]:
    """(examples, categories)."""
    return np.array([[category in one.labels for category in categories] for one in examples], np.bool_)


def folds(examples: Sequence[Example]) -> NDArray[np.int64]:
    """The fold of each example: its author's; with too few authors by the hash of its text."""
    count: dict[str, int] = {}
    for one in examples:
        count[one.author] = count.get(one.author, 0) + 1
    authors = sorted(author for author, lines in count.items() if lines >= LEAST_LINES)
    if len(authors) >= LEAST_AUTHORS:
        return np.array([authors.index(one.author) if one.author in authors else 0 for one in examples])
    return np.array([int(hashlib.sha256(one.text.encode()).hexdigest()[:8], 16) % FOLDS for one in examples])


def join(features: NDArray[np.float32], right: NDArray[np.bool_]) -> tuple[float, ...]:
    """Logistic regression of what is right on features (…, n): n numbers and the constant."""
    from sklearn.linear_model import LogisticRegression

    flat, target = features.reshape(-1, features.shape[-1]), right.ravel()
    if target.all() or not target.any():
        return (*(0.0 for _ in range(flat.shape[1])), 4.0 if target.all() else -4.0)
    model = LogisticRegression(C=10.0, max_iter=300).fit(flat, target)
    return (*(round(float(one), 5) for one in model.coef_[0]), round(float(model.intercept_[0]), 5))


def lowest_any(some: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """The score of `any` below which only LOST of the utterances stand that would rightly be named; at most 0."""
    return min(0.0, round(float(np.quantile(some[right], LOST)), 4)) if right.any() else -9.0


def choose(
    examples: Sequence[Example],
    labels: NDArray[np.bool_],
    odds: NDArray[np.float32],
    named: NDArray[np.bool_],
    name: tuple[str, str],
) -> Estimate:
    """The estimate at the lowest threshold of the log-odds of a label that is within the budget."""
    budget = BUDGET.get(name[0], STRICT)
    for threshold in np.arange(-2.0, 6.0, 0.1).round(2).tolist():
        estimate = measure(examples, labels, named & (odds > threshold)[:, None], threshold, name)
        within = estimate.hard <= budget["hard"] and estimate.plain <= budget["plain"]
        if within and estimate.precision >= LEAST_PRECISION:
            break
    return estimate


def measure(
    examples: Sequence[Example],
    labels: NDArray[np.bool_],
    named: NDArray[np.bool_],
    threshold: float,
    name: tuple[str, str],
) -> Estimate:
    """Precision, recall and false alarms of what is named, (examples, categories) like the labels."""
    alarm = np.any(named, axis=1)
    kinds = np.array([one.kind for one in examples])
    right = int(np.sum(named & labels))
    shares = [float(alarm[kinds == kind].mean()) if kind in kinds else 0.0 for kind in ("hard", "plain")]
    return Estimate(
        *name,
        len(examples),
        threshold,
        right / max(1, int(np.sum(named))),
        right / max(1, int(np.sum(labels))),
        *shares,
    )


def from_verdicts(rows: Iterable[tuple[str, str, str, str, str]]) -> list[Example]:
    """Examples of reviewers' verdicts: (language, speaker, masked text, category, verdict) -> examples.

    A confirmed finding is a positive, a dismissed one a hard negative; escalated ones say nothing yet.
    """
    examples = []
    for language, speaker, text, category, verdict in rows:
        if speaker not in ("agent", "customer") or verdict not in ("confirmed", "dismissed"):
            continue
        labels = (category,) if verdict == "confirmed" else ()
        examples.append(
            Example(language, speaker, text, labels, "positive" if labels else "hard", "verdicts")
        )
    return examples
