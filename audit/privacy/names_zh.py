"""Chinese personal names without a trained model: surnames, given-name shapes, titles, and the words around.

A candidate is a surname with one or two characters after it; what stands on both sides decides whether it
is a name and how long it is. Not judged: names in other scripts inside Chinese text, nicknames without a
cue, names of the caller's or lender's firm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from audit.privacy.places import CITIES_ZH
from audit.privacy.reading import Hit, Reading

_HAN = "\u4e00-\u9fff"


def _read(name: str) -> str:
    text = resources.files("audit.privacy").joinpath("data", name).read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


@lru_cache(maxsize=1)
def surnames() -> tuple[str, frozenset[str]]:
    """(single surnames in order of frequency, compound surnames)."""
    return _read("zh_surnames.txt").replace("\n", ""), frozenset(_read("zh_compound_surnames.txt").split())


@lru_cache(maxsize=1)
def _given() -> frozenset[str]:
    return frozenset(_read("zh_given.txt")) - {"\n"}


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return frozenset(_read("zh_words.txt").split()) | CITIES_ZH


TITLES = (
    "先生|女士|小姐|太太|夫人|同志|老师|教授|医生|大夫|护士|律师|警官|法官|经理|总经理|总监|主任|科长|处长|局长|厂长|校长|院长|部长|"
    "队长|班长|组长|店长|站长|所长|村长|书记|会计|师傅|老板|董事长|董|总|工|局|阿姨|叔叔|大叔|大爷|大妈|大姐|大哥|大嫂|奶奶|爷爷|伯伯|婶|"
    "姐|哥|叔|姨|嫂|妹|弟|伯|爷|婆|导|队|处|科|主管|秘书|专员|顾问|助理|客服|美女|帅哥|同学|嬢嬢|孃孃|妈妈|爸爸|阿婆|阿公|阿伯|阿叔|阿嫂|阿爷|大伯|大娘|大婶|婶婶|伯母|伯父|爷叔|老太太|老爷子|老弟|老哥|哥哥|姐姐|妹子|妹妹|弟弟"
)
_TITLE_LONG = tuple(title for title in TITLES.split("|") if len(title) > 1)
_TITLE_SHORT = "总董工局姐哥叔姨嫂妹弟伯爷婆导队处科婶"
_FUNCTION = frozenset(
    "的了是在吗吧呢啊呀吃说欠借不没也就都还有要去来给把被让跟和与找叫打接会能可到从对向为因这那哪您你我他她它们个什怎么谁啥该先再又才却但而或且"
    "哦嗯呃喂哎诶嘛哈啦咯呗哟嘞签住拿买卖做干用想知认联电手身微邮卡号今昨明后现已刚早晚上下里外前后只别请帮替带很太最更非所以及其如果死活过走出回进起开关得地着"
    "女男先小老亲爱很咱俺问答跑躲骗装写"
)

_CUE_FIRM = re.compile(
    r"(?:我叫|你叫|他叫|她叫|名叫|叫做|叫|名字(?:是|叫|为|写的是?)?|姓名(?:是|为|栏)?|户名(?:是|为|写的是?)?|登记人(?:是|叫)?|登记的?(?:是|名字是?)?|联系人(?:里面?)?(?:是|叫|写的?是?|有(?:一?个)?|填的?是?|[填写]了)?|收款人(?:姓名)?(?:是|叫|为)?|"
    r"抬头写?(?:的)?(?:是)?|担保人(?:是|叫)?|车主(?:是|叫)?|签名(?:是|为)?|签字(?:的)?(?:是|人)?|本人|机主(?:是|叫)?|借款人(?:是|叫)?|持卡人(?:是|姓名)?|法人(?:是|代表)?|开户名?(?:是|人)?|经办人(?:是)?|收件人(?:是|写)?|"
    r"当事人|被告|原告|债务人|共借人|共同借款人|联系的是|转告|告诉|通知|联系不上|受益人|投保人|户主(?:是|叫)?|房东(?:是|叫)?|署名(?:是)?|写的?是)(?:一下|的|是|叫|:|,| )*$"
)
_CUE_KIN = re.compile(
    r"(?:我|你|您|他|她|的)?(?:老公|老婆|丈夫|妻子|爱人|媳妇|对象|前夫|前妻|男朋友|女朋友|男友|女友|爸爸?|妈妈?|父亲|母亲|爹|娘|儿子|女儿|闺女|孩子|孙子|孙女|女婿|儿媳妇?|姑父|姑姑|姨妈|姨父|姨夫|舅妈|大伯|小叔子?|小姑子?|妯娌|连襟|干爹|干妈|继父|继母|后妈|养父|养母|徒弟|师父|哥哥?|姐姐?|弟弟?|妹妹?|"
    r"舅舅?|叔叔?|姑姑?|姨|堂弟|堂哥|表哥|表弟|表姐|表妹|侄子|外甥|岳父|岳母|公公|婆婆|嫂子|姐夫|妹夫|同学|同事|朋友|室友|邻居|老乡|战友|领导|老板|亲戚|主管|工友|合伙人|担保|紧急联系人)(?:是|叫|:|,| )*$"
)
_CUE_CALL = re.compile(
    r"(?:请问(?:一下)?(?:您|你)?是?|您好,? ?(?:是|请问是?)?|你好,? ?(?:是|请问是?)?|喂,? ?(?:您好,?|你好,?)?(?:是|请问是?)?|您是|你是|我是|他是|她是|这是|那是|就是|不是|是不是|是|找一?下?|认识|认得|给|跟|和|让|叫|请|帮|替|问问?|联系(?:一下)?|"
    r"麻烦|转接|呼叫|关于|被|把|对|向|为|以|由|还有|与|及|或者?|、|代)$"
)
_EDGE_LEFT = re.compile(
    r"(?:^|[\n,。!?;:、…\s]|嗯|呃|啊|哦|喂|那|这个|那个|可是|但是|因为|如果|现在|原来|所以|其实|反正|而且|并且|昨天|今天|上次|刚才|之前|听说|知道|以为|说|不好意思|对不起|抱歉|谢谢|麻烦|辛苦|好的?|行)$"
)
_AFTER_NAME = re.compile(
    r"(?:本人|先生|女士|小姐|你好|您好|您|你(?!们好)|他|她|欠|借|说|的(?:电话|手机|号|家|名字|借款|欠款|贷款|账|朋友|同事|家人|妈|爸|老婆|老公|儿子|女儿|哥|弟|姐|妹|身份证|卡|车|账户|邻居|单位|爱人|妻子|丈夫|父|母|领导|担保|债|钱|事)|"
    r"(?:是|为)(?:我|你|您|他|她|谁|不是|哪|什么|本人|担保|紧急|同)|不在|在(?:家|吗|不在|哪|公司|单位|外地|这|那|你|医院|上班|旁边)|不接|不还|没还|没接|还了|还没|还在|还款|还欠|已经|签|接(?:电话|的|了)|住|电话|手机|身份证|联系|出去|出来|过来|过去|回来|"
    r"躲|跑|买|打工|上班|这个人|这人|那边|那儿|家里|夫妇|夫妻|吗|吧|呢|,|。|\?|!|、|\n|$|:| |把|让|找|去|来|给|跟|和|今天|昨天|现在|最近|知道|认识|答应|承诺|当时|走|死|离婚|离职|失联|拖|拿|用|做|办|开|能|会|要|可|该|得|就|也|都|又|怎|什么|为什么|方便|愿|申请|跟我|"
    r"代|替|作为|名下|手上|那笔|这笔|名字|同意|委托|负责|转|付|交|收|女|男|生日|户|没|有|到|从|被|骗|担保|退休|在)"
)


@lru_cache(maxsize=1)
def _ranks() -> tuple[dict[str, int], dict[str, tuple[str, ...]], re.Pattern[str]]:
    """(rank of each single surname, second signs by first sign of compound ones, a sign that begins either)."""
    single, compound = surnames()
    seconds: dict[str, tuple[str, ...]] = {}
    for name in sorted(compound):
        seconds[name[0]] = (*seconds.get(name[0], ()), name[1])
    ranks = {sign: place for place, sign in reversed(list(enumerate(single)))}
    signs = "".join(sorted({*ranks, *seconds}))
    return ranks, seconds, re.compile(f"[{signs}](?=[{_HAN}])")


_LEFT_LAST = frozenset(
    "叫是名为人写名填有主告诉知表记系:, 的公婆夫妻子媳妇人象友爸妈亲爹娘儿女闺孩哥姐弟妹舅叔姑姨侄甥父母嫂学事室居乡战导板戚管工伙保找下认识得给跟和让请帮替问烦接呼于被把对向代以由还有与及或者、"
    "嗯呃啊哦喂那个可因如果现在来所实正且天次才前说道歉谢苦好行\n,。!?;:…\t 本当被原债款卡法经件投备署您你我他她这就不哪位栏号意思丈爱配岳上婿孙襟妯娌爹父徒师了"
)
"""Every sign a cue or an edge of a phrase can end in: anything else before a surname makes it none."""


def find(reading: Reading) -> Iterator[Hit]:
    """Yields names, a title inside the span; candidates are resolved by score, longest first."""
    text = reading.low
    ranks, seconds, pattern = _ranks()
    taken, marks = 0, reading.marks
    for start in (match.start() for match in pattern.finditer(text)) if marks is None else marks:
        if start < taken or not _promising(text, start) or _counts(text, start):
            continue
        hit = None
        if text[start + 1] in seconds.get(text[start], ()):
            hit = _titled(reading, start, 2) or _full(reading, start, 2)
        if hit is None and text[start] in ranks:
            hit = _titled(reading, start, 1) or _full(reading, start, 1)
        if hit is not None:
            taken = hit.end
            yield hit
    yield from _foreign(reading)
    yield from _nicknames(reading)
    yield from _given_only(reading)
    yield from _doubled(reading)


def _promising(text: str, start: int) -> bool:
    """A cheap look at what every name has: an edge or cue before it, or a title or a strong word after it."""
    if not start or text[start - 1] in _LEFT_LAST:
        return True
    if text[start + 1] in _TITLE_FIRST:
        return True
    return any(text[place : place + 1] in _STRONG_FIRST for place in (start + 2, start + 3, start + 4))


_MEASURES = frozenset("张段支节包项门毛只台班季路匹卷块查边")
_COUNTED = frozenset("那这一两几三四五六七八九十每哪半多0123456789")


def _counts(text: str, start: int) -> bool:
    """A measure word after a number or a pointing word (那张) is no surname."""
    if text[start] == "谢" and "谢" in (
        text[start + 1 : start + 2],
        text[start - 1 : start] if start else "",
    ):
        return True
    return text[start] in _MEASURES and start > 0 and text[start - 1] in _COUNTED


def _title_at(text: str, position: int) -> str:
    if text[position : position + 1] not in _TITLE_FIRST:
        return ""
    for title in _TITLE_LONG:
        if text.startswith(title, position):
            return title
    sign = text[position : position + 1]
    if sign and sign in _TITLE_SHORT:
        after = text[position + 1 : position + 2]
        return (
            sign
            if sign in "总董姐哥叔姨嫂工局导队"
            or not after
            or after in _FUNCTION
            or not "\u4e00" <= after <= "\u9fff"
            else ""
        )
    return ""


_SHORT_NOT = frozenset(
    "总是 总会 总共 总有 总部 总得 总要 总额 总计 总欠 总算 总不 总之 工资 工作 工地 工厂 工人 工行 工号 工程 工商 工具 工钱 工伤 工龄 局面 处理 处罚 处分 处境 队伍 科技 导致 姐妹 哥们 弟弟 妹妹 董事".split()
)


_PLAIN_TITLES = frozenset(
    "先生 女士 小姐 太太 老师 经理 师傅 阿姨 主任 阿婆 阿公 阿伯 阿叔 阿嫂 大伯 大娘 大婶 爷叔".split()
)


def _titled(reading: Reading, start: int, width: int) -> Hit | None:
    """Surname and title as one span (李女士, 赵总)."""
    text = reading.low
    title = _title_at(text, start + width)
    if not title:
        return None
    end = start + width + len(title)
    surname = text[start : start + width]
    if len(title) == 1 and (
        text[end - 1 : end + 1] in _SHORT_NOT or text[start:end] in _words() or surname in _RARE_WORDS
    ):
        return None
    if text[start : start + width + 1] in _words() or (surname in _VERBS and not _boundary(reading, start)):
        return None
    weak = len(title) == 1 or surname in _RARE_WORDS or title not in _PLAIN_TITLES
    if weak and not _boundary(reading, start) and not _led_to(reading, start):
        return None
    return Hit("PERSON", start, end, 0.9, "surname and title")


_RARE_WORDS = frozenset(
    "和单平国那来由都但区位全应关干相管时连计支公花车路房文信利查谈于向成满原明权解元初门强任包付游农容"
)
_VERBS = frozenset("和向查管连包付关解由但都那谈全来任应当于满干给找请是")


def _led_to(reading: Reading, start: int) -> bool:
    """A cue or a word of grammar stands right before."""
    left = reading.left(start, 14)
    cue = _CUE_CALL.search(left) or _CUE_FIRM.search(left) or _CUE_KIN.search(left)
    return cue is not None or left[-1:] in _FUNCTION


def _boundary(reading: Reading, start: int) -> bool:
    """Nothing, a pause, or a word that ends a phrase stands before."""
    if start == reading.line_start(start):
        return True
    return _EDGE_LEFT.search(reading.left(start, 6)) is not None


def _cue_score(reading: Reading, start: int) -> float:
    left = reading.left(start, 14)
    tail = left.rsplit("\n", 1)[-1] if reading.line_start(start) != start else ""
    if _CUE_FIRM.search(left):
        return _FIRM
    if _CUE_KIN.search(tail):
        return _KIN
    if _CUE_CALL.search(tail):
        return 0.3
    return 0.25 if _boundary(reading, start) else 0.0


@lru_cache(maxsize=65536)
def _shape(name: str, width: int) -> tuple[float, float]:
    """(how much it looks like a surname and a given name, how much like other words)."""
    surname, given = name[:width], name[width:]
    score = 0.35 if width == 2 else surname_score(_ranks()[0].get(surname, 999))
    score += sum(_sign_score(sign) for sign in given)
    doubt = 0.2 if width == 1 and surname in _RARE_WORDS else 0.0
    if width == 1 and (name[:2] in _words() or name in _words()):
        doubt += 0.4
    elif len(name) == 2 and _is_word(name):
        doubt += 0.15
    return score, doubt + 0.1 * (given in _words())


def surname_score(place: int) -> float:
    """What a single surname is worth by its rank."""
    return 0.15 if place < 100 else 0.1 if place < 200 else 0.04


def ranks() -> dict[str, int]:
    """Rank of each single surname by frequency."""
    return _ranks()[0]


def _sign_score(sign: str) -> float:
    if sign in _given():
        return 0.1
    return -0.25 if sign in _FUNCTION else -0.06


def _full(reading: Reading, start: int, width: int) -> Hit | None:
    """Surname and given name of one or two characters, whichever length the words around fit better."""
    text, reach = reading.low, start + width
    lengths = [
        n for n in (2, 1) if _all_han(text[reach : reach + n], n) and not _estate(text, reach, reach + n)
    ]
    afters = {n: _after_score(reading, reach + n) for n in lengths}
    if width == 1 and any(_spelt(text, start, reach + n) for n in lengths):
        afters = {n: max(after, _STRONG) for n, after in afters.items()}
    if not lengths or (width == 1 and not _may_hold(reading, start, max(afters.values()))):
        return None
    if width == 1 and reading.low[start : start + 2] in _GROUPS:
        return None
    if (
        text.startswith(_FAMOUS, start)
        and _cue_score(reading, start) < _KIN
        and max(afters.values()) < _STRONG
    ):
        return None
    cue, best, most = _cue_score(reading, start), None, _LEAST
    for length in lengths:
        score = _name_score(text[start : reach + length], width, cue, afters[length])
        if (
            cue >= _FIRM
            and text[start] not in _RARE_WORDS
            and not _han(text[reach + length : reach + length + 1])
        ):
            score += 0.45
        if score >= most + (0.001 if best else 0.0):
            most = score
            best = Hit("PERSON", start, reach + length, min(0.95, round(score, 3)), _WHY)
    return _with_title(reading, best) if best else None


_FAMOUS = tuple(
    "诸葛亮 司马懿 曹操 刘备 关羽 张飞 赵云 吕布 孙权 周瑜 马超 黄忠 李白 杜甫 韩信 安琪拉 孙悟空 唐僧 武则天 秦始皇 马云 马化腾 刘强东 包青天".split()
)
"""Figures of games, books and the news: somebody on the call only behind a firm cue or with a person's company."""
_GROUPS = frozenset("高中 单位 车间 公司 全家 宿舍".split())
"""Where people belong: "the friend from 高中" names nobody."""
_WHY = "surname, given name and the words around them"


