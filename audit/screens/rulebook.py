"""Rulebook: the rules by category, their words, clauses, examples and how they fare; try a sentence live."""

from __future__ import annotations

from typing import Any

from audit import wording
from audit.screens.parts.desk import Desk, desk
from audit.screens.parts.markup import Markup, empty, section, table, tag
from audit.screens.parts.rules import known_rules, rules_tab, try_tab
from audit.screens.parts.rulework import edit_tab, verdicts_tab
from audit.screens.parts.surface import surface
from audit.screens.parts.tables import interval


def page() -> None:
    """Draw the page."""
    import streamlit as st

    from audit.store import views

    here = desk()
    say = here.say
    surface(
        "head",
        tag(
            "div",
            tag(
                "div",
                tag("h1", say("Rulebook")),
                tag(
                    "p",
                    say("What is looked for, in which words, under which clause, and how often it was right"),
                ),
            ),
            class_="au-head",
        ),
    )
    lines = here.remembered(views.rule_lines)
    names = [say("How rules fare"), say("Rules"), say("Try words"), say("Change words"), say("From verdicts")]
    tabs = st.tabs(names, on_change="rerun", key="rulebook_tab")
    with tabs[0]:
        surface(
            "fare",
            section(
                say("Precision from verdicts"),
                _fare(here, lines),
                hint=say("confirmed of decided, with the 95 % interval"),
            ),
        )
        silent = _never_fired(lines)
        if silent:
            surface(
                "silent",
                section(
                    say("Rules that never fire"),
                    _silent(here, silent),
                    hint=say("no finding in any stored call"),
                ),
            )
    for tab, draw in zip(tabs[1:], (rules_tab, try_tab, edit_tab, verdicts_tab), strict=True):
        if tab.open:
            with tab:
                draw(here)


def _never_fired(lines: list[dict[str, Any]]) -> list[Any]:
    fired = {line["rule"].partition(".")[2] for line in lines} | {line["rule"] for line in lines}
    return [rule for rule in known_rules() if rule.id not in fired]


def _silent(here: Desk, rules: list[Any]) -> Markup:
    return tag(
        "div",
        [
            tag("span", rule.title.get(here.language) or rule.id, class_="au-chip", title=rule.id)
            for rule in rules
        ],
        class_="au-row",
        style="gap:6px",
    )


def _fare(here: Desk, lines: list[dict[str, Any]]) -> Markup:
    say, language = here.say, here.language
    if not lines:
        return empty(say("No rule has found anything yet"))
    columns = [
        (say("Category"), ""),
        (say("Rule"), ""),
        (say("Findings"), "au-num"),
        (say("Excused"), "au-num"),
        (say("Confirmed"), "au-num"),
        (say("Dismissed"), "au-num"),
        (say("Precision"), "au-num"),
        (tag("span", say("Interval"), class_="au-hide"), "au-wide"),
    ]
    rows = []
    for line in sorted(
        lines, key=lambda line: (line["precision"].share is None, line["precision"].high, -line["findings"])
    ):
        share = line["precision"]
        cries = share.of >= 5 and share.high < 0.6
        rows.append(
            (
                wording.category_title(line["category"], language),
                tag("span", line["rule"], class_="au-mono"),
                here.number(line["findings"]),
                here.number(line["excused"]),
                here.number(line["right"]),
                here.number(line["wrong"]),
                wording.format_percent(share.share, language, 0),
                tag(
                    "div",
                    interval(share, language) if share.of else None,
                    tag("span", say("cries wolf"), class_="au-chip au-chip-distress") if cries else None,
                ),
            )
        )
    return tag("div", table(columns, rows, caption=say("How rules fare")), class_="au-scroll")


if __name__ == "__main__":
    page()
