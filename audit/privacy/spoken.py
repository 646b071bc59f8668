"""The words numbers and letters are said with: Mandarin and English, fillers, corrections, interjections.

Sources: GB/T 15835 (written numerals), spoken practice of Mandarin (幺 洞 拐 两 勾), ICAO/NATO spelling
alphabet. Every table maps folded, lower-case words to signs.
"""

from __future__ import annotations

from audit.privacy.reading import TAG

ZH_DIGITS: dict[str, str] = {}
for _sign, _words in {
    "0": "零〇洞",
    "1": "一幺壹妖",
    "2": "二两贰",
    "3": "三叁",
    "4": "四肆",
    "5": "五伍",
    "6": "六陆",
    "7": "七拐柒",
    "8": "八捌",
    "9": "九勾玖",
}.items():
    ZH_DIGITS.update(dict.fromkeys(_words, _sign))

ZH_SOUNDS: dict[str, str] = {}
"""Characters a recogniser writes for a digit; read as one only between two digits that were said."""
for _sign, _words in {
    "0": "林灵领铃",
    "1": "要腰药",
    "2": "儿而",
    "3": "山",
    "4": "事是似",
    "5": "午无舞",
    "6": "流留刘",
    "7": "期起妻",
    "8": "吧把爸",
    "9": "就久酒",
}.items():
    ZH_SOUNDS.update(dict.fromkeys(_words, _sign))

EN_DIGITS: dict[str, str] = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "aught": "0",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "fife": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "niner": "9",
}  # fmt: skip
EN_SOUNDS: dict[str, str] = {
    "to": "2",
    "too": "2",
    "for": "4",
    "ate": "8",
    "won": "1",
    "tree": "3",
    "sex": "6",
}
EN_TEENS: dict[str, str] = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
EN_TENS: dict[str, str] = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
EN_TIMES: dict[str, int] = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}

NATO: dict[str, str] = {
    word: word[0].upper()
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november "
        "oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
    ).split()
}

ZH_FILLER = (
    r"嗯+|呃+|额+|啊+|哦+|噢|唉|诶|欸|那个|这个|就是|然后呢?是?|完了是?|后面?(?:是|的是)|后边是?|接着是?|接下来是?|"
    r"下面是|再来|再|开头|打头|等一?下|等等|我看看|我想想|我看一?下|对对?|好的?|还有|最后是?|前面是|中间是|加上|跟着|分别是|和|点|逗号|是|第[一二三四五]段是?|[前后][几两三四五六七八]位是?|中间[几两三四五六七八]位是?|末尾是"
)
EN_FILLER = (
    r"u+h+m*|u+m+|e+r+m*|a+h+|h+m+|mm+|mhm|then|and|okay|ok|so|hold on|hang on|wait|one sec(?:ond)?|let me see|let's see|"
    r"you know|like|it's|that's|yeah|yep|yes|right|dash|hyphen|space|next|followed by|after that|bear with me|"
    r"give me a sec(?:ond)?|just a sec(?:ond)?|got it|(?:the )?(?:rest|(?:last|next|remaining) (?:two|three|four|five|six)(?: digits| numbers)?) (?:is|are)|capital|upper ?case|lower ?case|the letter|letter|sir|ma'am|madam|please|well|dot|point"
)
ZH_CORRECTION = (
    r"(?:[哦噢啊]?不对不?对?|[哦噢]不是?|不是|说错了?|念错了?|错了|搞错了|更正|纠正一下|重来|我重新念|应该是|改成)"
    r"(?:[,。、 ]*(?:不好意思|抱歉|对不起|应该|我重说|重来|是|说错了|错了))*"
)
EN_CORRECTION = (
    r"(?:(?:oh |uh )?no,? (?:no,? )?(?:wait|sorry|scratch that|hang on|hold on|it's|i mean)|(?:oh |i'm )?sorry|scratch that|"
    r"i mean|make that|correction|wait,? no|my mistake|i meant|rather|no)(?:[,.]? (?:sorry|it's|that's|i mean|make that|no|not that))*"
)

ZH_ASK = (
    r"(?:最?后面?|前面?|中间|剩下?|接下来)的?[几两二三四五六七八]位(?:数|呢|是多少|您?报一?下)?|区号呢|慢一?点儿?(?:念|说|报)?|[您你]?再[说念报]一?[遍次下]|没了吗?|"
    r"让?我在?[记写输](?:一?下|着呢?)|记住了?|[在听]着呢?|听[着清]了"
)
EN_ASK = (
    r"(?:and |what's |give me )?(?:the |your )?(?:(?:last|first|next|final|other|remaining|middle) (?:two|three|four|five|six|few|bit|part|digits?|ones?|group|half|set)(?: digits?| numbers?| ones?)?|rest|area code)(?: please)?|"
    r"slow(?:ly| down)|one (?:sec(?:ond)?|moment)|just a (?:sec(?:ond)?|moment)|hang on|hold on|bear with me|let me (?:write|type|note|jot|get) (?:that|it|this)(?: down)?|(?:say|read) (?:that|it) again|"
    r"come again|pardon(?: me)?|sorry|is that (?:it|all|everything)|more|what comes next|still (?:writing|typing)|writing (?:it |this )?down"
)
"""What the other side asks or says while a number is given in pieces."""
ZH_NOD = (
    r"(?:嗯|哦|噢|啊|对|好的?|是+的?|行|可以|收到|继续|您?请?继续|您?接着说?|接着念|您?说|您?请?讲|然后呢?|后面呢|还有呢|记下了|明白|没事|慢点念?|慢一?点|慢慢说|您慢点|在记|"
    r"(?:那)?(?:前|后|末|最后)[几两三四五六]位(?:您?先?报|呢|是)*|(?:那)?(?:出生)?(?:生日|年月日?)(?:呢|是)?|还有(?:吗|没有|几位)?|剩下的?(?:呢|是)?|接下来(?:呢)?|下一?[段组](?:呢)?|"
    rf"您?(?:稍等|等)(?:一?下)?(?:我?记一?下)?|我?记一?下|记好了|重复一遍|您?接着来|往下念?|不着急|{ZH_ASK})"
)
EN_NOD = (
    r"(?:mm+[- ]?h+m*m?|mhm|uh[- ]?huh|u+h+|u+m+|hm+|mm+|yeah|yep|yes|yup|ok(?:ay)?|right|sure|got it|go on|go ahead|continue|"
    r"carry on|and then|i see|next|all right|alright|i'm listening|perfect|great|good|thanks|thank you|fine|cool|gotcha|keep going|"
    r"still here|i'm here|take your time|i've got that|noted|ji|haan|achha|slower|slow down|a bit slower|what's next|anything else|what else|"
    rf"(?:and )?(?:then )?the (?:last|next|first|rest|remaining|middle)(?: (?:two|three|four|five|six|few|bit|part|group|digits?|numbers?|ones?)){{0,2}}|and the rest|{EN_ASK})"
)
_JOIN = r"[ ,。.、!?…~-]{0,4}"
_NODS = rf"(?:(?:{ZH_NOD}|{EN_NOD}(?![a-z])){_JOIN}){{1,12}}"
TURN_GAP = rf"[ ,。.、]{{0,4}}\n(?:[ \t]{{0,4}}(?:{TAG})?[ \t]{{0,4}}{_NODS}(?:,?(?:sir|ma'am|madam|ji|na|您)[.?!,]?)?[ ]{{0,4}}\n){{0,6}}[ \t]{{0,4}}(?:{TAG})?"
"""From the end of one turn to the beginning of the next, turns in between that only nod included."""