_ESTATES = ("小区", "花园", "公寓", "大厦", "广场", "新村", "家园")


def _all_han(given: str, length: int) -> bool:
    return len(given) == length and all("\u4e00" <= sign <= "\u9fff" for sign in given)


def _may_hold(reading: Reading, start: int, after: float) -> bool:
    """Before an ordinary word only a firm cue or strong words after it can make a name: looked at first."""
    if after >= _STRONG or reading.low[start : start + 2] not in _words():
        return True
    left = reading.left(start, 14)
    return bool(_CUE_FIRM.search(left) or _CUE_KIN.search(left))


def _name_score(name: str, width: int, cue: float, after: float) -> float:
    shape, doubt = _shape(name, width)
    sure = cue >= _KIN or (after >= _STRONG and name not in CITIES_ZH)
    return cue + shape + after - doubt * (0.3 if sure else 1.0)


_LEAST = 0.62
_FIRM, _KIN, _STRONG = 0.55, 0.45, 0.35


def _han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"


AFTER_STRONG_WORDS = (
    r"本人|欠的|借的|欠[你您我他]|欠款|说[他她]|出去打工|(?:[不没]?接|听)(?:一下|个)?电话|是我[爸妈儿女弟妹哥姐老朋同爱对侄外表堂前]|是(?:兄弟|姐妹|夫妻|两口子|亲戚|父子|母女)|"
    r"的(?:电话|手机号?|借款|欠款|贷款|身份证|老婆|老公|家属|账单|账户|朋友|紧急联系|担保|妈妈|爸爸|女儿|儿子|同事|爱人|妻子|丈夫|父亲|母亲|新号|号码|债|邻居|领导)|这(?:个人|个?名字|个?姓名)|"
    r"(?:跟我|和我)?(?:早就|早已|已经|都)?(?:离婚|离职|失联|去世|过世|分手)|你好|您好|在吗|在不在|在家吗|[他她](?:老婆|老公|爸|儿子|女儿|家人|弟|哥|姐|妹|欠|说|不接|没还|在你|是你|的电话)"
)
"""What only people do, are or have; all of it finite, so that batches can look for it."""
_AFTER_STRONG = re.compile(
    rf"(?:{AFTER_STRONG_WORDS}|躲|[吗吧](?:,|。|\?| |$|\n)|,[他她](?:在你|是你|欠|老婆|老公|说|不接))"
)
_POLITE = ("先生", "女士", "小姐", "太太")


