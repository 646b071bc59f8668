"""The fifteen calls of the sample week: who speaks, what is said, and what an audit must find in it.

All persons, companies and numbers are invented: Mandarin mobile numbers begin with 154 and identity numbers
with region 110199 (neither is assigned), US numbers lie in 555-01xx.
"""

from __future__ import annotations

from dataclasses import dataclass

from synth import Voice

AGENT, CUSTOMER = "agent", "customer"
HOLD = "hold"
"""A line by this speaker is music on hold on the agent's channel: its text is the length in seconds."""


def _zh(name: str, rate: int, pitch: int) -> Voice:
    return Voice("espeak", f"cmn-latn-pinyin+{name}", rate, pitch)


VOICES: dict[str, Voice] = {
    "lin": _zh("f2", 205, 55),
    "hu": _zh("m1", 215, 45),
    "zhao": _zh("m5", 210, 40),
    "ma": _zh("m7", 220, 50),
    "qin": _zh("f3", 210, 60),
    "man": _zh("m3", 200, 45),
    "man2": _zh("m4", 205, 55),
    "woman": _zh("f5", 200, 50),
    "woman2": _zh("f4", 195, 65),
    "mother": _zh("f1", 185, 35),
    "dana": Voice("flite", "slt"),
    "kyle": Voice("flite", "awb", shift=1.04),
    "cole": Voice("flite", "rms", shift=0.93),
    "peter": Voice("flite", "rms"),
    "daniel": Voice("flite", "awb", shift=0.95),
    "laura": Voice("flite", "slt", shift=1.09),
    "susan": Voice("flite", "slt", shift=0.94),
}


@dataclass(frozen=True)
class Call:
    """One recorded call. `expected` are (category, decision) that must be found in the conversation; pairs in
    `tolerated` are neither required nor wrong. `agent_channel` None = mono. `dead` is a channel of digital
    zero. `stated_channel` says whether the log names the agent's channel."""

    key: str
    agency: str
    agent: str
    started_at: str
    timezone: str
    language: str
    debtor: str
    number: str
    voices: tuple[str, str]
    lines: tuple[tuple[str, str], ...]
    suffix: str = "flac"
    agent_channel: int | None = 0
    stated_channel: bool = True
    dead: int | None = None
    called_party: str = "debtor"
    outcome: str = "conversation"
    expected: tuple[tuple[str, str], ...] = ()
    tolerated: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return f"{self.agency}-{self.started_at[5:7]}{self.started_at[8:10]}-{self.started_at[11:16].replace(':', '')}"

    @property
    def recording(self) -> str:
        return f"{self.stem}.{self.suffix}"


def _lines(text: str) -> tuple[tuple[str, str], ...]:
    """`A: …` agent, `C: …` customer, `H: 9` nine seconds of hold tones."""
    who = {"A": AGENT, "C": CUSTOMER, "H": HOLD}
    pairs = [line.strip().split(": ", 1) for line in text.strip().splitlines()]
    return tuple((who[tag], said) for tag, said in pairs)


def _breach(*categories: str) -> tuple[tuple[str, str], ...]:
    return tuple((category, "breach") for category in categories)


def _noted(*categories: str) -> tuple[tuple[str, str], ...]:
    return tuple((category, "noted") for category in categories)


