"""Text as given -> folded tokens, each with its exact place in the text as given."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from audit.phrases import tables as t

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TOKEN = re.compile(
    rf"(?P<han>[{HAN}])|(?P<word>'?[a-z]+(?:'[a-z]+)*)|(?P<number>[0-9]+(?:[.,:][0-9]+)*)"
    r"|(?P<ask>\?)|(?P<end>[.!;。\n]+)|(?P<pause>[,: ]+)"
)
HAN_CHARACTER = re.compile(f"[{HAN}]")
NO_BREAK, PAUSE, END = 0, 1, 2


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
        """Token -> its positions in order."""
        if self._places is None:
            self._places = {}
            for i, token in enumerate(self.tokens):
                self._places.setdefault(token, []).append(i)
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


def join(tokens: list[str], language: str) -> str:
    """Tokens as the automaton reads them."""
    return "".join(tokens) if language == "zh" else f" {' '.join(tokens)} "


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
    normal, origin = normalise(text)
    raw = tokenise(normal, language)
    raw = read_digits(raw, language)
    raw = drop_repeats(raw, language)
    fill(folded, raw, origin)
    mark_soft(folded)
    return folded


Raw = tuple[str, int, int, int]
"""token, start, end (in the normalised text), what parts it from the token before."""


def tokenise(normal: str, language: str) -> list[Raw]:
    """Cuts the normalised text; a pause or an end is a mark on the token that follows."""
    found: list[Raw] = []
    gap = NO_BREAK
    for match in TOKEN.finditer(normal):
        kind = match.lastgroup
        start, end = match.span()
        if kind == "han":
            found.append((match.group(), start, end, gap))
            gap = NO_BREAK
        elif kind == "word":
            parts = word_tokens(match.group())
            for i, part in enumerate(parts):
                found.append((part, start, end, NO_BREAK if i else gap))
            gap = NO_BREAK if parts else gap
        elif kind == "number":
            found.append((match.group().replace(",", ""), start, end, gap))
            gap = NO_BREAK
        elif kind == "ask":
            found.append(("?", start, end, NO_BREAK))
            gap = END
        elif kind == "pause":
            gap = max(gap, pause_of(match.group(), language))
        elif not is_abbreviation_dot(match.group(), found, normal, end):
            gap = END
    return found


def pause_of(mark: str, language: str) -> int:
    """A blank parts clauses only where words are not parted by blanks anyway."""
    return PAUSE if "," in mark or ":" in mark or language == "zh" else NO_BREAK


def is_abbreviation_dot(mark: str, found: list[Raw], normal: str, end: int) -> bool:
    """A single dot after `Mr` or an initial, or inside `p.m`, ends no sentence."""
    if mark != "." or not found:
        return False
    last = found[-1][0]
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
    digits = t.DIGITS_ZH if language == "zh" else t.DIGITS_EN
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
        if len(found) >= 4 and is_pair_repeat(found, numerals):
            last = found[-1]
            del found[-2:]
            found[-1] = widened(found[-1], last)
    return found


def may_repeat(found: list[Raw], item: Raw, numerals: dict[str, int] | dict[str, float]) -> bool:
    """Numbers never; over a pause only what stands alone before it (`I, I will`, not `抓你，你别`)."""
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


def fill(folded: Folded, raw: list[Raw], origin: list[int] | None) -> None:
    """Writes the tokens with offsets into the original text and their clause and sentence numbers."""
    clause = sentence = 0
    for token, start, end, gap in raw:
        if folded.tokens and gap:
            clause += 1
            sentence += gap == END
        folded.tokens.append(token)
        folded.starts.append(start if origin is None else origin[start])
        folded.ends.append(end if origin is None else origin[end - 1] + 1)
        folded.clauses.append(clause)
        folded.sentences.append(sentence)


def mark_soft(folded: Folded) -> None:
    """Marks what a phrase may step over."""
    tokens = folded.tokens
    if folded.language == "zh":
        folded.soft = bytearray(token in t.SOFT_ZH or token == "?" for token in tokens)
        mark_soft_zh(folded)
    else:
        folded.soft = bytearray(token in t.SOFT_EN or token == "?" for token in tokens)
        mark_soft_en(folded)


def mark_soft_zh(folded: Folded) -> None:
    """Runs such as 那个, and 儿 after a word that takes it."""
    tokens, soft = folded.tokens, folded.soft
    places = folded.places
    for run in t.SOFT_ZH_RUNS:
        for i in places.get(run[0], ()):
            if tokens[i : i + len(run)] == list(run):
                soft[i : i + len(run)] = b"\1" * len(run)
    for i in places.get("儿", ()):
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        if i and tokens[i - 1] in t.ERHUA_BEFORE and after not in t.ERHUA_NOT_AFTER:
            soft[i] = 1


def mark_soft_en(folded: Folded) -> None:
    """Runs such as `you know`, only where a pause or another filler stands on both sides."""
    tokens, soft, clauses = folded.tokens, folded.soft, folded.clauses
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
