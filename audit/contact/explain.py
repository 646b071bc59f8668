"""The arithmetic of a contact finding in words, English or Chinese, from the figures it was decided on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

Details = dict[str, Any]

_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_PARTIES_ZH = {
    "debtor": "债务人",
    "guarantor": "担保人",
    "spouse": "配偶",
    "contact": "联系人",
    "workplace": "工作单位",
    "stranger": "无关第三人",
    "unknown": "身份不明者",
}
_KEYS = {
    "debtor": ("this debtor", "该债务人"),
    "debt": ("this debtor and account", "该债务人该账户"),
    "account": ("this account", "该账户"),
    "number": ("this number", "该号码"),
}
_MISSING = {
    "started_at": (
        "started_at is missing, so the local time and day of the contact are unknown",
        "缺少开始时间,无法得知当地时间与日期",
    ),
    "timezone": (
        "{jurisdiction} has several time zones and the row has no timezone; {logged} cannot be put on the debtor's clock",
        "{jurisdiction} 有多个时区而该行未给出时区,{logged} 无法换算为债务人当地时间",
    ),
    "timezone_name": (
        "timezone {zone!r} is no IANA name; the debtor's local time is unknown",
        "时区 {zone!r} 不是有效的 IANA 名称,无法得知债务人当地时间",
    ),
    "consent_hours": (
        "outside the permitted hours, and consent_hours cannot be read",
        "在允许时段之外,而约定时段的写法无法读取",
    ),
    "debtor_id": (
        "debtor_id is missing, so the contacts with this debtor cannot be counted",
        "缺少债务人编号,无法计数",
    ),
    "account_id": (
        "account_id is missing, and this jurisdiction counts per debt or account",
        "缺少账户编号,而该地区按债务或账户计数",
    ),
    "number": (
        "the number is missing, so the attempts to it cannot be counted",
        "缺少号码,无法计算对该号码的拨打次数",
    ),
    "rules": ("no rules are on file for jurisdiction {jurisdiction}", "没有 {jurisdiction} 的规则"),
}


def explain(details: Details, language: str = "en") -> str:
    """The reason of a finding in `language` ("zh…", anything else is English). Holds no number that was dialled."""
    tongue = "zh" if language.startswith("zh") else "en"
    text = _KINDS[details["kind"]](details, tongue)
    note = (details.get("note") or {}).get(tongue)
    return f"{text} ({note})" if note else text


def _one(tongue: str, en: str, zh: str) -> str:
    return zh if tongue == "zh" else en


def spans(windows: list[list[int]] | list[tuple[int, int]], tongue: str = "en") -> str:
    """Windows in words: `08:00–21:00`; `none` where there is none."""
    if not windows:
        return _one(tongue, "none", "无")
    return ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in windows)


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"


def _party_zh(party: str) -> str:
    return _PARTIES_ZH.get(party, party)


def _weekday(local: str, tongue: str) -> str:
    return _WEEKDAYS[tongue][date.fromisoformat(local[:10]).weekday()]


def _hours(d: Details, tongue: str) -> str:
    day, clock = d["local"].split(" ")
    clock = clock.removesuffix(":00")
    head = f"{clock} {d['zone']} ({_weekday(day, tongue)} {day})"
    allowed = _one(tongue, "allowed ", "允许 ") + spans(d["allowed"], tongue)
    if d.get("holiday"):
        allowed += _one(tongue, f" (national holiday: {d['holiday']})", f"(全国性公共假日:{d['holiday']})")
    agreed = _one(tongue, "; agreed ", ";约定 ") + spans(d["agreed"], tongue) if d.get("agreed") else ""
    logged = (
        _one(tongue, f"; in the log {d['logged']}", f";日志记为 {d['logged']}") if d.get("logged") else ""
    )
    return f"{head}{_one(tongue, '; ', ';')}{allowed}{agreed}{logged}"


def _listed(d: Details) -> str:
    items = [f"{c['call_id']} {c['local'][5:16]} {c['agency']}" for c in d["counted"]]
    left = d["number"] - len(items)
    if left > 0:
        items.insert(-1, f"… {left} …")
    return "; ".join(items)


def _outcomes(outcomes: list[str], tongue: str) -> str:
    """What was counted: contacts made, unanswered attempts, or contacts of any outcome."""
    kinds = {name in outcomes for name in ("connected", "conversation")}, "no_answer" in outcomes
    if kinds == ({True}, False):
        return _one(tongue, "connected contact", "接通的联系")
    if kinds == ({False}, True):
        return _one(tongue, "unanswered attempt", "未接通的拨打")
    return _one(tongue, "contact", "联系")


def _count(d: Details, tongue: str) -> str:
    key = _KEYS[d["per"]][tongue == "zh"]
    span = d["first_day"] if d["first_day"] == d["last_day"] else f"{d['first_day']}…{d['last_day']}"
    doubt = d["number"] - d["sure"]
    what = _outcomes(d["counts"], tongue)
    head = _one(
        tongue,
        f"{what} no. {d['number']} for {key}, {span} (at most {d['at_most']}, all agencies together): ",
        f"{span} 对{key}的第 {d['number']} 次{what}(上限 {d['at_most']} 次,各机构合计):",
    )
    tail = ""
    if doubt:
        tail += _one(
            tongue,
            f"; {doubt} of them count only perhaps (outcome or called party not certain)",
            f";其中 {doubt} 次是否计入不确定(结果或被叫身份不明)",
        )
    if d.get("readings_differ"):
        tail += _one(
            tongue,
            f"; read as {d['other_reading']} it would be no. {d['other_number']}",
            f";按另一种计法({d['other_reading']})为第 {d['other_number']} 次",
        )
    return head + _listed(d) + tail


def _silence(d: Details, tongue: str) -> str:
    text = _one(
        tongue,
        f"conversation {d['conversation']} on {d['conversation_local']} is day 1; this contact is on day "
        f"{d['day_number']} of {d['days']} ({d['local'][:10]}), next permitted day {d['free_on']}",
        f"{d['conversation_local']} 的谈话 {d['conversation']} 为第 1 日,本次在第 {d['day_number']} 日"
        f"(共 {d['days']} 日,{d['local'][:10]}),{d['free_on']} 起可再联系",
    )
    if d.get("doubt"):
        text += _one(
            tongue,
            "; whether it was a conversation with the debtor is not certain",
            ";是否为与债务人的谈话不确定",
        )
    return text


def _party(d: Details, tongue: str) -> str:
    who = _one(tongue, d["party"], _party_zh(d["party"]))
    if d["allowed"] == "never":
        return _one(
            tongue,
            f"contact with a third person ({who}), not permitted here",
            f"联系了第三人({who}),此地不允许",
        )
    head = _one(
        tongue,
        f"contact with a third person ({who}) after {d['failed']} failed calls to the debtor in a row, {d['needed']} needed",
        f"联系了第三人({who}),此前连续未接通债务人 {d['failed']} 次,须 {d['needed']} 次",
    )
    if d.get("missing"):
        return head + _one(
            tongue, f"; {d['missing']} is missing, the order is unknown", f";缺少 {d['missing']},先后不明"
        )
    if d.get("reached"):
        return head + _one(
            tongue,
            f"; the debtor was last reached on {d['reached_local']} ({d['reached']})",
            f";最近一次联系上债务人在 {d['reached_local']}({d['reached']})",
        )
    return head + _one(
        tongue,
        "; no contact that reached the debtor is in the log, which may begin too late",
        ";日志中没有联系上债务人的记录,日志可能不够早",
    )


def _refusal(d: Details, tongue: str) -> str:
    said = d["said_local"] or _one(tongue, "an unknown time", "不明时间")
    who = _one(tongue, d["said_by"], _party_zh(d["said_by"]))
    turn = "" if d["turn"] is None else _one(tongue, f" (turn {d['turn']})", f"(第 {d['turn']} 轮)")
    what = d["signal"].removeprefix("customer.").removeprefix("lender.")
    text = _one(
        tongue,
        f"{what} by {who} in {d['refusing_call']}{turn} on {said} binds {d['binds']}; this contact follows",
        f"{who}在 {d['refusing_call']}{turn} {said} 的表示({what})约束其后的联系,本次在其后",
    )
    if d["days_later"] is not None:
        text += _one(
            tongue, f" {d['days_later']} days later, {d['local']}", f" {d['days_later']} 日,{d['local']}"
        )
    if d.get("doubt"):
        text += _one(tongue, f"; {d['doubt']} is not certain", f";{d['doubt']} 不确定")
    return text


def _missing(d: Details, tongue: str) -> str:
    return _MISSING[d["missing"]][tongue == "zh"].format(**d)


def _ran_over(d: Details, tongue: str) -> str:
    return _one(
        tongue,
        f"began {d['local']} within the hours and ended {d['end']} {d['zone']} after them; the start decides",
        f"{d['local']} 在时段内开始,{d['end']} {d['zone']} 结束时已超出;以开始时间为准",
    )


_KINDS: dict[str, Callable[[Details, str], str]] = {
    "hours": _hours,
    "count": _count,
    "silence": _silence,
    "party": _party,
    "refusal": _refusal,
    "missing": _missing,
    "ran_over": _ran_over,
}
