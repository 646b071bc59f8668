"""Workplaces and schools of people on the call, Chinese and English; never the caller's firm, the lender, a bank."""

from __future__ import annotations

import re
from collections.abc import Iterator

from audit.privacy.reading import Hit, Reading

_H = "\u4e00-\u9fff"
SUFFIX_ZH = (
    "有限责任公司|股份有限公司|有限公司|分公司|公司|集团|机械厂|纺织厂|电子厂|服装厂|食品厂|加工厂|工厂|厂|大药房|药房|药店|超市|便利店|商场|商行|商贸|贸易|酒店|大酒店|饭店|宾馆|餐厅|火锅店|面馆|饭馆|餐馆|酒楼|烧烤店|奶茶店|咖啡馆|网吧|"
    "小学|中学|高中|初中|大学|学院|幼儿园|职高|技校|职校|附小|附中|实验学校|外国语学校|学校|医院|卫生院|诊所|门诊部|事务所|物流|快递|快运|速运|货运|运输|电子|科技|网络|软件|信息技术|传媒|广告|装饰|装修|建材|建筑|工程|置业|地产|房产|物业|家政|"
    "汽修厂|汽修|修理厂|汽配|汽贸|车行|4s店|美容院|理发店|美发|美甲店|健身房|影楼|照相馆|花店|书店|服装店|鞋店|水果店|五金店|五金|家具厂|家具|家电|电器|食品|餐饮|服饰|制衣|印刷厂|印刷|化工|化工厂|药业|制药|医药|生物|能源|电力|电网|水务|钢铁|钢厂|煤矿|矿业|铁路局|"
    "供电局|税务局|教育局|公安局|交通局|派出所|街道办|居委会|村委会|研究所|设计院|研究院|大队|支队|中队|修车铺|修理铺|裁缝铺|杂货铺|小卖部|杂货店|烧烤摊|早餐摊|妇幼保健院|妇幼|中医院|培训中心|培训机构|驾校|养老院|福利院|农场|养殖场|牧场|工地|旅行社|酒吧|会所|ktv|洗车店|洗车行|专卖店|门店|批发部|批发市场|档口|车间|仓库|码头|公交公司|出租车公司|加油站|船务|海运|航空|机场|客运站|车站|报社|电视台|剧院|体育馆|瑜伽馆|物流园|产业园|养生馆|足浴店|棋牌室|宠物店|烟酒店|驿站|服务区|石化|站点|拍卖行|画室|琴行|托管班|茶楼|茶馆|包子铺|早餐店|支行|环卫处|环卫所|环卫站|管理处|管理站|办事处|后勤处|消防队|交警队|施工队|工程队|供销社|合作社|出版社|服务中心|体检中心|月子中心|园区|局"
)
BRANDS_ZH = "美团|饿了么|富士康|顺丰|京东|比亚迪|滴滴|海底捞|肯德基|麦当劳|沃尔玛|大润发|盒马|拼多多|字节跳动|小米之家|货拉拉|中通|圆通|申通|韵达|邮政|移动公司|电信公司|联通公司|国家电网"
"""Employers known all over the country whose names end in no suffix."""

