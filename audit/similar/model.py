"""A trained second reader: likeness of an utterance to examples of each category, with the pieces that weighed.

For each language and side (agent, customer) there is one linear model a category and one that asks whether the
utterance bears any label at all (a sign for denial, quotation, question). An utterance gets its best category when
`category + ANY_WEIGHT · any` passes the threshold of its language, and further ones only when they are surer still.
Thresholds come from cross-validation against a budget of false alarms (training.py); `confidence` is calibrated on
the same held-out scores (Platt 1999). Not judged: whether an utterance is a breach. It proposes, a person decides.
"""

from __future__ import annotations

import io
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audit.models import Finding, Turn
from audit.similar.features import pieces

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
ANY_WEIGHT = 1.0
SECOND = 1.5
"""From this score on, a further category of the same utterance is named too."""
UNKNOWN_MARGIN = 0.7
"""How much more an utterance of an unknown speaker must score."""
SHORT_PIECES, SHORT_MARGIN = 200, 1.5
SCRAP_PIECES, SCRAP_MARGIN = 30, 5.0
UNSURE = 0.8
"""Factor on the confidence where the speaker is unknown."""
TOP_PIECES = 5
UNLIKE = -1.0
"""Below this score a phrase's hit is excused: on lines held out it halved false alarms at half a point of recall."""
OTHER = -1.5
"""So does a score of the category alone below this: words of one category said in doing another."""
WEIGHABLE_PIECES = 80
"""Too little said to be unlike anything: a bare "I will kill you" stays what it is."""
UNLIKE_WHY = "unlike every reviewed example of this category"
WEIGHED = ("phrase", "heard_as")

Vector = NDArray[np.float32]


@dataclass(slots=True)
class Side:
    """The models of one side: `weights` (pieces, outputs), the last output is `any`; bias one an output."""

    categories: tuple[str, ...]
    index: dict[str, int]
    idf: Vector
    weights: Vector
    bias: Vector
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.names = tuple(self.index)

    def rows(self, cut: Sequence[str]) -> tuple[NDArray[np.int64], Vector]:
        """The known ones of a text's pieces and their values (log frequency × idf, length 1)."""
        counts = Counter(at for at in map(self.index.get, cut) if at is not None)
        at = np.fromiter(counts.keys(), np.int64, len(counts))
        often = np.fromiter(counts.values(), np.float32, len(counts))
        values = (1 + np.log(often)) * self.idf[at]
        norm = float(np.sqrt((values * values).sum())) or 1.0
        return at, (values / norm).astype(np.float32)

    def scores(self, at: NDArray[np.int64], values: Vector) -> Vector:
        """One score an output."""
        return np.asarray(values @ self.weights[at] + self.bias, np.float32)


@dataclass(slots=True)
class Language:
    """Both sides of one language; `thresholds` and `calibration` (a, b) a side."""

    sides: dict[str, Side]
    thresholds: dict[str, float]
    calibration: dict[str, tuple[float, float]]


@dataclass(slots=True)
class Reader:
    """Reads turns. `hash` is that of the model file, `trained_on` the hashes of its sources."""

    languages: dict[str, Language]
    severities: Mapping[str, str]
    hash: str = ""
    trained_on: dict[str, Any] = field(default_factory=dict)

    def read(self, turns: Sequence[Turn], language: str | None) -> list[Finding]:
        """Findings of basis `similar`, in the order of the turns; none in a language it does not know."""
        known = self.languages.get(language or "")
        if known is None:
            return []
        return [finding for turn in turns for finding in self._turn(turn, language or "", known)]

    def _turn(self, turn: Turn, language: str, known: Language) -> list[Finding]:
        sides = ("agent", "customer") if turn.speaker == "unknown" else (turn.speaker,)
        found = []
        for name in sides:
            side = known.sides[name]
            cut = pieces(turn.text, language)
            at, values = side.rows(cut)
            if not len(at):
                continue
            scores = side.scores(at, values)
            least = known.thresholds[name] + (UNKNOWN_MARGIN if turn.speaker == "unknown" else 0.0)
            least += short_margin(len(cut))
            for category, score in chosen(side.categories, scores, least):
                weighed = _weighed(side, at, values, side.categories.index(category))
                found.append(
                    self._finding(
                        turn, language, category, _confidence(score, known.calibration[name]), weighed
                    )
                )
        return found

    def weigh(self, found: Sequence[Finding], turns: Sequence[Turn], language: str | None) -> list[Finding]:
        """The first reader's findings; those unlike every reviewed example of their category are excused.

        That is where category and `any` together score below UNLIKE, or the category alone below OTHER: mostly denial, quotation or another sense in
        words that no exception names. Excused findings are kept and sampled like all others. Only single
        utterances are weighed, and only where the speaker is known.
        """
        known = self.languages.get(language or "")
        if known is None:
            return list(found)
        by_index = {turn.index: turn for turn in turns}
        return [self._weighed(finding, by_index, language or "", known) for finding in found]

    def _weighed(
        self, finding: Finding, turns: Mapping[int, Turn], language: str, known: Language
    ) -> Finding:
        turn = turns.get(-1 if finding.turn is None else finding.turn)
        side = known.sides.get(finding.speaker)
        if turn is None or side is None or finding.excused is not None or finding.basis not in WEIGHED:
            return finding
        if finding.category not in side.categories:
            return finding
        cut = pieces(turn.text, language)
        if len(cut) < WEIGHABLE_PIECES:
            return finding
        at, values = side.rows(cut)
        scores = side.scores(at, values)
        own = float(scores[side.categories.index(finding.category)])
        unlike = own < OTHER or own + ANY_WEIGHT * float(scores[-1]) < UNLIKE
        return replace(finding, excused=UNLIKE_WHY) if unlike else finding

    def _finding(
        self, turn: Turn, language: str, category: str, confidence: float, weighed: tuple[str, ...]
    ) -> Finding:
        family = category.split(".")[0]
        start, end = _span(turn.text, weighed)
        return Finding(
            rule=f"{language}.similar.{category}",
            category=category,
            severity=self.severities.get(category, "medium"),  # type: ignore[arg-type]
            basis="similar",
            confidence=round(confidence * (UNSURE if turn.speaker == "unknown" else 1.0), 4),
            decision="noted" if family in ("customer", "good") else "undecided",
            reason="like reviewed examples of this category; no phrase of a rule was heard: listen before it counts",
            turn=turn.index,
            speaker=turn.speaker,
            start=start,
            end=end,
            text=turn.text[start:end],
            pieces=weighed,
        )


