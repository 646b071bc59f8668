"""The call log of the sample week: recorded calls, planted breaches of hours and counts, and quiet contacts.

`rows(durations)` gives the rows as dictionaries of the contract's columns, one agency's export after the
other; `PLANTED` what the log alone must yield. Deterministic.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sample_calls import CALLS, Call

AGENCIES = {"HC": "衡川信服", "LQ": "岚桥咨询", "HL": "Harbour Lane Recovery"}
_AGENTS = {
    "HC": ("HC301", "HC302", "HC303"),
    "LQ": ("LQ211", "LQ212", "LQ213"),
    "HL": ("HL21", "HL22", "HL23"),
}
TOTAL = 150
_SEED = 20260511
_DAYS = ("2026-05-11", "2026-05-12", "2026-05-13", "2026-05-14", "2026-05-15", "2026-05-16", "2026-05-17")


@dataclass
class Row:
    """One contact before it has its id; `planted` are (category, decision), `tolerated` categories."""

    agency: str
    cells: dict[str, str]
    planted: tuple[tuple[str, str], ...] = ()
    tolerated: tuple[str, ...] = ()
    order: str = field(default="")
    call_id: str = ""


def _row(agency: str, started_at: str, outcome: str, debtor: str, number: str, **more: str) -> Row:
    planted = tuple((c, "breach") for c in more.pop("breach", "").split())
    planted += tuple((c, "undecided") for c in more.pop("undecided", "").split())
    tolerated = tuple(more.pop("tolerated", "").split())
    order = more.pop("order", started_at)
    seconds = {"no_answer": "28", "busy": "3", "voicemail": "22", "connected": "19", "conversation": "94"}
    cells = {
        "started_at": started_at,
        "channel": "call",
        "direction": "outbound",
        "outcome": outcome,
        "agency": AGENCIES[agency],
        "agent": _AGENTS[agency][sum(map(ord, started_at + debtor)) % 3],
        "debtor_id": debtor,
        "account_id": "AC" + debtor[2:] if debtor else "",
        "number": number,
        "called_party": "debtor",
        "jurisdiction": "US" if agency == "HL" else "CN",
        "duration_s": seconds.get(outcome, ""),
    }
    return Row(agency, {**cells, **more}, planted, tolerated, order)


def _recorded(call: Call, duration_s: float) -> Row:
    channel = "" if call.agent_channel is None or not call.stated_channel else str(call.agent_channel)
    row = _row(
        call.agency,
        call.started_at,
        call.outcome,
        call.debtor,
        call.number,
        timezone=call.timezone,
        duration_s=f"{duration_s:.1f}",
        agent=call.agent,
        called_party=call.called_party,
        language=call.language if call.stated_channel else "",
        recording=call.recording,
        agent_channel=channel,
    )
    row.planted, row.tolerated = call.expected, call.tolerated
    return row


def _hours() -> list[Row]:
    """Too late, too early, and their look-alikes: agreed hours, an incoming call, another zone's clock."""
    shanghai = {"timezone": "Asia/Shanghai"}
    return [
        _row("LQ", "2026-05-12T22:30:14", "connected", "DV2621", "15400712621", breach="contact.hours"),
        _row("HC", "2026-05-14T07:10:40", "no_answer", "DV2622", "15400712622", breach="contact.hours", **shanghai),
        _row("HC", "2026-05-13T22:20:00", "connected", "DV2623", "15400712623", consent_hours="20:00-23:00"),
        _row("HC", "2026-05-15T23:05:00", "conversation", "DV2624", "15400712624", direction="inbound"),
        _row("LQ", "2026-05-13T08:00:00+08:00", "no_answer", "DV2625", "15400712625"),
        # the dialler stands on the west coast, the debtor lives on the east coast: 22:40 there
        _row(
            "HL", "2026-05-13T19:40:00-07:00", "no_answer", "US4121", "6175550121",
            timezone="America/New_York", breach="contact.hours",
        ),
        _row("HL", "2026-05-14T10:05:00", "no_answer", "US4122", "2125550122", undecided="contact.hours",
             tolerated="contact.frequency"),
        _row("LQ", "", "connected", "DV2626", "15400712626", undecided="contact.hours contact.frequency",
             order="2026-05-14T12:00:00"),
    ]  # fmt: skip


