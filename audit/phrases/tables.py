"""The fixed tables of folding: characters, contractions, fillers, abbreviations, number words."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

EXPANDS = "\ue000"
"""Stands in a folded text for a character that does not fold to exactly one character."""

SAME_WORD = {
    "您": "你", "妳": "你", "她": "他", "它": "他", "牠": "他", "佢": "他", "俺": "我", "甭": "别", "咁": "这",
    "麽": "么", "嗎": "吗", "裏": "里", "〇": "零", "喺": "在", "嘅": "的", "哋": "们",
    "幺": "一",
}  # fmt: skip
"""Characters that are one word in two writings (polite you, gendered he, dialect) and fold to one."""

PUNCTUATION = {
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "＇": "'", "。": "。", "．": ".", "…": "。", "！": "!", "？": "?", "；": ";",
    "，": ",", "、": ",", "：": ",", "—": ",", "–": ",", "\t": " ", "\r": "\n", "\u2028": "\n",
    "\u3000": " ", "\u00a0": " ", "~": ",", "～": ",", "(": ",", ")": ",", "（": ",", "）": ",",
}  # fmt: skip


class CharacterTable(dict[int, str]):
    """For `str.translate`: one folded character each, `EXPANDS` where a character becomes none or several."""

    def __missing__(self, code: int) -> str:
        folded = fold_character(chr(code))
        self[code] = folded if len(folded) == 1 else EXPANDS
        return self[code]


@cache
def simplified() -> dict[str, str]:
    """Traditional to simplified, one character to one; made once from OpenCC's t2s dictionary."""
    path = Path(__file__).with_name("simplified.txt")
    traditional, simple = path.read_text(encoding="utf-8").splitlines()
    return dict(zip(traditional, simple, strict=True))


@cache
def fold_character(character: str) -> str:
    """NFKC, lower case, no accents, simplified, one writing of a word; may give none or several characters."""
    if character in PUNCTUATION:
        return PUNCTUATION[character]
    plain = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    lowered = unicodedata.normalize("NFKC", kept).lower()
    table = simplified()
    return "".join(PUNCTUATION.get(c) or SAME_WORD.get(table.get(c, c), table.get(c, c)) for c in lowered)


CHARACTERS = CharacterTable()

ABBREVIATIONS = frozenset(
    "mr mrs ms dr st no vs etc prof sgt capt lt jr sr inc ltd co dept ext approx".split()
)

CONTRACTIONS: dict[str, str] = {
    "won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "ain't": "is not",
    "let's": "let us", "y'all": "you all", "'em": "them", "em": "them", "gonna": "going to", "wanna": "want to",
    "gotta": "got to", "gimme": "give me", "lemme": "let me", "dunno": "do not know", "kinda": "kind of",
    "sorta": "sort of", "outta": "out of", "lotta": "lot of", "coulda": "could have", "shoulda": "should have",
    "woulda": "would have", "tryna": "trying to", "finna": "going to", "imma": "i am going to", "i'ma": "i am going to",
    "ya": "you", "yer": "your", "u": "you", "ur": "your", "d'you": "do you", "c'mon": "come on", "ma'am": "madam",
    "maam": "madam", "mam": "madam", "o'clock": "oclock", "goin": "going", "nothin": "nothing", "cuz": "because",
    "cos": "because", "'cause": "because", "'til": "till", "til": "till", "until": "till", "mum": "mom",
    "mummy": "mom", "mommy": "mom", "mums": "moms", "favour": "favor", "neighbour": "neighbor",
    "neighbours": "neighbors", "neighbourhood": "neighborhood", "cheque": "check", "cheques": "checks",
    "centre": "center", "jewellery": "jewelry", "lawyers": "lawyers", "innit": "is not it", "whilst": "while",
    "colour": "color", "honour": "honor", "defence": "defense", "licence": "license", "programme": "program",
    "cancelled": "canceled", "apologise": "apologize", "realise": "realize", "thru": "through", "lil": "little",
    "im": "i am", "ive": "i have", "youre": "you are", "youve": "you have", "youll": "you will", "youd": "you would",
    "theyre": "they are", "theyve": "they have", "theyll": "they will", "weve": "we have", "hes": "he is",
    "shes": "she is", "thats": "that is", "whats": "what is", "whos": "who is", "theres": "there is", "heres": "here is",
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not",
    "wasnt": "was not", "werent": "were not", "hasnt": "has not", "havent": "have not", "hadnt": "had not",
    "wouldnt": "would not", "couldnt": "could not", "shouldnt": "should not", "mustnt": "must not",
    "neednt": "need not", "cant": "can not", "wont": "will not", "aint": "is not", "itll": "it will",
    "thatll": "that will", "itd": "it would", "theyd": "they would", "whatll": "what will", "yous": "you all",
    "and's": "and is", "more'n": "more than", "anybody": "anyone", "somebody": "someone", "nobody": "no one",
    "everybody": "everyone",
}  # fmt: skip
"""One spoken form, one written one; spaces split it into words that share the span of the original."""

