"""The English data sets keep their shape, their counts and their distance from one another."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.corpora import all_examples, example_rows

HERE = Path(__file__).parent / "data"
DEV = Path(__file__).parents[2] / "shared" / "data" / "dev" / "en_utterances.jsonl"
CUSTOMER = {f"customer.{name}" for name in ("distress", "dispute", "stop_contact", "complaint")}
BASE = CUSTOMER | {
    "threat.violence",
    "threat.legal",
    "threat.exposure",
    "threat.visit",
    "harassment.insult",
    "harassment.repeated_contact",
    "privacy.third_party_disclosure",
    "privacy.intimidation",
    "pressure.third_party_payment",
    "pressure.borrowing",
    "impersonation.authority",
    "misrepresentation.consequence",
    "misrepresentation.promise",
    "payment.irregular",
    "good.hardship_plan",
    "good.empathy",
    "good.rights",
}
FURTHER = {
    "impersonation.private",
    "conduct.off_channel",
    "conduct.complaint_obstruction",
    "privacy.number_read_aloud",
}
NEAR = 0.5  # Jaccard from which two lines count as the same line reworded
SETS = {"blind_en": "eb", "train_en": "et"}


def rows(name: str) -> list[dict[str, Any]]:
    if name == "train_en":
        return example_rows("en", "first_author.tsv", "et-")
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]


def words(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower()).split())


def quiet() -> list[tuple[str, str]]:
    lines = (HERE / "quiet_en.txt").read_text("utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t", 1)[1]) for line in lines]


def shingles(text: str) -> tuple[frozenset[str], frozenset[str]]:
    plain = words(text)
    tokens = plain.split()
    grams = frozenset(plain[i : i + 4] for i in range(len(plain) - 3))
    return grams, frozenset(" ".join(tokens[i : i + 3]) for i in range(len(tokens) - 2))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    if min(len(one), len(other)) < NEAR * max(len(one), len(other), 1):
        return 0.0  # the sizes alone keep the quotient below NEAR
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def near(one: list[str], other: list[str]) -> list[tuple[str, str]]:
    left = [(text, *shingles(text)) for text in one]
    right = [(text, *shingles(text)) for text in other]
    return [
        (a, b)
        for a, chars_a, tri_a in left
        for b, chars_b, tri_b in right
        if jaccard(chars_a, chars_b) >= NEAR or jaccard(tri_a, tri_b) >= NEAR
    ]


def test_near_sees_a_reworded_line_and_not_a_different_one() -> None:
    line = "I'll have your car off the drive by Friday."
    assert near([line], ["Well, I'll have your car off the drive by Friday."])
    assert not near([line], ["Could you tell me the date on the letter?"])


@pytest.mark.parametrize(("name", "prefix"), SETS.items())
def test_every_row_has_the_columns_of_the_development_set(name: str, prefix: str) -> None:
    for row in rows(name):
        assert list(row) == ["id", "lang", "speaker", "text", "labels", "kind"]
        assert re.fullmatch(rf"{prefix}-\d+", row["id"])
        assert row["lang"] == "en"
        assert row["speaker"] in {"agent", "customer"}
        assert row["text"] == row["text"].strip() != ""


@pytest.mark.parametrize("name", SETS)
def test_labels_are_known_fit_the_kind_and_the_speaker(name: str) -> None:
    for row in rows(name):
        labels = set(row["labels"])
        assert len(labels) == len(row["labels"])
        assert labels <= BASE | FURTHER, row["id"]
        assert row["kind"] in {"positive", "hard_negative", "plain"}
        assert bool(labels) == (row["kind"] == "positive"), row["id"]
        assert all((label in CUSTOMER) == (row["speaker"] == "customer") for label in labels), row["id"]


@pytest.mark.parametrize("name", SETS)
def test_ids_and_texts_are_unique(name: str) -> None:
    found = rows(name)
    assert len({row["id"] for row in found}) == len(found)
    assert len({words(row["text"]) for row in found}) == len(found)


@pytest.mark.parametrize(
    ("name", "size", "base", "further", "plain"),
    [("blind_en", 320, 8, 0, 45), ("train_en", 2400, 65, 30, 300)],
)
def test_counts(name: str, size: int, base: int, further: int, plain: int) -> None:
    found = rows(name)
    counts = Counter(label for row in found for label in row["labels"])
    assert len(found) >= size
    assert all(counts[label] >= base for label in BASE), counts
    assert all(counts[label] >= further for label in FURTHER), counts
    assert sum(row["kind"] == "plain" for row in found) >= plain


@pytest.mark.parametrize("name", SETS)
def test_about_a_third_reads_as_a_recogniser_writes(name: str) -> None:
    found = rows(name)
    bare = sum(not re.search(r"[.,?!;:]", row["text"]) for row in found)
    assert 0.25 <= bare / len(found) <= 0.45


def test_blind_lines_share_no_line_with_any_author_even_reworded() -> None:
    assert near([r["text"] for r in rows("blind_en")], all_examples("en")) == []


def test_quiet_lines_are_many_and_distinct() -> None:
    found = quiet()
    assert len(found) >= 2200
    assert {speaker for speaker, _ in found} == {"agent", "customer"}
    assert len({words(text) for _, text in found}) == len(found)


def test_quiet_lines_are_no_labelled_lines() -> None:
    labelled = {words(row["text"]) for name in SETS for row in rows(name) if row["labels"]}
    assert not labelled & {words(text) for _, text in quiet()}


@pytest.mark.skipif(not DEV.exists(), reason="the development set is not beside this clone")
@pytest.mark.parametrize("name", SETS)
def test_no_line_of_the_development_set_comes_back(name: str) -> None:
    dev = [json.loads(line)["text"] for line in DEV.read_text("utf-8").splitlines()]
    assert near([row["text"] for row in rows(name)], dev) == []
