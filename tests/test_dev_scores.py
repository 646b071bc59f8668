"""The scorer of labelled lines: further categories count where a set is labelled for them; the table adds up."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from audit.models import AGENT_CATEGORIES, CUSTOMER_CATEGORIES, GOOD_CATEGORIES
from benchmarks.dev_scores import FURTHER, SAID, Score, counts_of, judged, main

LINES = [
    (
        "agent",
        ["conduct.off_channel"],
        "positive",
        "Let's go off this line, add me on my own WhatsApp and we talk there.",
    ),
    ("agent", ["threat.legal"], "positive", "Pay today or you are going to jail."),
    ("agent", [], "plain", "Good morning, how are you?"),
]


def test_every_category_is_either_always_or_sometimes_judged() -> None:
    assert set(SAID) | set(FURTHER) == {*AGENT_CATEGORIES, *CUSTOMER_CATEGORIES, *GOOD_CATEGORIES}
    assert not set(SAID) & set(FURTHER)


@pytest.mark.parametrize("category", FURTHER)
def test_further_categories_count_where_they_are_labels(category: str) -> None:
    assert category not in judged([{"labels": ["threat.legal"]}, {"labels": []}])
    assert category in judged([{"labels": ["threat.legal"]}, {"labels": [category]}])


def test_a_row_without_anything_has_no_shares() -> None:
    assert counts_of(Score(3, 1, 2)).split() == ["5", "4", "3", "1", "2", "0.75", "0.60"]
    assert counts_of(Score(0, 0, 2)).split() == ["2", "0", "0", "0", "2", "–", "0.00"]


def test_the_table_counts_a_further_category(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lines.jsonl"
    rows = [
        {"id": str(at), "lang": "en", "speaker": who, "text": text, "labels": labels, "kind": kind}
        for at, (who, labels, kind, text) in enumerate(LINES)
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.setattr(sys, "argv", ["dev_scores", "--utterances", str(file)])
    main()
    table = {line.split()[1]: line.split()[2:] for line in capsys.readouterr().out.splitlines()}
    assert table["conduct.off_channel"][0] == table["threat.legal"][0] == "1"
    assert table["all"][0] == "2"
