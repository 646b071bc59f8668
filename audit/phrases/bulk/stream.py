"""Cut texts -> the stream that strings are looked for in: hard tokens by sentence, soft ones beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.phrases.bulk.cutting import (
    END,
    NUMBERS_EN,
    TEXT_END,
    Characters,
    Codes,
    Cutter,
    Flags,
    Words,
)
from audit.phrases.folding import fold_tokens

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stream:
    """A column is a sentence of one text. `codes` are hard tokens, with a 0 after each column; `soft` the others."""

    codes: Codes
    columns: Numbers
    soft: Codes
    soft_columns: Numbers
    text_of: Numbers
    """Column -> number of its text, ascending."""
    whole: Codes
    """All tokens and marks as they follow one another."""
    places: Numbers
    """Place in `codes` -> place in `whole`."""


def read(texts: Sequence[str], cutter: Cutter, matters: Flags) -> Stream:
    """`matters` are the codes anybody asks for: repetitions of others change nothing that is looked for."""
    cut = cutter.cut(texts)
    retold = odd_texts(cut.codes, cutter, matters)
    retold |= cut.odd
    codes = cut.codes
    if retold.any():
        codes = with_folded(texts, codes, np.flatnonzero(retold), cutter)
    return parted(codes, cutter)


def odd_texts(codes: Codes, cutter: Cutter, matters: Flags) -> Flags:
    """The texts that may hold a stutter, or digits spoken one by one, which folding joins."""
    found = np.zeros(len(codes), np.bool_)
    may = cutter.may_repeat[codes] & matters[codes]
    found[1:] = (codes[1:] == codes[:-1]) & may[1:]
    if cutter.language == "zh":
        once = np.flatnonzero(found)
        third = np.where(once > 1, codes[np.maximum(once - 2, 0)], 0)
        found[once] = cutter.stutter[codes[once]] | (third == codes[once])
    if len(codes) > 3:
        either = may[1:-2] | may[:-3]
        both = cutter.may_repeat[codes[1:-2]] & cutter.may_repeat[codes[:-3]]
        found[3:] |= (codes[2:-1] == codes[:-3]) & (codes[3:] == codes[1:-2]) & either & both
    if cutter.language != "zh" and len(codes) > 2 and matters[cutter.code(NUMBERS_EN[-1])]:
        digit = cutter.digit[codes]
        found[2:] |= digit[:-2] & digit[1:-1] & digit[2:]
    of_text = np.cumsum(codes == TEXT_END)
    odd = np.zeros(int(of_text[-1]) if of_text.size else 0, np.bool_)
    odd[of_text[found]] = True
    return odd


def with_folded(texts: Sequence[str], codes: Codes, odd: Numbers, cutter: Cutter) -> Codes:
    """The stream with the codes of some texts taken from folding them."""
    after = np.flatnonzero(codes == TEXT_END) + 1
    pieces: list[Codes] = []
    done = 0
    for number in odd.tolist():
        begins = int(after[number - 1]) if number else 0
        pieces.append(codes[done:begins])
        pieces.append(cutter.codes_of(fold_tokens(texts[number], cutter.language)))
        done = int(after[number])
    return np.concatenate([*pieces, codes[done:]])


def parted(codes: Codes, cutter: Cutter) -> Stream:
    """Columns numbered, soft tokens put aside."""
    text_ends = codes == TEXT_END
    marks = text_ends | (codes == END)
    column = np.cumsum(marks)
    column -= marks
    text_of = (np.cumsum(text_ends) - text_ends)[marks]
    soft = cutter.soft[codes]
    hard = ~soft
    kept = codes[hard]
    kept[kept <= TEXT_END] = 0
    return Stream(kept, column[hard], codes[soft], column[soft], text_of, codes, np.flatnonzero(hard))


__all__ = ["Characters", "Stream", "Words", "read"]
