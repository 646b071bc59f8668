"""A trained second reader: likeness of an utterance to examples of each category, with the pieces that weighed.

For each language and side (agent, customer) there is one linear model a category and one that asks whether the
utterance bears any label at all (a sign for denial, quotation, question). Two small models join their scores
(stacking after Wolpert 1992): one gives the log-odds that the utterance bears a label, from `any`, the best two
categories and the sum of all that speak for one; the other those that a category is right if it does, from its own
score, the best other one and whether it is the best. Both were fitted on authors that the linear models had not seen,
so that `confidence`, the product of the two probabilities, holds for words of people nobody trained on. A category is
named where the first passes the side's threshold, chosen on the same authors against a budget of false alarms
(training.py), and the second passes SORTED.
Not judged: whether an utterance is a breach. The reader proposes, a person decides.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.models import SPEAKERS, Finding, Turn
from audit.similar.features import VIEW_WEIGHTS, VIEWS, Cut, Cutter
from audit.similar.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN_MARGIN = 0.7
"""How much more an utterance of an unknown speaker must score."""
UNSURE = 0.8
"""Factor on the confidence where the speaker is unknown."""
TOP_PIECES = 5
SHORT_TOKENS = {"zh": 16, "en": 9}
SHORT_MARGIN = 2.5
SCRAP_TOKENS = {"zh": 6, "en": 3}
SCRAP_MARGIN = 5.0
WEIGHABLE_TOKENS = {"zh": 8, "en": 6}
"""Too little said to be unlike anything: a bare "I will kill you" stays what it is."""
SORTED = 0.5
"""Log-odds that a category must pass among those of an utterance that bears a label."""
HEARD, HEARD_AS = 1.0, 2.0
"""What a phrase's hit is worth in log-odds that the utterance bears a label, and that it is this one: tried out on
authors whom neither rules nor models had seen."""
UNLIKE_WHY = "unlike every reviewed example of this category"
WEIGHED = ("phrase", "heard_as")
BLOCK = 512
"""Texts scored together: enough to spread what a call of NumPy costs, few enough to stay in the cache."""

Vector = NDArray[np.float32]
Matrix = NDArray[np.float32]


@dataclass(slots=True)
class Side:
    """The models of one side: `weights` (pieces, outputs) with rarity in them; the last output is `any`.

    `detects` and `sorts` are the numbers of the two joining models, the constant last; `threshold` is in log-odds of
    the first. Where `any` is not above `least_any`, nothing is named: nearly no right finding of unknown authors stood
    there, and most talk does.
    """

    categories: tuple[str, ...]
    weights: Matrix
    bias: Vector
    detects: tuple[float, ...]
    sorts: tuple[float, ...]
    threshold: float
    least_any: float
    by_output: Matrix = field(init=False)
    """The same weights, one output after the other: asked for one output of many pieces, it stays in the cache."""

    def __post_init__(self) -> None:
        self.by_output = np.ascontiguousarray(self.weights.T)


def joined(features: Matrix, numbers: Sequence[float]) -> Matrix:
    """Log-odds of features (…, n) by n numbers and a constant."""
    return np.asarray(features @ np.array(numbers[:-1], np.float32) + np.float32(numbers[-1]), np.float32)


def for_detecting(scores: Matrix) -> Matrix:
    """(texts, outputs) -> (texts, 4): `any`, the best and the second category, the sum of the positive ones."""
    own, top = scores[:, :-1], two_best(scores)
    return np.stack([scores[:, -1], top[:, 1], top[:, 0], np.maximum(own, 0).sum(axis=1)], axis=1)


def for_sorting(scores: Matrix) -> Matrix:
    """(texts, outputs) -> (texts, categories, 3): own score, the best of the other categories, being the best."""
    own, top = scores[:, :-1], two_best(scores)
    best = (own == top[:, 1:]).astype(np.float32)
    other = np.where(best > 0, top[:, :1], top[:, 1:])
    return np.stack([own, other, best], axis=2)


def two_best(scores: Matrix) -> Matrix:
    """(texts, 2): the second and the best category's score; a lone category has a second of −1."""
    own = scores[:, :-1]
    if own.shape[1] == 1:
        own = np.concatenate([np.full_like(own, -1.0), own], axis=1)
    return np.sort(own, axis=1)[:, -2:]


