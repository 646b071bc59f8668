"""Training the second reader: examples of the pack and verdicts -> models, thresholds by cross-validation.

Examples stand in `examples/<language>/*.tsv` of the pack (speaker, labels, text) and as `hit` lines of its rules.
Thresholds are the lowest at which, over five folds nobody trained on, the shares of hard negatives and of plain
lines that are named stay within BUDGET. Deterministic: same examples, same file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.errors import Fault, LexiconError
from audit.models import CATEGORIES
from audit.similar.features import pieces
from audit.similar.model import ANY_WEIGHT, Language, Reader, Side, chosen

FOLDS = 5
BUDGET = {"hard": 0.03, "plain": 0.01}
LEAST_PRECISION = 0.70
LEAST_EXAMPLES = 12
"""Fewer positives than this make no model: the category stays to phrases."""
STRENGTH = 10.0
"""Inverse of the regularisation (C of logistic regression)."""

Kind = str


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled utterance. `kind` is positive, hard (typical words, no label) or plain."""

    language: str
    speaker: str
    text: str
    labels: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Estimate:
    """What cross-validation says of one side: counts over all folds at the chosen threshold."""

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
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            example = _read(file.parent.name, line)
            if isinstance(example, str):
                faults.append(Fault(f"{file.parent.name}/{file.name}", number, example))
            else:
                examples.append(example)
    if faults:
        raise LexiconError(faults)
    return examples


def _read(language: str, line: str) -> Example | str:
    cells = line.split("\t")
    if len(cells) != 3:
        return f"{len(cells)} columns instead of 3: speaker, labels, text"
    speaker, labels, text = cells
    if speaker not in ("agent", "customer"):
        return f"speaker {speaker!r} is neither agent nor customer"
    if labels in ("-", "."):
        return Example(language, speaker, text, (), "hard" if labels == "-" else "plain")
    names = tuple(labels.split(","))
    wrong = [name for name in names if name not in CATEGORIES]
    if wrong:
        return f"{wrong[0]!r} is no category of the taxonomy"
    return Example(language, speaker, text, names, "positive")