CLITICS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "would"}
IS_AFTER = frozenset(
    "he she it that this what who where when how there here everything something nothing anything everyone "
    "someone one everybody somebody nobody anybody why".split()
)
"""Words after which 's is `is`; after any other it marks possession (or `is`) and is dropped."""

SOFT_EN = frozenset(
    "uh um uhm umm er erm hmm mm mhm ah oh eh huh hm yeah yep okay ok alright well just really actually basically "
    "literally simply like so then sir madam miss mister mate love pal buddy bro man dear darling honey sweetheart "
    "dude son please kindly too also even only still already personally directly straight right now a an the "
    "honestly frankly seriously definitely certainly surely probably maybe perhaps obviously na yaar ji damn "
    "bloody fucking freaking goddamn very quite pretty anyway either".split()
)
"""English words a phrase may step over where it does not name them."""

SOFT_EN_RUNS = (
    ("you", "know"), ("i", "mean"), ("you", "see"), ("kind", "of"), ("sort", "of"), ("of", "course"), ("for", "sure"),
    ("no", "doubt"), ("as", "well"), ("my", "friend"), ("trust", "me"), ("believe", "me"), ("i", "swear"),
)  # fmt: skip
"""Runs of English words stepped over when punctuation or another filler stands on both sides."""

SOFT_ZH = frozenset("嗯呃额啊呀嘛哈呢哦喔噢哎唉诶欸哟咯啦喽呐嘞哇唷噻撒嗦哩的了着就也都又才真便倒咧囉啵呗")
"""Chinese characters a phrase may step over where it does not name them: particles, aspect, light adverbs."""

SOFT_ZH_RUNS = ("那个", "这个")
"""Runs of Chinese characters stepped over as a whole."""

ERHUA_BEFORE = frozenset("今明昨哪那这事会点门活话地个劲块味伙头脸腿钱货样份气口眼边面根")
ERHUA_NOT_AFTER = frozenset("子媳女童孙科园歌")

STUTTER_ZH = frozenset("我你他这那就不的要会没别去在有给把被是跟对得能可让叫所因如如果但还再也都很")
"""Characters whose immediate repetition is a stutter, never a word (unlike 天天, 妈妈, 看看)."""

SOUNDS_EN = frozenset("knock ring ding dong buzz beep bang boom tick tock ping tap honk".split())
SOUNDS_ZH = frozenset("咚叮铃铛砰嘟滴嘭哐")
"""Words for a sound that repeats: said twice (`ring ring`, 咚咚咚) they mean it, and are no stutter."""

NUMERALS_ZH = {
    "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "俩": 2, "仨": 3,
    "几": 3, "数": 3, "半": 0.5, "洞": 0, "拐": 7,
}  # fmt: skip
UNITS_ZH = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "廿": 20}
DIGITS_ZH = {"零": "0", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
             "洞": "0", "拐": "7"}  # fmt: skip
NUMBER_TAIL_ZH = frozenset("多来余好")

NUMERALS_EN = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "oh": 0}
UNITS_EN = {
    "hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000, "grand": 1000, "k": 1000, "dozen": 12,
    "dozens": 12, "lakh": 100_000, "lakhs": 100_000, "lac": 100_000, "crore": 10_000_000, "crores": 10_000_000,
    "million": 1_000_000,
}  # fmt: skip
DIGITS_EN = {word: str(value) for word, value in NUMERALS_EN.items() if value < 10}
