"""The guard: what Whisper invents is caught where signs meet, and what people really repeat is left alone."""

from __future__ import annotations

import pytest

from audit.speech.guard import Sound, compression_ratio, is_boilerplate, suspicion, units

GOOD = Sound(duration_s=4.0, active_s=3.0, no_speech_probability=0.05, mean_log_probability=-0.3)
EMPTY = Sound(duration_s=4.0, active_s=0.2, no_speech_probability=0.05, mean_log_probability=-0.3)
UNSURE = Sound(duration_s=4.0, active_s=3.0, no_speech_probability=0.8, mean_log_probability=-1.4)

INVENTED = [
    ("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", GOOD),
    ("字幕由 Amara.org 社区提供", EMPTY),
    ("谢谢观看!", UNSURE),
    ("Thanks for watching!", GOOD),
    ("Thank you for watching. Please subscribe.", EMPTY),
    ("我们会起诉你 " * 30, UNSURE),
    ("you will be arrested " * 12, EMPTY),
    (
        "的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的的",
        GOOD,
    ),
    ("对不起对不起对不起对不起对不起", EMPTY),
    ("您好", Sound(duration_s=2.0, active_s=0.0)),
]
SAID = [
    ("no no no no", GOOD),
    ("对对对对", GOOD),
    ("喂喂喂喂喂", Sound(2.0, 1.5)),
    ("我说了我没钱我没钱我没钱你听不懂吗", GOOD),
    ("please please stop calling me, stop calling my mother", GOOD),
    ("您的验证码是八八八八六六", GOOD),
    ("one one one one two two two two", GOOD),
    ("谢谢您的配合", GOOD),
    ("Thank you for your time.", GOOD),
    ("我们公众号可以关注订阅一下吗这个跟还款有什么关系", GOOD),
    ("", EMPTY),
    ("If you don't pay by Friday you're gonna be arrested.", UNSURE),
]


@pytest.mark.parametrize(("text", "sound"), INVENTED)
def test_invented_text_is_suspicious(text: str, sound: Sound) -> None:
    assert suspicion(text, sound)


@pytest.mark.parametrize(("text", "sound"), SAID)
def test_what_people_say_is_not(text: str, sound: Sound) -> None:
    assert suspicion(text, sound) is None


@pytest.mark.parametrize("sound", [GOOD, Sound(4.0, 1.1), UNSURE])
def test_one_sign_alone_is_no_proof(sound: Sound) -> None:
    """A short sentence with doubtful sound is passed on with its doubt; it is not thrown away."""
    assert suspicion("明天下午三点之前处理一下", sound) is None


def test_repeated_words_with_a_voice_under_them_stand_and_without_one_do_not() -> None:
    text = "你还钱你还钱你还钱你还钱"
    assert suspicion(text, GOOD) is None
    assert suspicion(text, EMPTY)


def test_boilerplate_is_the_whole_text_or_none() -> None:
    assert is_boilerplate("Thanks for watching!")
    assert not is_boilerplate("Thanks for watching my son while I was at work, I can pay on Friday")
    assert not is_boilerplate("")


def test_compression_is_whispers_measure() -> None:
    assert compression_ratio("again and again " * 30) > 5
    assert compression_ratio("I can pay the balance on Friday.") < 1.2
    assert compression_ratio("") == 0.0


def test_units_are_characters_in_chinese_and_words_elsewhere() -> None:
    assert units("我是ABC公司,Don't 12") == ["我", "是", "abc", "公", "司", "don't", "12"]
    assert units("ＡＢ") == ["ab"]
