"""Writes audit/phrases/syllables.txt: one line a sound of Mandarin as recognisers confuse them, with its characters.

    python -m benchmarks.make_syllables

Tones are dropped; zh/z, ch/c, sh/s, n/l, f/hu, ang/an, eng/en, ing/in fall together. Needs pypinyin; the product reads only
the file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

INITIAL = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(.*)$")
SAME_INITIAL = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}


def sound(syllable: str) -> str:
    """`zhang` -> zan, `hui` -> fi, `neng` -> len."""
    match = INITIAL.match(syllable.lower().replace("ü", "v"))
    assert match is not None
    initial, final = match[1] or "", match[2]
    if initial == "h" and final.startswith("u") and len(final) > 1:
        initial, final = "f", final[1:]
    return SAME_INITIAL.get(initial, initial) + re.sub(r"(a|e|i)ng", r"\1n", final)


def main() -> None:
    from pypinyin import lazy_pinyin

    groups: dict[str, list[str]] = defaultdict(list)
    for code in range(0x4E00, 0x9FA6):
        syllable = lazy_pinyin(chr(code))[0]
        if (syllable.isascii() and syllable.isalpha()) or "ü" in syllable:
            groups[sound(syllable)].append(chr(code))
    lines = [f"{key}\t{''.join(groups[key])}" for key in sorted(groups)]
    path = Path(__file__).parents[1] / "audit" / "phrases" / "syllables.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
