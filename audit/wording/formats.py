"""Dates, numbers and shares as the reader's language writes them; None and unknown become an en dash."""

from __future__ import annotations

from datetime import date, datetime

NOTHING = "–"

_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}


def _locale(language: str) -> str:
    return _LOCALES.get(language.replace("_", "-").split("-")[0].lower(), "en_GB")


def format_number(value: float | None, language: str, digits: int = 0) -> str:
    """Grouped number with at most `digits` decimals: 12,345 or 0.7."""
    if value is None:
        return NOTHING
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=_locale(language)))


def format_percent(share: float | None, language: str, digits: int = 1) -> str:
    """A share of 0–1 as percent: 0.0734 -> 7.3%."""
    if share is None:
        return NOTHING
    from babel.numbers import format_percent as babel_percent

    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return str(babel_percent(share, format=pattern, locale=_locale(language)))


def _moment(value: datetime | str | None) -> datetime | None:
    if value is None or value == "":
        return None
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def format_datetime(value: datetime | str | None, language: str) -> str:
    """Day, month, year and minute of a moment (ISO text or datetime), in the time it is given in."""
    moment = _moment(value)
    if moment is None:
        return NOTHING
    from babel.dates import format_datetime as babel_datetime

    pattern = "y-MM-dd HH:mm" if _locale(language).startswith("zh") else "d MMM y, HH:mm"
    return str(babel_datetime(moment, format=pattern, locale=_locale(language)))


def format_date(value: date | datetime | str | None, language: str) -> str:
    """Day, month and year without the time."""
    if isinstance(value, str) and value:
        value = datetime.fromisoformat(value)
    if not value:
        return NOTHING
    from babel.dates import format_date as babel_date

    pattern = "y年M月d日" if _locale(language).startswith("zh") else "d MMM y"
    return str(babel_date(value, format=pattern, locale=_locale(language)))


def format_week(week: str | None, language: str) -> str:
    """An ISO week such as 2026-W14 with its days: `Week 14 · 30 Mar – 5 Apr 2026`."""
    if not week:
        return NOTHING
    monday = datetime.strptime(week + "-1", "%G-W%V-%u").date()
    sunday = datetime.strptime(week + "-7", "%G-W%V-%u").date()
    number = int(week[-2:])
    from babel.dates import format_date as babel_date

    if _locale(language).startswith("zh"):
        return f"{week[:4]}年第{number}周 · {monday.month}月{monday.day}日–{sunday.month}月{sunday.day}日"
    first = babel_date(monday, format="d MMM", locale="en_GB")
    last = babel_date(sunday, format="d MMM y", locale="en_GB")
    return f"Week {number} · {first} – {last}"


def format_clock(seconds: float | None) -> str:
    """Seconds of a call as m:ss (h:mm:ss from an hour on)."""
    if seconds is None:
        return NOTHING
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def weekday_names(language: str) -> list[str]:
    """Short names of the days, Monday first."""
    from babel.dates import get_day_names

    names = get_day_names("abbreviated", locale=_locale(language))
    return [str(names[day]) for day in range(7)]
