"""Text as given -> folded tokens, each with its exact place in the text as given."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import accumulate, islice
from operator import and_, eq

from audit.phrases import tables as t

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TOKEN_PATTERN = rf"('?[a-z]+(?:'[a-z]+)*)|([{HAN}]+)|(PAUSES)|([0-9]+(?:[.,:][0-9]+)*)|(\?)|([.!;。\n]+)"
TOKEN = re.compile(TOKEN_PATTERN.replace("PAUSES", "[, ]*[,:][,: ]*"))
TOKEN_ZH = re.compile(TOKEN_PATTERN.replace("PAUSES", "[,: ]+"))
"""A blank parts clauses only where words are not parted by blanks anyway."""
WORD, HAN_RUN, PAUSE_MARK, NUMBER, ASK, END_MARK = range(1, 7)
HAN_CHARACTER = re.compile(f"[{HAN}]")
NO_BREAK, PAUSE, END = 0, 1, 2


DIGITS_BEGIN = "#"
"""Stands for any number written in digits where tokens are looked up by what a phrase can begin with."""


class Folded:
    """A text as tokens: one Chinese character, one word or one number each.

    `starts`/`ends` are offsets of each token into `text` (code points, end exclusive). `soft[i]` is 1 where a
    phrase may step over token i. `clauses[i]`/`sentences[i]` number the stretch between pauses / sentence ends.
    `found_in` is what the automaton reads: the tokens without the soft ones.
    """

    __slots__ = ("_found_in", "_places", "clauses", "ends", "language", "memo", "sentences", "soft", "starts", "text", "tokens")  # fmt: skip

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.tokens: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.soft = bytearray()
        self.clauses: list[int] = []
        self.sentences: list[int] = []
        self.memo: dict[tuple[int, int], object] = {}
        self._places: dict[str, list[int]] | None = None
        self._found_in: str | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def places(self) -> dict[str, list[int]]:
        """Token -> its positions in order; all numbers in digits stand under DIGITS_BEGIN, too."""
        if self._places is None:
            self._places = {}
            for i, token in enumerate(self.tokens):
                self._places.setdefault(token, []).append(i)
                if token[0] in "0123456789":
                    self._places.setdefault(DIGITS_BEGIN, []).append(i)
        return self._places

    @property
    def found_in(self) -> str:
        """The hard tokens as one string; words are parted by blanks, with one at each end."""
        if self._found_in is None:
            self._found_in = join(
                [token for token, soft in zip(self.tokens, self.soft, strict=True) if not soft], self.language
            )
        return self._found_in

    def between(self, start: int, end: int) -> int:
        """How many hard tokens lie in [start, end)."""
        return (end - start) - sum(self.soft[start:end]) if end > start else 0

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Tokens [start, end) -> offsets into the text as given."""
        return self.starts[start], self.ends[end - 1]


DIGIT_SIGNS: dict[int, str | None] = {ord(word): digit for word, digit in t.DIGITS_ZH.items()} | {
    46: None,
    58: None,
}


def join(tokens: list[str], language: str) -> str:
    """Tokens as the automaton reads them; Chinese digits are one sign whether spoken or written."""
    return "".join(tokens).translate(DIGIT_SIGNS) if language == "zh" else f" {' '.join(tokens)} "


def detect_language(text: str) -> str:
    """`zh` where Chinese characters are at least as many as words in Latin letters, else `en`."""
    han = len(HAN_CHARACTER.findall(text))
    return "zh" if han and han >= len(re.findall(r"[A-Za-z]{2,}", text)) else "en"


def normalise(text: str) -> tuple[str, list[int] | None]:
    """Folds character by character; the second value maps each folded character to its original, None = equal."""
    folded = text.translate(t.CHARACTERS)
    if t.EXPANDS not in folded:
        return folded, None
    pieces: list[str] = []
    origin: list[int] = []
    for i, character in enumerate(text):
        piece = t.fold_character(character)
        pieces.append(piece)
        origin.extend([i] * len(piece))
    return "".join(pieces), origin