_SHORT_SCHOOL = (
    r"[省市县区镇][一二三四五六七八九]?院|[一二三四五六七八九十]{1,2}[小中]|[一二三四五六七八九十]{1,2}高"
)
_CHINESE_NAME = rf"(?P<name>(?:{BRANDS_ZH})|(?:[{_H}a-z0-9]{{2,12}}?(?:{SUFFIX_ZH})|[{_H}]{{0,4}}(?:{_SHORT_SCHOOL})(?![{_H}]?[号个点期])|中[铁建国交冶][{_H}一二三四五六七八九十]{{1,6}}?局))"
CUE_ZH_WORDS = (
    r"(?:上班的?(?:地方|单位|厂子?|公司|店)(?:是|叫|在)*|干活的地方(?:是|叫|在)*|(?:儿子|女儿|孩子|闺女|小孩|娃儿?)(?:现在|还)?[读念]|(?:工作|上班|所在|任职|就职|他|你|您|我|她|原|现|老公|老婆)?单位(?:是|填的是?|写的是?|叫|在|还是|:|,)*|就职于|任职于|供职于|毕业于|就读于?|受雇于|入职了?|在职于|跳槽到|调到|分配到|应聘到|考上了?|考进了?|"
    r"(?:从|被|给|去|到|离开|进了?|回)|(?:还|就|都|也|正|一直|现在|目前|以前|之前|原来|曾经?|仍)?在|(?:我|你|您|他|她|们)是|雇主(?:是|:)?|公司(?:是|叫|名称是?|名字是?)|学校(?:是|叫)|厂里?叫|店(?:名)?叫|东家是|老板是|是)"
)
CUE_ZH = re.compile(CUE_ZH_WORDS)
_ZH = re.compile(
    rf"{CUE_ZH_WORDS}(?:[ ,]|那个|嗯|呃|那家|那个叫|一家叫|叫|他们?的?|她们?的?|你们?的?|您的?)*{_CHINESE_NAME}"
)
_NEED_AFTER = re.compile(
    r"^[ ,]*(?:的)?(?:里面?|那边|那儿|门口|前台|附近)?[ ,]*(?:上班|上学|上[初高小幼大]|[大中小]班|[初高][一二三]|[一二三四五六]年级|[一二三四五六1-6]班|流水线|产线|车间|后厨|柜台|食堂|财务|学徒|学手艺|帮[工忙厨]|打杂|看[店门大]|记账|出纳|切菜|端盘|教|卖|修|带|上[一二三四五六]年级|读|念|收银|理货|开车|跑|扫|站岗|值班|管|工作|打工|教书|任教|当|做|送|干|实习|兼职|任职|的?员工|的?工作证明|的?职工|的?老师|的?学生|的?护士|的?医生|的?保安|的?司机|的?会计|的?前台|的?财务|的?人事|的?领导|的?老板|的?同事|的?电话|的?工资|的?厨师|的?销售|"
    r"辞|离职|开除|裁|跑|对吗|是吧|吗|呢|没错|是不是|开|搬砖|拧|住院|这事|那|,|。|\?|!|$|\n|已经|早就|倒闭|发|扣|领|了|当的|退休|毕业|就读)"
)
_GENERIC = re.compile(
    rf"^(?:哪|什么|啥|一家|那家|这家|某|外地|外面|别的|其他|另一|我们|你们|他们|咱们|本|贵|该|自己|别人|人家|附近|当地|镇上|县里|市里|城里|村里|隔壁|楼下|对面|几|两|三|好几|每|同一|个|你|我|他|她|您|的|这|那|有|没|去|找|打|上|不)+[{_H}]{{0,1}}?(?:{SUFFIX_ZH})$"
)
_LENDER = re.compile(
    r"银行|信贷|金服|金融|小贷|消费金|贷款|催收|信服|资产管理|法院|法律咨询|征信|理财|保险|担保公司|典当|融资|信托|银联|委托|客服|监管|银保|派出所|公安局|居委|法律"
)
_CALLER = re.compile(r"(?:我们是?|我这边是|这里是|这边是|我方是?|我司|本公司|受|代表|来自|隶属于?)[ ,]*$")
_INNER_CUE = re.compile(
    r"^.*(?:就职于|任职于|单位是?|还在|现在|在|于|是|去|到|从|给)(?=[^在于是去到从给]{3,})"
)


def find(reading: Reading) -> Iterator[Hit]:
    """Yields employers and schools of the language the text is read in."""
    yield from _chinese(reading) if reading.language == "zh" else _english(reading)


SCHOOL_ALONE = re.compile(
    rf"(?:[省市县区镇]|(?<![{_H}])[{_H}]{{2,3}})?[一二三四五六七八九十]{{1,2}}[中小](?=的?(?:教书|上学|念书|读书|当老师|的?老师|的?学生|初[一二三]|高[一二三]))"
)
"""A school by its number needs no cue before it where somebody teaches or learns there."""


def _chinese(reading: Reading) -> Iterator[Hit]:
    for school in SCHOOL_ALONE.finditer(reading.low):
        yield Hit("EMPLOYER", school.start(), school.end(), 0.7, "a school where somebody teaches or learns")
    position, text = 0, reading.low
    while (match := _ZH.search(text, position)) is not None:
        start, end = match.span("name")
        start += _inner_cue(match["name"])
        end = _whole_name(text, end)
        position = max(match.start() + 1, start if start > match.start("name") else match.start() + 1)
        if _is_workplace(reading, match, start, end):
            position = end
            yield Hit("EMPLOYER", start, end, 0.82, "workplace or school after a word for it")


_MORE_ZH = re.compile(
    rf"(?:附属|直属|第[一二三四五六七八九十]+|分)?(?:{SUFFIX_ZH})|"
    rf"(?:(?![的了在是有去来到我你您他她那这上干做说和跟被把给让就都也还没不打])[{_H}]){{1,6}}?(?:有限责任公司|股份有限公司|有限公司|集团|分公司|管理处|管委会)"
)


