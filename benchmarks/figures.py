"""The README's figures anew: `python -m benchmarks.figures [--check]` runs the scorers and rewrites the marked block.

Sets of the repository only, so that anyone can run it: the blind utterances (written apart from every rule), the quiet
half that nothing was trained on, the calls, and the personal-data lines. Both READMEs carry the same block.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
BLOCK = re.compile(r"(<!-- figures:begin -->\n).*?(<!-- figures:end -->)", re.DOTALL)


def utterances(language: str, noise: bool = False) -> dict[str, float]:
    """Precision, recall and false alarms of both readers together on the blind set."""
    from audit.examples import as_heard
    from audit.lexicon import load_pack
    from audit.models import Turn
    from audit.pipeline import with_second_reader
    from audit.rules import Judge
    from audit.similar import load
    from benchmarks.dev_scores import judged

    judge, reader = Judge(load_pack()), load(None)
    counts: Counter[str] = Counter()
    lines = (DATA / f"blind_{language}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    categories = judged(rows)
    for row in rows:
        text = as_heard(row["text"], language, seed=row["id"]) if noise else row["text"]
        found = judge.utterance(text, language, row["speaker"])
        found = with_second_reader(found, reader, [Turn(0, row["speaker"], text)], language)
        named = {one.category for one in found if one.excused is None and not one.trial} & categories
        labels = set(row["labels"]) & categories
        counts.update(right=len(named & labels), named=len(named), wanted=len(labels))
        counts.update({row["kind"]: 1, "alarm " + row["kind"]: int(bool(named))})
    return {
        "precision": counts["right"] / max(1, counts["named"]),
        "recall": counts["right"] / max(1, counts["wanted"]),
        "hard negatives named": counts["alarm hard_negative"] / counts["hard_negative"],
        "plain lines named": counts["alarm plain"] / counts["plain"],
    }


def quiet(language: str) -> float:
    """Findings (good practice aside) per 1,000 quiet turns of the half that trained nothing."""
    from audit.lexicon import load_pack
    from audit.models import Turn
    from audit.pipeline import with_second_reader
    from audit.rules import Judge
    from audit.similar import load

    judge, reader = Judge(load_pack()), load(None)
    turns = alarms = 0
    for line in (DATA / f"quiet_{language}.txt").read_text("utf-8").splitlines():
        speaker, _, text = line.partition("\t")
        if int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2 == 0:
            continue
        found = judge.utterance(text, language, speaker)  # type: ignore[arg-type]
        turn = Turn(0, speaker, text)  # type: ignore[arg-type]
        found = with_second_reader(found, reader, [turn], language)
        turns += 1
        alarms += any(
            one.excused is None and not one.trial and not one.category.startswith("good.") for one in found
        )
    return 1000 * alarms / turns


def calls() -> dict[str, int]:
    """Decisions right, missed and false on the call set."""
    from benchmarks.call_scores import run, score

    with tempfile.TemporaryDirectory() as folder:
        result = score(DATA / "calls", run(DATA / "calls", Path(folder)))
    return {
        "right": result["right"],
        "expected": result["expected"],
        "false": len(result["false"]),
        "signals": result["signals"] - len(result["signals missed"]),
        "signals expected": result["signals"],
    }


def block() -> str:
    """The table, ready for a README."""
    rows = ["| on | zh | en |", "|---|---|---|"]
    blind = {language: utterances(language) for language in ("zh", "en")}
    for name in ("precision", "recall", "hard negatives named", "plain lines named"):
        cells = " | ".join(f"{blind[language][name]:.1%}" for language in ("zh", "en"))
        rows.append(f"| blind utterances: {name} | {cells} |")
    noisy = {language: utterances(language, noise=True)["recall"] for language in ("zh", "en")}
    rows.append(
        "| the same at 10 % recognition errors: recall | "
        + " | ".join(f"{noisy[x]:.1%}" for x in noisy)
        + " |"
    )
    rows.append(
        "| alarms per 1,000 quiet turns | " + " | ".join(f"{quiet(x):.1f}" for x in ("zh", "en")) + " |"
    )
    seen = calls()
    rows.append(
        f"\nOn the call set: {seen['right']} of {seen['expected']} expected decisions right, {seen['false']} false, "
        f"{seen['signals']} of {seen['signals expected']} signals found (`python -m benchmarks.call_scores --data tests/data/calls`)."
    )
    return "\n".join(rows) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the READMEs are up to date")
    check = parser.parse_args().check
    fresh, stale = block(), []
    print(fresh)
    for path in READMES:
        text = path.read_text("utf-8")
        new = BLOCK.sub(lambda match: match[1] + fresh + match[2], text)
        if new != text:
            stale.append(path.name)
            if not check:
                path.write_text(new, "utf-8")
    if check and stale:
        print("out of date:", ", ".join(stale))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
