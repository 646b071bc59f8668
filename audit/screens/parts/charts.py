"""Charts in the palette of the theme, with every label in the reader's language."""

from __future__ import annotations

from typing import Any

from audit.wording import Say


def trend_chart(points: list[dict[str, Any]], say: Say) -> Any:
    """Rate by week as a line over its 95 % interval; points as views.agency_trend gives them."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame(points)
    frame["label"] = frame["week"].str.slice(5)
    base = alt.Chart(frame).encode(
        x=alt.X("label:O", title=say("Week"), axis=alt.Axis(labelAngle=0), sort=None),
        tooltip=[
            alt.Tooltip("week:N", title=say("Week")),
            alt.Tooltip("share:Q", title=say("With a breach"), format=".1%"),
            alt.Tooltip("breached:Q", title=say("Conversations with a breach")),
            alt.Tooltip("heard:Q", title=say("Conversations heard")),
        ],
    )
    share = alt.Y(
        "share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=4), scale=alt.Scale(domainMin=0)
    )
    band = base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(point={"filled": True, "size": 55}, strokeWidth=2).encode(y=share)
    return (band + line).properties(height=210, background="transparent")
