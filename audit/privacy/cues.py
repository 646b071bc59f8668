"""Words beside a number that say what it is; the nearest one decides."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ZH = {
    "tail": r"尾号|[后末][三四五六]位|尾数",
    "hotline": r"热线|客服电话|投诉电话|举报电话|人工台",
    "not": (
        r"订单号?|合同号?|流水号?|单号|工单|编号|回执号?|凭证号?|案件号?|案号|快递单?|运单|交易号|受理号|批次|验证码|工号|坐席号|"
        r"保单号?|发票号?|申请号|借据号?|档案号|条形码|税号|信用代码|密码|取件码|序列号|货号|型号|贷款号|机具号|商户号|余额|金额|欠款|本金|利息"
    ),
    "id": r"身份证|证件|身份号|身份号码|户口本?|身分证",
    "phone": r"手机|电话|座机|固话|联系方式|号码|打我|打这个|微信同号|拨打?|热线|联系我|打给|呼叫|来电|机主|手机号|旧号|新号|换号|这号|那号|的号|个号|老号",
    "card": r"银行卡|信用卡|储蓄卡|借记卡|工资卡|卡号|账号|帐号|账户|帐户|户头|这张卡|那张卡|张卡|还款卡|卡片|卡上|绑的|绑定|扣款|退到|打到|转到|汇到|卡",
    "qq": r"qq(?: number| id| is)*|扣扣|企鹅号|球球",
    "ssn": r"社会?安全?(?:保障)?号|社安|工卡号",
    "nino": r"(?:英国|国民)?保险号",
    "aadhaar": r"阿达尔|印度(?:那边)?的?身份证",
    "wechat": r"微信|加微|薇信|威信|v信|vx|wx|绿泡泡",
    "passport": r"护照|通行证|旅行证",
    "plate": r"车牌|牌照|车",
    "dob": r"生日|出生|生人|生的",
}
_EN = {
    "tail": r"end(?:ing|s)(?: in| with)?|last (?:four|4|three|five|six)(?: digits)?",
    "hotline": r"hot ?line|helpline|toll[- ]free|customer (?:service|care) (?:number|line)",
    "not": (
        r"orders?|reference|ref|receipt|claim|ticket|confirmation|invoice|tracking|case(?! of)|policy|transaction|docket|"
        r"check number|agent id|authori[sz]ation|auth code|code|serial|loan (?:number|id|account)|application|"
        r"contract|badge|batch|agreement|file number|voucher|request number|complaint number|"
        r"utr|txn|ext(?:ension)?\.?(?= ?$)|amount|balance|meter|imei|purchase"
    ),
    "phone": (
        r"phone|cell(?:phone)?|mobile|telephone|landline|(?:call|ring|text|reach|dial|contact|ping|try|get) (?:me|us|him|her|them|back)|"
        r"(?:call|ring|text|reach|contact) [a-z]+ (?:on|at)|(?:reached|calls?|call back|caller) (?:at|on|from)|calling|whatsapp|best number|my number|number on file|number is|number's|contact number|"
        r"area code|dial|work line|home line|call|fax|try|numbers?|switchboard|tel"
    ),
    "card": (
        r"card(?: number)?|visa|master ?card|amex|american express|debit|credit|discover|rupay|maestro|long number|"
        r"(?:charge|put|run) it (?:to|on)|take it from|pay with"
    ),
    "ssn": r"social(?: security)?(?: number)?|ssn|ss number|soc\b",
    "nino": r"national insurance(?: number)?|n\.?i\.? number|nino|ni no|n i number",
    "aadhaar": r"a+dh?a+r|aadhar|adhaar|uidai|uid",
    "pan": r"pan(?: card| number| no)?|permanent account number",
    "passport": r"passports?|travel document",
    "dob": r"date of birth|dob|d\.o\.b|birth ?date|birthday|born",
    "id": r"id card|resident id|identity card",
    "qq": r"my qq|qq (?:number|id|is)",
    "wechat": r"wechat|we chat|weixin",
    "plate": r"plate",
}


_NAMES = (
    "tail", "hotline", "not", "id", "phone", "card", "qq", "wechat", "passport", "plate", "dob", "ssn", "nino", "aadhaar", "pan",
)  # fmt: skip
_TAIL_EN = r"(?:(?:'s)? (?:card|identity|account|reference))?(?: (?:numbers?|no\.?|id|code|details))?(?:'s| is| was| shows| says)?"
_TAIL_ZH = r"(?:的|上的)?(?:号码|号)?"


def _alternative(name: str) -> str:
    """The cue's words of both languages; "passport number is" is one cue, so that its "number" is none."""
    zh = f"(?:{_ZH[name]}){'' if name in ('phone', 'not') else _TAIL_ZH}" if name in _ZH else ""
    tail = "" if name in ("phone", "hotline", "tail") else _TAIL_EN
    en = rf"(?<![a-z])(?:{_EN[name]}){tail}(?![a-z])" if name in _EN else ""
    return rf"(?P<{name}>{'|'.join(filter(None, (zh, en)))})"


_PATTERN = re.compile("|".join(_alternative(name) for name in _NAMES))


@dataclass(frozen=True, slots=True)
class Cues:
    """The cue nearest before and after a number ("" where none) and all that stand before it."""

    nearest: str
    after: str
    before: frozenset[str]

    def says(self, *names: str) -> bool:
        """Whether the deciding cue is one of `names`: the nearest before, else the one right after."""
        return self.nearest in names or (not self.nearest and self.after in names)


def cues(left: str, right: str) -> Cues:
    """Reads the cues of `left` (ends where the number begins) and `right` (begins where it ends)."""
    found = [match.lastgroup or "" for match in _PATTERN.finditer(left)]
    after = _PATTERN.search(right)
    return Cues(found[-1] if found else "", (after.lastgroup or "") if after else "", frozenset(found))