def fold(text: str, language: str) -> Folded:
    """Folds one text of one language ("zh" or any other, read as words)."""
    folded = Folded(text, language)
    cut_and_retell(folded)
    mark_soft(folded)
    return folded


def fold_tokens(text: str, language: str) -> Folded:
    """As `fold`, without telling which tokens are soft."""
    folded = Folded(text, language)
    cut_and_retell(folded)
    return folded


def cut_and_retell(folded: Folded) -> None:
    """Tokens with their places, clauses and sentences."""
    normal, origin = normalise(folded.text)
    gaps = tokenise(folded, normal)
    if may_be_retold(folded):
        gaps = retold(folded, gaps)
    if origin is not None:
        folded.starts = [origin[start] for start in folded.starts]
        folded.ends = [origin[end - 1] + 1 for end in folded.ends]
    number_clauses(folded, gaps)


Raw = tuple[str, int, int, int]
"""token, start, end (in the normalised text), what parts it from the token before."""


def tokenise(folded: Folded, normal: str) -> list[int]:
    """Cuts the normalised text into tokens; returns what parts each from the one before."""
    tokens, starts, ends = folded.tokens, folded.starts, folded.ends
    gaps: list[int] = []
    gap = NO_BREAK
    pattern = TOKEN_ZH if folded.language == "zh" else TOKEN
    for match in pattern.finditer(normal):
        kind = match.lastindex
        start, end = match.span()
        if kind == WORD:
            for part in word_tokens(match.group()):
                tokens.append(part)
                starts.append(start)
                ends.append(end)
                gaps.append(gap)
                gap = NO_BREAK
        elif kind == HAN_RUN:
            tokens.extend(match.group())
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            gaps.append(gap)
            gaps.extend([NO_BREAK] * (end - start - 1))
            gap = NO_BREAK
        elif kind == PAUSE_MARK:
            gap = gap or PAUSE
        else:
            gap = other_mark(folded, gaps, match, gap)
    return gaps


def other_mark(folded: Folded, gaps: list[int], match: re.Match[str], gap: int) -> int:
    """Numbers, question marks and ends of sentences; returns what parts the next token."""
    if match.lastindex == END_MARK:
        return gap if is_abbreviation_dot(match.group(), folded.tokens, match.string, match.end()) else END
    asked = match.lastindex != NUMBER
    folded.tokens.append("?" if asked else match.group().replace(",", ""))
    folded.starts.append(match.start())
    folded.ends.append(match.end())
    gaps.append(NO_BREAK if asked else gap)
    return END if asked else NO_BREAK


DIGITS = {
    "zh": t.DIGITS_ZH | {digit: digit for digit in "0123456789"},
    "en": t.DIGITS_EN | {digit: digit for digit in "0123456789"},
}


def may_be_retold(folded: Folded) -> bool:
    """A cheap sign that a text may hold a stutter or digits spoken one by one."""
    tokens = folded.tokens
    if any(map(eq, tokens, islice(tokens, 1, None))):
        return True
    twice = list(map(eq, tokens, islice(tokens, 2, None)))
    if any(map(and_, twice, islice(twice, 1, None))):
        return True
    is_digit = (
        DIGITS[folded.language].__contains__ if folded.language in DIGITS else DIGITS["en"].__contains__
    )
    return sum(map(is_digit, tokens)) >= 3


def retold(folded: Folded, gaps: list[int]) -> list[int]:
    """Spoken digits joined and stutters dropped, for the few texts that may hold them."""
    raw: list[Raw] = list(zip(folded.tokens, folded.starts, folded.ends, gaps, strict=True))
    raw = drop_repeats(read_digits(raw, folded.language), folded.language)
    folded.tokens = [item[0] for item in raw]
    folded.starts = [item[1] for item in raw]
    folded.ends = [item[2] for item in raw]
    return [item[3] for item in raw]