def _whole_name(text: str, end: int) -> int:
    """The end of the last suffix that follows without a break (快递 + 公司)."""
    while (match := _MORE_ZH.match(text, end)) is not None:
        end = match.end()
    return end


def _inner_cue(name: str) -> int:
    match = _INNER_CUE.match(name)
    return match.end() if match else 0


_FIRM_CUE = re.compile(
    r"单位|地方|[子儿娃女][读念]|就职|任职|供职|毕业|就读|受雇|入职|雇主|公司(?:是|叫|名)|学校(?:是|叫)|厂里?叫|店名?叫|考[上进]|跳槽|分配"
)


_STAFF = re.compile(
    r"^[ ,]*的?(?:里的|那边的)?(?:员工|职工|老师|学生|护士|医生|保安|司机|会计|财务|人事|厨师|销售|老板|店员|工人|技术员|经理|厂长|校长|主任|科长|退休)"
)


def _cue_holds(reading: Reading, cue: str, end: int) -> bool:
    """A bare 是 before a name makes a workplace only of what has staff."""
    bare = re.fullmatch(r"(?:[我你您他她]们?)?是[ ,]*", cue) is not None
    if not bare or _STAFF.match(reading.right(end)) is not None:
        return True
    # 我是市环卫处的: an office, no firm (a caller's own firm is introduced so).
    mine = re.fullmatch(r"[我他她]是[ ,]*", cue) is not None and reading.low[end - 1] in "局队处所站厂校院"
    return mine and re.match(r"的(?:[,。!?]|$|\n)", reading.right(end)) is not None


def _is_workplace(reading: Reading, match: re.Match[str], start: int, end: int) -> bool:
    name = reading.low[start:end]
    if (
        (len(name) < 3 and not re.fullmatch(rf"{_SHORT_SCHOOL}|{BRANDS_ZH}", name))
        or _GENERIC.match(name)
        or _LENDER.search(reading.low[start : end + 4])
    ):
        return False
    if _CALLER.search(reading.left(match.start(), 8)) or _CALLER.search(reading.left(start, 8)):
        return False
    if _FIRM_CUE.search(match[0][: start - match.start()]):
        return True
    return (
        _NEED_AFTER.match(reading.right(end, 14)) is not None
        and not re.match(r"[的了过着得用来做干要会能不没把被给]", name)
        and _cue_holds(reading, match[0][: start - match.start()], end)
    )