def _spelt(text: str, start: int, end: int) -> bool:
    """The surname is spelt right after (姓高的高, 王国的王): it stands again, behind 姓 or 的 or at the end."""
    if _COUNTED_SIGNS.match(text, end):
        return True
    sign, place = text[start], text.find(text[start], end + 2, end + _SPELT_WITHIN)
    while place >= 0:
        last = not _han(text[place + 1 : place + 2])
        if text[place - 1] == "姓" or (
            last and (text[place - 1] == "的" or sign in text[end + 1 : place - 1])
        ):
            return True
        place = text.find(sign, place + 1, end + _SPELT_WITHIN)
    return False


_SPELT_WITHIN = 16
_COUNTED_SIGNS = re.compile(r"[,。 ]{0,2}(?:没错,?)?(?:就|我这)?[两三]个字")


def _after_score(reading: Reading, end: int) -> float:
    text = reading.low
    if _AFTER_STRONG.match(text, end):
        return 0.5 if text.startswith(_POLITE, end) else _STRONG
    if end >= len(text) or not "\u4e00" <= text[end] <= "\u9fff":
        return 0.2
    if text.startswith(_POLITE, end):
        return 0.5
    if _AFTER_NAME.match(text, end) or _title_at(text, end):
        return 0.2
    return 0.08 if text[end] in _FUNCTION else -0.12


