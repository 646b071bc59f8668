"""Speed of the phrase pass as ratios to named baselines, measured in one run on one core.

    python -m benchmarks.phrases_bench [--utterances 200000] [--json FILE]

Compared are the product's matcher, spaCy's PhraseMatcher and one compiled `re` alternation: the same literal phrases (the
words of the shipped pack), the same utterances, from raw text as each tool is used. Then: cost over the number of phrases (200 to 20,000), compile time, the whole judge, heard-as against pypinyin, memory over a stream.
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
from pathlib import Path

from audit.lexicon import load_with_faults
from audit.lexicon.model import Pack
from audit.phrases import Lists, Matcher, fold, parse
from audit.phrases.grammar import Literal, Node, walk
from audit.phrases.screening import screened, sounded
from audit.rules import Judge

DATA = Path(__file__).parents[1] / "tests" / "data"
BASELINE_PART = 20


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of the phrase pass.")
    parser.add_argument("--utterances", type=int, default=200_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pack = load_with_faults()[0]
    figures: dict[str, float] = {}
    for language in ("zh", "en"):
        texts = list(utterances(language, options.utterances // 2))
        figures |= {
            f"{language}.{name}": value for name, value in against_baselines(pack, language, texts).items()
        }
        figures |= {
            f"{language}.{name}": value for name, value in growth(language, texts[: len(texts) // 10]).items()
        }
    figures |= whole(pack, options.utterances)
    for name, value in figures.items():
        print(f"{name:<56} {value:,.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def utterances(language: str, count: int) -> Iterator[str]:
    """Distinct utterances: two or three pieces of ordinary and of hard lines joined in a seeded order."""
    lines = []
    for line in (DATA / f"quiet_{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            lines.append(line.split("\t")[-1])
    for line in (DATA / f"train_{language}.jsonl").read_text(encoding="utf-8").splitlines():
        lines.append(json.loads(line)["text"])
    source = random.Random(language)
    for number in range(count):
        first = lines[source.randrange(len(lines))]
        yield (
            first
            if number % 2
            else first + (" " if language == "en" else "，") + lines[source.randrange(len(lines))][:12]
        )


def literals(pack: Pack, language: str) -> list[str]:
    """Every literal of two tokens or more that the pack's phrases and lists hold."""
    words = pack.languages[language]
    found: set[str] = set()

    def take(node: Node) -> None:
        if isinstance(node, Literal) and len(node.tokens) > 1:
            found.add((" " if language == "en" else "").join(node.tokens))

    for node in [*words.found, *(item for nodes in words.lists.nodes.values() for item in nodes)]:
        walk(node, take)
    return sorted(found)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Processor seconds, best of several."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def against_baselines(pack: Pack, language: str, texts: Sequence[str]) -> dict[str, float]:
    """From raw text, as each tool is used: ours screens and searches; spaCy tokenises and matches; `re` searches."""
    import spacy
    from spacy.matcher import PhraseMatcher

    phrases = literals(pack, language)
    matcher = Matcher([parse(phrase, language) for phrase in phrases], Lists(language, {}))
    nlp = spacy.blank(language)
    peer = PhraseMatcher(nlp.vocab, attr="LOWER")
    peer.add("all", [nlp.make_doc(phrase) for phrase in phrases])
    pattern = re.compile(
        "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True)), re.IGNORECASE
    )
    part, few = texts[::BASELINE_PART], texts[:: BASELINE_PART * 10]
    ours = seconds(lambda: [one_pass(matcher, text) for text in texts]) / len(texts)
    spacy_s = seconds(lambda: [peer(nlp.make_doc(text)) for text in part]) / len(part)
    re_s = seconds(lambda: [pattern.findall(text) for text in few], 1) / len(few)
    return {
        "literal phrases": len(phrases),
        "our pass, utterances/s": 1 / ours,
        "PhraseMatcher with tokenising, utterances/s": 1 / spacy_s,
        "re alternation, utterances/s": 1 / re_s,
        "ratio to PhraseMatcher": spacy_s / ours,
        "ratio to re": re_s / ours,
    }


def one_pass(matcher: Matcher, text: str) -> set[int]:
    """Which phrases are in a raw text."""
    seen = screened(text, matcher.language)
    return matcher.index.look(fold(text, matcher.language).found_in if seen is None else seen)[0]


def growth(language: str, texts: Sequence[str]) -> dict[str, float]:
    """Cost of the pass at 200 and 20,000 made-up phrases, and the time to compile the latter."""
    words = sorted({token for text in texts for token in fold(text, language).tokens if token.isalpha()})
    source = random.Random(7)
    glue = " " if language == "en" else ""
    made = [glue.join(source.choices(words, k=source.randint(3, 5))) for _ in range(20_000)]
    costs = []
    for count in (200, 20_000):
        begun = time.process_time()
        matcher = Matcher([parse(phrase, language) for phrase in made[:count]], Lists(language, {}))
        compiled = time.process_time() - begun
        costs.append(seconds(lambda matcher=matcher: [one_pass(matcher, text) for text in texts]))  # type: ignore[misc]
    return {
        "20,000 phrases cost, times 200 phrases": costs[1] / costs[0],
        "20,000 phrases compile, s": compiled,
    }


def whole(pack: Pack, count: int) -> dict[str, float]:
    """The whole judge, heard-as and memory."""
    texts = [(text, language) for language in ("zh", "en") for text in utterances(language, count // 20)]
    phrase_only, both = Judge(pack, frozenset({"phrase"})), Judge(pack)
    first = seconds(lambda: [phrase_only.utterance(text, language, "agent") for text, language in texts], 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    second = seconds(lambda: [both.utterance(text, language, "agent") for text, language in texts], 2)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "judge, phrases only, utterances/s": len(texts) / first,
        "judge, with heard-as, utterances/s": len(texts) / second,
        "memory growth over the stream, MiB": (after - before) / 1024,
        **sounds([text for text, language in texts if language == "zh"]),
    }


def sounds(texts: Sequence[str]) -> dict[str, float]:
    """Our syllable reading against pypinyin's."""
    from pypinyin import lazy_pinyin

    seen = [screened(text, "zh") or fold(text, "zh").found_in for text in texts]
    ours = seconds(lambda: [sounded(text, "zh") for text in seen])
    part = texts[::BASELINE_PART]
    theirs = seconds(lambda: [lazy_pinyin(text) for text in part]) * len(texts) / len(part)
    return {"syllables, ratio to pypinyin": theirs / ours}


if __name__ == "__main__":
    main()
