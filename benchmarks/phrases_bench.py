"""Speed of the phrase pass and of judging as ratios to named baselines, measured in one run on one core.

    python -m benchmarks.phrases_bench [--utterances 200000] [--json FILE]

What is compared: every phrase of two hard words (characters) or more that stands in the shipped pack without a filler
inside, looked for in the same distinct utterances (ordinary turns and example lines, alone and joined), all from raw
text, each tool as it is used. Ours (`audit.phrases.bulk.Strings`) takes blocks of 4,096 texts, folds them and gives
each phrase with its place; PhraseMatcher takes `nlp.make_doc(text)` and gives places of the lower-cased words (it
knows no folding and no fillers); `re` is one compiled alternation with IGNORECASE, `findall` on each text. Before
timing, ours is held against the exact matcher text by text. Then: cost over the number of phrases (200 to 20,000),
time to compile, the whole judge from text to findings, loading, the sounds of a text against pypinyin's, memory.
Processor time, best of three; the baselines run on a part of the utterances and are scaled.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

from audit.lexicon import load_pack, load_with_faults, shipped_directory
from audit.lexicon.model import Pack
from audit.phrases import Lists, Matcher, fold, parse
from audit.phrases.bulk.strings import Numbers, Strings
from audit.phrases.folding import join, may_be_soft
from audit.phrases.grammar import Literal, Node, walk
from audit.phrases.numbers import number_words
from audit.rules import Judge

DATA = Path(__file__).parents[1] / "tests" / "data"
BASELINE_PART = 20
BLOCK = 4096


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of the phrase pass.")
    parser.add_argument("--utterances", type=int, default=200_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pack = load_with_faults()[0]
    figures: dict[str, float] = {}
    for language in ("zh", "en"):
        texts = list(islice(utterances(language), options.utterances // 2))
        for part in (against_baselines(pack, language, texts), growth(language, texts[: len(texts) // 10])):
            figures |= {f"{language}.{name}": value for name, value in part.items()}
    figures |= whole(pack, options.utterances)
    for name, value in figures.items():
        print(f"{name:<60} {value:,.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


@cache
def lines(language: str, ordinary: bool) -> list[str]:
    """Ordinary turns, or the example lines of the pack."""
    folder = shipped_directory() / "examples" / language
    paths = [DATA / f"quiet_{language}.txt"] if ordinary else sorted(folder.glob("*.tsv"))
    rows = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines())
    return [row.split("\t")[-1] for row in rows if row.strip() and not row.startswith("#")]


def utterances(language: str, examples: bool = True) -> Iterator[str]:
    """Distinct utterances without end: lines, and lines with a piece of another, in a seeded order."""
    some = lines(language, True) + (lines(language, False) if examples else [])
    source, seen = random.Random(language), set()
    while True:
        text = source.choice(some)
        if text in seen:
            text += (" " if language == "en" else "，") + source.choice(some)[: source.randint(4, 16)]
        if text not in seen:
            seen.add(text)
            yield text


def literals(pack: Pack, language: str) -> list[tuple[str, ...]]:
    """The tokens of every literal of two words or more that the pack's phrases and lists hold, no filler inside."""
    words = pack.languages[language]
    found: set[tuple[str, ...]] = set()

    def take(node: Node) -> None:
        if isinstance(node, Literal) and len(node.tokens) > 1:
            plain = all(token.isalpha() and not may_be_soft(token, language) for token in node.tokens)
            if plain:
                found.add(node.tokens)

    for node in [*words.found, *(item for nodes in words.lists.nodes.values() for item in nodes)]:
        walk(node, take)
    return sorted(found)


def strings_of(phrases: Sequence[tuple[str, ...]], language: str) -> Strings:
    return Strings([tuple(join(list(p), "zh")) if language == "zh" else p for p in phrases], language)