def number_clauses(folded: Folded, gaps: list[int]) -> None:
    """Numbers clauses and sentences; what parts the first token is nothing."""
    size = len(gaps)
    if not any(gaps):
        folded.clauses = folded.sentences = [0] * size
        return
    gaps[0] = NO_BREAK
    folded.clauses = list(accumulate(1 if gap else 0 for gap in gaps))
    folded.sentences = list(accumulate(1 if gap == END else 0 for gap in gaps))


def is_abbreviation_dot(mark: str, tokens: list[str], normal: str, end: int) -> bool:
    """A single dot after `Mr` or an initial, or inside `p.m`, ends no sentence."""
    if mark != "." or not tokens:
        return False
    last = tokens[-1]
    inside = end < len(normal) and normal[end] not in " \n" and not HAN_CHARACTER.match(normal[end])
    return (
        last in t.ABBREVIATIONS
        or (len(last) == 1 and last.isascii() and last.isalpha() and last != "i")
        or inside
    )


@lru_cache(maxsize=65536)
def word_tokens(word: str) -> tuple[str, ...]:
    """One written word -> the words it stands for (`you're` -> you are, `gonna` -> going to, `wife's` -> wife)."""
    if word in t.CONTRACTIONS:
        return tuple(t.CONTRACTIONS[word].split())
    word = word.strip("'")
    if word in t.CONTRACTIONS:
        return tuple(t.CONTRACTIONS[word].split())
    if word.endswith("n't"):
        return (*word_tokens(word[:-3]), "not")
    for clitic, full in t.CLITICS.items():
        if word.endswith(clitic) and len(word) > len(clitic):
            return (*word_tokens(word[: -len(clitic)]), full)
    if word.endswith("'s"):
        base = word[:-2]
        return (*word_tokens(base), "is") if base in t.IS_AFTER else word_tokens(base)
    if "'" in word:
        return tuple(part for piece in word.split("'") if piece for part in word_tokens(piece))
    return (word,) if word else ()


def read_digits(raw: list[Raw], language: str) -> list[Raw]:
    """Three or more digits spoken one by one become one number (一二三七八, nine one one, 1 2 3 7 8)."""
    digits = DIGITS["zh" if language == "zh" else "en"]
    if sum(item[0] in digits for item in raw) < 3:
        return raw
    found: list[Raw] = []
    i = 0
    while i < len(raw):
        if raw[i][0] not in digits:
            found.append(raw[i])
            i += 1
            continue
        j = i
        while j < len(raw) and raw[j][0] in digits and (j == i or raw[j][3] == NO_BREAK):
            j += 1
        units = t.UNITS_ZH if language == "zh" else t.UNITS_EN
        lone = not (j < len(raw) and raw[j][0] in units) and not (i and raw[i - 1][0] in units)
        if j - i >= 3 and lone:
            found.append(("".join(digits[r[0]] for r in raw[i:j]), raw[i][1], raw[j - 1][2], raw[i][3]))
        else:
            found.extend(raw[i:j])
        i = j
    return found


def drop_repeats(raw: list[Raw], language: str) -> list[Raw]:
    """A stutter (我我我, I I I, you will you will) keeps its first piece, which then spans the whole."""
    found: list[Raw] = []
    numerals = t.NUMERALS_ZH if language == "zh" else t.NUMERALS_EN
    run = 1
    for item in raw:
        token = item[0]
        if found and token == found[-1][0] and may_repeat(found, item, numerals):
            run += 1
            if language != "zh" or token in t.STUTTER_ZH or not HAN_CHARACTER.match(token):
                found[-1] = widened(found[-1], item)
                continue
            if run >= 3:
                del found[-1:]
                found[-1] = widened(found[-1], item)
                run = 1
                continue
        else:
            run = 1
        found.append(item)
        if len(found) >= 4 and token == found[-3][0] and is_pair_repeat(found, numerals):
            last = found[-1]
            del found[-2:]
            found[-1] = widened(found[-1], last)
    return found