def _estate(text: str, start: int, end: int) -> bool:
    """An estate's word begins in the given name or right after it."""
    return any(text.startswith(_ESTATES, place) for place in range(start, end + 1))


def _with_title(reading: Reading, hit: Hit) -> Hit:
    for title in ("先生", "女士", "小姐", "太太", "老师", "经理", "师傅", "阿姨"):
        if reading.low.startswith(title, hit.end):
            return Hit(hit.type, hit.start, hit.end + len(title), 0.95, hit.reason + ", with a title")
    return hit


_DOTTED = re.compile(
    rf"[{_HAN}]{{1,6}}(?:·[{_HAN}]{{1,6}}?){{1,3}}(?=本人|先生|女士|小姐|[吗吧呢的您你他她说在欠是不没还和跟]|[^{_HAN}·]|$)"
)
PIECES = (
    "阿依古丽 阿孜古丽 古丽 买买提 买合买提 艾买提 艾合买提 阿卜杜 阿不都 阿布都 吐尔逊 吐尔洪 努尔 热依汗 热合曼 阿迪力 艾力 依明 玉素甫 帕提 木拉提 "
    "扎西 卓玛 次仁 才让 多吉 央金 拉姆 格桑 达瓦 尼玛 平措 旺堆 桑吉 丹增 巴特尔 乌云 其其格 格日勒 苏日 娜仁 图雅 宝音 朝鲁 哈斯 "
).split()
_PIECE = re.compile(
    rf"(?:{'|'.join(sorted(PIECES, key=len, reverse=True))})(?:{'|'.join(PIECES)}|江|汗|娜|木|提|东|别克)*"
)
"""Names of Uyghurs, Tibetans, Mongols and Kazakhs, which have no surname of the list."""


