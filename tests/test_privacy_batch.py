"""Batches give what single texts give, over ordinary talk, personal data, and any mixture of their pieces."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.privacy import Detector
from audit.privacy.block import Block
from audit.privacy.reading import Reading

DATA = Path(__file__).parent / "data"
DETECTOR = Detector()


@cache
def talk(language: str) -> list[str]:
    """Ordinary lines, lines with breaches and lines with personal data of one language."""
    lines = (DATA / f"quiet_{language}.txt").read_text("utf-8").splitlines()
    for path in sorted(DATA.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        lines += [row["text"] for row in rows if row.get("lang") == language and "text" in row]
    return lines


def same(texts: list[str], language: str) -> None:
    singly = [DETECTOR.find(text, language) for text in texts]
    assert DETECTOR.find_many(texts, language) == singly


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_there_is_gives_the_same(language: str) -> None:
    texts = talk(language)
    assert len(texts) > 2000
    same(texts, language)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "change", [str.upper, str.title, lambda text: text.replace(" ", ""), lambda text: text[::2]]
)
def test_changed_lines_give_the_same(language: str, change) -> None:  # type: ignore[no-untyped-def]
    same([change(text) for text in talk(language)[::12]], language)


@pytest.mark.parametrize("language", ["zh", "en"])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_mixtures_of_pieces_give_the_same(language: str, data: st.DataObject) -> None:
    lines = talk(language)
    piece = st.integers(0, len(lines) - 1).flatmap(
        lambda at: st.tuples(st.integers(0, len(lines[at])), st.integers(1, 30)).map(
            lambda cut: lines[at][cut[0] : cut[0] + cut[1]]
        )
    )
    joint = st.sampled_from(["", " ", "，", ", ", "\n", "\nagent: ", "。"])
    text = st.lists(st.tuples(piece, joint), max_size=5).map(lambda parts: "".join(map("".join, parts)))
    same(data.draw(st.lists(text, max_size=8)), language)


STRANGE = [
    "",
    "Σας Ω ΑΣ",
    "😀 a 13812345678",
    "İ x",
    "\ud800x",
    "\ud83d\ude00",
    "餸 我叫王小明",
    "\x00",
    "１３８",
    "a\x00b",
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_strange_signs_give_the_same(language: str) -> None:
    same(STRANGE, language)
    for text in STRANGE:
        same([text, "我叫王小明", text], language)


@given(st.lists(st.text(), min_size=1, max_size=4))
@settings(deadline=None)
def test_a_block_is_folded_as_a_single_text_is(texts: list[str]) -> None:
    block = Block(texts, "zh")
    reading = Reading(block.text, "zh")
    assert (block.folded, block.low) == (reading.folded, reading.low)
    assert len(block.codes) == len(block.low)
    spans = zip(block.starts.tolist(), block.ends.tolist(), strict=True)
    assert [block.text[start:end] for start, end in spans] == texts