def may_repeat(found: list[Raw], item: Raw, numerals: dict[str, int] | dict[str, float]) -> bool:
    """Numbers and noises never; over a pause only what stands alone before it (`I, I will`, not `抓你，你别`)."""
    if item[0] in t.SOUNDS_EN or item[0] in t.SOUNDS_ZH:
        return False
    if item[0] in numerals or item[0][0].isdigit() or item[0] == "?" or item[3] == END:
        return False
    return item[3] == NO_BREAK or found[-1][3] != NO_BREAK or len(found) == 1


def widened(item: Raw, last: Raw) -> Raw:
    """The same token, reaching to the end of its repetition."""
    return (item[0], item[1], max(item[2], last[2]), item[3])


def is_pair_repeat(found: list[Raw], numerals: dict[str, int] | dict[str, float]) -> bool:
    """Whether the last four tokens say the same two things twice, in one sentence."""
    a, b, c, d = found[-4:]
    alone = c[3] == NO_BREAK or a[3] != NO_BREAK or len(found) == 4
    same = a[0] == c[0] and b[0] == d[0] and END not in (b[3], c[3], d[3]) and alone
    return same and not any(x[0] in numerals or x[0][0].isdigit() or x[0] == "?" for x in (a, b))


IS_SOFT_ZH = (t.SOFT_ZH | {"?"}).__contains__
IS_SOFT_EN = (t.SOFT_EN | {"?"}).__contains__


def mark_soft(folded: Folded) -> None:
    """Marks what a phrase may step over."""
    tokens = folded.tokens
    if folded.language == "zh":
        folded.soft = bytearray(map(IS_SOFT_ZH, tokens))
        mark_soft_zh(folded)
    else:
        folded.soft = bytearray(map(IS_SOFT_EN, tokens))
        mark_soft_en(folded)


SOFT_RUNS_ZH = re.compile("|".join(sorted(t.SOFT_ZH_RUNS, key=len, reverse=True)))


def mark_soft_zh(folded: Folded) -> None:
    """Runs such as 那个, and 儿 after a word that takes it."""
    tokens, soft = folded.tokens, folded.soft
    if "儿" in tokens:
        for i, token in enumerate(tokens):
            after = tokens[i + 1] if i + 1 < len(tokens) else ""
            if token == "儿" and i and tokens[i - 1] in t.ERHUA_BEFORE and after not in t.ERHUA_NOT_AFTER:
                soft[i] = 1
    joined = "".join(token if len(token) == 1 else "-" for token in tokens)
    for match in SOFT_RUNS_ZH.finditer(joined):
        start, end = match.span()
        soft[start:end] = b"\1" * (end - start)


RUN_STARTS_EN = frozenset(run[0] for run in t.SOFT_EN_RUNS)


def mark_soft_en(folded: Folded) -> None:
    """Runs such as `you know`, only where a pause or another filler stands on both sides."""
    tokens, soft, clauses = folded.tokens, folded.soft, folded.clauses
    if RUN_STARTS_EN.isdisjoint(tokens):
        return
    places = folded.places
    for run in t.SOFT_EN_RUNS:
        for i in places.get(run[0], ()):
            j = i + len(run)
            if tuple(tokens[i:j]) != run:
                continue
            before = i == 0 or clauses[i - 1] != clauses[i] or soft[i - 1]
            after = j >= len(tokens) or clauses[j] != clauses[j - 1] or soft[j]
            if before and after:
                soft[i:j] = b"\1" * len(run)


@cache
def may_be_soft(token: str, language: str) -> bool:
    """Whether this token is soft in some surroundings; such tokens are never searched for by the automaton."""
    if token == "?":
        return True
    if language == "zh":
        return token in t.SOFT_ZH or token == "儿" or any(token in run for run in t.SOFT_ZH_RUNS)
    return token in t.SOFT_EN or any(token in run for run in t.SOFT_EN_RUNS)