def _foreign(reading: Reading) -> Iterator[Hit]:
    """Names with a dot in them, and names of other peoples behind a cue, at an edge or before a person's company."""
    text = reading.low
    for match in _DOTTED.finditer(text):
        start = match.start() + _cue_inside(match[0].partition("·")[0])
        if match.end() - start > 3:
            yield Hit("PERSON", start, match.end(), 0.85, "a name of several parts with dots between")
    for match in _PIECE.finditer(text):
        if _cue_score(reading, match.start()) > 0 and _after_score(reading, match.end()) > 0:
            yield Hit("PERSON", match.start(), match.end(), 0.8, "a name of another people's form")


_LEADS = re.compile(rf"^.*(?:您是|你是|我是|他是|她是|是|叫|找|给|跟|和|让|请问|联系)(?=[{_HAN}]+$)")


def _cue_inside(part: str) -> int:
    match = _LEADS.match(part)
    return match.end() if match else 0


_TITLE_FIRST = frozenset(title[0] for title in TITLES.split("|"))
_STRONG_FIRST = frozenset("本欠借说出不没接是的这已离失去过你您躲吗吧先女小太")
_NICK = re.compile(rf"[小老阿][{_HAN}](?:头(?=[{_HAN}]))?(?![{_HAN}]?[{_HAN}]?(?:公司|区|路|镇))")
_NICK_NOT = frozenset(
    "小时 小心 小钱 小于 小高 小时候 小米 小区 小学 小姐 小孩 小马 小白 小包 小车 小单 小农 小文 小项 小明 小全 小边 小盘 小信 小花 小路 小门 小平 小事 小贷 小额 小号 小车 小店 小费 小康 小金 小伙 小票 小商 小夏 小雪 小满 "
    "老师 老板 老公 老婆 老家 老人 老是 老汉 老路 老房 老车 老和 老国 老毛 老牛 老花 老乡 老本 老总 老百 老赖 老实 老爷 老太 老子 老母 老干 老都 老查 老那 老来 老外 老大 老二 老三 老四 老幺 老但 老平 老时 老连 老应 老信 老管 老任 老成 "
    "阿姨 阿里 阿公 阿婆 阿哥 阿爸 阿妈 阿妹 阿弟 阿姐".split()
)
_NICK_AFTER = re.compile(
    r"(?:家|跟|说|借|欠|的|是|在|他|她|你|您|给|不|没|还|那|让|找|去|来|把|叫|答应|这|就|也|都|和|,|。|\?|!| |\n|$|啊|吗|吧|哥|姐|今|昨|:|上(?:个|周|次|礼拜|星期)|已经|早就|刚|前(?:天|两天)|本人|一直|总是|最近|当时|我|一起|一块|一道|呢|嘛|哦|呀|签|做|干|写|打|帮|替|那边|这边|前面|接|拿)"
)


