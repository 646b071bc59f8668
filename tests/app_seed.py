"""An invented week for the app's tests and screenshots, and a bulk seeder for its speed script.

Run `python -m tests.app_seed FOLDER` for a store with recordings, `python -m tests.app_seed FOLDER --bulk` for
100,000 contacts and 20,000 cases. Everybody in it is invented.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from audit.intake import hash_file
from audit.models import CallResult, Contact, Finding, PersonalDatum, Receipt, Transcript, Turn, Word
from audit.store import Store
from audit.store import tables as t
from audit.store.writing import (
    contact_row,
    finding_row,
    refresh_cases,
    turn_rows,
    write_contact,
    write_log_findings,
)

SHANGHAI = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 3, 30, tzinfo=SHANGHAI)
AGENCIES = ("松屿服务", "墨江信服", "立禾服务")
AGENTS = {
    "松屿服务": ("SY6102", "SY6117", "SY6140"),
    "墨江信服": ("MJ204", "MJ219"),
    "立禾服务": ("LH31", "LH36", "LH40"),
}
RECEIPT = Receipt("a" * 64, "0.1.0", "mini", "b" * 64, "c" * 16, "d" * 64)
TYPES_ZH = {
    "PERSON": "〔姓名〕",
    "PHONE": "〔电话〕",
    "CN_ID_CARD": "〔身份证〕",
    "EMPLOYER": "〔单位〕",
    "ADDRESS": "〔地址〕",
    "BANK_CARD": "〔银行卡〕",
}


@dataclass(frozen=True)
class Said:
    """One turn: findings as (category, severity, basis, confidence, words), personal data as (type, words)."""

    speaker: str
    text: str
    found: tuple[tuple[str, str, str, float, str], ...] = ()
    data: tuple[tuple[str, str], ...] = ()
    excused: str | None = None


A, C = "agent", "customer"
CLAUSES = {
    "threat.legal": "GB/T 45251-2025 5.3.3 c)",
    "threat.violence": "GB/T 45251-2025 5.3.3 a)",
    "threat.exposure": "GB/T 45251-2025 5.3.3 d)",
    "harassment.insult": "GB/T 45251-2025 5.3.3 b)",
    "impersonation.authority": "GB/T 45251-2025 5.3.3 e)",
    "privacy.third_party_disclosure": "个人信息保护法 第二十五条",
}
CALLS: tuple[tuple[str, str, str, tuple[Said, ...]], ...] = (
    ("zh", "松屿服务", "debtor", (
        Said(A, "您好,请问是王丽女士吗?本次通话将会录音。", (("good.rights", "info", "phrase", 0.9, "本次通话将会录音"),), (("PERSON", "王丽女士"),)),
        Said(C, "我是,你哪位?"),
        Said(A, "你这笔钱再不还,公安已经立案,马上就传唤你,让你坐牢。", (("threat.legal", "critical", "phrase", 0.96, "公安已经立案"), ("threat.legal", "critical", "phrase", 0.91, "让你坐牢"))),
        Said(C, "我现在真的没有钱,孩子还在住院。"),
        Said(A, "没钱你不会去借啊,信用卡套现总会吧。", (("pressure.borrowing", "high", "phrase", 0.88, "信用卡套现"),)),
        Said(C, "你们再这样我要打12378投诉。", (("customer.complaint", "info", "phrase", 0.93, "打12378投诉"),)),
        Said(A, "随便你投诉,你投诉了我照样去你单位找你。", (("threat.visit", "high", "phrase", 0.83, "去你单位找你"),)),
    )),
    ("zh", "墨江信服", "debtor", (
        Said(A, "喂,是赵强吗?你的电话一三八零零一三八零零零对吧。", (("privacy.number_read_aloud", "medium", "phrase", 0.81, "一三八零零一三八零零零"),), (("PERSON", "赵强"), ("PHONE", "一三八零零一三八零零零"))),
        Said(C, "对,什么事?"),
        Said(A, "你这个老赖,要不要脸啊,欠钱不还。", (("harassment.insult", "high", "phrase", 0.94, "你这个老赖"), ("harassment.insult", "high", "phrase", 0.9, "要不要脸"))),
        Said(C, "我失业半年了,活不下去了,真想一死了之。", (("customer.distress", "critical", "phrase", 0.95, "真想一死了之"),)),
        Said(A, "你死了钱也得还,别跟我来这套。", (("distress.ignored", "critical", "sequence", 0.9, "你死了钱也得还"),)),
    )),
    ("zh", "立禾服务", "spouse", (
        Said(A, "您好,请问您是陈军的爱人吗?", (), (("PERSON", "陈军"),)),
        Said(C, "我是,怎么了?"),
        Said(A, "他在我们这里欠了三万二,已经逾期四个月了。", (("privacy.third_party_disclosure", "high", "phrase", 0.92, "欠了三万二"),)),
        Said(C, "我不知道这件事,不要再打给我了。", (("customer.stop_contact", "info", "phrase", 0.9, "不要再打给我了"),)),
        Said(A, "你是他家人,你得替他还,不然我们联系你单位。", (("pressure.third_party_payment", "high", "phrase", 0.9, "你得替他还"), ("threat.exposure", "high", "similar", 0.71, "不然我们联系你单位"))),
    )),
    ("zh", "松屿服务", "debtor", (
        Said(A, "您好,我是松屿服务的工号六一一七,受银行委托联系您,本通话有录音。", (("good.rights", "info", "phrase", 0.9, "本通话有录音"),)),
        Said(C, "你好,我最近确实有点困难。"),
        Said(A, "理解您的难处,先照顾好身体,我们可以帮您申请分期,每月还五百可以吗?", (("good.empathy", "info", "phrase", 0.9, "理解您的难处"), ("good.hardship_plan", "info", "phrase", 0.93, "帮您申请分期"))),
        Said(C, "可以的,谢谢你。"),
        Said(A, "逾期还款属于民事纠纷,不会坐牢,您别担心。", (("threat.legal", "critical", "phrase", 0.7, "坐牢"),), (), "the collector denies it"),
    )),
    ("zh", "墨江信服", "debtor", (
        Said(A, "我是朝阳法院执行局的,你的案子今天就要强制执行。", (("impersonation.authority", "critical", "phrase", 0.95, "我是朝阳法院执行局的"),)),
        Said(C, "法院?你有案号吗?"),
        Said(A, "案号你不用管,你加我微信,把钱转到我个人账户就行。", (("conduct.off_channel", "medium", "phrase", 0.86, "你加我微信"), ("payment.irregular", "high", "phrase", 0.92, "转到我个人账户"))),
        Said(C, "这钱我早就还清了,你们搞错了。", (("customer.dispute", "info", "phrase", 0.9, "早就还清了"),)),
    )),
    ("zh", "立禾服务", "contact", (
        Said(A, "你好,我是刘洋的朋友,他手机打不通,你能告诉我他现在在哪上班吗?", (("impersonation.private", "medium", "heard_as", 0.62, "我是刘洋的朋友"),), (("PERSON", "刘洋"),)),
        Said(C, "他在海淀的星河科技上班。", (), (("EMPLOYER", "星河科技"),)),
        Said(A, "好的,谢谢。"),
    )),
    ("zh", "松屿服务", "debtor", (
        Said(A, "你家住在幸福路十八号三单元吧,出门小心点。", (("privacy.intimidation", "high", "phrase", 0.84, "你家住在幸福路十八号三单元吧"), ("threat.violence", "critical", "phrase", 0.87, "出门小心点")), (("ADDRESS", "幸福路十八号三单元"),)),
        Said(C, "你这是在威胁我吗?"),
        Said(A, "我可没威胁你,就是提醒你一下。"),
    )),
    ("zh", "墨江信服", "debtor", (
        Said(A, "您好,我是墨江信服工号二一九,请问是孙梅吗?", (), (("PERSON", "孙梅"),)),
        Said(C, "是的。"),
        Said(A, "提醒您本期账单四月五号到期,如已还款请忽略。"),
        Said(C, "好的知道了。"),
    )),
    ("zh", "立禾服务", "debtor", (
        Said(A, "今天不还,你孩子以后考公务员政审都过不了。", (("misrepresentation.consequence", "high", "phrase", 0.93, "考公务员政审都过不了"),)),
        Said(C, "怎么可能,我要去银保监会告你们。", (("customer.complaint", "info", "phrase", 0.8, "银保监会告你们"),)),
        Said(A, "今天还一半,我马上帮你消除征信记录。", (("misrepresentation.promise", "medium", "phrase", 0.9, "帮你消除征信记录"),)),
    )),
    ("en", "Harbour Recovery", "debtor", (
        Said(A, "Hello, this is Dana from Harbour Recovery, the call is recorded.", (("good.rights", "info", "phrase", 0.9, "the call is recorded"),), (("PERSON", "Dana"),)),
        Said(C, "Hi, what is this about?"),
        Said(A, "If you don't pay by Friday you are going to be arrested, there is a warrant on your name.", (("threat.legal", "critical", "phrase", 0.97, "you are going to be arrested"), ("threat.legal", "critical", "phrase", 0.9, "a warrant on your name"))),
        Said(C, "Stop calling my work, please talk to my lawyer.", (("customer.stop_contact", "info", "phrase", 0.95, "talk to my lawyer"),)),
        Said(A, "I will call your boss and every one of your neighbours until you pay.", (("threat.exposure", "high", "phrase", 0.9, "call your boss"), ("harassment.repeated_contact", "medium", "phrase", 0.8, "until you pay"))),
    )),
    ("en", "Harbour Recovery", "debtor", (
        Said(A, "I am sorry to hear that, take all the time you need. Are you safe right now?", (("good.empathy", "info", "phrase", 0.92, "Are you safe right now"),)),
        Said(C, "My husband died last month, I can't cope with this.", (("customer.distress", "high", "phrase", 0.9, "My husband died last month"),)),
        Said(A, "We can pause everything for three months and set up a plan you can afford.", (("good.hardship_plan", "info", "phrase", 0.9, "a plan you can afford"),)),
    )),
    ("en", "Northgate Credit", "stranger", (
        Said(A, "Is that Mr. Okafor? He owes us four thousand dollars and he is ninety days late.", (("privacy.third_party_disclosure", "high", "phrase", 0.93, "He owes us four thousand dollars"),), (("PERSON", "Mr. Okafor"),)),
        Said(C, "No, I am his neighbour."),
        Said(A, "Then tell him he is a worthless deadbeat.", (("harassment.insult", "high", "phrase", 0.95, "worthless deadbeat"),)),
    )),
    ("en", "Northgate Credit", "debtor", (
        Said(A, "Good morning, am I speaking with Ms. Lopez?", (), (("PERSON", "Ms. Lopez"),)),
        Said(C, "Yes, speaking."),
        Said(A, "You have the right to dispute this debt within thirty days, shall I send the form?", (("good.rights", "info", "phrase", 0.94, "right to dispute this debt"),)),
        Said(C, "Yes please, the amount is wrong.", (("customer.dispute", "info", "phrase", 0.9, "the amount is wrong"),)),
    )),
    ("en", "Northgate Credit", "debtor", (
        Said(A, "Borrow it from your mother or take a cash advance, I don't care how.", (("pressure.borrowing", "high", "phrase", 0.85, "take a cash advance"),)),
        Said(C, "I cannot do that."),
        Said(A, "Then buy gift cards and read me the numbers.", (("payment.irregular", "high", "phrase", 0.9, "buy gift cards"),)),
    )),
)  # fmt: skip


def _words(text: str, start_s: float, language: str) -> tuple[Word, ...]:
    pieces = [sign for sign in text if sign.isalnum()] if language == "zh" else text.split()
    step = 0.21 if language == "zh" else 0.34
    return tuple(
        Word(piece, round(start_s + i * step, 3), round(start_s + (i + 0.9) * step, 3), 0.9)
        for i, piece in enumerate(pieces)
    )


def _span(turn: Turn, needle: str, language: str) -> tuple[int, int, float | None, float | None]:
    start = turn.text.index(needle)
    end = start + len(needle)
    if language == "zh":
        before = sum(sign.isalnum() for sign in turn.text[:start])
        inside = sum(sign.isalnum() for sign in needle)
    else:
        before = len(turn.text[:start].split())
        inside = len(needle.split())
    words = turn.words[before : before + max(1, inside)]
    return start, end, words[0].start_s, words[-1].end_s


def build_call(
    number: int, call_id: str, started: datetime, agent: str
) -> tuple[CallResult, dict[int, str], list[Finding]]:
    """The result of script `number`, its masked turns and its findings."""
    language, agency, party, script = CALLS[number]
    turns, masked, findings, data = [], {}, [], []
    at = 0.6
    for index, said in enumerate(script):
        words = _words(said.text, at, language)
        turn = Turn(index, said.speaker, said.text, at, words[-1].end_s, words, 0 if said.speaker == A else 1)  # type: ignore[arg-type]
        at = words[-1].end_s + 0.7
        turns.append(turn)
        cover = said.text
        for kind, needle in said.data:
            start, end, _, _ = _span(turn, needle, language)
            data.append(PersonalDatum(kind, start, end, 0.95, index))
            cover = cover.replace(needle, TYPES_ZH[kind] if language == "zh" else f"[{kind}]")
        masked[index] = cover
        for category, severity, basis, confidence, needle in said.found:
            start, end, start_s, end_s = _span(turn, needle, language)
            noted = category.startswith(("good.", "customer."))
            findings.append(
                Finding(
                    rule=f"{language}.{category}", category=category, severity=severity, basis=basis,  # type: ignore[arg-type]
                    confidence=confidence, decision="noted" if noted else "breach",
                    reason="", citation=CLAUSES.get(category, ""), turn=index, speaker=said.speaker,  # type: ignore[arg-type]
                    start=start, end=end, text=needle, start_s=start_s, end_s=end_s, excused=said.excused,
                )
            )  # fmt: skip
    contact = Contact(
        call_id=call_id, row=number + 2, started_at=started, timezone="Asia/Shanghai" if language == "zh" else "America/New_York",
        duration_s=at + 0.5, outcome="conversation", agency=agency, agent=agent, debtor_id=f"D{1000 + number}",
        account_id=f"AC{1000 + number}", called_party=party, jurisdiction="CN" if language == "zh" else "US",
        language=language, recording=f"{call_id}.wav",
    )  # fmt: skip
    result = CallResult(
        contact, "audited", "", Transcript(language, tuple(turns), "whisper:mini", 0.97, "identified itself"),
        tuple(findings), tuple(data),
        {"duration_s": at + 0.5, "talk_share_agent": 0.6, "talk_share_customer": 0.3, "over_talk_share": 0.02}, RECEIPT,
    )  # fmt: skip
    return result, masked, findings


def _extra(contact: Contact) -> dict[str, Any]:
    started = contact.started_at
    if started is None:
        return {"last_run": "R2"}
    year, week, day = started.isocalendar()
    return {
        "instant_s": started.timestamp(),
        "week": f"{year}-W{week:02d}",
        "local_hour": started.hour,
        "local_weekday": day - 1,
        "last_run": "R2" if started >= MONDAY else "R1",
    }


def _data_rows(result: CallResult) -> list[dict[str, Any]]:
    return [
        {
            "call_id": result.contact.call_id,
            "turn": d.turn,
            "start": d.start,
            "end": d.end,
            "type": d.type,
            "score": d.score,
        }
        for d in result.personal_data
    ]


def _put(connection: Any, result: CallResult, masked: dict[int, str], findings: list[Finding]) -> None:
    call_id = result.contact.call_id
    rows = []
    for finding in findings:
        details = (
            {"doubt": "agree" if finding.confidence > 0.85 else "differ"}
            if finding.basis != "sequence"
            else {}
        )
        hidden = any(
            datum.turn == finding.turn
            and datum.start < (finding.end or 0)
            and (finding.start or 0) < datum.end
            for datum in result.personal_data
        )
        evidence = masked[finding.turn or 0] if hidden else finding.text
        rows.append(finding_row(call_id, finding, "words", evidence, details))
    write_contact(
        connection,
        contact_row(result, _extra(result.contact)),
        turn_rows(result, masked),
        _data_rows(result),
        rows,
    )


def _speech(result: CallResult, folder: Path, rate_hz: int = 8000) -> Path:
    """A stereo recording whose bursts lie where the words lie: harmonics under a syllable's envelope."""
    import soundfile

    assert result.transcript is not None
    assert result.contact.duration_s is not None
    noise = np.random.default_rng(7)
    sound = noise.normal(0, 0.0015, (round(result.contact.duration_s * rate_hz), 2))
    for turn in result.transcript.turns:
        pitch = 118.0 if turn.speaker == A else 205.0
        for i, word in enumerate(turn.words):
            first, last = round(word.start_s * rate_hz), round(word.end_s * rate_hz)
            clock = np.arange(last - first) / rate_hz
            f0 = pitch * (1 + 0.12 * np.sin(i * 1.7))
            wave = sum(np.sin(2 * np.pi * f0 * k * clock) / k for k in range(1, 7))
            envelope = np.hanning(last - first) * (0.1 + 0.08 * np.cos(i * 2.3) ** 2)
            sound[first:last, turn.channel or 0] += wave * envelope
    path = folder / str(result.contact.recording)
    soundfile.write(path, sound.astype(np.float32), rate_hz)
    return path


