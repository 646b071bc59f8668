"""The forms of an English word that `~word` stands for."""

from __future__ import annotations

from functools import cache

IRREGULAR = (
    """
be am is are was were been being|have has had having|do does did done doing|go goes went gone going|get gets got gotten getting
come comes came coming|take takes took taken taking|give gives gave given giving|make makes made making
send sends sent sending|tell tells told telling|say says said saying|put puts putting|pay pays paid paying
lose loses lost losing|find finds found finding|know knows knew known knowing|see sees saw seen seeing
break breaks broke broken breaking|beat beats beaten beating|cut cuts cutting|burn burns burnt burned burning
hurt hurts hurting|hit hits hitting|throw throws threw thrown throwing|bring brings brought bringing|buy buys bought buying
sell sells sold selling|lend lends lent lending|borrow borrows borrowed borrowing|ring rings rang rung ringing
speak speaks spoke spoken speaking|write writes wrote written writing|show shows showed shown showing
stand stands stood standing|sit sits sat sitting|wait waits waited waiting|keep keeps kept keeping|let lets letting
leave leaves left leaving|feel feels felt feeling|think thinks thought thinking|hold holds held holding
steal steals stole stolen stealing|lie lies lied lying|die dies died dying|freeze freezes froze frozen freezing
shut shuts shutting|set sets setting|hear hears heard hearing|run runs ran running|find finds found finding
drag drags dragged dragging|stop stops stopped stopping|drop drops dropped dropping|spread spreads spreading
catch catches caught catching|wear wears wore worn wearing|shoot shoots shot shooting|swear swears swore sworn swearing
sue sues sued suing|visit visits visited visiting|mean means meant meaning|begin begins began begun beginning
forget forgets forgot forgotten forgetting|spend spends spent spending|read reads reading|teach teaches taught teaching
child children|man men|woman women|wife wives|life lives|person people persons|knife knives|thief thieves
""".strip()
    .replace("\n", "|")
    .split("|")
)

DOUBLING = frozenset(
    "ship stop drop grab rob rip slap whip snap trap plan nag bag wipe jam ban bar scar star rub slam plot spot pop tip"
    " zip chat clip strip pin spin pat tap wrap beg hug dig commit refer transfer admit permit omit".split()
) - {"wipe"}
VOWELS = "aeiou"


@cache
def irregular() -> dict[str, tuple[str, ...]]:
    """Base form -> all forms."""
    groups = (group.split() for group in IRREGULAR)
    return {group[0]: tuple(dict.fromkeys(group)) for group in groups if group}


@cache
def forms(word: str) -> tuple[str, ...]:
    """All forms of a base word, itself first: `call` -> call calls called calling; `loan` gives verb forms too."""
    if word in irregular():
        return irregular()[word]
    return tuple(dict.fromkeys((word, third_person(word), past(word), participle(word))))


def third_person(word: str) -> str:
    """Also the plural of a noun."""
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def past(word: str) -> str:
    """Regular past tense."""
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2:-1] not in VOWELS:
        return word[:-1] + "ied"
    return doubled(word) + "ed"


def participle(word: str) -> str:
    """The -ing form."""
    if word.endswith("ie"):
        return word[:-2] + "ying"
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + "ing"
    return doubled(word) + "ing"


def doubled(word: str) -> str:
    """The stem with its last consonant doubled where English does so."""
    return word + word[-1] if word in DOUBLING else word