def _counts_cn() -> list[Row]:
    """The fourth talk of a day over two agencies; the seventh and eighth ring; days just inside."""
    rows = [
        _row("HC", "2026-05-12T09:40:11", "connected", "DV2631", "15400712631"),
        _row("LQ", "2026-05-12T11:15:02", "conversation", "DV2631", "15400712631"),
        _row("HC", "2026-05-12T15:20:45", "connected", "DV2631", "15400712631"),
        _row("LQ", "2026-05-12T18:05:29", "connected", "DV2631", "15400712631", breach="contact.frequency"),
        _row("HC", "2026-05-14T09:30:00", "connected", "DV2632", "15400712632"),
        _row("LQ", "2026-05-14T13:10:00", "connected", "DV2632", "15400712632"),
        _row("HC", "2026-05-14T17:45:00", "connected", "DV2632", "15400712632"),
        _row("HC", "2026-05-14T18:10:00", "connected", "DV2632", "15400712642", called_party="guarantor"),
    ]
    for index, clock in enumerate(("08:40", "09:25", "10:30", "11:50", "14:05", "15:30", "17:10", "19:20")):
        agency = "LQ" if index % 3 == 2 else "HC"
        late = {"breach": "contact.frequency"} if index >= 6 else {}
        rows.append(_row(agency, f"2026-05-15T{clock}:07", "no_answer", "DV2633", "15400712633", **late))
    for clock in ("09:05", "10:15", "11:40", "14:30", "16:20", "18:00"):
        rows.append(_row("LQ", f"2026-05-16T{clock}:33", "no_answer", "DV2634", "15400712634"))
    return rows


def _counts_us() -> list[Row]:
    """Eight calls in seven days; a call inside the week after a conversation; both just inside."""
    east = {"timezone": "America/New_York"}
    rows = []
    days = ("10T11:10", "11T10:20", "11T16:40", "12T12:15", "13T10:30", "13T17:05", "14T11:45", "15T15:20")
    for index, moment in enumerate(days):
        late = {"breach": "contact.frequency"} if index == 7 else {}
        outcome = "voicemail" if index % 3 == 1 else "no_answer"
        rows.append(_row("HL", f"2026-05-{moment}:00", outcome, "US4131", "2125550131", **east, **late))
    rows += [
        _row("HL", "2026-05-11T13:30:00", "conversation", "US4132", "2125550132", **east),
        _row(
            "HL",
            "2026-05-15T14:10:00",
            "no_answer",
            "US4132",
            "2125550132",
            breach="contact.frequency",
            **east,
        ),
        _row("HL", "2026-05-07T15:00:00", "conversation", "US4133", "2125550133", **east),
        _row("HL", "2026-05-14T15:30:00", "voicemail", "US4133", "2125550133", **east),
    ]
    return rows


def _others() -> list[Row]:
    """Contact persons with and without loss of contact, contacts after a refusal, the day before recordings."""
    east = {"timezone": "America/New_York"}
    rows = [
        _row("LQ", f"2026-05-{day}T10:0{day[-1]}:00", "no_answer", "DV2604", "15400712604")
        for day in ("11", "12", "13")
    ]
    rows.append(
        _row("HC", "2026-05-16T10:15:00", "connected", "DV2604", "15400712614", called_party="contact",
             breach="contact.after_refusal", tolerated="contact.third_party")
    )  # fmt: skip
    rows += [
        _row("HC", f"2026-05-{day}T1{day[-1]}:20:00", "no_answer", "DV2641", "15400712641")
        for day in ("09", "10", "11")
    ]
    rows += [
        _row("HC", "2026-05-12T10:30:00", "no_answer", "DV2641", "15400712651", called_party="contact"),
        _row("LQ", "2026-05-12T16:30:00", "conversation", "DV2642", "15400712643"),
        _row("LQ", "2026-05-13T09:50:00", "connected", "DV2642", "15400712652", called_party="contact",
             breach="contact.third_party"),
        _row("HL", "2026-05-14T15:00:00", "no_answer", "US4103", "2125550163",
             breach="contact.after_refusal contact.frequency", **east),
    ]  # fmt: skip
    return rows