SUFFIX_EN = (
    r"shops?|distribution|distributors|wholesale|wholesalers|haulage|removals|recruitment|fabrication|joinery|scaffolding|upholstery|foods?|library|roofing|logistics|steel|school|elementary|primary|middle school|high school|high|academy|college|university|institute|hospital|clinic|medical center|dental|motors?|auto|autos|garage|packaging|bakery|burger|diner|cafe|restaurant|grill|pizza|"
    r"software|technologies|tech|systems|electric|electronics|energy|plumbing|construction|builders?|contractors?|couriers?|transport|trucking|freight|shipping|airlines?|railways?|supply|supplies|manufacturing|industries|industrial|works|textiles?|mills?|foundry|plant|"
    r"stores?|mart|market|supermarket|grocery|pharmacy|chemists?|hotel|inn|resort|spa|salon|gym|fitness|nursery|daycare|kindergarten|care home|nursing home|farms?|dairy|brewery|winery|printing|press|media|studios?|designs?|consulting|consultants|engineering|"
    r"landscaping|cleaning|cleaners|laundry|security|staffing|realty|properties|estates?|furniture|hardware|tools|plastics|chemicals|pharma|labs?|laboratories|group|company|co|corp|corporation|inc|ltd|limited|llc|plc|pvt ltd|enterprises|services|solutions|warehouse|depot|council|"
    r"taxis?|cabs?|shipyards?|airport|barbers?|forge|pottery|butchers?|bakers?|electricals?|exports?|imports?|infotech|autoparts|tyres?|tires?|glass|paper|paints?|timber|lumber|windows|flooring|catering|kitchens?|seafood|meats|produce|gardens?|florists?|books?|toys|sports?|shoes|fashions?|clothing|apparel|jewell?ers|optics|vets?|surgery|dentistry|hospice|church|museum|theat(?:re|er)|cinema|zoo|aquarium|stadium"
)
_ROLE = r"(?:nurse|teacher|driver|cashier|manager|welder|cook|chef|clerk|porter|supervisor|guard|mechanic|receptionist|engineer|accountant|electrician|janitor|cleaner|waiter|waitress|bartender|student|barista|carpenter|plumber|picker|packer|foreman|assistant|technician|operator|tutor|professor|coach)"
CUE_EN_WORDS = (
    r"(?:place of work(?: is|:|,)?|(?:my|your|his|her|their) office,|work(?:s|ed|ing)? (?:over |down |nights |days |part[- ]time |full[- ]time )?(?:at|for|with)|(?:nights|days|weekends|mornings|evenings|shifts|on shift) (?:at|for|with)|employed (?:at|by|with)|(?:my|his|her|your|their|current|the|whose|own) (?:employer|workplace|company|firm|school)(?:'s|'s name)? (?:is|was)|employer(?: is|:|,)?|"
    r"(?:job|shift|position|career|place|desk|boss|manager|supervisor|colleagues?|coworkers?|hr|payroll|office|reception|accounts|human resources) (?:is )?(?:at|with|in)|"
    rf"teach(?:es|ing)? at|taught at|{_ROLE} (?:at|for|with|in)|(?:still|now|back|currently|over) (?:at|with)|(?:he's|she's|they're|i'm|i am|he is|she is|they are|you're) (?:at|with)|clean(?:s|ing|ed)? (?:at|for)|drives? an? [a-z]+ for|laid off (?:from|by)|fired (?:from|by)|let go (?:from|by)|retired from|resigned from|quit|quits|(?:just )?left|started (?:at|with|working at)|starting at|hired (?:at|by)|joined|"
    r"(?:studies|study|studying|studied|enrolled|enroll?s|graduated|graduate) (?:at|from|in)|(?:go|goes|going|went) to|attends?|attending|drives? for|driving for|drove for|daughter (?:is )?at|son (?:is )?at|kid(?:s)? (?:is |are )?at|(?:wife|husband|sister|brother|mother|father)(?:'s| is)? at|intern(?:s|ing|ed)? at|"
    r"contract(?:s|ing|ed)? (?:for|with)|paid by|wages from|paycheck from|salary from|manage(?:s|d)? the|runs?)"
)
CUE_EN = re.compile(rf"(?<![a-z]){CUE_EN_WORDS} (?:the |a |an )?")
_NAME_EN = re.compile(
    r"(?:[A-Z][\w'&.-]*|&|of|and|the|de)(?: (?:[A-Z][\w'&.-]*|&|of(?= [A-Z])|and(?= [A-Z])|the(?= [A-Z])))*"
)
_LOWER_EN = re.compile(
    rf"(?:st\.? )?[a-z][a-z'&-]*(?: [a-z][a-z'&-]*){{0,3}}? (?:{SUFFIX_EN})\b(?: (?:school|hospital|ltd|limited|inc|llc|college|university|company|group|store|co|clinic|works|services|centre|center)\b)?"
)
_SCHOOL_EN = re.compile(
    r" (?:(?:primary|middle|high|secondary|elementary|grammar|infant|junior|general|public) )?(?:school|college|academy|university|hospital|clinic|surgery|nursery)(?![a-z])"
)
"""Goes on a name in capitals though it has none itself."""
_NOT_EN = re.compile(
    r"\b(?:bank|savings|capital|financial|finance|recovery|recoveries|lending|credit|collections?|loans?|debt|mortgage|court|police|irs|cfpb|ftc|fca|council tax|(?<!care )(?<!nursing )(?<!funeral )home|work|you|your|my|a|an|this|that|them|us|it|monday|tuesday|wednesday|thursday|friday|saturday|sunday|i|me|we|he|she|they)\b"
)
STOP_EN = frozenset(
    "the a an my your his her their our this that it home work all any some no least same another other one two three four five six nights days night day part full time least best once first last present moment bank right about school college court jail prison hell bed town church there here where when what which and or but because until for to of in on by".split()
)
_PLACE_NAMES = re.compile(
    r"^(?:the )?(?:[A-Z][a-z]+,? )?(?:Texas|Chicago|London|Monday|America|India|England|California|Florida|New York)$"
)


def _english(reading: Reading) -> Iterator[Hit]:
    for match in CUE_EN.finditer(reading.low):
        hit = (
            _capital_name(reading, match.end())
            or _lower_name(reading, match.end())
            or _plain_name(reading, match)
        )
        if hit is not None:
            yield hit