def one_pass(strings: Strings, texts: Sequence[str]) -> list[tuple[Numbers, Numbers]]:
    """Every phrase in every text: numbers of texts, of phrases, block by block."""
    found: list[tuple[Numbers, Numbers]] = []
    for at in range(0, len(texts), BLOCK):
        stream = strings.read(texts[at : at + BLOCK])
        places, numbers = strings.places(stream)
        found.append((at + stream.text_of[stream.columns[places]], numbers.astype(int)))
    return found


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Processor seconds, best of several."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def against_baselines(pack: Pack, language: str, texts: Sequence[str]) -> dict[str, float]:
    """Ours, PhraseMatcher and one `re`, each from raw text."""
    import spacy
    from spacy.matcher import PhraseMatcher

    phrases = literals(pack, language)
    glue = "" if language == "zh" else " "
    written = [glue.join(phrase) for phrase in phrases]
    strings = strings_of(phrases, language)
    share = agreement(strings, written, language, texts[:2000])
    nlp = spacy.blank(language)
    peer = PhraseMatcher(nlp.vocab, attr="LOWER")
    peer.add("all", [nlp.make_doc(phrase) for phrase in written])
    longest_first = sorted(map(re.escape, written), key=len, reverse=True)
    pattern = re.compile("|".join(longest_first), re.IGNORECASE)
    part, few = texts[::BASELINE_PART], texts[:: BASELINE_PART * 10]
    ours = seconds(lambda: one_pass(strings, texts)) / len(texts)
    spacy_s = seconds(lambda: [peer(nlp.make_doc(text)) for text in part]) / len(part)
    re_s = seconds(lambda: [pattern.findall(text) for text in few]) / len(few)
    return {
        "literal phrases": len(phrases),
        **share,
        "our pass, utterances/s": 1 / ours,
        "PhraseMatcher with tokenising, utterances/s": 1 / spacy_s,
        "re alternation, utterances/s": 1 / re_s,
        "ratio to PhraseMatcher": spacy_s / ours,
        "ratio to re": re_s / ours,
    }


def agreement(
    strings: Strings, written: Sequence[str], language: str, texts: Sequence[str]
) -> dict[str, float]:
    """How far the pass names the phrases that the exact matcher finds.

    It misses none; it names some more, as it steps over words such as 那个 or `you know` wherever they stand.
    """
    matcher = Matcher([parse(phrase, language) for phrase in written], Lists(language, {}))
    named = {
        (int(text), int(number))
        for text_numbers, numbers in one_pass(strings, texts)
        for text, number in zip(text_numbers, numbers, strict=True)
    }
    exact = {(at, number) for at, text in enumerate(texts) for number in matcher.scan(fold(text, language))}
    both = len(named & exact)
    return {
        "finds of the exact matcher that the pass names": both / len(exact),
        "finds of the pass that are the exact matcher's": both / len(named),
    }


def growth(language: str, texts: Sequence[str]) -> dict[str, float]:
    """Cost of the pass at 200 and 20,000 made-up phrases; time to parse and compile the latter, for pass and matcher."""
    words = sorted({token for text in texts for token in fold(text, language).tokens if token.isalpha()})
    words = [word for word in words if not may_be_soft(word, language)]
    source = random.Random(7)
    glue = " " if language == "en" else ""
    made = [glue.join(source.choices(words, k=source.randint(3, 5))) for _ in range(20_000)]
    costs = []
    for count in (200, 20_000):
        begun = time.process_time()
        matcher = Matcher([parse(phrase, language) for phrase in made[:count]], Lists(language, {}))
        strings = strings_of([entry.part.tokens for entry in matcher.entries], language)  # type: ignore[attr-defined]
        compiled = time.process_time() - begun
        costs.append(seconds(lambda strings=strings: one_pass(strings, texts)))  # type: ignore[misc]
    return {
        "20,000 phrases cost, times 200 phrases": costs[1] / costs[0],
        "20,000 phrases parse and compile, s": compiled,
    }