@dataclass(slots=True)
class Language:
    """Both sides of one language over one vocabulary; `squares` is the square of each piece's rarity."""

    cutter: Cutter
    vocabulary: Vocabulary
    squares: Vector
    sides: dict[str, Side]

    @property
    def name(self) -> str:
        """ISO 639-1."""
        return self.cutter.language

    def known(self, texts: Sequence[str]) -> Known:
        """The known pieces of the texts, those of one text together."""
        cut = self.cutter.cut(texts)
        at, row = self.vocabulary.find(cut.keys)
        kept, owner, view = cut.whole(at)
        order = np.argsort(owner.astype(np.int16), kind="stable")
        at, owner, row = at[kept][order], owner[order], row[kept][order]
        group = owner * np.int32(VIEWS) + view[order]
        length = np.bincount(group, self.squares[row], cut.count * VIEWS)
        weight = np.array(VIEW_WEIGHTS.get(self.name, (1.0,) * VIEWS))
        factor = np.tile(weight, cut.count) / np.sqrt(np.maximum(length, 1e-12))
        bounds = np.searchsorted(owner, np.arange(cut.count + 1, dtype=np.int32))
        return Known(cut, at, row, owner, bounds, factor[group].astype(np.float32))


@dataclass(slots=True)
class Known:
    """The known pieces of some texts, text after text: number in the cut, row of the weights,
    text, value; `bounds` of each text."""

    cut: Cut
    at: NDArray[np.int64]
    row: NDArray[np.int32]
    owner: NDArray[np.int32]
    bounds: NDArray[np.int64]
    value: Vector

    def any_scores(self, side: Side) -> Vector:
        """The score of `any` of all texts."""
        sums = np.bincount(self.owner, side.by_output[-1][self.row] * self.value, self.cut.count)
        return np.asarray(sums + side.bias[-1], np.float32)

    def scores(self, side: Side, texts: NDArray[np.int64]) -> Matrix:
        """(texts, outputs) of some texts, numbers ascending."""
        from scipy.sparse import csr_matrix

        sizes = self.bounds[texts + 1] - self.bounds[texts]
        ends = np.cumsum(sizes)
        at = np.repeat(self.bounds[texts] - ends + sizes, sizes) + np.arange(int(sizes.sum()))
        pieces = csr_matrix(
            (self.value[at], self.row[at], np.append(0, ends).astype(np.int32)),
            shape=(len(texts), len(side.weights)),
        )
        return np.asarray(pieces @ side.weights + side.bias, np.float32)

    def top(self, side: Side, text: int, output: int) -> list[int]:
        """Numbers in the cut of the pieces that spoke most for an output, heaviest first, each piece once."""
        mine = slice(int(self.bounds[text]), int(self.bounds[text + 1]))
        rows = self.row[mine]
        weight = side.by_output[output][rows] * self.value[mine]
        most = 3 * TOP_PIECES
        some = np.argpartition(weight, -most)[-most:] if len(weight) > most else np.arange(len(weight))
        first: dict[int, int] = {}
        for one in some[np.lexsort((some, -weight[some]))].tolist():
            if weight[one] > 0:
                first.setdefault(int(rows[one]), one)
        return [int(self.at[mine.start + one]) for one in list(first.values())[:TOP_PIECES]]


class Said(NamedTuple):
    """One utterance to be read: the call and turn its findings belong to, who said it, what."""

    call: int
    turn: int
    speaker: str
    text: str


@dataclass(slots=True)
class Scored:
    """One side's log-odds of some utterances of one language.

    `texts` are the numbers of the utterances that were weighed, ascending; the others' `any` is too low for anything
    to be named. `labelled` (those) are log-odds of bearing a label, `sorted` (those, categories) of each category,
    `least` what the first must pass.
    """

    name: str
    side: Side
    texts: NDArray[np.int64]
    labelled: Vector
    sorted: Matrix
    least: Vector

    def number_of(self, utterance: int) -> int | None:
        """Where an utterance stands, if it was weighed."""
        at = int(np.searchsorted(self.texts, utterance))
        return at if at < len(self.texts) and self.texts[at] == utterance else None

    def named(self) -> list[tuple[int, int, float]]:
        """(utterance, category, confidence) of all that is named."""
        room = np.where(self.labelled > self.least, self.sorted.T, -np.inf).T
        return [
            (int(self.texts[at]), category, self.confidence(at, category))
            for at, category in np.argwhere(room > SORTED).tolist()
        ]

    def confidence(self, at: int, category: int) -> float:
        """The probability that a category is right, at most 0.99."""
        return min(0.99, logistic(float(self.labelled[at])) * logistic(float(self.sorted[at, category])))