def _capital_name(reading: Reading, start: int) -> Hit | None:
    match = _NAME_EN.match(reading.folded, start)
    if match is None or not match[0][0].isupper():
        return None
    name = match[0].rstrip(".")
    low = name.lower()
    weak = re.search(
        r"(?:(?:'s|'m|'re|am|is|are) (?:at|with)|left|go(?:es|ing)? to|went to|still at|now at|quit|joined|in|runs?|with|back at|over at|place at|office in) (?:the |a |an )?$",
        reading.left(start, 24),
    )
    suffixed = re.search(rf"\b(?:{SUFFIX_EN})$", low) is not None
    suffixed = suffixed or (_BRANDS_EN.fullmatch(low) is not None and not (weak and _SHOPS.search(weak[0])))
    if (
        _NOT_EN.search(low)
        or _PLACE_NAMES.match(name)
        or (weak and not suffixed and " and " not in name and (" " not in name or "quit" not in weak[0]))
    ):
        return None
    school = _SCHOOL_EN.match(reading.low, start + len(name))
    end = school.end() if school else start + len(name)
    return Hit("EMPLOYER", start, end, 0.83, "workplace or school after a word for it")


_SHOPS = re.compile(r"go(?:es|ing)? to|went to|(?:^|\W)in |place at|office in")
"""Where one only buys."""


def _lower_name(reading: Reading, start: int) -> Hit | None:
    match = _LOWER_EN.match(reading.low, start)
    if match is None or reading.folded[start : start + 1].isupper():
        return None
    words = match[0].split()
    if (
        words[0] in STOP_EN
        or (_NOT_EN.search(match[0]) and not re.search(r"school|college", words[-1]))
        or any(word in STOP_EN for word in words[:-1] if word not in ("of", "and", "school"))
    ):
        return None
    return Hit("EMPLOYER", start, match.end(), 0.72, "workplace or school after a word for it")


_BRANDS_EN = re.compile(
    r"(?:walmart|target|costco|amazon|tesco|asda|sainsbury'?s|morrisons|lidl|aldi|mcdonald'?s|starbucks|subway|wendy'?s|burger king|kfc|uber(?: ?eats)?|lyft|deliveroo|doordash|fedex|ups|usps|dhl|royal mail|"
    r"dollar general|dollar tree|marriott|hilton|sodexo|g4s|securitas|accenture|cognizant|tcs|capgemini|concentrix|teleperformance|dpd|ocado|waitrose|poundland|mcdonalds|domino'?s|papa john'?s|pizza hut|taco bell|chick-fil-a|waffle house|7-eleven|safeway|albertsons|petsmart|macy'?s|general motors|chrysler|honda|hyundai|maruti|mahindra|paytm|zepto|blinkit|rapido|dmart|home depot|lowe'?s|walgreens|cvs|kroger|publix|best buy|ikea|primark|greggs|wetherspoons?|argos|currys|boots|b&q|tata|infosys|wipro|flipkart|swiggy|zomato|ola|reliance|big bazaar|dunkin|chipotle|wawa|sheetz|foxconn|boeing|ford|toyota|nissan|tesla)(?![a-z])"
)
"""Employers known all over their country whose names end in no suffix, in lower case."""
_STRONG_EN = re.compile(
    r"employed (?:at|by|with)|employer(?:'s name)? (?:is|was)|work(?:s|ed|ing)? (?:for|at)|job at|(?:laid off|fired|let go) (?:from|by)|hired by|quit|resigned from|retired from|drives? for"
)
_HOLDS_EN = re.compile(
    rf"{_STRONG_EN.pattern}|drives? for|nights|days|weekends|mornings|evenings|shifts|on shift|driving for|job|shift|manager|supervisor|cashier|cook|driver|still at|hired|fired|laid off|quit"
)
_PLAIN_EN = re.compile(
    r"([a-z][a-z'&-]+(?: [a-z][a-z'&-]+){1,3}?)(?=[,.?!]|$|\n| (?:three|two|one|four|five|six|ten|for|since|back|now|last|as|until|but|still|right|in|on|these|this|every|and i|over|so|because|before|after|when|where|full|part|anymore)\b)"
)


def _plain_name(reading: Reading, cue: re.Match[str]) -> Hit | None:
    """Lower-case text: two to four words that are no ordinary ones, up to a pause, after a firm cue."""
    from audit.privacy.names_en import is_ordinary

    brand = _BRANDS_EN.match(reading.low, cue.end())
    if brand is not None and _HOLDS_EN.match(cue[0]):
        return Hit("EMPLOYER", cue.end(), brand.end(), 0.75, "a well-known employer after a word for work")
    match = _PLAIN_EN.match(reading.low, cue.end())
    if match is None or not _STRONG_EN.match(cue[0]) or reading.folded[cue.end()].isupper():
        return None
    words = match[1].split()
    if any(word in STOP_EN or is_ordinary(word) for word in words) or _NOT_EN.search(match[1]):
        return None
    return Hit("EMPLOYER", cue.end(), match.end(), 0.6, "words after a firm word for work")