def short_margin(count: int) -> float:
    """How much more an utterance of `count` pieces must score: little said, little known.

    On quiet turns held out it halved the alarms and cost no recall on labelled ones; below SCRAP_PIECES (a greeting,
    a yes) a likeness says next to nothing and phrases do the work.
    """
    short = SHORT_MARGIN * max(0.0, 1 - count / SHORT_PIECES)
    return short + SCRAP_MARGIN * max(0.0, 1 - count / SCRAP_PIECES)


def chosen(categories: Sequence[str], scores: Vector, least: float) -> list[tuple[str, float]]:
    """(category, score) of what an utterance is named for, best first; the last of `scores` is `any`."""
    own, some = scores[:-1], float(scores[-1])
    best = int(np.argmax(own))
    total = float(own[best]) + ANY_WEIGHT * some
    if total <= least:
        return []
    further = [at for at in np.argsort(-own) if at != best and own[at] > SECOND and some > 0]
    return [
        (categories[best], total),
        *((categories[at], float(own[at]) + ANY_WEIGHT * some) for at in further),
    ]


def _confidence(score: float, calibration: tuple[float, float]) -> float:
    slope, shift = calibration
    return min(0.99, 1 / (1 + math.exp(-(slope * score + shift))))


def _weighed(side: Side, at: NDArray[np.int64], values: Vector, output: int) -> tuple[str, ...]:
    """The pieces that spoke most for an output, heaviest first."""
    weight = values * side.weights[at, output]
    top = [one for one in np.argsort(-weight)[:TOP_PIECES] if weight[one] > 0]
    return tuple(side.names[int(at[one])] for one in top)


def _span(text: str, weighed: Sequence[str]) -> tuple[int, int]:
    """Where in the text the heaviest pieces stand, as far as they stand there letter by letter; else all of it."""
    low = text.lower()
    spans = []
    for piece in weighed:
        for part in piece.strip("_ ").replace("~", "_").split("_"):
            at = low.find(part) if part else -1
            if at >= 0:
                spans.append((at, at + len(part)))
    if not spans:
        return 0, len(text)
    return min(start for start, _ in spans), max(end for _, end in spans)


def dump(reader: Reader) -> bytes:
    """The reader as bytes: a compressed NumPy archive, weights in 8 bits with one scale an output."""
    arrays: dict[str, Any] = {}
    head: dict[str, Any] = {
        "format": FORMAT,
        "severities": dict(reader.severities),
        "trained_on": reader.trained_on,
    }
    head["languages"] = {}
    for name, language in reader.languages.items():
        head["languages"][name] = {
            "thresholds": language.thresholds,
            "calibration": language.calibration,
            "categories": {side: list(one.categories) for side, one in language.sides.items()},
        }
        for side, one in language.sides.items():
            scale = np.abs(one.weights).max(axis=0) / 127 + 1e-12
            arrays[f"{name}.{side}.pieces"] = np.frombuffer("\n".join(one.index).encode(), np.uint8)
            arrays[f"{name}.{side}.idf"] = one.idf.astype(np.float16)
            arrays[f"{name}.{side}.weights"] = np.round(one.weights / scale).astype(np.int8)
            arrays[f"{name}.{side}.scale"] = scale.astype(np.float32)
            arrays[f"{name}.{side}.bias"] = one.bias.astype(np.float32)
    arrays["head"] = np.frombuffer(json.dumps(head, sort_keys=True, ensure_ascii=False).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def undump(content: bytes) -> Reader:
    """The reader of bytes that `dump` wrote; raises ValueError or KeyError for other bytes."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']}, this version reads {FORMAT}")
        languages = {
            name: Language(
                {
                    side: _side(arrays, f"{name}.{side}", categories)
                    for side, categories in one["categories"].items()
                },
                one["thresholds"],
                {side: (pair[0], pair[1]) for side, pair in one["calibration"].items()},
            )
            for name, one in head["languages"].items()
        }
    return Reader(languages, head["severities"], trained_on=head["trained_on"])


def _side(arrays: Any, key: str, categories: Sequence[str]) -> Side:
    names = arrays[f"{key}.pieces"].tobytes().decode().split("\n")
    return Side(
        tuple(categories),
        {name: at for at, name in enumerate(names)},
        arrays[f"{key}.idf"].astype(np.float32),
        arrays[f"{key}.weights"].astype(np.float32) * arrays[f"{key}.scale"],
        arrays[f"{key}.bias"],
    )
