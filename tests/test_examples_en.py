"""The shape of the second author's English example utterances: columns, labels, speakers, no repeats, counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from audit.models import AGENT_CATEGORIES, CUSTOMER_CATEGORIES, GOOD_CATEGORIES

FOLDER = Path(__file__).resolve().parents[1] / "lexicons" / "examples" / "en"
CATEGORIES = tuple(
    # Decided over several turns, so it has no utterances of its own.
    name
    for name in AGENT_CATEGORIES + CUSTOMER_CATEGORIES + GOOD_CATEGORIES
    if name != "distress.ignored"
)
PLAIN = "plain"
NO_LABEL = {"-": "hard negative", ".": "plain talk"}
LEAST_POSITIVES, LEAST_HARD_NEGATIVES, LEAST_PLAIN = 80, 48, 250


def rows(stem: str) -> list[tuple[str, tuple[str, ...], str]]:
    """(speaker, labels, text) of one file; `-` and `.` stay as the only label."""
    lines = (FOLDER / f"{stem}.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if not line.startswith("#")]
    assert all(len(cell) == 3 for cell in cells), stem
    return [(speaker, tuple(labels.split(",")), text) for speaker, labels, text in cells]


@pytest.mark.parametrize("stem", [*CATEGORIES, PLAIN])
def test_cells_are_of_the_known_kinds(stem: str) -> None:
    for speaker, labels, text in rows(stem):
        assert speaker in {"agent", "customer"}, text
        assert text and text == text.strip() and "  " not in text, text
        assert len(set(labels)) == len(labels) <= 2, text
        assert (labels[0] in NO_LABEL and len(labels) == 1) or set(labels) <= set(CATEGORIES), text


@pytest.mark.parametrize("stem", [*CATEGORIES, PLAIN])
def test_the_speaker_fits_the_family_of_the_label(stem: str) -> None:
    for speaker, labels, text in rows(stem):
        for label in set(labels) - set(NO_LABEL):
            assert speaker == ("customer" if label.startswith("customer.") else "agent"), text


@pytest.mark.parametrize("stem", CATEGORIES)
def test_each_category_has_enough_of_both_kinds(stem: str) -> None:
    kinds = Counter(label for _, labels, _ in rows(stem) for label in labels)
    assert kinds[stem] >= LEAST_POSITIVES
    assert kinds["-"] >= LEAST_HARD_NEGATIVES
    assert not kinds["."]


@pytest.mark.parametrize("stem", CATEGORIES)
def test_hard_negatives_come_from_both_sides_of_the_line(stem: str) -> None:
    """A reader must not learn that whatever a customer says is harmless, or the other way round."""
    assert {speaker for speaker, labels, _ in rows(stem) if labels == ("-",)} == {"agent", "customer"}


def test_plain_talk_has_no_label_and_comes_from_both_sides() -> None:
    plain = rows(PLAIN)
    assert {labels for _, labels, _ in plain} == {(".",)}
    assert {speaker for speaker, _, _ in plain} == {"agent", "customer"}
    assert len(plain) >= LEAST_PLAIN


def test_no_text_is_given_twice() -> None:
    """Also not with other case or punctuation: a repeat would be split over training and judging."""
    texts = Counter(
        "".join(sign for sign in text.lower() if sign.isalnum())
        for stem in [*CATEGORIES, PLAIN]
        for _, _, text in rows(stem)
    )
    assert [text for text, count in texts.items() if count > 1] == []


def test_about_a_third_is_written_as_a_recogniser_writes() -> None:
    texts = [text for stem in [*CATEGORIES, PLAIN] for _, _, text in rows(stem)]
    bare = [text for text in texts if text == text.lower() and text[-1] not in ".?!"]
    assert 0.28 <= len(bare) / len(texts) <= 0.42
