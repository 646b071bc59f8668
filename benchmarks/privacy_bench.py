"""Speed of the privacy room against stock Presidio on the same utterances, in one run on one core.

    python -m benchmarks.privacy_bench [FILE.jsonl ...] [--count 100000] [--stock 5000] [--stream 1000000]

Files are JSON lines with `text` and `lang`, or turns as `tests/data/quiet_*.txt` holds them (a speaker, a tab, the
words; the language ends the file's name); without any, the shipped labelled sets. Utterances are cycled
up to `--count`, each made different by a trailing blank count so that no cache of whole texts could help.
CPU time of the process is taken (`time.process_time`): other load on the machine does not count. "Missed"
are stock findings of the claimed types with a score of at least 0.4 that the room has no finding over.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from audit.privacy import Detector

SHIPPED = Path(__file__).parents[1] / "tests" / "data"
CLAIMED = {
    "CREDIT_CARD",
    "EMAIL_ADDRESS",
    "US_SSN",
    "UK_NINO",
    "PHONE_NUMBER",
    "IBAN_CODE",
    "CRYPTO",
    "IP_ADDRESS",
    "MAC_ADDRESS",
}


def read(paths: list[Path]) -> list[tuple[str, str]]:
    """(text, language) of every line."""
    return [row for path in paths for row in _rows(path)]


def _rows(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".txt":
        language = path.stem.rpartition("_")[2]
        return [(line.partition("\t")[2], language) for line in lines]
    return [(row["text"], row["lang"]) for row in map(json.loads, lines)]


def utterances(rows: list[tuple[str, str]], count: int) -> Iterator[tuple[str, str]]:
    """`count` utterances, no two alike."""
    for k, (text, language) in enumerate(islice(cycle(rows), count)):
        yield text + " " * (k // len(rows) % 50), language


def stock_engine() -> Any:
    """Presidio's AnalyzerEngine with its default recognisers over a blank pipeline (nothing to download)."""
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    # Stock Presidio would fetch the suffix list here; the one that ships in tldextract does as well.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # type: ignore[assignment]
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


def stock_run(rows: list[tuple[str, str]]) -> tuple[float, list[list[Any]]]:
    """Utterances a second of `AnalyzerEngine.analyze` and what it found."""
    engine = stock_engine()
    engine.analyze("warm up", language="en")
    begin = time.process_time()
    found = [engine.analyze(text, language="en") for text, _ in rows]
    return len(rows) / (time.process_time() - begin), found


def room_run(detector: Detector, rows: list[tuple[str, str]], block: int = 20000) -> tuple[float, int]:
    """Utterances a second of `Detector.find_many`, fed in blocks as a stream would be, and data found."""
    begin, total = time.process_time(), 0
    for at in range(0, len(rows), block):
        part = rows[at : at + block]
        total += sum(map(len, detector.find_many([t for t, _ in part], [lang for _, lang in part])))
    return len(rows) / (time.process_time() - begin), total


def resident_mb() -> float:
    """Memory the process holds now, MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def stream_run(detector: Detector, rows: list[tuple[str, str]], count: int, block: int = 20000) -> None:
    """Feeds `count` utterances, made as they are needed, and prints the memory held after each tenth."""
    stream, begin = utterances(rows, count), time.process_time()
    for at in range(0, count, block):
        part = list(islice(stream, block))
        detector.find_many([t for t, _ in part], [lang for _, lang in part])
        if (at + block) % (count // 10) < block:
            spent = time.process_time() - begin
            done = min(count, at + block)
            print(
                f"{done:10,d} utterances  {done / spent:10,.0f} utterances/s  {resident_mb():8.1f} MB",
                flush=True,
            )


def missed(detector: Detector, rows: list[tuple[str, str]], found: list[list[Any]]) -> list[str]:
    """Types of stock findings that no finding of the room overlaps."""
    gone = []
    for (text, language), results in zip(rows, found, strict=True):
        ours = detector.find(text, language)
        for result in results:
            known = result.entity_type in CLAIMED and result.score >= 0.4
            if known and not any(d.start < result.end and d.end > result.start for d in ours):
                gone.append(result.entity_type)
    return gone


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--stock", type=int, default=5_000, help="utterances stock Presidio is timed on")
    parser.add_argument("--stream", type=int, default=0, help="instead: memory over so many utterances")
    arguments = parser.parse_args()
    rows = read(arguments.files or sorted(SHIPPED.glob("personal_data*.jsonl")))
    if arguments.stream:
        stream_run(Detector(), rows, arguments.stream)
        return
    many = list(utterances(rows, arguments.count))
    detector = Detector()
    detector.find_many([t for t, _ in rows], [lang for _, lang in rows])
    base, found = stock_run(many[: arguments.stock])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    speed, data = room_run(detector, many)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    single = many[: arguments.stock]
    begin = time.process_time()
    for text, language in single:
        detector.find(text, language)
    one = len(single) / (time.process_time() - begin)
    gone = missed(detector, rows, found[: len(rows)]) if len(found) >= len(rows) else []
    print(f"utterances {len(many):,} ({len(rows):,} different), data found {data:,}")
    print(f"stock AnalyzerEngine.analyze  {base:10,.0f} utterances/s")
    print(f"Detector.find                 {one:10,.0f} utterances/s  {one / base:6.1f} x")
    print(f"Detector.find_many            {speed:10,.0f} utterances/s  {speed / base:6.1f} x")
    print(
        f"memory grown during find_many {grown:.1f} MB; stock findings of claimed types missed: {len(gone)} {sorted(gone)}"
    )


if __name__ == "__main__":
    main()