def score(language: Language, said: Sequence[Said], also: Collection[int] = ()) -> tuple[Known, list[Scored]]:
    """The pieces of utterances by one speaker, and the log-odds; of both sides where the speaker is unknown.

    Utterances whose numbers are in `also` are weighed however low their `any` is.
    """
    known = language.known([one.text for one in said])
    unknown = said[0].speaker == "unknown"
    margins = short_margins(known.cut.tokens, language.name) + np.float32(UNKNOWN_MARGIN if unknown else 0)
    scored = []
    for name, side in language.sides.items():
        if not unknown and name != said[0].speaker:
            continue
        some = known.any_scores(side)
        read = some > side.least_any
        least = np.where(read, side.threshold + margins, np.inf)
        read[list(also)] = True
        texts = np.flatnonzero(read & (np.diff(known.bounds) > 0))
        scores = known.scores(side, texts)
        labelled = joined(for_detecting(scores), side.detects)
        sorts = joined(for_sorting(scores), side.sorts)
        scored.append(Scored(name, side, texts, labelled, sorts, least[texts].astype(np.float32)))
    return known, scored


@dataclass(slots=True)
class Reader:
    """Reads turns. `hash` is that of the model file, `trained_on` the hashes of its sources."""

    languages: dict[str, Language]
    severities: Mapping[str, str]
    hash: str = ""
    trained_on: dict[str, Any] = field(default_factory=dict)

    def read(self, turns: Sequence[Turn], language: str | None) -> list[Finding]:
        """Findings of basis `similar`, in the order of the turns; none in a language it does not know."""
        return self.read_calls([()], [turns], [language])[1][0]

    def read_many(
        self, texts: Sequence[str], languages: Sequence[str | None], speakers: Sequence[str]
    ) -> list[list[Finding]]:
        """The findings of many single utterances, each as turn 0: equal to `read` on each of them."""
        own: list[list[Finding]] = [[] for _ in texts]
        weighed: list[list[Finding]] = [[] for _ in texts]
        for name in self.languages:
            said = [
                Said(call, 0, speaker, text)
                for call, (text, language, speaker) in enumerate(zip(texts, languages, speakers, strict=True))
                if language == name
            ]
            self._read(name, said, weighed, own)
        return own

    def weigh(self, found: Sequence[Finding], turns: Sequence[Turn], language: str | None) -> list[Finding]:
        """The first reader's findings; those unlike every reviewed example of their category are excused.

        That is where the log-odds of a label or of the category stay too low even with HEARD and HEARD_AS added for
        the phrase: mostly denial, quotation or another sense in words that no exception names. Excused findings are
        kept and sampled like all others. Only single utterances are weighed, and only where the speaker is known.
        """
        return self.read_calls([found], [turns], [language])[0][0]

    def read_calls(
        self,
        found: Sequence[Sequence[Finding]],
        calls: Sequence[Sequence[Turn]],
        languages: Sequence[str | None],
    ) -> tuple[list[list[Finding]], list[list[Finding]]]:
        """(first reader's findings weighed, second reader's own) of many conversations, each turn cut once.

        Equal to `weigh` and `read` on each of them.
        """
        weighed = [list(one) for one in found]
        own: list[list[Finding]] = [[] for _ in calls]
        for name in self.languages:
            said = [
                Said(call, turn.index, turn.speaker, turn.text)
                for call, language in enumerate(languages)
                if language == name
                for turn in calls[call]
            ]
            self._read(name, said, weighed, own)
        for turns, findings in zip(calls, own, strict=True):
            if len(turns) > 1 and len(findings) > 1:
                order = {turn.index: at for at, turn in enumerate(turns)}
                findings.sort(key=lambda finding: order[finding.turn or 0])
        return weighed, own

    def _read(
        self, name: str, said: Sequence[Said], weighed: list[list[Finding]], own: list[list[Finding]]
    ) -> None:
        """Speaker after speaker, block after block."""
        for speaker in SPEAKERS:
            mine = [one for one in said if one.speaker == speaker]
            for begin in range(0, len(mine), BLOCK):
                block = mine[begin : begin + BLOCK]
                weighable = list(_weighable(block, weighed))
                also = {number for number, _ in weighable}
                known, scored = score(self.languages[name], block, also)
                for number, finding in self._named(name, block, known, scored):
                    own[block[number].call].append(finding)
                for number, at in weighable:
                    mine_of = weighed[block[number].call]
                    if scored and _unlike(mine_of[at], number, name, known, scored[0]):
                        mine_of[at] = replace(mine_of[at], excused=UNLIKE_WHY)

    def _named(
        self, language: str, block: Sequence[Said], known: Known, scored: Sequence[Scored]
    ) -> Iterator[tuple[int, Finding]]:
        """(utterance, finding), in the order of the utterances, a side's surest category first."""
        hits = [
            (number, order, -confidence, category)
            for order, one in enumerate(scored)
            for number, category, confidence in one.named()
        ]
        for number, order, confidence, category in sorted(hits):
            side = scored[order].side
            top = known.top(side, number, category)
            yield (
                number,
                self._finding(language, block[number], side.categories[category], -confidence, top, known),
            )

    def _finding(
        self, language: str, said: Said, category: str, confidence: float, top: Sequence[int], known: Known
    ) -> Finding:
        start, end = span(said.text, [place for at in top for place in known.cut.places(at)])
        unsure = UNSURE if said.speaker == "unknown" else 1.0
        return Finding(
            rule=f"{language}.similar.{category}",
            category=category,
            severity=self.severities.get(category, "medium"),  # type: ignore[arg-type]
            basis="similar",
            confidence=round(confidence * unsure, 4),
            decision="noted" if category.startswith(("customer.", "good.")) else "undecided",
            reason="like reviewed examples of this category; no phrase of a rule was heard: listen before it counts",
            turn=said.turn,
            speaker=said.speaker,  # type: ignore[arg-type]
            start=start,
            end=end,
            text=said.text[start:end],
            pieces=tuple(known.cut.name(at) for at in top),
        )