CALLS: tuple[Call, ...] = (
    Call(
        "zh-hardship", "HC", "HC301", "2026-05-11T10:05:20", "", "zh", "DV2601", "15400712601", ("lin", "man"),
        _lines("""
        A: 您好，这里是澄湖消费金融委托的衡川信服，我姓林，工号三零一。
        A: 本次通话会被录音。请问是周明远先生吗？
        C: 是我，你说。
        A: 为了保护您的信息，请核对一下身份证后四位。
        C: 后四位是二六三八。
        A: 谢谢，核对一致。您的贷款本月逾期十二天，金额是三千二百元。
        C: 我上个月失业了，最近手头很紧。
        A: 我理解您现在的难处，先照顾好自己和家人。
        A: 我们可以帮您申请分期，每月先还三百元，压力会小一些。
        C: 那太好了，需要什么材料？
        A: 提供失业证明就可以。您对金额有疑问，也可以向我们提出异议。
        A: 如果对服务不满意，您有权拨打投诉热线。
        C: 好的，谢谢你。
        A: 不客气，祝您生活顺利，再见。
        """),
        expected=_noted("good.hardship_plan", "good.empathy", "good.rights"),
    ),
    Call(
        "zh-new-number", "HC", "HC302", "2026-05-12T14:20:05", "", "zh", "DV2602", "15400712602", ("hu", "woman"),
        _lines("""
        A: 您好，我是衡川信服的员工，工号三零二，受澄湖消费金融委托。
        A: 通话正在录音。请问您是高雅琴女士吗？
        C: 对，我是高雅琴。
        A: 请您报一下出生年月，我来核对身份。
        C: 一九八八年五月。
        A: 核对无误。您有一期账单四百六十元还没有还。
        C: 哦，我忘记了，我换了手机号。
        A: 方便留一个新的号码吗？
        C: 幺五四，零零七八，六二三九。
        A: 好的，记下了，尾号是六二三九。
        C: 账单我星期五之前还清。
        A: 好的，您可以在官方应用里自己还款，请不要转给任何个人。
        C: 明白了，再见。
        """),
    ),
    Call(
        "zh-threats", "LQ", "LQ211", "2026-05-13T19:40:31", "", "zh", "DV2603", "15400712603", ("ma", "man2"),
        _lines("""
        A: 喂，我是岚桥咨询的小马，替澄湖消费金融打给你。
        A: 你是孙立强吧？
        C: 是我，怎么了？
        A: 你欠的八千块钱什么时候还？
        C: 我现在真的没钱，能不能缓几天？
        A: 没钱就别借，你这种人就是个无赖，不要脸。
        C: 你说话客气一点。
        A: 今天不还钱，我就叫人打断你的腿。
        A: 明天警察就上门抓你去坐牢。
        C: 你这是在威胁我，我要投诉你。
        A: 随便你，我每隔五分钟给你打一次，打到你还钱为止。
        """),
        suffix="mp3", agent_channel=1,
        expected=_breach(
            "threat.violence", "threat.legal", "harassment.insult", "harassment.repeated_contact"
        ) + _noted("customer.complaint"),
        tolerated=("disclosure.before_verification", "recording_notice.missing", "identification.missing",
                   "conduct.complaint_obstruction", "threat.visit"),
    ),
    Call(
        "zh-mother", "LQ", "LQ212", "2026-05-14T11:30:12", "", "zh", "DV2604", "15400712614", ("qin", "mother"),
        _lines("""
        A: 您好，我是岚桥咨询的，工号二一二，请问您是何俊的妈妈吗？
        C: 我是他妈妈，你找他有什么事？
        A: 您儿子何俊欠了澄湖消费金融两万块钱，已经逾期三个月了。
        C: 这我不知道，他从来没有说过。
        A: 他不接电话，那这笔钱就应该由您来替他还。
        C: 我没有钱，这是他自己的事。
        A: 您是他母亲，今天必须先替他还两千。
        C: 请你以后不要再给我打电话了。
        A: 知道了，再见。
        """),
        suffix="mp3", called_party="contact",
        expected=_breach(
            "privacy.third_party_disclosure", "pressure.third_party_payment", "contact.third_party"
        ) + _noted("customer.stop_contact"),
        tolerated=("disclosure.before_verification", "recording_notice.missing", "identification.missing"),
    ),
    Call(
        "zh-police", "HC", "HC303", "2026-05-15T16:10:44", "", "zh", "DV2605", "15400712605", ("zhao", "woman2"),
        _lines("""
        A: 你好，我是市公安局经侦大队的王警官。
        C: 警官？请问有什么事？
        A: 你涉嫌贷款诈骗，我们已经立案了，马上就要抓人。
        C: 我只是晚还了几天，怎么会是诈骗？
        A: 想撤案的话，现在把五千块转到我的个人微信上。
        C: 为什么要转到个人账户？
        A: 少废话，加我微信，收款码我发给你。
        C: 我要先打电话问一下银行。
        A: 那你就等着法院传票吧。
        """),
        agent_channel=1, stated_channel=False,
        expected=_breach("impersonation.authority", "threat.legal", "payment.irregular", "conduct.off_channel"),
        tolerated=("disclosure.before_verification", "recording_notice.missing", "identification.missing",
                   "harassment.insult", "misrepresentation.promise"),
    ),
    Call(
        "zh-distress-heard", "HC", "HC301", "2026-05-13T10:40:02", "", "zh", "DV2606", "15400712606",
        ("lin", "woman2"),
        _lines("""
        A: 您好，我是衡川信服的小林，工号三零一，受澄湖消费金融委托，本次通话有录音。
        A: 请问是杜婉女士吗？请报一下身份证后四位。
        C: 我是杜婉，后四位是七零一四。
        A: 谢谢您。您的账单逾期了二十天，想了解一下您的情况。
        C: 我妈妈上个月去世了，我每天都睡不着，真的不想活了。
        A: 非常抱歉听到这个消息，请您节哀，还款的事先放一放。
        A: 您现在身边有人陪着吗？您的安全最重要。
        C: 我姐姐在家里陪我。
        A: 那就好。您可以拨打心理援助热线，会有人听您说。
        A: 我会帮您暂停催收，并且申请延期三个月。
        C: 谢谢你，我心里好受一点了。
        A: 请保重身体，有需要随时找我们，再见。
        """),
        expected=_noted("customer.distress", "good.empathy", "good.hardship_plan"),
    ),
    Call(
        "zh-distress-ignored", "LQ", "LQ211", "2026-05-14T20:15:37", "", "zh", "DV2607", "15400712607",
        ("ma", "woman"),
        _lines("""
        A: 谢芳，你欠的一万二到底还不还？
        C: 你是哪里的？我现在在医院。
        A: 别管我是哪里的，今天必须还钱。
        C: 我真的撑不下去了，我想从楼上跳下去。
        A: 你要死也先把钱还了再说。
        C: 我真的没有办法了。
        A: 不还钱，我就给你通讯录里的人一个一个打电话，让你的亲戚朋友都知道你欠钱。
        A: 你女儿在实验小学三年级，我清楚得很。
        C: 你不要去找我的孩子。
        A: 那就赶紧去别的平台借钱，把我这笔先还上。
        """),
        suffix="mp3",
        expected=_breach(
            "distress.ignored", "threat.exposure", "privacy.intimidation", "pressure.borrowing",
            "identification.missing", "disclosure.before_verification",
        ) + _noted("customer.distress"),
        tolerated=("recording_notice.missing", "harassment.insult", "threat.violence"),
    ),
    Call(
        "zh-hold", "HC", "HC302", "2026-05-15T09:30:15", "", "zh", "DV2608", "15400712608", ("hu", "man2"),
        _lines("""
        A: 您好，我是衡川信服的员工，工号三零二，受澄湖消费金融委托，本次通话会被录音。
        A: 请问是罗斌先生吗？
        C: 我是罗斌，我想查一下我的账单。
        A: 请您报一下身份证号码，我来核对。
        C: 一一零一九九，一九九一，零三一五，二七三零。
        A: 好的，请您稍等，我查一下系统。
        H: 9
        A: 感谢您的等待。您还剩两期没有还，一共九百八十元。
        C: 金额好像不对，我上周已经还了五百。
        A: 您可以提出异议，请把还款凭证发给我们，我们核实以后再联系您。
        C: 好的，我今天就发。
        A: 谢谢您的配合，再见。
        """),
        expected=_noted("customer.dispute", "good.rights"),
    ),
    Call(
        "zh-wrong-number", "LQ", "LQ212", "2026-05-12T15:45:50", "", "zh", "DV2609", "15400712609",
        ("qin", "man"),
        _lines("""
        A: 您好，我是岚桥咨询的，工号二一二，受澄湖消费金融委托，这次通话有录音。
        A: 请问是马建国先生吗？
        C: 你打错了，我不是马建国。
        A: 不好意思，打扰您了，我们会更新号码。
        C: 没关系，再见。
        """),
        suffix="wav", agent_channel=None, stated_channel=False,
        tolerated=("customer.dispute",),
    ),
    Call(
        "zh-dead-channel", "HC", "HC303", "2026-05-11T17:00:26", "", "zh", "DV2610", "15400712610",
        ("zhao", "man"),
        _lines("""
        A: 您好，我是衡川信服的员工，工号三零三，受澄湖消费金融委托，本次通话会被录音。
        A: 请问是吴佳先生吗？
        A: 喂，您好，能听到我说话吗？
        A: 听不到您的声音，我稍后再联系您，再见。
        """),
        dead=1, outcome="connected",
    ),
    Call(
        "en-hardship", "HL", "HL21", "2026-05-12T10:15:09", "America/Chicago", "en", "US4101", "3125550141",
        ("dana", "peter"),
        _lines("""
        A: Hello, this is Dana Whitlow with Harbour Lane Recovery, calling for Larkfield Finance.
        A: This call is recorded. Am I speaking with Mr. Peter Novak?
        C: Yes, this is Peter Novak.
        A: To protect your privacy, please confirm your date of birth.
        C: March fourth, nineteen seventy nine.
        A: Thank you. This is an attempt to collect a debt, and any information will be used for that purpose.
        A: Your account is forty days past due, with a balance of six hundred dollars.
        C: I lost my job in April and I can't pay all of it.
        A: I am sorry to hear that. I understand this is a hard time.
        A: We can set up a payment plan of fifty dollars a month, with no extra fees.
        C: That would help me a lot.
        A: You have the right to dispute this debt within thirty days.
        C: Okay, thank you for explaining.
        A: You are welcome. Have a good day.
        """),
        suffix="ogg",
        expected=_noted("good.hardship_plan", "good.empathy", "good.rights"),
    ),
    Call(
        "en-threats", "HL", "HL22", "2026-05-13T18:30:40", "America/New_York", "en", "US4102", "2125550152",
        ("kyle", "laura"),
        _lines("""
        A: This is Kyle from Harbour Lane Recovery, calling for Larkfield Finance. Is this Laura Benson?
        C: Yes, what is this about?
        A: You owe nine hundred dollars and you need to pay it today.
        C: I can only pay next month.
        A: You are a liar and a deadbeat, you pathetic loser.
        C: Please don't talk to me like that.
        A: If you don't pay today, the police will arrest you and you will go to jail.
        C: Can you really do that?
        A: Buy five hundred dollars in gift cards and read me the numbers.
        A: Or I will come to your house and break your windows.
        C: I am going to report you to the attorney general.
        """),
        suffix="ogg", agent_channel=1,
        expected=_breach("harassment.insult", "threat.legal", "payment.irregular", "threat.violence")
        + _noted("customer.complaint"),
        tolerated=("disclosure.before_verification", "recording_notice.missing", "threat.visit"),
    ),
    Call(
        "en-stop", "HL", "HL21", "2026-05-11T11:00:18", "America/New_York", "en", "US4103", "2125550163",
        ("dana", "daniel"),
        _lines("""
        A: Hello, this is Dana Whitlow with Harbour Lane Recovery, calling for Larkfield Finance on a recorded line.
        A: May I speak with Mr. Daniel Ortega?
        C: This is Daniel Ortega.
        A: Please confirm the last four digits of your social security number.
        C: Four four one nine.
        A: Thank you. I am a debt collector, calling about a balance of three hundred dollars.
        C: This is not my debt. I paid it last year.
        C: Stop calling me. Please talk to my lawyer instead.
        A: I understand. You may dispute the debt in writing, and I will note your request.
        A: What is your lawyer's phone number?
        C: Two one two, five five five, zero one four two.
        A: Thank you, we will not call you again. Goodbye.
        """),
        suffix="ogg",
        expected=_noted("customer.dispute", "customer.stop_contact", "good.rights"),
    ),
    Call(
        "en-sheriff", "HL", "HL23", "2026-05-14T13:20:33", "America/Los_Angeles", "en", "US4104", "2135550174",
        ("cole", "laura"),
        _lines("""
        A: This is Sergeant Cole from the county sheriff's office.
        C: What is this about?
        A: There is a warrant for your arrest because of your unpaid loan.
        C: I never got any letter about this.
        A: If you don't pay, I will call your boss and tell everyone at work that you owe money.
        C: Please don't call my work.
        A: Then send the money to my personal account right now.
        C: I need to talk to my husband first.
        A: You have one hour to pay.
        """),
        suffix="ogg", stated_channel=False,
        expected=_breach("impersonation.authority", "threat.legal", "threat.exposure", "payment.irregular")
        + _noted("customer.stop_contact"),
        tolerated=("disclosure.before_verification", "recording_notice.missing", "identification.missing"),
    ),
    Call(
        "en-complaint", "HL", "HL22", "2026-05-15T12:00:51", "America/Denver", "en", "US4105", "3035550185",
        ("kyle", "susan"),
        _lines("""
        A: Hi, this is Kyle with Harbour Lane Recovery, calling for Larkfield Finance on a recorded line.
        A: Am I speaking with Susan Hale?
        C: Yes, this is Susan Hale.
        A: Please confirm the last four digits of your social security number.
        C: Eight two zero six.
        A: Thank you. I am a debt collector. You owe four hundred dollars.
        C: I am going to file a complaint with the consumer bureau.
        A: If you complain, it will only get worse for you, so drop the complaint.
        A: If you don't pay, your children will never get into college.
        C: That can't be true.
        A: Take out a payday loan and pay me with that.
        A: Call me on my personal cell phone instead, this line is recorded.
        C: I don't want to do that.
        """),
        suffix="ogg",
        expected=_breach(
            "conduct.complaint_obstruction", "misrepresentation.consequence", "pressure.borrowing",
            "conduct.off_channel",
        ) + _noted("customer.complaint"),
    ),
)  # fmt: skip
