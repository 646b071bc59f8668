"""Checks the shape of the Mandarin example files by category: columns, labels, speakers, counts, no text twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "lexicons" / "examples" / "zh"
CATEGORIES = (
    "threat.violence",
    "threat.legal",
    "threat.exposure",
    "threat.visit",
    "harassment.insult",
    "harassment.repeated_contact",
    "privacy.third_party_disclosure",
    "privacy.intimidation",
    "privacy.number_read_aloud",
    "pressure.third_party_payment",
    "pressure.borrowing",
    "impersonation.authority",
    "impersonation.private",
    "misrepresentation.consequence",
    "misrepresentation.promise",
    "payment.irregular",
    "conduct.off_channel",
    "conduct.complaint_obstruction",
    "customer.distress",
    "customer.dispute",
    "customer.stop_contact",
    "customer.complaint",
    "good.hardship_plan",
    "good.empathy",
    "good.rights",
)
PUNCTUATION = frozenset("，。？！、—“”：；…")
Row = tuple[str, str, str]  # speaker, labels as written, text


def rows(name: str) -> list[Row]:
    """All rows of one file in file order, the comment line left out."""
    found = []
    for line in (EXAMPLES / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        speaker, labels, text = line.split("\t")  # a row of another width fails here
        found.append((speaker, labels, text))
    return found


def labels_of(row: Row) -> list[str]:
    """Category ids of one row; empty for hard negatives and plain talk."""
    return [] if row[1] in {"-", "."} else row[1].split(",")


ALL = {name: rows(name) for name in (*CATEGORIES, "plain")}
EVERY = [row for group in ALL.values() for row in group]


def test_every_category_has_a_file() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.tsv")} >= set(ALL)


def test_labels_are_those_of_the_lexicon() -> None:
    known = set(yaml.safe_load((ROOT / "lexicons" / "lexicon.yaml").read_text(encoding="utf-8"))["severity"])
    assert {label for row in EVERY for label in labels_of(row)} <= known


def test_labels_of_a_row_are_distinct() -> None:
    assert [row for row in EVERY if len(set(labels_of(row))) != len(labels_of(row))] == []


def test_speaker_fits_the_family_of_the_label() -> None:
    wrong = [
        row
        for row in EVERY
        for label in labels_of(row)
        if row[0] != ("customer" if label.startswith("customer.") else "agent")
    ]
    assert wrong == []
    assert {row[0] for row in EVERY} == {"agent", "customer"}


def test_no_text_twice() -> None:
    bare = Counter("".join(char for char in row[2] if char.isalnum()) for row in EVERY)
    assert [text for text, times in bare.items() if times > 1] == []


@pytest.mark.parametrize("name", CATEGORIES)
def test_counts_of_a_category(name: str) -> None:
    positives = [row for row in ALL[name] if name in labels_of(row)]
    others = [row for row in ALL[name] if name not in labels_of(row)]
    assert len(positives) >= 85
    assert len(others) >= 49
    assert "." not in {row[1] for row in ALL[name]}


def test_plain_talk_has_no_label() -> None:
    assert len(ALL["plain"]) >= 240
    assert {row[1] for row in ALL["plain"]} == {"."}


def test_texts_are_short_utterances_without_stray_space() -> None:
    assert [row for row in EVERY if row[2] != row[2].strip() or not 1 < len(row[2]) <= 65] == []


def test_part_of_the_lines_has_no_punctuation() -> None:
    unmarked = sum(not PUNCTUATION & set(row[2]) for row in EVERY)
    assert unmarked / len(EVERY) >= 0.25
