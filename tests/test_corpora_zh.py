"""Checks the shape of the Mandarin corpora: columns, labels, counts, uniqueness, no overlap between the sets."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.corpora import all_examples, example_rows

DATA = Path(__file__).parent / "data"
DEV = Path(__file__).parents[2] / "shared" / "data" / "dev" / "zh_utterances.jsonl"
PUNCTUATION = "，。？！、—“”：；…"

CORE = (
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
    "customer.distress",
    "customer.dispute",
    "customer.stop_contact",
    "customer.complaint",
    "good.hardship_plan",
    "good.empathy",
    "good.rights",
)
FURTHER = (
    "impersonation.private",
    "conduct.off_channel",
    "conduct.complaint_obstruction",
    "privacy.number_read_aloud",
)
Line = dict[str, Any]


def lines_of(name: str) -> list[Line]:
    """All objects of one jsonl file, in file order."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


BLIND = lines_of("blind_zh.jsonl")
TRAIN = example_rows("zh", "first_author.tsv", "zt-")
SETS = {"blind": (BLIND, "zb-", 3, CORE), "train": (TRAIN, "zt-", 4, CORE + FURTHER)}


def bare(text: str) -> str:
    """Text without punctuation and spaces, for comparisons."""
    return re.sub(r"[^\w]", "", text)


def trigrams(text: str) -> frozenset[str]:
    """Character trigrams of the bare text (the text itself when shorter)."""
    plain = bare(text)
    return frozenset(plain[i : i + 3] for i in range(max(1, len(plain) - 2)))


def near_duplicates(ours: Iterable[str], others: Iterable[str], limit: float) -> list[tuple[str, str]]:
    """Pairs of one text from each side whose trigram Jaccard similarity is at least `limit`."""
    bags = [(text, trigrams(text)) for text in others]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, (_, bag) in enumerate(bags):
        for gram in bag:
            holders[gram].append(number)
    found = []
    for text in ours:
        mine = trigrams(text)
        shared = Counter(number for gram in mine for number in holders.get(gram, ()))
        for number, count in shared.items():
            other, bag = bags[number]
            if count / (len(mine) + len(bag) - count) >= limit:
                found.append((text, other))
    return found


def aims(lines: list[Line]) -> Counter[str]:
    """Hard negatives per category: lines stand in blocks, the block's category is its positives' first label."""
    counts: Counter[str] = Counter()
    block = ""
    for line in lines:
        if line["kind"] == "positive":
            block = line["labels"][0]
        elif line["kind"] == "hard_negative":
            counts[block] += 1
    return counts


@pytest.mark.parametrize("name", SETS)
def test_every_line_has_the_columns_and_a_kind_that_fits_its_labels(name: str) -> None:
    lines, prefix, digits, known = SETS[name]
    for number, line in enumerate(lines, 1):
        assert list(line) == ["id", "lang", "speaker", "text", "labels", "kind"]
        assert line["id"] == f"{prefix}{number:0{digits}d}"
        assert line["lang"] == "zh"
        assert line["speaker"] in {"agent", "customer"}
        assert line["kind"] in {"positive", "hard_negative", "plain"}
        assert set(line["labels"]) <= set(known)
        assert len(set(line["labels"])) == len(line["labels"])
        assert bool(line["labels"]) == (line["kind"] == "positive"), line["id"]
        assert line["text"] == line["text"].strip()
        assert 2 <= len(bare(line["text"])) <= 80, line["id"]


@pytest.mark.parametrize("name", SETS)
def test_customer_signals_are_said_by_customers_and_conduct_by_agents(name: str) -> None:
    for line in SETS[name][0]:
        for label in line["labels"]:
            assert line["speaker"] == ("customer" if label.startswith("customer.") else "agent"), line["id"]


@pytest.mark.parametrize("name", SETS)
def test_no_text_stands_twice(name: str) -> None:
    seen = Counter(bare(line["text"]) for line in SETS[name][0])
    assert [text for text, count in seen.items() if count > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_about_a_third_is_written_without_punctuation(name: str) -> None:
    lines = SETS[name][0]
    without = sum(not any(sign in line["text"] for sign in PUNCTUATION) for line in lines)
    assert 0.28 <= without / len(lines) <= 0.40


def test_the_blind_set_holds_its_counts() -> None:
    labels = Counter(label for line in BLIND for label in line["labels"])
    assert len(BLIND) == 360
    assert min(labels[category] for category in CORE) >= 9
    assert min(aims(BLIND)[category] for category in CORE) >= 6
    assert sum(line["kind"] == "plain" for line in BLIND) == 50


def test_the_training_set_holds_its_counts() -> None:
    labels = Counter(label for line in TRAIN for label in line["labels"])
    aimed = aims(TRAIN)
    assert len(TRAIN) >= 2600
    for categories, positives, negatives in ((CORE, 70, 40), (FURTHER, 30, 20)):
        assert min(labels[category] for category in categories) >= positives
        assert min(aimed[category] for category in categories) >= negatives
    assert sum(line["kind"] == "plain" for line in TRAIN) >= 300


def test_blind_lines_are_near_no_line_of_any_author() -> None:
    assert near_duplicates((line["text"] for line in BLIND), all_examples("zh"), 0.5) == []


@pytest.mark.skipif(not DEV.exists(), reason="the development utterances are not beside this clone")
@pytest.mark.parametrize("name", SETS)
def test_no_line_repeats_a_development_line(name: str) -> None:
    dev = [json.loads(line)["text"] for line in DEV.read_text(encoding="utf-8").splitlines()]
    assert near_duplicates((line["text"] for line in SETS[name][0]), dev, 0.5) == []


def test_near_duplicates_finds_a_changed_comma_and_spares_other_words() -> None:
    assert near_duplicates(["今天，先还五百行不行"], ["今天先还五百行不行？"], 0.5)
    assert not near_duplicates(["今天先还五百行不行"], ["明早我去柜台问问"], 0.5)


def test_quiet_turns_are_unique_and_tagged() -> None:
    turns = (DATA / "quiet_zh.txt").read_text(encoding="utf-8").splitlines()
    pairs = [turn.split("\t") for turn in turns]
    assert len(turns) >= 2200
    assert all(len(pair) == 2 and pair[0] in {"agent", "customer"} and pair[1].strip() for pair in pairs)
    texts = Counter(bare(pair[1]) for pair in pairs)
    assert [text for text, count in texts.items() if count > 1] == []
    assert min(Counter(pair[0] for pair in pairs).values()) >= 800


def test_quiet_turns_are_not_lines_of_the_labelled_sets() -> None:
    quiet = {bare(turn.split("\t")[1]) for turn in (DATA / "quiet_zh.txt").read_text("utf-8").splitlines()}
    labelled = {bare(line["text"]) for line in BLIND + TRAIN if line["labels"]}
    assert quiet & labelled == set()
