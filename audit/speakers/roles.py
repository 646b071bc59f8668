"""Who is the collector, from what is said: openings, names of companies, verification, and the debtor's replies.

Each cue is a pattern with a weight for one side and a name that may be shown (the words themselves may
not). The weights are orders of magnitude set by hand, not trained; confidence is a logistic of their sum.
Pure: text in, numbers out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_CUES: dict[str, tuple[tuple[str, float, str], ...]] = {
    "zh": (
        (
            r"(受|接受).{0,14}委托|委托(我们|联系|联络|催收)|(银行|金融|贷|公司|平台).{0,3}委托",
            3.0,
            "names who it acts for",
        ),
        (r"工号|坐席号", 3.0, "gives a staff number"),
        (
            r"(我|这边|这里|咱们?)(是|这边是).{1,16}(公司|中心|银行|金融|法务|律所|事务所|客服|专员|部门?|平台|服务)",
            2.5,
            "says from which company it calls",
        ),
        (r"(这边|这里)是|(我|咱)们?这边", 1.0, "speaks for a house"),
        (r"(通话|电话|来电|本次|全程).{0,6}录音|录音(电话|通话)", 2.0, "gives the recording notice"),
        (r"(请问|您)?.{0,6}(先生|女士|小姐)(吗|吧|是吗|本人|您好|你好)", 1.5, "asks for a person by name"),
        (r"(请问|您|你)(您|你)?是.{2,4}(吗|吧|本人)|是.{2,4}本人", 1.5, "asks for a person by name"),
        (
            r"(核实|核对|确认|验证).{0,8}(身份|信息|本人|证件)|(身份证|证件号).{0,8}(后|末|最后)[四4六6]",
            2.5,
            "verifies identity",
        ),
        (
            r"(您|你).{0,6}(账户|账单|借款|欠款|贷款|信用卡|分期|合同|款项).{0,10}(逾期|到期|未还|没还|拖欠|欠)",
            2.0,
            "states the other's debt",
        ),
        (r"(您|你).{0,10}(逾期|拖欠|欠了?|欠着|违约)", 1.5, "states the other's debt"),
        (r"(什么时候|何时|几号|今天|今晚|明天|几点).{0,10}(还|处理|到账|结清|打进来|转)(款|钱|上|清|掉)?", 1.0, "asks when payment comes"),
        (r"(尽快|马上|立即|及时|抓紧|赶紧).{0,6}(处理|还|结清|缴|解决)", 1.2, "demands payment"),
        (r"(提醒|通知|告知)(您|你)(一下|本人)?", 1.2, "gives a notice"),
        (r"(给|帮|为)(您|你).{0,8}(申请|登记|备注|减免|延期|分期|协商|方案|反馈)", 1.2, "offers an arrangement"),
        (r"(我们|公司|系统|银行|后台).{0,8}(会|将|就|要)(上报|移交|起诉|上门|走访|联系|冻结|报|发函)", 1.2, "says what its house will do"),
        (r"(感谢|谢谢)(您|你)的?(配合|接听|理解)|打扰(您|你)了|祝您", 1.5, "closes like a caller"),
        (r"(你|您)(是)?(谁|哪位|哪里的?|哪个|哪家|什么人)|哪位啊?$|谁啊", -2.0, "asks who is calling"),
        (r"打错(了|电话)|(你|您)们?怎么(有|知道)我的?(电话|号码)", -2.5, "says the number is wrong"),
        (r"(我|咱)(现在|最近|这边|手头|真的?|实在|确实|也)*(没|没有|拿不出|凑不出)(钱|工作|收入|能力)", -2.5, "says it cannot pay"),
        (r"(我)(刚|被|已经|最近)*(失业|下岗|辞退|裁员|住院|生病|破产)|(工资|钱)(还)?没(发|到|结)|没结账", -2.0, "tells of hardship"),
        (r"(能不能|能否|可不可以|可以).{0,6}(晚|缓|宽限|少|分期|减免|延)", -1.5, "asks for time or terms"),
        (r"(别|不要|不许|不准)(再|老|总)?(给我)?(打|联系|骚扰)", -2.0, "asks not to be called"),
        (r"(我)(要|会|去)?(投诉|举报|报警|告你)|(打)?12378|(你们)(这是|怎么)(骚扰|威胁|暴力)", -2.0, "threatens a complaint"),
        (r"我(会|想|一定|肯定|尽量|下周|下个?月|明天|发工资).{0,6}(还|处理|打)(的|上|过去|给你)?", -1.2, "promises to pay"),
        (r"(不是|没有)我(本人)?(借|欠|贷)|我(没|没有|从来没)(借|贷|欠)过?", -2.0, "disputes the debt"),
        (r"^(喂|嗯|啊|对|是|是我|哦|好|好的|行|知道了|对呀|是啊|没有|不知道|你说|你讲|说吧|干嘛|咋了|怎么了|啥事|什么事)[,，。.?？!！ 啊呀吧]*$", -0.6, "answers in a word"),
        (r"^(喂|是我|我是|我就是)", -0.5, "answers the call"),
        (r"我(们)?(这边)?是.{0,12}(公安|警察|民警|法院|检察|派出所|刑侦|经侦|律师|司法)", 2.0, "gives an office"),
        (r"(立案|传唤|起诉|拘留|抓捕|抓你|上门|通缉|列为|冻结)(?!.{0,4}[吗嘛么?？])", 1.0, "speaks of consequences"),
        (r"(转|打|汇|充)(到|进|给|至).{0,10}(账户|账号|卡|微信|支付宝)", 1.0, "says where to pay"),
        (r"您", 0.6, "addresses formally"),
        (r"我们|咱们|公司", 0.5, "speaks for a house"),
        (r"你们", -0.8, "addresses a house"),
        (r"我(?!们|司|行|方|这边|是.{0,10}(公司|中心|的))", -0.4, "speaks of itself"),
        (r"(他|她)(不在|出去了)|我(是|就是)(他|她)(爸|妈|老婆|老公|儿子|女儿|同事|朋友|家人|爱人)", -2.0, "speaks for the person called"),
    ),
    "en": (
        (r"\b(calling|call) (you )?(from|on behalf of|with|regarding|about|in regards? to)\b", 2.5, "says from where it calls"),
        (r"\bon behalf of\b|\bdebt collector\b|\bcollection (agency|department)\b", 2.5, "names who it acts for"),
        (r"\b(this is|my name is|i'?m) \w+( \w+)?,? (calling )?(from|with|at|of|here at)\b", 2.5, "says from which company it calls"),
        (r"\b(this|the|our) (call|line|conversation)( is| may be| will be|'s)?( being)? (recorded|monitored)\b|\brecorded line\b", 2.5, "gives the recording notice"),
        (r"\battempt to collect\b|\bany information (obtained|you)\b", 3.0, "gives the collector's notice"),
        (r"\b(may|can|could) i (please )?(speak|talk) (to|with)\b|\b(am i|is this|i'?m) (speaking|talking) (to|with)\b|\bis this (mr|mrs|ms|miss)\b|\blooking for (mr|mrs|ms)\b", 2.0, "asks for a person by name"),
        (r"\b(verify|confirm)\b.{0,40}\b(identity|date of birth|address|last four|social|information|details|speaking|it'?s you|account)\b|\byour (date of birth|last four)\b|\blast four (digits|of)\b", 2.5, "verifies identity"),
        (r"\byour? (\w+ ){0,3}(account|balance|loan|emi|card|debt|payment|instal?ment|arrears|file|case)\b.{0,40}\b(past due|overdue|outstanding|pending|owed|owing|behind|late|total|due|open)\b", 2.0, "states the other's debt"),
        (r"\b(you|you'?ve) (\w+ )?(owe|owed|missed|defaulted|fell behind|failed to)\b|\b(past due|overdue|outstanding) (balance|amount)\b", 1.8, "states the other's debt"),
        (r"\bwhen (can|will|are|could) you (\w+ )?(pay|make|clear|settle|send)\b|\b(make|take|process|set up) (a |the |your )?(payment|plan|arrangement)\b", 1.3, "asks for payment"),
        (r"\bhow can i help|\bthank you for (calling|your (time|call|patience))\b|\bis there anything else\b|\bhave a (good|nice|great) (day|one|evening)\b", 1.5, "speaks like a call centre"),
        (r"\bwe('ll| will| can| could| may)\b.{0,25}\b(send|report|file|note|waive|reduce|contact|visit|garnish|proceed|escalate|offer)\b", 1.0, "says what its house will do"),
        (r"\b(sir|ma'?am|madam)\b", 0.7, "addresses formally"),
        (r"\bwho('?s| is| are) (this|calling|you|it)\b|\bwhat('?s| is) this (about|regarding|concerning)\b|\bhow did you get (my|this)\b", -2.0, "asks who is calling"),
        (r"\bwrong (number|person)\b|\bno one (here )?by that name\b", -2.5, "says the number is wrong"),
        (r"\bi('m| am)? (just |really |still )?(can'?t|cannot|don'?t have|do not have|couldn'?t|unable to)\b.{0,20}\b(pay|afford|money|job|income|it|that)\b", -2.0, "says it cannot pay"),
        (r"\b(i|i'?ve|my (husband|wife|mother|father)) (just |was |got |been )*(lost|laid off|fired|unemployed|in (the )?hospital|sick|disabled|divorced)\b|\bmy (job|hours|salary|wages|paycheck|pay check|pension)\b", -2.0, "tells of hardship"),
        (r"\b(stop|quit|don'?t) (calling|call|contacting|harassing)\b|\btake me off\b|\bleave me alone\b", -2.0, "asks not to be called"),
        (r"\bi'?(ll| will| am going to|m going to| can| could|m gonna)\b.{0,20}\b(pay|send|try|report|complain|sue|call my|talk to my)\b", -1.2, "promises or warns"),
        (r"\b(not|isn'?t|never) (my|mine)\b|\bi (never|didn'?t|did not) (\w+ )?(borrow|took|take|owe|open|sign|have)\b|\bi dispute\b", -1.8, "disputes the debt"),
        (r"^(hello|yes|yeah|yep|no|okay|ok|speaking|this is (he|she|him|her)|uh-?huh|right|sure|what|go ahead|fine|who)[.?!,]*$", -0.6, "answers in a word"),
        (r"^(speaking|this is (he|she)|yes,? (this is|speaking|that'?s me))", -1.5, "answers the call"),
        (r"\b(officer|detective|sheriff|sergeant|investigator|attorney)\b.{0,30}\b(with|from|office|department|county|calling)\b", 2.0, "gives an office"),
        (r"\b(arrest(ed)?|warrant|lawsuit|legal action|garnish(ed|ment)?|be sued|press charges)\b(?!.{0,12}\?)", 1.0, "speaks of consequences"),
        (r"\byour\b", 0.6, "speaks of the other's affairs"),
        (r"\b(we|our|us)\b", 0.5, "speaks for a house"),
        (r"\byou (people|guys|all)\b", -1.0, "addresses a house"),
        (r"\b(my|me|mine)\b", -0.5, "speaks of itself"),
        (r"\b(he|she)('?s| is) (not|n'?t) (here|home|in)\b|\bi'?m (his|her) (wife|husband|mother|father|son|daughter|brother|sister|roommate)\b", -2.0, "speaks for the person called"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaning:
    """How far texts lean to the collector's side (above 0) or away (below), and the cues that say so."""

    score: float
    cues: tuple[str, ...]


@lru_cache(maxsize=4)
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], float, str], ...]:
    chosen = _CUES.get(language) or (*_CUES["zh"], *_CUES["en"])
    return tuple((re.compile(pattern, re.IGNORECASE), weight, name) for pattern, weight, name in chosen)


def leaning(texts: Iterable[str], language: str) -> Leaning:
    """Sum of the cues of one side's texts; each cue counts once, and half as much once more.

    Chinese and English have cues; another language is read with both. A text without cues leans 0.
    """
    hits: dict[tuple[str, float], int] = {}
    for text in texts:
        for pattern, weight, name in _patterns(language):
            if pattern.search(text.strip()):
                hits[name, weight] = hits.get((name, weight), 0) + 1
    score = sum(weight * (1.0 if count == 1 else 1.5) for (_, weight), count in hits.items())
    strongest = sorted(hits, key=lambda hit: (-abs(hit[1]), hit[0]))
    return Leaning(score, tuple(dict.fromkeys(name for name, _ in strongest)))


def confidence_of(margin: float) -> float:
    """How sure a difference of leanings makes: 0 -> 0.5, 4 -> 0.88, 8 -> 0.98; never certain."""
    return min(0.99, 1.0 / (1.0 + math.exp(-0.5 * abs(margin))))
