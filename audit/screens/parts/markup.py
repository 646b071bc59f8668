"""HTML built from text that is always escaped, and the few shapes every page uses: badges, tiles, tables, bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup as Markup
from markupsafe import escape

from audit import wording

EMPTY = Markup("")
_VOID = frozenset({"input", "br", "hr", "img"})


def tag(name: str, *children: Any, **attributes: Any) -> Markup:
    """One element. Strings are escaped, Markup is kept, None and False children and attributes are left out.

    Attribute names: `class_` and `for_` lose the underscore, `data_act` becomes data-act; True is a bare one.
    """
    parts = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        plain = key.rstrip("_").replace("_", "-")
        parts.append(
            Markup(" {}").format(plain) if value is True else Markup(' {}="{}"').format(plain, value)
        )
    opening = Markup("<{}{}>").format(Markup(name), EMPTY.join(parts))
    if name in _VOID:
        return opening
    return opening + joined(children) + Markup("</{}>").format(Markup(name))


def joined(children: Iterable[Any]) -> Markup:
    """Children one after another, lists flattened, None and False left out."""
    out = []
    for child in children:
        if child is None or child is False:
            continue
        is_list = isinstance(child, (list, tuple)) or hasattr(child, "__next__")
        out.append(joined(child) if is_list else escape(child))
    return EMPTY.join(out)


def link(page: str, **parameters: Any) -> str:
    """Where a click goes: page and what it opens with; None parameters are left out."""
    asked = {key: value for key, value in parameters.items() if value is not None}
    return page + ("?" + urlencode(asked, doseq=True) if asked else "")


def go(target: str, *children: Any, **attributes: Any) -> Markup:
    """A button that opens a page of the app."""
    return tag("button", *children, type="button", data_act="go", data_value=target, **attributes)


def act(name: str, value: Any, *children: Any, **attributes: Any) -> Markup:
    """A button that does something; the page hears `name` and `value`."""
    return tag("button", *children, type="button", data_act=name, data_value=value, **attributes)


def severity_badge(severity: str, language: str, short: bool = False) -> Markup:
    """A severity as shape, letter, word and colour, so that none of them stands alone."""
    title = wording.severity_title(severity, language)
    mark = tag("i", wording.severity_letter(severity), aria_hidden="true")
    label = tag("span", title, class_="au-hide" if short else None)
    return tag("span", mark, label, class_=f"au-sev au-sev-{severity}", title=title)


def status_badge(status: str, language: str) -> Markup:
    """The state of a case, contact or run."""
    return tag("span", wording.status_title(status, language), class_=f"au-status au-status-{status}")


def empty(title: str, hint: str = "") -> Markup:
    """What stands where a list is empty."""
    return tag("div", tag("strong", title), tag("span", hint), class_="au-empty")


def section(title: str, *children: Any, hint: str = "", class_: str = "", aside: Any = None) -> Markup:
    """A card with a heading."""
    head = tag("header", tag("h2", title), tag("p", hint) if hint else None, aside)
    return tag("section", head, *children, class_=f"au-card {class_}".strip())


def table(
    columns: Iterable[tuple[Any, str]], rows: Iterable[Iterable[Any]], class_: str = "", caption: str = ""
) -> Markup:
    """A table: columns are (heading, class); headings and cells may be Markup. `caption` is for screen readers."""
    heads = list(columns)
    head = tag("tr", [tag("th", name, scope="col", class_=kind or None) for name, kind in heads])
    body = [
        tag("tr", [tag("td", cell, class_=kind or None) for cell, (_, kind) in zip(row, heads, strict=True)])
        for row in rows
    ]
    shown = tag("caption", caption, class_="au-hide") if caption else None
    return tag("table", shown, tag("thead", head), tag("tbody", body), class_=f"au-table {class_}".strip())


def facts(pairs: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Markup:
    """A short list of names and values."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return tag(
        "dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in items], class_="au-facts"
    )
