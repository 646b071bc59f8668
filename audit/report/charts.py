"""Charts of the report as inline SVG: drawn by Altair, rendered by vl-convert, no script, no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from audit.report.figures import Figures
from audit.wording import Say, category_title, weekday_names

INK, MUTED, LINE = "#1B2A33", "#5B6B75", "#DDE3E7"
BREACH, UNDECIDED, CALM = "#B3261E", "#C98A1B", "#2A7F8E"
FONT = "Inter, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"


_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""The renderer ends the whole process at a sign that XML 1.0 (2.2, Characters) does not allow."""


def _for_xml(value: Any) -> Any:
    if isinstance(value, str):
        return _NOT_IN_XML.sub("", value)
    if isinstance(value, dict):
        return {key: _for_xml(one) for key, one in value.items()}
    return [_for_xml(one) for one in value] if isinstance(value, list) else value


def _svg(chart: Any) -> str:
    import vl_convert

    chart = chart.configure(
        font=FONT,
        axis={
            "labelColor": MUTED,
            "titleColor": MUTED,
            "gridColor": LINE,
            "domainColor": LINE,
            "labelFontSize": 12,
        },
    ).configure_view(strokeWidth=0)
    return str(vl_convert.vegalite_to_svg(_for_xml(chart.to_dict())))


def categories(figures: Figures, say: Say, language: str) -> str:
    """Findings per category, breaches and undecided ones stacked; empty when there are none."""
    import altair

    if not figures.categories:
        return ""
    kinds = {"breach": say("Breach"), "undecided": say("Undecided")}
    rows = [
        {"category": category_title(name, language), "kind": kinds[kind], "count": count, "order": at}
        for at, (name, breach, undecided) in enumerate(figures.categories)
        for kind, count in (("breach", breach), ("undecided", undecided))
        if count
    ]
    chart = (
        altair.Chart(altair.Data(values=rows))
        .mark_bar(cornerRadius=2, height=14)
        .encode(
            x=altair.X("count:Q", title=None, axis=altair.Axis(tickMinStep=1, grid=True)),
            y=altair.Y(
                "category:N", title=None, sort=altair.SortField("order"), axis=altair.Axis(labelLimit=260)
            ),
            color=altair.Color(
                "kind:N",
                title=None,
                scale=altair.Scale(domain=list(kinds.values()), range=[BREACH, UNDECIDED]),
                legend=altair.Legend(orient="top"),
            ),
        )
        .properties(width=430, height={"step": 24})
    )
    return _svg(chart)


def hour_map(figures: Figures, permitted: Sequence[tuple[int, int]], say: Say, language: str) -> str:
    """Outbound contacts by weekday and hour at the debtor's place; hours outside `permitted` (seconds from
    midnight) are hatched by a frame. Empty when no contact has a known local time."""
    import altair

    if not figures.hours:
        return ""
    days = weekday_names(language)
    rows = [
        {
            "day": days[day],
            "hour": hour,
            "contacts": figures.hours[(day, hour)],
            "breached": figures.hours_breached[(day, hour)],
            "forbidden": not any(start <= hour * 3600 < end for start, end in permitted),
        }
        for day in range(7)
        for hour in range(24)
    ]
    base = altair.Chart(altair.Data(values=rows)).encode(
        x=altair.X("hour:O", title=say("Hour at the debtor's place"), axis=altair.Axis(labelAngle=0)),
        y=altair.Y("day:N", title=None, sort=days),
    )
    shade = base.transform_filter("datum.forbidden").mark_rect(color="#F3E7E6")
    cells = (
        base.transform_filter("datum.contacts > 0")
        .mark_rect(cornerRadius=3)
        .encode(
            color=altair.Color(
                "contacts:Q",
                title=say("Contacts"),
                scale=altair.Scale(range=["#CFE5E8", "#0F4C5C"], domainMin=0),
                legend=altair.Legend(orient="right", gradientLength=90, tickMinStep=1),
            )
        )
    )
    wrong = base.transform_filter("datum.breached > 0").mark_rect(
        fill=None, stroke=BREACH, strokeWidth=2.5, cornerRadius=3
    )
    marks = (
        base.transform_filter("datum.breached > 0")
        .mark_text(color=BREACH, fontWeight="bold", fontSize=12)
        .encode(text="breached:Q")
    )
    plates = base.transform_filter("datum.breached > 0").mark_circle(size=190, color="white", opacity=1)
    return _svg((shade + cells + wrong + plates + marks).properties(width=620, height={"step": 26}))


def agencies(figures: Figures, say: Say) -> str:
    """Share of contacts with a breach per agency, with 95 % intervals; empty without agencies."""
    import altair

    rows = [
        {
            "agency": one.agency,
            "share": one.flagged_rate.share or 0.0,
            "low": one.flagged_rate.low,
            "high": one.flagged_rate.high,
            "order": at,
            "ranked": one.flagged_rate.ranked,
        }
        for at, one in enumerate(figures.agencies)
        if one.contacts
    ]
    if not rows:
        return ""
    base = altair.Chart(altair.Data(values=rows)).encode(
        y=altair.Y("agency:N", title=None, sort=altair.SortField("order"), axis=altair.Axis(labelLimit=220))
    )
    interval = base.mark_rule(strokeWidth=3, color="#9DB8BF", strokeCap="round").encode(
        x=altair.X("low:Q", title=say("Contacts with a breach, 95 % interval"), axis=altair.Axis(format="%")),
        x2="high:Q",
    )
    point = base.mark_point(filled=True, size=90, color=CALM, opacity=1).encode(
        x="share:Q",
        shape=altair.Shape(
            "ranked:N", legend=None, scale=altair.Scale(domain=[True, False], range=["circle", "triangle"])
        ),
    )
    return _svg((interval + point).properties(width=430, height={"step": 34}))
