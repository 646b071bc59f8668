"""Is a text invented? Loops and boilerplate, weighed with compression, rate of speech and missing sound.

Whisper was trained on subtitles: over silence and music it writes what ends videos, or one phrase again
and again. No single sign is proof (people do say "no no no no"), so a text is suspicious only when two
kinds of sign meet, or one is beyond what a mouth can do. Pure; nothing here listens or decodes.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from typing import Any

_BOILERPLATE = (
    "请不吝点赞订阅转发打赏支持明镜与点点栏目",
    "请不吝点赞订阅转发打赏",
    "明镜需要您的支持欢迎订阅明镜",
    "欢迎订阅",
    "请订阅",
    "点赞订阅",
    "字幕由amaraorg社区提供",
    "字幕志愿者",
    "字幕制作",
    "由amaraorg社群提供的字幕",
    "优优独播剧场",
    "谢谢观看",
    "感谢观看",
    "感谢收看",
    "谢谢收看",
    "下期再见",
    "我们下次再见",
    "thanksforwatching",
    "thankyouforwatching",
    "thankyousomuchforwatching",
    "pleasesubscribe",
    "subscribetomychannel",
    "likeandsubscribe",
    "subtitlesbytheamaraorgcommunity",
    "subtitlesby",
    "transcribedby",
    "translatedby",
    "seeyouinthenextvideo",
    "dontforgettosubscribe",
)
_CJK = re.compile(r"[㐀-鿿豈-﫿぀-ヿ]")
_MAX_CJK_PER_S = 12.0
_MAX_WORDS_PER_S = 7.0
_LOOP_RUNS = 4


@dataclass(frozen=True, slots=True)
class Sound:
    """What the sound under a text says: its length, seconds with sound in them, the model's own doubt."""

    duration_s: float
    active_s: float
    no_speech_probability: float = 0.0
    mean_log_probability: float = 0.0


def settings() -> dict[str, Any]:
    """All that decides here, for the keys by which a changed rule is noticed."""
    return {
        "boilerplate": _BOILERPLATE,
        "rates": [_MAX_CJK_PER_S, _MAX_WORDS_PER_S],
        "loops": _LOOP_RUNS,
        "version": _VERSION,
    }


_VERSION = 1
"""Raise it when `suspicion` weighs otherwise than its figures say."""


def compression_ratio(text: str) -> float:
    """Bytes over zlib-compressed bytes: above 2.4 a text repeats itself (the measure Whisper's paper uses)."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def suspicion(text: str, sound: Sound) -> str | None:
    """Why a text may be invented, in plain words; None when it stands."""
    if not text.strip():
        return None
    silent = _missing_sound(sound)
    fast = _impossible_rate(text, sound)
    loop = _loop(text)
    if is_boilerplate(text):
        return "words that Whisper is known to write over silence"
    if loop and (silent or fast or loop >= 3 * _LOOP_RUNS):
        return f"the same words {loop} times in a row" + (f", {silent}" if silent else "")
    if compression_ratio(text) > 2.4 and (silent or fast or loop):
        return "the text repeats itself" + (f", {silent}" if silent else "")
    if fast and silent:
        return f"more words than can be said in the time, {silent}"
    if sound.active_s < 0.1 and sound.duration_s > 0.3:
        return "words without any sound beneath them"
    return None


def is_boilerplate(text: str) -> bool:
    """Whether a text consists, to four fifths or more, of what subtitles of videos end with."""
    bare = bare_text(text)
    left = bare
    for phrase in _BOILERPLATE:
        left = left.replace(phrase, "")
    return bool(bare) and len(left) <= len(bare) / 5


def bare_text(text: str) -> str:
    """Letters and digits only, lower case, full width folded."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if c.isalnum())


def units(text: str) -> list[str]:
    """What is counted as a word: each Chinese character, else what stands between blanks and marks."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.findall(r"[㐀-鿿豈-﫿぀-ヿ]|[^\W㐀-鿿豈-﫿぀-ヿ]+(?:['’][^\W]+)?", folded)


def _missing_sound(sound: Sound) -> str | None:
    if sound.duration_s > 0 and sound.active_s < 0.3 * sound.duration_s:
        return "with little or no sound beneath them"
    if sound.no_speech_probability > 0.6:
        return "where the model itself hears no speech"
    if sound.mean_log_probability < -1.0:
        return "with low probability"
    return None


def _impossible_rate(text: str, sound: Sound) -> bool:
    words = units(text)
    cjk = sum(bool(_CJK.match(word)) for word in words)
    time_s = max(sound.active_s, 0.2)
    return cjk / time_s > _MAX_CJK_PER_S or (len(words) - cjk) / time_s > _MAX_WORDS_PER_S


def _loop(text: str) -> int:
    """How often in a row the same group of 1–12 words stands, when that fills half of the text; else 0."""
    words = units(text)
    best = 0
    for size in range(1, min(12, len(words) // _LOOP_RUNS) + 1):
        runs = _longest_run(words, size)
        if runs >= _LOOP_RUNS and runs * size * 2 >= len(words) and runs * size >= 6:
            best = max(best, runs)
    return best


def _longest_run(words: list[str], size: int) -> int:
    best = same = 0
    for i in range(size, len(words)):
        same = same + 1 if words[i] == words[i - size] else 0
        best = max(best, same)
    return best // size + 1 if best >= size else 1
