"""English personal names without a trained model: name lists, titles, cues, capitals where there are any.

A name is read from a title, after a cue ("my name is", "speaking to", "my sister"), or from a first name of
the list followed by another name. First names that are also words need a cue. Not judged: firms, places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from audit.privacy.reading import Hit, Reading


@lru_cache(maxsize=1)
def lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """(first names, first names that are also words, surnames)."""
    root = resources.files("audit.privacy").joinpath("data")
    first, words = frozenset[str](), frozenset[str]()
    for line in root.joinpath("en_first_names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("words:"):
            words = frozenset(line.removeprefix("words:").split())
        elif not line.startswith("#"):
            first |= frozenset(line.split())
    text = root.joinpath("en_surnames.txt").read_text(encoding="utf-8")
    last = frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
    return first - words, words, last


_NAME = r"[a-z](?:[a-z]*'[a-z]{2,}|[a-z]+)?(?:-[a-z]+)*"
_TITLED = re.compile(
    rf"(?<![a-z'])(?:mr|mrs|ms|miss|mister|missus|dr|doctor|prof|professor|shri|smt|sir|master|madam|mx|rev|reverend|señora?|senora?|officer|sergeant|captain|auntie|aunty|uncle|pastor|granny|nana)\b\.? "
    rf"(?P<one>{_NAME})"
)
COURTESIES = "sir master madam doctor officer miss auntie aunty uncle pastor granny nana".split()
"""Titles that are also said alone: only before a listed name or a capital."""
_COURTESY = tuple(f"{word} " for word in COURTESIES)
_CUE_FIRM = re.compile(
    r"(?:(?:my|her|his|their|your|full|legal|maiden|billing|first|last|middle|customer|account|holder'?s?|debtor'?s?) names?(?:'s| is| was|:|,)?|names? (?:is|was|on (?:the )?(?:card|account|file|it|there) (?:is|says)|of)|"
    r"name's|named|called|under the name(?: of)?|account (?:is )?(?:under|belongs to|holder(?: is)?)|card ?holder(?:'s name)?(?: is)?|in the name of|made out to|goes by|"
    r"(?:am i |i'm |are you )?speaking (?:to|with)|you(?:'re| are) speaking (?:to|with)|you've reached|you have reached|(?:talk|speak|talking) (?:to|with)|(?:calling|looking|asking|ask|message|call|trying) for|looking to reach|trying to reach|"
    r"get (?:a )?hold of|signed by|file has|file shows|we have|care of|attention|attn|c/o|do you know(?: an?)?|know an?|known as|is there an?|account for|listed as|registered to|belongs to|who is|who's|paid to|payable to|spoke (?:to|with)|spoken (?:to|with)|talked (?:to|with)|letter to|"
    r"reference is|nominee(?: is)?|guarantor(?: is)?|co-?signer(?: is)?|emergency contact(?: is)?|contact person(?: is)?)[ ,:]*(?:is |was |with |a )?$"
)
_CUE_KIN = re.compile(
    r"(?:(?:my|your|his|her|their|the|our) (?:late |ex-?|older |younger |big |little |elder |first |former |step)?(?:husband|wife|son|daughter|sister|brother|mother|father|mum|mom|dad|boss|manager|roommate|flatmate|friend|cousin|"
    r"neighbou?r|uncle|aunt|aunty|partner|girlfriend|boyfriend|supervisor|colleague|coworker|co-worker|landlord|lawyer|attorney|accountant|nephew|niece|fianc[eé]e?|ex|grandson|granddaughter|grandma|grandpa|grandfather|grandmother|"
    r"mother-in-law|father-in-law|sister-in-law|brother-in-law|son-in-law|daughter-in-law|kid|teacher|doctor|cosigner|co-signer|guarantor|tenant|relative|secretary|caseworker|advisor|spouse|reference|referee|witness|nominee|co-borrower|contact)(?:'s name)?)[ ,]*(?:is |was |named |called |'s )?$"
)
_CUE_SOFT = re.compile(
    r"(?:^|\n[^:\n]{0,20}: *|[.,!?] *|(?:this is|is this|i'm|i am|im|it's|its|it is|hi|hello|hey|dear|morning|afternoon|evening|thanks|thank you|sorry|okay|ok|look|listen|please|tell|ask|told|asked|called?|got|gave|give|and|with|for|about|to|from|is|was|that|by|try|on|see|know|met|saw|until|because|but|if|when|where's|where is|not|or|let|make|have|had|as|says?|said|at|yes|no|yeah|so|well|than|uh|um|put|want|need|text|email|remind|contact|reach)[ ,]+)$"
)
_AFTER = re.compile(
    r"^(?:'s\b|s'|[,.!?]|$|\n| (?:is|was|here|speaking|home|there|available|said|says|told|owes|owed|paid|pays|took|has|had|doesn't|didn't|isn't|wasn't|can|can't|could|will|won't|would|called|calling|lives|lived|works|worked|from|at|with|i|he|she|you|we|they|who|his|her|my|please|and|or|in|on|about|to|for|does|do|did|handles|handled|moved|passed|died|left|picked|signed|gave|borrowed|ji|sir|madam|owns|still|never|already|again|right|today|yesterday|now|but|that|this|this|himself|herself|on|of|because|so|if|by|should|may|must|might|keeps?|asked|wants?|needs?|just|really|used|got|went|came|made|knows?|thinks?)\b)"
)

NOT_NAMES = frozenset(
    "a an the i you he she it we they me him us them my your his her its our their this that these those who whom whose which what where when why how there here "
    "is am are was were be been being do does did done doing have has had having will would shall should can could may might must ought not no yes yeah ok okay sure right "
    "and or but so if because as until while of at by for with about against between into through during before after above below to from up down in out on off over under again further then once "
    "all any both each few more most other some such only own same than too very just also even still already never always often sometimes now today tomorrow tonight yesterday soon later ago "
    "please thanks thank sorry hello hi hey bye good morning afternoon evening night day week month year time date number name address phone email card account bank loan debt payment money cash credit bill balance amount dollar dollars pound pounds rupee rupees cents interest fee fees late due "
    "call calling called caller speak speaking spoke talk talking tell telling told say saying said ask asking asked hear hearing heard listen look looking see seeing saw seen know knowing knew known think thinking thought want wanting wanted need needing needed like liked get getting got give giving gave given take taking took taken make making made go going went gone come coming came send sending sent pay paying paid owe owing owed work working worked live living lived help helping helped try trying tried keep stop start put let leave leaving left wait waiting hold holding understand believe mean "
    "manager supervisor agent customer client representative someone somebody anyone anybody everyone everybody nobody person people man woman guy lady gentleman sir madam ma'am mister boss lawyer attorney doctor nurse teacher officer police court judge department team office company firm agency collections recovery services service solutions group limited ltd inc llc "
    "husband wife son daughter sister brother mother father mum mom dad parents child children kid kids friend friends family neighbor neighbour roommate cousin uncle aunt partner "
    "home house work job school college hospital store shop online internet website app letter mail message text voicemail form paper papers documents file record recording line "
    "one two three four five six seven eight nine ten eleven twelve hundred thousand first second third last next another new old big small long short little great bad better best worse worst different wrong true real full half free available able ready busy happy sad tired sick broke serious clear fine "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december "
    "um uh er ah oh well anyway actually really probably maybe perhaps exactly basically literally honestly definitely certainly obviously unfortunately "
    "about regarding concerning attempt everything something nothing anything back away around way thing things lot bit kind sort part case point matter problem issue question answer reason "
    "dispute disputes complaint complaints consumer credit financial finance capital lending mortgage insurance legal billing support security verification department "
    "not don't doesn't didn't won't wouldn't can't couldn't isn't aren't wasn't weren't haven't hasn't hadn't i'm i've i'd i'll you're you've you'd you'll he's she's it's we're we've they're they've that's there's what's who's let's "
    "out charge calls number done gonna wanna gotta nearly almost early behind ahead glad afraid aware unable trying hoping hoping asking telling having getting making sending sitting standing driving outside inside currently retired unemployed disabled divorced married single pregnant recorded recording both off over sure calling following checking returning confirming fixed disposable net gross correct incorrect per every whatever whoever whichever however which is in at on us uk usa india america england "
    "mark? bankruptcy charity discussion answer occasion honest silly crazy ridiculous insane nonsense funny worried scared upset angry mad confused surprised disappointed "
    "north south east west street road avenue lane drive court branch union savings trust federal national united american british indian chinese english spanish hindi "
    "confirmed pending approved declined closed open opened active inactive overdue unpaid settled outstanding urgent private confidential personal important final notice statement invoice "
    "bhai bhaiya bhabhi didi behen beta beti sahab saab sahib amma appa baba chacha chachi mausi mata mummy papa boss dost yaar "
    "aadhaar aadhar pan nino ssn emi upi gst kyc cibil otp atm hdfc icici sbi hsbc "
    "act what's-his-name mr mrs ms miss dr sir god jesus christ lord heaven allah myself yourself himself herself itself ourselves themselves county hot cold hard easy quick slow same only".split()
)
_FIRM_WORDS = (
    "dental surgery garage bank savings capital financial finance credit recovery recoveries collection collections lending loan loans services solutions associates group partners llc inc ltd limited corp company union trust "
    "fund funding mortgage agency law legal insurance holdings street st road rd avenue ave lane drive court close county city hospital school university college logistics food foods motors steel store "
    "stores library clinic roofing act holiday fidelity care debt line industries electric systems"
).split()
_FIRM = re.compile(rf"^(?: [A-Z][\w'&-]+)? (?i:{'|'.join(_FIRM_WORDS)})\b")


def find(reading: Reading) -> Iterator[Hit]:
    """Yields names; a title or the courtesy `ji` is inside the span."""
    taken = 0
    for match in _TITLED.finditer(reading.low):
        hit = _titled(reading, match)
        if hit is not None:
            yield hit
    plain, folded = _plain(), reading.folded
    for match in _words(reading):
        start = match.start()
        if start < taken or (match[0] in plain and not folded[start].isupper()):
            continue
        hit = _untitled(reading, match)
        if hit is not None:
            taken = hit.end
            yield hit


def _words(reading: Reading) -> Iterator[re.Match[str]]:
    """The words, or those at which a name may begin where that is known."""
    if reading.marks is None:
        return _WORD.finditer(reading.low)
    found = (_WORD.match(reading.low, start) for start in reading.marks)
    return (match for match in found if match is not None)


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    """Words that are no name unless they have a capital."""
    first, words, _ = lists()
    return NOT_NAMES - first - words


_WORD = re.compile(rf"(?<![a-z0-9'@._-]){_NAME}(?![a-z0-9@_]|'t(?![a-z]))")


def _capital(reading: Reading, start: int) -> bool:
    return reading.folded[start : start + 1].isupper()


def _line(reading: Reading, start: int) -> str:
    """The words of the turn that holds `start`: whether names have capitals is judged by it alone."""
    end = reading.folded.find("\n", start)
    return reading.folded[reading.line_start(start) : end if end >= 0 else len(reading.folded)]


def _cased(reading: Reading, start: int) -> bool:
    """Whether the turn has any capital (then a lower-case word is no name)."""
    line = _line(reading, start)
    return line != line.lower()


def _titled(reading: Reading, match: re.Match[str]) -> Hit | None:
    first, words, last = lists()
    one = match["one"].removesuffix("'s")
    cased = _capital(reading, match.start())
    if (one in NOT_NAMES and one not in words) or (cased and not _capital(reading, match.start("one"))):
        return None
    if (
        match[0].startswith(_COURTESY)
        and one not in first
        and one not in last
        and not _capital(reading, match.start("one"))
    ):
        return None
    end = match.start("one") + len(one)
    if one == match["one"]:
        end = _further(reading, end, cased)
    return Hit("PERSON", match.start(), end, 0.92, "title and name")


_KIN_WORDS = (
    "husband|wife|son|daughter|sister|brother|mother|father|mum|mom|dad|boss|roommate|flatmate|friend|cousin|neighbou?r|uncle|aunt|aunty|partner|girlfriend|boyfriend|colleague|landlord|lawyer|accountant|nephew|niece|"
    "grandson|granddaughter|mother-in-law|father-in-law|widow|carer|guardian|nurse|assistant"
)
MORE_KIN = frozenset("widow carer guardian nurse assistant".split())
"""Relations of `_KIN_WORDS` that are none of KIN."""
_KIN_AFTER = re.compile(
    rf"{_NAME}(?: {_NAME}){{0,2}}(?:'s|s'| is| was) (?:(?:my|his|her|our|their|the) )?(?:late |ex-?|old |former |step)?(?:{_KIN_WORDS})\b"
)


def _further(reading: Reading, end: int, cased: bool) -> int:
    """The end of a titled name: particles and capitals, or surnames of the list, up to three more words."""
    first, _, last = lists()
    reach = end
    for _ in range(3):
        found = _NEXT.match(reading.low, reach)
        if found is None:
            break
        word = found[1]
        holds = _capital(reading, found.start(1)) if cased else word in last or word in first
        if holds and word not in NOT_NAMES and word not in _FIRM_WORDS:
            end = reach = found.end(1)
        elif word in PARTICLES:
            reach = found.end(1)
        else:
            break
    return end


_MORE = re.compile(rf" ({_NAME}|[a-z]\.?)(?![a-z0-9@_])")
_JI = re.compile(r" ji\b")
_NEXT = re.compile(rf"[ -]({_NAME})(?![a-z0-9@_])")


def _untitled(reading: Reading, match: re.Match[str]) -> Hit | None:
    """A name that begins with this word; the strength asked for depends on the cue before it."""
    first, words, last = lists()
    word = match[0]
    known, doubtful = word in first, word in words
    capital = _capital(reading, match.start())
    if not (known or doubtful or capital) and word in NOT_NAMES:
        return None
    paired = capital and not (known or doubtful) and _before_surname(reading, match)
    if not (known or doubtful or capital) and not _goes_on(reading, match):
        return None
    left = reading.left(match.start(), 48)
    firm = _cued(reading, match.start(), left) or (doubtful and _framed(reading, match, left))
    firm = firm or (
        capital and word not in NOT_NAMES and is_odd(word.removesuffix("'s")) and _told(reading, match)
    )
    if word in NOT_NAMES and not (doubtful and (capital or firm)):
        return None
    if doubtful and not (firm or capital or known) and not _named_on(reading, match):
        return None
    introduced = capital and _INTRODUCED.search(left) is not None and _may_be_introduced(reading, match)
    if not (known or doubtful or firm or introduced or paired or (capital and word in last)) or len(word) < 2:
        return None
    end, parts = _extent(reading, match)
    more = parts > 1
    if _FIRM.match(reading.folded[end:]) or (word in _TOWNS and not more and _WHERE.search(left)):
        return None
    score = _score(reading, match, end, (known, doubtful, firm, more)) + 0.25 * paired
    if score < 0.5:
        return None
    end = _with_courtesy(reading, end)
    return Hit(
        "PERSON",
        _with_epithet(reading, match.start()),
        end,
        round(min(score, 0.95), 3),
        "name by cue, list and place in the sentence",
    )


_CUE_LAST = frozenset(
    "is was name names of named called under to with for reached by has shows have attn attention c/o know an a as who's who holder holder's card says out in belongs listed file "
    "nominee guarantor signer co-signer contact person says there number person reaching account".split()
)
KIN = frozenset(
    "husband wife son daughter sister brother mother father mum mom dad boss manager roommate flatmate friend cousin neighbor neighbour uncle aunt aunty partner girlfriend boyfriend supervisor colleague coworker co-worker landlord "
    "lawyer attorney accountant nephew niece fiance fiancee fiancé fiancée ex grandson granddaughter grandma grandpa grandfather grandmother mother-in-law father-in-law sister-in-law brother-in-law son-in-law daughter-in-law kid teacher "
    "doctor cosigner guarantor tenant relative secretary caseworker advisor spouse reference referee witness nominee co-borrower contact".split()
)


def _cued(reading: Reading, start: int, left: str) -> bool:
    """A firm cue or a relation stands before the word, or a relation after it; the last word decides if to look."""
    last = left.rstrip(" ,:").rpartition(" ")[2].rpartition("\n")[2]
    bare = last.removesuffix("'s")
    if (bare in _CUE_LAST or last in _CUE_LAST) and _CUE_FIRM.search(left):
        return True
    if (bare in KIN or last in _CUE_LAST) and _CUE_KIN.search(left):
        return True
    return _KIN_AFTER.match(reading.low, start) is not None


_SPEAKS = re.compile(r"(?:(?:^|[\n,.!?] *|\b(?:yes|yeah|hi|hello) )(?:it's|its|it is|this is|that's)) $")
_SPEAKING = re.compile(r" (?:speaking|here|calling|again)(?![a-z])")
_ASKS = re.compile(r"(?<![a-z])(?:ask|tell|asked|told|remind|let) $")
_TO_DO = re.compile(r" (?:to (?!the|a|my|your|his|her|our|their|me|you|us)[a-z]|know(?![a-z]))")
_DOES = re.compile(
    r" (?:owes|borrowed|(?:took|takes) (?:out )?(?:the|that|this|a) (?:loan|card|money)|signed (?:for|the|it)|lives (?:with|at|in))(?![a-z])"
)


def _framed(reading: Reading, match: re.Match[str], left: str) -> bool:
    """Around a name that is also a word stands what only people say, are told or do."""
    low, end = reading.low, match.end()
    if _SPEAKS.search(left) and _SPEAKING.match(low, end):
        return True
    if (_ASKS.search(left) and _TO_DO.match(low, end)) or _spoken_of(low, left, end):
        return True
    return match.start() == reading.line_start(match.start()) and _DOES.match(low, end) is not None


_SELF = re.compile(r"(?:^|[\n,.!?:] *|\b(?:and|but|yes|yeah|hi|hello) )(?:i'm|im|i am) $")
_SELF_AFTER = re.compile(r",? (?:with an? [a-z](?![a-z])|spel[lt])|, (?:i|i'm|and i|his|her|the)(?![a-z])")
_GREETS = re.compile(r"(?:^|[\n,.!?:] *)(?:hi|hello|hey|dear|(?:good )?(?:morning|afternoon|evening)) $")
_GREETED = re.compile(r",? (?:this is|it's|i'm|i am|my name|how are|how's|is this|can you|it is)(?![a-z])")
_FETCHED = re.compile(
    r"(?<![a-z])(?:get|ask|tell|try|call|(?:speak|spoke|talk|talked|speaking|talking) (?:with|to)|ask for) $"
)
_SHE = re.compile(r", (?:he|she)(?:'s|'ll)?(?![a-z])")


def _spoken_of(low: str, left: str, end: int) -> bool:
    """Somebody names or is greeted by the word, or is fetched and spoken of right after it."""
    return bool(
        (_SELF.search(left) and _SELF_AFTER.match(low, end))
        or (_GREETS.search(left) and _GREETED.match(low, end))
        or (_FETCHED.search(left) and _SHE.match(low, end))
    )


NAMED_BEFORE = "i'm im am hi hello hey dear morning afternoon evening".split()
FETCHED_BEFORE = "get ask tell try call with to for".split()
"""The words `_spoken_of` may follow."""
_ABSENT = re.compile(
    r"(?:'s| is| isn't| was| wasn't) (?:not )?(?:here|home|at home|available|around|with us)(?![a-z])|(?:'s| is) no longer| (?:doesn't|don't|does not) live here| passed away| moved (?:out|away)| ji(?![a-z])"
)
ABSENT_AFTER = "isn't wasn't doesn't don't does passed moved ji".split()
GONE = "not no here home at available around with".split()
"""The words `_ABSENT` may begin with; those that may follow s, is and was in it."""


def _told(reading: Reading, match: re.Match[str]) -> bool:
    """After a word in capitals stands what is told of somebody who is not there, or the courtesy `ji`."""
    return _ABSENT.match(reading.low, match.end()) is not None and not _line(reading, match.start()).isupper()


_TOWNS = frozenset(
    "charlotte austin dallas houston victoria florence sydney paris london georgia virginia savannah jackson madison orlando lincoln chester "
    "carolina phoenix jordan israel chelsea lancaster raleigh clifton windsor preston lewis troy eugene".split()
)
_WHERE = re.compile(
    r"(?<![a-z])(?:mov(?:e[ds]?|ing)|liv(?:e[ds]?|ing)|driv(?:e[sn]?|ing)|drove|flew|fly(?:ing)?|based|born|raised|grew up|travel[a-z]*|relocat[a-z]+|office|branch|stationed|train|bus)"
    r"(?: [a-z]+){0,2}? (?:from (?:[a-z]+ to )?|to |in |near )$"
)
"""Towns that are first names as well, and what says that the town is meant."""


def _named_on(reading: Reading, match: re.Match[str]) -> bool:
    """After a lower-case word that may be a first name: a listed name, `'s`, or a question about someone before it."""
    first, words, last = lists()
    after = _NEXT.match(reading.low, match.end())
    if after is not None and (after[1] in first or after[1] in last or after[1] in words):
        return True
    return reading.low.startswith("'s", match.end()) or _ASKED.search(reading.left(match.start())) is not None


def _may_be_introduced(reading: Reading, match: re.Match[str]) -> bool:
    """In a line all in capitals, and of words of such calls, nobody is named by a capital alone."""
    return is_odd(match[0]) and not _line(reading, match.start()).isupper()


def _before_surname(reading: Reading, match: re.Match[str]) -> bool:
    """A word in capitals that is no word of such calls, before a listed surname in capitals."""
    found = _NEXT.match(reading.low, match.end())
    if found is None or reading.low[match.end()] != " " or not _capital(reading, found.start(1)):
        return False
    return (
        found[1] in lists()[2]
        and found[1] not in NOT_NAMES
        and is_odd(match[0])
        and not is_ordinary(match[0])
    )


def _goes_on(reading: Reading, match: re.Match[str]) -> bool:
    """Even behind a firm cue an unknown word in lower case is a name only with another one after it."""
    if len(match[0]) < 2 or not _may_go_on(reading, match.end()):
        return False
    return _extent(reading, match)[1] > 1


def _may_go_on(reading: Reading, end: int) -> bool:
    """A cheap look at the next word: an ordinary one goes on no name."""
    found = _MORE.match(reading.low, end)
    if found is None:
        return False
    word = found[1].removesuffix("'s")
    return (word not in NOT_NAMES and word not in _COMMON_AFTER) or word in PARTICLES or len(word) < 3


def _extent(reading: Reading, match: re.Match[str]) -> tuple[int, int]:
    """End of the name and how many words it has: further words that are capital or known as names."""
    word = match[0]
    if word.endswith("'s"):
        return match.end() - 2, 1
    end, parts, cased = match.end(), 1, _capital(reading, match.start())
    while parts < 4:
        found = _MORE.match(reading.low, end)
        if found is None:
            break
        bare = found[1].removesuffix("'s")
        initial = (
            len(bare.rstrip(".")) == 1 and cased and _capital(reading, found.start(1)) and bare not in ("i",)
        )
        particle = bare in PARTICLES and parts >= 1 and _particle_holds(reading, found.end())
        name = _is_further(reading, found.start(1), bare, cased)
        if not (initial or particle or name):
            break
        end, parts = found.start(1) + len(bare), parts + 1
        if bare != found[1]:
            break
    return end, parts


PARTICLES = frozenset("de la van von der den del da dos di el al bin binti ibn st mac mc o".split())


def _particle_holds(reading: Reading, end: int) -> bool:
    found = _NEXT.match(reading.low, end)
    return found is not None and found[1].removesuffix("'s") not in NOT_NAMES


def _is_further(reading: Reading, start: int, word: str, cased: bool) -> bool:
    """Whether `word` goes on a name that began before it."""
    first, _, last = lists()
    if word in _FIRM_WORDS and word not in last:
        return False
    if cased and _cased(reading, start):
        return _capital(reading, start) and (word not in NOT_NAMES or word in last)
    if word in last and (word not in NOT_NAMES):
        return True
    return word not in NOT_NAMES and word not in _COMMON_AFTER and (word in first or is_odd(word))


_COMMON_AFTER = frozenset(
    "isnt wasnt arent werent doesnt didnt dont cant couldnt wont wouldnt hasnt havent hadnt shouldnt ji owes owe says said here home today has had does did lives lived works worked handles picked signed called paid borrowed moved died passed gave took keeps kept wants needs knows thinks died isn't doesn't didn't wasn't won't can't "
    "anymore either instead directly personally himself herself whoever bank account accounts payment payments loan loans debt debts about regarding please thanks speaking calling".split()
)
_SUFFIX_WORDS = re.compile(
    r"(?:ing|ed|ly|tion|ment|ness|able|ible|ful|less|ous|ive|ally|ity|ance|ence|ship|ward|wise|ship|ery|ism|'t|'ll|'ve|'re|'d)$"
)


def is_odd(word: str) -> bool:
    """Neither a word of such calls nor one with an ordinary ending: may be a surname nobody listed."""
    return len(word) > 2 and word not in _talk() and not _SUFFIX_WORDS.search(word)


@lru_cache(maxsize=1)
def _talk() -> frozenset[str]:
    """Words of calls that are no names."""
    root = resources.files("audit.privacy").joinpath("data")
    lines = root.joinpath("en_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _score(reading: Reading, match: re.Match[str], end: int, facts: tuple[bool, bool, bool, bool]) -> float:
    known, doubtful, firm, more = facts
    left, capital = reading.left(match.start(), 48), _capital(reading, match.start())
    cased = _cased(reading, match.start())
    after = bool(_AFTER.match(reading.low[end : end + 14]))
    soft = match.start() == reading.line_start(match.start()) or bool(_CUE_SOFT.search(left))
    score = 0.4 if known else 0.15 if doubtful else 0.0
    score += 0.45 if firm else 0.1 if soft else 0.0
    score += 0.2 if more else 0.0
    if (
        cased
        and capital
        and not (known or doubtful)
        and _INTRODUCED.search(left)
        and _may_be_introduced(reading, match)
        and _INTRO_AFTER.match(reading.low[end : end + 14])
    ):
        score += 0.5
    score += 0.3 if _ASKED.search(left) and _AT_HOME.match(reading.low[end : end + 14]) else 0.0
    score += 0.15 if after else 0.0
    if cased and capital and match.start() != reading.line_start(match.start()):
        score += 0.15
    if cased and not capital and _starts_capital(reading, match.start()):
        score -= 0.35
    if firm and not known and not doubtful and not capital and not more:
        score -= 0.2
    if not firm and not known and not more:
        score -= 0.15
    return score


_INTRODUCED = re.compile(
    r"(?:this is|my name's|you got|it's me,?|name's|(?<![a-z])(?:is that|is this|reach|ring|phone|contact|call|text)) $"
)
_INTRO_AFTER = re.compile(
    r"[,.?]?(?:$|\n| (?:from|with|calling|speaking|here|again)\b| (?:on|at) [0-9+]|(?<=\?) )"
)
_ASKED = re.compile(r"(?:^|[\n.,?!:] *|\b(?:hi|hello|hey|um|uh|and) )(?:is|was|isn't) $")
_AT_HOME = re.compile(r" (?:home|there|in|available|around|at home|with you|awake)\b")


def _starts_capital(reading: Reading, start: int) -> bool:
    """The turn begins with a capital, so that its names would have them too."""
    return _line(reading, start)[:1].isupper()


_EPITHET = re.compile(r"(?<![A-Za-z])(?:Big|Little|Lil|Old|Young|Fat|Tall) $")


def _with_epithet(reading: Reading, start: int) -> int:
    """Big Mike: what people call somebody by is part of the name where it has a capital too."""
    found = _EPITHET.search(reading.folded, max(0, start - 8), start) if _capital(reading, start) else None
    return found.start() if found and found.start() > reading.line_start(start) else start


def _with_courtesy(reading: Reading, end: int) -> int:
    return end + 3 if _JI.match(reading.low, end) else end


def is_common(word: str) -> bool:
    """A word that neither begins nor goes on a name, and none of the lists."""
    first, words, last = lists()
    return word in NOT_NAMES and word not in words and word not in last and word not in first


def is_ordinary(word: str) -> bool:
    """An ordinary word of such calls that begins no name."""
    return word in NOT_NAMES or _SUFFIX_WORDS.search(word) is not None