def _weighable(block: Sequence[Said], weighed: Sequence[Sequence[Finding]]) -> Iterator[tuple[int, int]]:
    """(utterance, number of the finding in its call) of the phrases that may be weighed."""
    for number, said in enumerate(block):
        for at, finding in enumerate(weighed[said.call]):
            if (
                finding.turn == said.turn
                and finding.speaker == said.speaker
                and finding.excused is None
                and finding.basis in WEIGHED
            ):
                yield number, at


def _unlike(finding: Finding, number: int, language: str, known: Known, scored: Scored) -> bool:
    """Whether a phrase's finding in an utterance is unlike the examples of its category."""
    at = scored.number_of(number)
    if at is None or scored.name != finding.speaker or finding.category not in scored.side.categories:
        return False
    if known.cut.tokens[number] < WEIGHABLE_TOKENS.get(language, 0):
        return False
    own = scored.sorted[at, scored.side.categories.index(finding.category)]
    return bool(scored.labelled[at] + HEARD <= scored.side.threshold or own + HEARD_AS <= SORTED)


def short_margins(tokens: NDArray[np.int64], language: str) -> Vector:
    """How much more utterances of so many words (Mandarin: characters) must score: little said, little known."""
    short = 1 - tokens / SHORT_TOKENS.get(language, 1)
    scrap = 1 - tokens / SCRAP_TOKENS.get(language, 1)
    margins = SHORT_MARGIN * np.maximum(0.0, short) + SCRAP_MARGIN * np.maximum(0.0, scrap)
    return np.asarray(margins, np.float32)


def logistic(odds: float) -> float:
    """Log-odds -> probability."""
    return 1 / (1 + math.exp(-odds))


def span(text: str, places: Sequence[tuple[int, str]]) -> tuple[int, int]:
    """Where in the text the heaviest pieces stand, as far as they stand there letter by letter; else all of it."""
    low = text.lower()
    spans = []
    for offset, letters in places:
        at = offset if offset >= 0 else low.find(letters) if letters else -1
        if at >= 0:
            spans.append((at, min(len(text), at + len(letters))))
    if not spans:
        return 0, len(text)
    return min(start for start, _ in spans), max(end for _, end in spans)