def _other_contacts(rng: random.Random, monday: datetime, count: int, mark: str) -> list[CallResult]:
    results = []
    for i in range(count):
        agency = rng.choices((*AGENCIES, "Harbour Recovery", "Northgate Credit"), (4, 3, 3, 2, 2))[0]
        agent = rng.choice(AGENTS.get(agency, ("HR7", "HR9") if agency.startswith("H") else ("NC2", "NC5")))
        hour = rng.choices(
            range(24), [0, 0, 0, 0, 0, 0, 1, 3, 9, 12, 12, 8, 5, 8, 11, 12, 10, 7, 7, 8, 6, 3, 1, 1]
        )[0]
        started = monday + timedelta(days=rng.randrange(7), hours=hour, minutes=rng.randrange(60))
        outcome = rng.choices(("no_answer", "busy", "voicemail", "connected"), (6, 2, 1, 2))[0]
        contact = Contact(
            call_id=f"K{mark}{i:05d}", row=i + 20, started_at=None if i == 3 else started, timezone="Asia/Shanghai",
            duration_s=rng.choice((0, 4, 12, 31)), channel=rng.choices(("call", "sms"), (9, 1))[0], outcome=outcome,
            agency=agency, agent=agent, debtor_id=f"D{1000 + rng.randrange(40)}", jurisdiction="CN", language="zh",
            recording="gone.wav" if i in (5, 6) else None,
        )  # fmt: skip
        status, reason = (
            ("failed", "the file is empty: ask the agency for it again") if i in (5, 6) else ("audited", "")
        )
        results.append(CallResult(contact, status, reason, receipt=RECEIPT))  # type: ignore[arg-type]
    return results


