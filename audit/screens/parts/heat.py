"""The map of contacts by hour and weekday with the forbidden hours drawn in."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from audit import wording
from audit.screens.parts.desk import Desk
from audit.screens.parts.markup import Markup, link, tag


@lru_cache(maxsize=64)
def forbidden_hours(week: str, place: str) -> frozenset[tuple[int, int]]:
    """(weekday, hour) in which no part of the hour is permitted for calls at `place` in that week.

    Empty where the place gives no hours. Holidays of the week count.
    """
    from audit.contact import load_places

    monday = datetime.strptime(week + "-1", "%G-W%V-%u").date()
    places = load_places()
    closed: set[tuple[int, int]] = set()
    for weekday in range(7):
        windows = places.hours_on(place, monday + timedelta(days=weekday))
        for hour in range(24):
            if not any(start < (hour + 1) * 3600 and hour * 3600 < end for start, end in windows):
                closed.add((weekday, hour))
    return frozenset(closed)


def heat_map(here: Desk, heat: dict[tuple[int, int], tuple[int, int]], week: str) -> Markup:
    """The map as a grid of 7 × 24; a cell opens the cases of that hour."""
    say, language = here.say, here.language
    closed = forbidden_hours(week, here.settings.jurisdiction)
    top = max((count for count, _ in heat.values()), default=1)
    cells = [tag("span", class_="au-axis")]
    cells += [tag("span", str(hour) if hour % 2 == 0 else "", class_="au-axis") for hour in range(24)]
    for weekday, name in enumerate(wording.weekday_names(language)):
        cells.append(tag("span", name, class_="au-axis"))
        for hour in range(24):
            count, breaches = heat.get((weekday, hour), (0, 0))
            cells.append(
                _cell(
                    here,
                    week,
                    (weekday, hour),
                    count,
                    breaches,
                    _fill(count / top),
                    (weekday, hour) in closed,
                )
            )
    key = tag(
        "div",
        tag(
            "span",
            tag(
                "i",
                class_="au-swatch au-forbidden-key",
                style="background-image:repeating-linear-gradient(135deg,color-mix(in srgb,var(--ink) 25%,transparent) 0 2px,transparent 2px 5px)",
            ),
            say("not permitted ({place})", place=here.settings.jurisdiction),
        ),
        tag(
            "span",
            tag("i", class_="au-swatch", style="border:2px solid var(--critical)"),
            say("contacts outside permitted hours"),
        ),
        tag("span", tag("i", class_="au-swatch", style="background:var(--brand)"), say("more contacts")),
        class_="au-key",
    )
    return tag("div", tag("div", cells, class_="au-heat"), key)


def _fill(share: float) -> int:
    """How much of the brand's colour a cell takes, percent: steps at which dark or light figures stay readable."""
    if share == 0:
        return 0
    return 95 if share > 0.8 else 10 + round(42 * share / 0.8)


def _cell(
    here: Desk, week: str, at: tuple[int, int], count: int, breaches: int, fill: int, closed: bool
) -> Markup:
    say = here.say
    weekday, hour = at
    day = wording.weekday_names(here.language)[weekday]
    words = say(
        "{day} {hour}:00 — {count} contacts, {breaches} outside permitted hours",
        day=day,
        hour=f"{hour:02d}",
        count=count,
        breaches=breaches,
    )
    classes = (
        "au-cell"
        + (" au-forbidden" if closed else "")
        + (" au-breach" if breaches else "")
        + (" au-deep" if fill > 60 else "")
    )
    shown = str(breaches or count) if count else ""
    if not count or not here.scope.may("queue"):
        return tag("span", shown, class_=classes, style=f"--fill:{fill}%", title=words)
    target = link("queue", week=week, weekday=weekday, hour=hour, status="all")
    return tag(
        "button",
        shown,
        type="button",
        data_act="go",
        data_value=target,
        class_=classes,
        style=f"--fill:{fill}%",
        title=words,
        aria_label=words,
    )