_NICK_LEFT = re.compile(
    rf"(?:{_CUE_CALL.pattern[:-1]}|[室部科组厂店里的务服计理管员事台]|单位|公司|你们|他们|我们|咱们|隔壁|楼下|工地)$"
)


COMMON = 160
"""Surnames of a lower rank are common enough for 小 and 老."""
NICK_AFTER_FIRST = frozenset(
    "家跟说借欠的是在他她你您给不没还那让找去来把叫答这就也都和,。?! \n\r啊吗吧哥姐今昨:上已早刚前本一总最当我头呢嘛哦呀签做干写打帮替接拿"
)
"""What `_NICK_AFTER` may begin with."""


def _nicknames(reading: Reading) -> Iterator[Hit]:
    """小刘, 老秦: before a common surname, at the edge of a phrase and with a name's company."""
    ranks = _ranks()[0]
    for match in _NICK.finditer(reading.low):
        word = match[0]
        if word[:2] in _NICK_NOT or ranks.get(word[1], 999) >= COMMON:
            continue
        edge = _boundary(reading, match.start()) or _NICK_LEFT.search(reading.left(match.start()))
        firm = _CUE_FIRM.search(reading.left(match.start())) or _CUE_KIN.search(reading.left(match.start()))
        if (edge or firm) and _NICK_AFTER.match(reading.low, match.end()):
            yield Hit("PERSON", match.start(), match.end(), 0.75, "familiar form of a surname")