def _log_findings(results: list[CallResult]) -> list[dict[str, Any]]:
    rows = []
    for result in results:
        started = result.contact.started_at
        if started is None:
            finding = Finding(
                "cn.hours", "contact.hours", "medium", "log", 1.0, "undecided", "the log gives no time"
            )
        elif started.hour >= 22 or started.hour < 8:
            finding = Finding(
                "cn.hours", "contact.hours", "high", "log", 1.0, "breach",
                f"{started:%Y-%m-%d %H:%M} lies outside 08:00–22:00 (Asia/Shanghai)", "GB/T 45251-2025 5.3",
            )  # fmt: skip
        else:
            continue
        rows.append(finding_row(result.contact.call_id, finding, "log", "", {"permitted": "08:00-22:00"}))
    return rows


def seed(store: Store, recordings: Path | None = None, contacts: int = 140) -> list[str]:
    """Fill `store` with two weeks; returns the ids of the conversations of the second. Reproducible."""
    rng = random.Random(14)
    made: list[CallResult] = []
    ids = []
    with store.begin() as connection:
        for number, (_language, agency, _party, _script) in enumerate(CALLS):
            agent = AGENTS.get(agency, ("HR7",) if agency.startswith("H") else ("NC2",))[
                number % 2 if agency in AGENTS else 0
            ]
            started = MONDAY + timedelta(days=number % 7, hours=9 + number % 10, minutes=number * 7 % 60)
            result, masked, findings = build_call(number, f"K{number:03d}", started, agent)
            if recordings is not None:
                result = replace(result, recording_hash=hash_file(_speech(result, recordings)))
            _put(connection, result, masked, findings)
            made.append(result)
            ids.append(result.contact.call_id)
        for number in (1, 5, 9):
            old, masked, findings = build_call(
                number, f"P{number:03d}", MONDAY - timedelta(days=4, hours=-10), "MJ204"
            )
            old = replace(old, contact=replace(old.contact, recording=None))
            _put(connection, old, masked, findings)
            made.append(old)
        for mark, monday, count in (
            ("a", MONDAY, contacts),
            ("b", MONDAY - timedelta(days=7), contacts * 4 // 5),
        ):
            for result in _other_contacts(rng, monday, count, mark):
                _put(connection, result, {}, [])
                made.append(result)
        write_log_findings(connection, None, _log_findings(made))
        refresh_cases(connection, [result.contact.call_id for result in made], True)
        _runs(connection, len(made))
    return ids


def _runs(connection: Any, total: int) -> None:
    for run_id, day, failed in (("R1", 24, 0), ("R2", 31, 2)):
        at = datetime(2026, 3, day, 3, 0, tzinfo=UTC)
        connection.execute(
            t.runs.insert().values(
                run_id=run_id, started_at=at.isoformat(), ended_at=(at + timedelta(minutes=9)).isoformat(),
                heartbeat_at=(at + timedelta(minutes=9)).isoformat(), status="done", origin="command", stage="cases",
                total=total // 2, done=total // 2, failed=failed, unchanged=0, inputs={"calls": "calls.csv"},
            )
        )  # fmt: skip
    for kind, subject, agency in (
        ("recording_absent", "K-b00041.wav", "墨江信服"),
        ("recording_unlogged", "extra.wav", None),
    ):
        connection.execute(
            t.discrepancies.insert().values(run_id="R2", kind=kind, subject=subject, agency=agency, detail="not in the folder" if agency else "not in the call log")
        )  # fmt: skip


def seed_bulk(store: Store, contacts: int = 100_000, cases: int = 20_000, weeks: int = 12) -> None:
    """Fill `store` by plain inserts with many contacts; every fifth has a case with two findings and turns."""
    rng = random.Random(5)
    every = contacts // cases
    with store.begin() as connection:
        for first in range(0, contacts, 5000):
            chunk = [_bulk_row(rng, i, weeks) for i in range(first, min(contacts, first + 5000))]
            connection.execute(t.contacts.insert(), chunk)
            flagged = [row for i, row in enumerate(chunk, first) if i % every == 0]
            findings, cases_rows, turns = _bulk_cases(rng, flagged)
            connection.execute(t.findings.insert(), findings)
            connection.execute(t.cases.insert(), cases_rows)
            connection.execute(t.turns.insert(), turns)
        _runs(connection, contacts)
    with store.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _bulk_row(rng: random.Random, i: int, weeks: int) -> dict[str, Any]:
    started = (
        MONDAY
        - timedelta(days=7 * rng.randrange(weeks))
        + timedelta(days=rng.randrange(7), hours=rng.randrange(7, 23), minutes=rng.randrange(60))
    )
    agency = rng.choice([*AGENCIES, "Harbour Recovery", "Northgate Credit"])
    contact = Contact(
        f"B{i:06d}", i + 2, started, "Asia/Shanghai", rng.choice((0.0, 14.0, 65.0, 180.0)), outcome=rng.choice(("no_answer", "connected", "conversation")),
        agency=agency, agent=rng.choice(AGENTS.get(agency, ("HR7", "NC2"))), debtor_id=f"D{rng.randrange(contacts_of_bulk)}", language="zh",
    )  # fmt: skip
    return contact_row(CallResult(contact, "audited", receipt=RECEIPT), _extra(contact)) | {
        "transcript_source": "whisper:mini"
    }


contacts_of_bulk = 30_000


def _bulk_cases(
    rng: random.Random, flagged: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    findings, cases, turns = [], [], []
    severities = ("critical", "high", "medium", "low")
    categories = (
        "threat.legal",
        "harassment.insult",
        "pressure.borrowing",
        "contact.hours",
        "threat.exposure",
    )
    for row in flagged:
        call_id = row["call_id"]
        severity = rng.choices(severities, (1, 4, 5, 3))[0]
        mine = sorted(rng.sample(categories, 2))
        for turn, category in enumerate(mine):
            finding = Finding(
                f"zh.{category}", category, severity, rng.choice(("phrase", "similar", "heard_as")), round(rng.uniform(0.5, 1), 2),
                "breach", turn=turn, speaker="agent", start=0, end=4, text="公安立案", start_s=turn * 5.0, end_s=turn * 5.0 + 1,
            )  # fmt: skip
            findings.append(finding_row(call_id, finding, "words", "公安立案"))
        for turn in range(12):
            turns.append({"call_id": call_id, "turn": turn, "speaker": A if turn % 2 == 0 else C, "start_s": turn * 5.0, "end_s": turn * 5.0 + 4, "channel": turn % 2, "text": "公安立案你知道吗" * 3, "masked": "公安立案你知道吗" * 3, "words": [], "no_speech_probability": None, "mean_log_probability": None})  # fmt: skip
        cases.append(
            {
                "case_id": "C" + call_id, "call_id": call_id, "agency": row["agency"], "agent": row["agent"], "week": row["week"],
                "severity": severity, "severity_rank": severities.index(severity), "worth": round(rng.uniform(0.5, 2), 3),
                "categories": "|" + "|".join(mine) + "|", "findings": 2, "distress": rng.random() < 0.01,
                "status": rng.choices(("open", "confirmed", "dismissed", "second_look"), (6, 2, 2, 1))[0],
                "opened_at": "2026-04-06T02:00:00+00:00", "due_at": "2026-04-09T02:00:00+00:00",
            }
        )  # fmt: skip
    return findings, cases, turns


def main() -> None:
    """Write a seeded store and recordings into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bulk", action="store_true")
    options = parser.parse_args()
    recordings = options.folder / "recordings"
    recordings.mkdir(parents=True, exist_ok=True)
    store = Store.open(f"sqlite:///{options.folder / 'audit.db'}")
    if options.bulk:
        seed_bulk(store)
    else:
        seed(store, recordings)
    store.close()


if __name__ == "__main__":
    main()