def _messages() -> list[Row]:
    """Text messages (one of them a threat), a letter and a visit by appointment."""
    plain = (
        "【澄湖消费金融】尊敬的客户，您的账单已逾期，请登录官方应用查询并还款。如有疑问请致电客服。退订回T"
    )
    threat = "再不还钱，我们就群发短信给你通讯录里的所有人，让你的亲戚朋友都知道你欠债不还！"
    notice = "This is Harbour Lane Recovery, a debt collector, calling for Larkfield Finance. Reply STOP to opt out."
    east = {"timezone": "America/New_York"}
    text = {"channel": "sms", "duration_s": ""}
    return [
        _row("HC", "2026-05-11T10:00:00", "", "DV2661", "15400712661", text=plain, **text),
        _row("HC", "2026-05-13T10:00:00", "", "DV2662", "15400712662", text=plain, **text),
        _row("LQ", "2026-05-12T21:58:00", "", "DV2663", "15400712663", text=plain, **text),
        _row(
            "LQ",
            "2026-05-14T16:05:00",
            "",
            "DV2664",
            "15400712664",
            text=threat,
            breach="threat.exposure",
            **text,
        ),
        _row("HL", "2026-05-12T13:00:00", "", "US4161", "2125550161", text=notice, **east, **text),
        _row("HL", "2026-05-14T13:00:00", "", "US4162", "2125550162", text=notice, **east, **text),
        _row("HC", "2026-05-12T09:00:00", "", "DV2665", "", channel="letter"),
        _row("HC", "2026-05-14T15:00:00", "conversation", "DV2666", "", channel="visit", duration_s="1500"),
    ]


def _quiet(count: int) -> list[Row]:
    """Ordinary contacts that break nothing: at most one a day and debtor, well inside the hours."""
    generator = random.Random(_SEED)
    taken: set[tuple[str, str]] = set()
    rows: list[Row] = []
    while len(rows) < count:
        agency = generator.choice(("HC", "HC", "LQ"))
        debtor = f"DV{2700 + generator.randrange(40)}"
        day = generator.choice(_DAYS)
        if (debtor, day) in taken:
            continue
        taken.add((debtor, day))
        clock = (
            f"{generator.randrange(9, 20):02d}:{generator.randrange(60):02d}:{generator.randrange(60):02d}"
        )
        outcome = generator.choices(("no_answer", "busy", "connected", "conversation"), (50, 10, 20, 20))[0]
        seconds = {"no_answer": (20, 45), "busy": (2, 5), "connected": (6, 30), "conversation": (40, 320)}[
            outcome
        ]
        zone = "Asia/Shanghai" if agency == "LQ" else ""
        rows.append(
            _row(agency, f"{day}T{clock}", outcome, debtor, f"1540071{debtor[2:]}", timezone=zone,
                 duration_s=str(generator.randint(*seconds)))
        )  # fmt: skip
    return rows


def rows(durations: dict[str, float]) -> list[Row]:
    """All contacts with ids; `durations` seconds of each recording by call key."""
    known = [_recorded(call, durations[call.key]) for call in CALLS]
    known += _hours() + _counts_cn() + _counts_us() + _others() + _messages()
    known += _quiet(TOTAL - len(known))
    exported: list[Row] = []
    for agency in AGENCIES:
        own = sorted((row for row in known if row.agency == agency), key=lambda row: row.order)
        for index, row in enumerate(own, start=1):
            row.call_id = f"{agency}{index:04d}"
            row.cells["call_id"] = row.call_id
        exported += own
    return exported