def folder_hash(folder: Path) -> str:
    """SHA-256 over names and contents of the example files."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*/*.tsv")):
        digest.update(f"{file.parent.name}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def train(
    examples: Sequence[Example], severities: dict[str, str], trained_on: dict[str, Any]
) -> tuple[Reader, list[Estimate]]:
    """The reader and what cross-validation promises of it; about a second a thousand examples."""
    languages: dict[str, Language] = {}
    estimates = []
    for language in sorted({example.language for example in examples}):
        known = Language({}, {}, {})
        for side in ("agent", "customer"):
            mine = [one for one in examples if one.language == language and one.speaker == side]
            if not any(one.labels for one in mine):
                continue
            matrix = _Matrix(mine, language)
            estimate, calibration = _cross_validate(matrix, mine, language, side)
            known.sides[side] = matrix.fit(np.arange(len(mine)))
            known.thresholds[side] = estimate.threshold
            known.calibration[side] = calibration
            estimates.append(estimate)
        if known.sides:
            languages[language] = known
    return Reader(languages, severities, trained_on=trained_on), estimates


class _Matrix:
    """The pieces of some examples as a sparse matrix, made once for all folds."""

    def __init__(self, examples: Sequence[Example], language: str) -> None:
        from scipy.sparse import csr_matrix
        from sklearn.feature_extraction.text import CountVectorizer

        self.examples = examples
        counter = CountVectorizer(analyzer=lambda text: pieces(text, language), min_df=2, dtype=np.float32)
        self.counts: Any = csr_matrix(counter.fit_transform([one.text for one in examples]))
        self.names: list[str] = list(counter.get_feature_names_out())
        self.counts.data = 1 + np.log(self.counts.data)
        tally: dict[str, int] = {}
        for one in examples:
            for label in one.labels:
                tally[label] = tally.get(label, 0) + 1
        self.categories = tuple(sorted(label for label, count in tally.items() if count >= LEAST_EXAMPLES))

    def fit(self, rows: NDArray[np.int64]) -> Side:
        """The side's models from some rows."""
        from sklearn.preprocessing import normalize

        counts = self.counts[rows]
        documents = np.asarray((counts > 0).sum(axis=0)).ravel()
        idf = (np.log((1 + len(rows)) / (1 + documents)) + 1).astype(np.float32)
        matrix = normalize(counts.multiply(idf).tocsr())
        targets = [[category in self.examples[row].labels for row in rows] for category in self.categories]
        targets.append([bool(self.examples[row].labels) for row in rows])
        fitted = [_logistic(matrix, np.array(target)) for target in targets]
        weights = np.stack([weight for weight, _ in fitted], axis=1)
        bias = np.array([shift for _, shift in fitted], np.float32)
        return Side(self.categories, {name: at for at, name in enumerate(self.names)}, idf, weights, bias)

    def scores(self, side: Side, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(rows, outputs)."""
        from sklearn.preprocessing import normalize

        matrix = normalize(self.counts[rows].multiply(side.idf).tocsr())
        return np.asarray(matrix @ side.weights + side.bias, np.float32)


def _logistic(matrix: Any, target: NDArray[np.bool_]) -> tuple[NDArray[np.float32], float]:
    from sklearn.linear_model import LogisticRegression

    if target.all() or not target.any():
        return np.zeros(matrix.shape[1], np.float32), 9.0 if target.all() else -9.0
    model = LogisticRegression(
        C=STRENGTH,
        class_weight="balanced",
        solver="liblinear",
        dual=True,
        tol=0.01,
        max_iter=100,
        random_state=0,
    )
    model.fit(matrix, target)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def folds(examples: Sequence[Example]) -> NDArray[np.int64]:
    """The fold of each example: by the hash of its text, so that it does not depend on the others."""
    return np.array([int(hashlib.sha256(one.text.encode()).hexdigest()[:8], 16) % FOLDS for one in examples])


def _cross_validate(
    matrix: _Matrix, examples: Sequence[Example], language: str, side: str
) -> tuple[Estimate, tuple[float, float]]:
    fold = folds(examples)
    scores = np.zeros((len(examples), len(matrix.categories) + 1), np.float32)
    for number in range(FOLDS):
        held = np.flatnonzero(fold == number)
        if len(held):
            scores[held] = matrix.scores(matrix.fit(np.flatnonzero(fold != number)), held)
    grid = np.arange(-1.0, 8.0, 0.1)
    for threshold in grid:
        estimate = measure(examples, matrix.categories, scores, float(threshold), (language, side))
        within = estimate.hard <= BUDGET["hard"] and estimate.plain <= BUDGET["plain"]
        if within and estimate.precision >= LEAST_PRECISION:
            break
    return estimate, _calibrate(examples, matrix.categories, scores)


def measure(
    examples: Sequence[Example],
    categories: Sequence[str],
    scores: NDArray[np.float32],
    threshold: float,
    name: tuple[str, str],
) -> Estimate:
    """Precision, recall and false alarms of scores (examples, outputs) at a threshold."""
    right = named = wanted = 0
    alarms = {"hard": 0, "plain": 0}
    totals = {"hard": 0, "plain": 0}
    for example, row in zip(examples, scores, strict=True):
        found = {category for category, _ in chosen(categories, row, threshold)}
        want = set(example.labels) & set(categories)
        right += len(found & want)
        named += len(found)
        wanted += len(want)
        if example.kind in alarms:
            totals[example.kind] += 1
            alarms[example.kind] += bool(found)
    share = {kind: alarms[kind] / totals[kind] if totals[kind] else 0.0 for kind in alarms}
    return Estimate(
        *name,
        len(examples),
        round(threshold, 2),
        right / max(1, named),
        right / max(1, wanted),
        share["hard"],
        share["plain"],
    )


def _calibrate(
    examples: Sequence[Example], categories: Sequence[str], scores: NDArray[np.float32]
) -> tuple[float, float]:
    """Platt's two numbers: how often the best category is right, given its score."""
    from sklearn.linear_model import LogisticRegression

    best = scores[:, :-1].argmax(axis=1)
    total = scores[np.arange(len(scores)), best] + ANY_WEIGHT * scores[:, -1]
    right = np.array([categories[at] in one.labels for at, one in zip(best, examples, strict=True)])
    if right.all() or not right.any():
        return 1.0, 0.0
    model = LogisticRegression(C=1e6).fit(total.reshape(-1, 1), right)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def from_verdicts(rows: Iterable[tuple[str, str, str, str, str]]) -> list[Example]:
    """Examples of reviewers' verdicts: (language, speaker, masked text, category, verdict) -> examples.

    A confirmed finding is a positive, a dismissed one a hard negative; escalated ones say nothing yet.
    """
    examples = []
    for language, speaker, text, category, verdict in rows:
        if speaker not in ("agent", "customer") or verdict not in ("confirmed", "dismissed"):
            continue
        labels = (category,) if verdict == "confirmed" else ()
        examples.append(Example(language, speaker, text, labels, "positive" if labels else "hard"))
    return examples