_GIVEN_FIRST = frozenset(
    "翠彩香巧银菊晓小建志国文海丽秀玉春俊佳嘉思雨雪子浩宇梓明红美艳金桂凤兰淑慧静婷欣心晨天一永庆德成家永立少世振宏洪长大新东卫学兴福荣润泽博雅诗梦可若亚燕爱冬秋夏月云霞晶莹莉娜倩"
)
_GIVEN_LAST = frozenset(
    "峰伟平军强明华辉杰磊涛波勇斌刚超鹏飞林海龙生亮宁洋阳东宇浩轩涵怡萱琪婷娟霞芳英梅兰玲丽艳红燕萍敏静洁颖雪琴珍莲香凤云秀荣花菊芬琳瑶蕾莉娜娇媛倩茹莹慧欣悦彤雯馨妍梓豪俊良民忠义和祥福贵才旺财兴根仁德利顺发昌新文武"
)
_GIVEN_NOT = frozenset(
    "小明 小花 小新 小才 小财 小利 小龙 小生 小平 国民 国华 国军 国英 国德 国利 国兴 国法 文明 文云 文华 海洋 海龙 海波 海军 海东 海林 海宁 丽江 秀丽 美丽 美英 美德 美洲 美元 金华 金英 金融 金东 金利 金玲 金福 玉林 春华 明明 明亮 明静 明洁 天平 天才 天生 天英 天文 一平 一生 一新 "
    "一波 一良 一和 一利 一文 一根 一辉 一顺 成林 成龙 成平 成英 成都 家平 家和 家文 家根 永平 立新 长春 长平 长海 长宁 长龙 长英 大军 大海 大平 大利 大英 大明 大洋 大华 大根 大林 大龙 大生 大才 大顺 大发 大财 东海 东阳 东平 东兴 东莞 卫生 学生 学英 学文 学龙 学新 兴平 兴旺 兴利 "
    "福利 荣华 博文 雅文 可怡 可萍 可利 亚洲 亚平 爱国 爱英 云龙 云林 云海 冬梅 心平 心和 心静 新华 新生 新民 新平 新英 新龙 新文 新和 夏利 夏华 月平 月英 子弟 世平 振兴 洪波 洪福 少林 少华 少英 少文 静静 婷婷 兰花 红花 红利 红军 红林 红旺 红云 红海 梦文 梦华 大德 大福 大良 小波 "
    "小强 小军 小兰 小玲 可才 可平 发财 春英 德文 德英 德国 德利 德和 德福 文英 长文 长龙 立平 立文 心文 思文 天龙 天海 天波 天明 天云 天荣 天和 天福 天发 天昌 明文 明和 美文 美和 美发 美兴 美花 国文 国才 国和 国平 国福 海文 海英 海和 海平 海秀 爱和 爱美 爱花 爱发 爱云 金文 金和 金发 "
    "大新 大和 大文 大兴 大旺 大昌 家明 家英 家华 一明 一静 一洋 一英 小文 小和 小良 小旺 小顺 少和 少财 少平 少明 学和 学明 学华".split()
)
_GIVEN_AFTER = re.compile(
    r"(?:[呀啊](?:你|,| |$)|[给跟](?:我|你|他|她|您)|接|出去|出来|你(?:在|好|听|别|怎|那|这|到|也|就|什|给|先)|您|说(?:他|她|要|不|过|了|今|好)|不(?:接|在|还|肯|管|知|认)|他(?:不|没|说|去|在|人|妈|爸|欠|已|就|还|电|手|那)|她(?:不|没|说|去|在|人|妈|爸|欠|已|就|还|电|手|那)|欠(?:的|了|你|我|钱)|借(?:的|了|你|我|钱)|还(?:没|在|欠|了)|在(?:家|外|你|上|不|哪)|去(?:哪|外|打|了|上|广|深|北)|的(?:电话|手机|钱|妈|爸|事|卡|号码?)|没(?:在|回|还|接|说|钱)|跑(?:了|哪|路)|回(?:来|家|老家)|打工|人呢|是我(?:儿|女|弟|妹|哥|姐|老|朋|同|爸|妈|爱|对|侄|外|表|堂)|到底|你|跟我|把我|已经|最近|现在|又|是不是)"
)


