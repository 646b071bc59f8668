"""The shared excuses of the shipped pack on plain probe rules: what they must turn round, and what they must leave alone."""

from __future__ import annotations

import shutil

import pytest

from audit.lexicon import load_pack, shipped_directory
from audit.rules import Judge
from tests.test_lexicon import TITLE

AGENT = """
zh:
  find: [上门, 抓你, 坐牢, 打断 ...2 腿, 动手, 联系 ...4 家人, 发 ...2 朋友圈, 冒充公安, 转 ...3 个人, 去借 ...3 网贷, 老赖, 你是骗子, 删 ...3 征信, 我是法院的]
en:
  find: [come to your ...2 (house|home), be arrested, have you arrested, break ...1 legs, "(call|contact|tell) ...1 (family|boss|mom)", idiot, jail, gift cards, watch your back, "clear your ...2 record", i am a police officer]
"""
CUSTOMER = """
zh: {find: [投诉, 不想活, 没借过, 不是我借的, "别 ...4 打 ...3 电话"]}
en: {find: [complain, want to die, not mine, stop calling]}
"""


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    root = tmp_path_factory.mktemp("pack")
    shipped = shipped_directory()
    shutil.copy(shipped / "lexicon.yaml", root)
    for folder in ("excuses", "terms"):
        shutil.copytree(shipped / folder, root / folder)
    for name, text in (("threat/visit", AGENT), ("customer/complaint", CUSTOMER)):
        (root / name).parent.mkdir(exist_ok=True)
        (root / f"{name}.yaml").write_text(TITLE + text)
    return Judge(load_pack(root), frozenset({"phrase"}))


def silent(judge: Judge, text: str, speaker: str) -> bool:
    findings = judge.utterance(text, None, speaker)  # type: ignore[arg-type]
    assert findings, "the probe must find the words before anything can excuse them"
    return all(finding.excused for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        "我们不会上门", "我们绝对不会动手打人的", "欠信用卡不会坐牢的", "我没说要抓你", "没有人会去您家上门", "您放心我们不会联系您的家人", "不联系您家人",
        "我们从来没有打断过谁的腿", "不可能把您发到朋友圈", "不用担心坐牢", "上次那个人说要打断我腿", "之前那个男的放话要上门", "有人跟我说要抓你，那不是我们",
        "催收人员不得冒充公安", "公司规定外访不许随便上门", "培训的时候讲过不许叫人家老赖", "我们这边严禁动手", "动手这种事我们不会做的", "上门这个说法是骗人的",
        "千万别去借别的网贷", "请不要把钱转给任何个人", "如果有人自称公安说要抓你，直接挂断就行", "您刚才说有人要上门对吧", "您说之前有人要上门", "我不是老赖",
        "我會不會坐牢", "是不是有人跟您说要上门", "征信的记录我们没有权限删征信", "按规定不能联系您的家人",
        "We will not come to your house.", "nobody can have you arrested over a credit card", "I never said you'd be arrested",
        "No one's going to come to your house", "the last guy said he'd break my legs", "he told me you would be arrested",
        "we won't contact your family", "We are not allowed to call your boss", "training says you can't say watch your back to a customer",
        "If somebody says you'll be arrested, hang up.", "please never pay with gift cards", "I didn't call you an idiot",
        "i'm not saying you will go to jail", "you said someone would come to your house", "am I gonna be arrested", "is it true you can go to jail",
        "we are not going to tell your boss", "I'm not here to have you arrested", "it is against policy to contact family",
        "nobody here will ever come to your house or call your boss", "You won't be arrested for this",
    ],
)  # fmt: skip
def test_excused_when_the_agent_says_it(judge: Judge, text: str) -> None:
    assert silent(judge, text, "agent")


@pytest.mark.parametrize(
    "text",
    [
        "别以为我们不会上门", "不还就别怪我们上门", "你不还钱我就上门", "你不还钱就等着坐牢", "信不信我打断你的腿", "我不动手有人会动手", "再不还警察来抓你",
        "要不要我联系一下你的家人", "不处理的话我们上门", "你以为我不会上门吗", "没钱就坐牢", "你别躲了我们上门", "不是吓唬你，明天上门",
        "你要是不接电话我就发你朋友圈", "你不是挺能躲吗，我们上门", "你说你是不是老赖", "我不想上门，可你逼我，那我就上门", "不信你试试，我们上门",
        "没人还的了我们上门", "不光上门，还要抓你", "我不是跟你开玩笑，抓你是分分钟的事",
        "If you don't pay you're going to be arrested", "if you do not pay by friday you will be arrested",
        "Do I have to come to your house and sort it out?", "don't think I won't come to your house", "I'm not joking, you will go to jail",
        "You don't want me to call your boss, do you", "no payment and you will be arrested", "I can't wait forever so I'll come to your house",
        "we're not playing i will call your mom", "why don't I call your boss", "pay or be arrested", "you have not paid so you will be arrested",
        "nothing stops me from having you arrested i can have you arrested today",
    ],
)  # fmt: skip
def test_not_excused_when_the_agent_threatens(judge: Judge, text: str) -> None:
    assert not silent(judge, text, "agent")


@pytest.mark.parametrize(
    ("text", "excused"),
    [
        ("我没想投诉你", True), ("投诉有啥用", True), ("我不是要投诉", True), ("怎么投诉", True), ("我可不可以投诉", True),
        ("你再打我就投诉", False), ("你们要是再打我就投诉", False), ("我要投诉你们信不信", False), ("我真不想活了", False), ("这钱我从来没借过", False),
        ("能不能别再给我打电话了", False), ("不是我借的", False), ("我不投诉你我就不姓王", False),
        ("I'm not going to complain", True), ("i could complain but what would be the point", True), ("can I complain somewhere", True),
        ("if you keep this up I will complain", False), ("could you please stop calling me", False), ("that is not mine", False),
        ("I just want to die", False), ("I don't want to die", True),
    ],
)  # fmt: skip
def test_customer_signals(judge: Judge, text: str, excused: bool) -> None:
    assert silent(judge, text, "customer") is excused