def whole(pack: Pack, count: int) -> dict[str, float]:
    """Loading, the judge from texts to findings, sounds, memory."""
    begun = time.process_time()
    load_pack()
    loaded = time.process_time() - begun
    figures = {"pack, read and checked, s": loaded}
    for name, bases in (("phrases only", frozenset({"phrase"})), ("with heard-as", None)):
        begun = time.process_time()
        judge = Judge(pack, bases)
        for language in ("zh", "en"):
            judge.utterances(lines(language, True)[:10], language, "agent")
        figures[f"judge, {name}, compile, s"] = time.process_time() - begun
        figures |= {f"judge, {name}, {key}": value for key, value in judging(judge, count).items()}
    return figures | sounds(list(islice(utterances("zh", False), count // 10)))


def judging(judge: Judge, count: int) -> dict[str, float]:
    """Utterances a second: ordinary ones, and with as many example lines, half of which have something to find."""
    figures = {}
    for name, examples in (("ordinary utterances/s", False), ("half example lines, utterances/s", True)):
        texts = [
            (text, language)
            for language in ("zh", "en")
            for text in islice(utterances(language, examples), count // (8 if examples else 2))
        ]
        said, languages = [text for text, _ in texts], [language for _, language in texts]
        judge.utterances(said[:BLOCK], languages[:BLOCK], "agent")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        figures[name] = len(texts) / seconds(lambda: in_blocks(judge, said, languages), 2)  # noqa: B023
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        figures[f"{name.split(',')[0].removesuffix(' utterances/s')}: memory growth, MiB"] = (
            after - before
        ) / 1024
    return figures


def in_blocks(judge: Judge, texts: Sequence[str], languages: Sequence[str]) -> int:
    """As a stream is judged: block by block, results let go."""
    return sum(
        len(found)
        for at in range(0, len(texts), BLOCK)
        for found in judge.utterances(texts[at : at + BLOCK], languages[at : at + BLOCK], "agent")
    )


def sounds(texts: Sequence[str]) -> dict[str, float]:
    """300 phrases found by their sound: ours from raw text to places; pypinyin from raw text to syllables only.

    Hits are compared on a part: whether a text's syllables hold a phrase's, confusions folded alike for both.
    """
    from pypinyin import lazy_pinyin

    from audit.phrases.bulk.anchors import Anchors
    from audit.phrases.bulk.misheard import sound_numbers

    usual = (p for p in literals(load_with_faults()[0], "zh") if not set(p) & number_words("zh"))
    phrases = list(usual)[::20][:300]
    strings = strings_of(phrases, "zh")
    sound = sound_numbers(strings.hard, strings.cutter)
    spoken = [tuple(sound[list(string)].tolist()) for string in strings.hard]
    distinct = sorted(set(spoken))
    anchors = Anchors(distinct, int(sound.max()) + 1)

    def ours() -> list[tuple[Numbers, Numbers]]:
        hits: list[tuple[Numbers, Numbers]] = []
        for at in range(0, len(texts), BLOCK):
            stream = strings.read(texts[at : at + BLOCK])
            places, numbers = anchors.find(sound[stream.codes])
            hits.append((at + stream.text_of[stream.columns[places]], numbers.astype(int)))
        return hits

    part = range(0, len(texts), BASELINE_PART)
    ratio = seconds(lambda: [lazy_pinyin(texts[n]) for n in part]) * len(texts) / len(part) / seconds(ours)
    theirs = {
        (number, distinct.index(spoken[at]))
        for number in part
        for heard in [syllables_of(texts[number])]
        for at, phrase in enumerate(phrases)
        if syllables_of("".join(phrase)) in heard
    }
    mine = {
        (int(text), int(number))
        for hits in ours()
        for text, number in zip(*hits, strict=True)
        if text % BASELINE_PART == 0
    }
    return {
        "heard-as: ratio to pypinyin": ratio,
        "heard-as: hits by pypinyin that are ours too": len(mine & theirs) / max(1, len(theirs)),
        "heard-as: our hits that are pypinyin's too": len(mine & theirs) / max(1, len(mine)),
    }


@cache
def syllables_of(text: str) -> str:
    """The hard characters' syllables by pypinyin, one by one, with what recognisers confuse folded together."""
    from pypinyin import lazy_pinyin

    from benchmarks.make_syllables import sound

    folded = fold(text, "zh")
    pieces = [
        "|" * sentence + (token if token in number_words("zh") else f"<{sound(lazy_pinyin(token)[0])}>")
        for token, sentence in zip(folded.tokens, steps(folded.sentences), strict=True)
        if not may_be_soft(token, "zh")
    ]
    return "".join(pieces)


def steps(sentences: Sequence[int]) -> list[int]:
    """1 where a sentence begins after another."""
    return [0, *(int(a != b) for a, b in pairwise(sentences))][: len(sentences)]


if __name__ == "__main__":
    main()