def _given_only(reading: Reading) -> Iterator[Hit]:
    """A given name alone (晓峰) at the edge of a phrase, followed by what people do."""
    text = reading.low
    for match in _GIVEN_PAIR.finditer(text):
        start, end = match.start(), match.start() + 2
        name = text[start:end]
        firm = _CUE_FIRM.search(reading.left(start)) or _CUE_KIN.search(reading.left(start))
        asked = _CUE_CALL.search(reading.left(start)) and _ASKED_AFTER.match(text, end)
        if (firm and _after_score(reading, end) >= 0.2) or (asked and name not in _GIVEN_NOT):
            yield Hit("PERSON", start, end, 0.7, "given name after a cue")
            continue
        if name in _GIVEN_NOT or name in _words() or _is_word(name):
            continue
        edge = (
            start == reading.line_start(start)
            or _EDGE_LEFT.search(reading.left(start, 3))
            or _CALLS.search(reading.left(start, 4))
        )
        if (edge or firm) and _GIVEN_AFTER.match(text, end):
            yield Hit("PERSON", start, end, 0.68, "given name with a person's company")


_DOUBLED = re.compile(rf"([{_HAN}])\1")


def _doubled(reading: Reading) -> Iterator[Hit]:
    """A name of one sign twice (浩浩) right behind a word for a child, or called for and followed by what people do."""
    for match in _DOUBLED.finditer(reading.low):
        if match[1] not in _given() or match[0] in _words():
            continue
        left = reading.left(match.start())
        called = _CALLS.search(left) and _GIVEN_AFTER.match(reading.low, match.end())
        if _CHILD.search(left) or (called and not _is_word(match[0])):
            yield Hit(
                "PERSON",
                match.start(),
                match.end(),
                0.7,
                "a doubled given name behind a word for a child or a call for somebody",
            )


_CHILD = re.compile(r"(?:儿子|女儿|闺女|孩子|孙子|孙女|外孙女?|侄子|侄女|宝宝)(?:是|叫|,| )*$")
_ASKED_AFTER = re.compile(r"(?:本人|先生|女士|小姐|吗|吧|不在|在吗|在家|在不在|接电话)")
_CALLS = re.compile(r"(?:给|跟|让|找|叫|和|替|帮)$")
_GIVEN_PAIR = re.compile(rf"(?=[{''.join(sorted(_GIVEN_FIRST))}][{''.join(sorted(_GIVEN_LAST))}])")


@lru_cache(maxsize=4096)
def _is_word(pair: str) -> bool:
    return pair in dictionary()


@lru_cache(maxsize=1)
def dictionary() -> frozenset[str]:
    """Words of two characters that pypinyin's phrase table knows; names without a cue must not be among them."""
    from pypinyin.phrases_dict import phrases_dict

    return frozenset(word for word in phrases_dict if len(word) == 2)
