"""The rules of the pack in use, to browse and to try; read from the lexicons, never changed here."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from audit import wording
from audit.errors import AuditError
from audit.models import Speaker, Turn
from audit.screens.parts.desk import Desk, settings
from audit.screens.parts.markup import Markup, empty, facts, section, severity_badge, tag
from audit.screens.parts.surface import surface


@lru_cache(maxsize=2)
def _pack(directory: Any) -> tuple[Any, tuple[str, ...]]:
    from audit.lexicon import load_with_faults

    pack, faults = load_with_faults(directory)
    return pack, tuple(str(fault) for fault in faults)


@lru_cache(maxsize=2)
def _judge(directory: Any) -> Any:
    from audit.rules import Judge

    return Judge(_pack(directory)[0])


def forget() -> None:
    """Read the pack again at the next question: it was changed."""
    _pack.cache_clear()
    _judge.cache_clear()


def known_rules() -> list[Any]:
    """The rules of the pack in use by id; empty when it cannot be read at all."""
    try:
        return sorted(_pack(settings().lexicons)[0].rules.values(), key=lambda rule: str(rule.id))
    except AuditError:
        return []


def rules_tab(here: Desk) -> None:
    """Browse rules by category and language."""
    import streamlit as st

    say = here.say
    rules = known_rules()
    if not rules:
        surface("no_rules", empty(say("The pack holds no rules")))
        return
    faults = _pack(settings().lexicons)[1]
    if faults:
        st.warning(
            say.plural(
                "{count} fault in the pack: what it concerns is left out.",
                "{count} faults in the pack: what they concern is left out.",
                len(faults),
            )
        )
    left, right = st.columns([1, 2], gap="medium")
    with left:
        shown = _chosen_rules(here, rules)
        chosen = st.radio(
            say("Rule"),
            shown,
            format_func=lambda rule: rule.title.get(here.language) or rule.id,
            label_visibility="collapsed",
            key="rule_chosen",
        )
    with right:
        if chosen is not None:
            surface("rule", _rule(here, chosen))


def _chosen_rules(here: Desk, rules: list[Any]) -> list[Any]:
    """Rules by words, category and place."""
    import streamlit as st

    say, language = here.say, here.language
    wanted = st.text_input(say("Search"), key="rule_search").lower()
    categories = sorted({rule.category for rule in rules})
    places = sorted({ground.place for rule in rules for ground in rule.grounds})
    left, right = st.columns(2)
    with left:
        category = st.selectbox(
            say("Category"), [None, *categories], key="rule_category",
            format_func=lambda c: say("Any") if c is None else wording.category_title(c, language),
        )  # fmt: skip
    with right:
        place = st.selectbox(
            say("Place"), [None, *places], key="rule_place", format_func=lambda p: p or say("Any")
        )
    return [
        rule
        for rule in rules
        if wanted in f"{rule.id} {rule.title} {rule.says}".lower()
        and category in (None, rule.category)
        and (place is None or any(ground.place == place for ground in rule.grounds))
    ]


def _rule(here: Desk, rule: Any) -> Markup:
    say, language = here.say, here.language
    grounds = [
        tag(
            "li",
            tag("span", getattr(ground, "place", ""), class_="au-chip"),
            " ",
            getattr(ground, "law", str(ground)),
            tag(
                "span",
                f" {say('since {day}', day=ground.since)}" if getattr(ground, "since", None) else "",
                class_="au-soft au-small",
            ),
        )
        for ground in rule.grounds
    ]
    pairs = [
        (say("Category"), wording.category_title(rule.category, language)),
        (say("Speaker"), wording.speaker_title(rule.speaker, language)),
        (say("State"), say("live") if rule.status == "live" else say("trial")),
        (say("Version"), str(rule.version)),
        (say("File"), tag("span", rule.path, class_="au-mono")),
    ]
    blocks = [_block(here, code, block) for code, block in rule.blocks.items()]
    return section(
        rule.title.get(language) or rule.id,
        tag("p", rule.says),
        tag("p", tag("b", say("Ask yourself")), " ", rule.asks) if rule.asks else None,
        facts(pairs),
        tag("h3", say("Clauses"), style="font-size:.95rem;margin:14px 0 4px") if grounds else None,
        tag("ul", grounds) if grounds else None,
        blocks,
        aside=severity_badge(rule.severity, language),
    )


def _block(here: Desk, code: str, block: Any) -> Markup:
    say, language = here.say, here.language
    titles = {
        "hit": say("must be found"),
        "miss": say("must not be found"),
        "known_miss": say("known to be missed"),
    }
    shown = []
    for kind, title in titles.items():
        mine = [example for example in block.examples if example.kind == kind]
        shown += [
            tag("li", tag("span", title, class_="au-chip"), " ", _example_words(example, language), lang=code)
            for example in mine[:6]
        ]
        if len(mine) > 6:
            shown.append(
                tag("li", say("{title}: {count} more", title=title, count=len(mine) - 6), class_="au-soft")
            )
    head = tag("h3", wording.language_title(code, language), style="font-size:.95rem;margin:14px 0 4px")
    return tag(
        "div",
        head,
        tag("ul", shown, class_="au-small", style="list-style:none;padding:0;display:grid;gap:4px"),
    )


def _example_words(example: Any, language: str) -> str:
    return " / ".join(
        f"{wording.speaker_title(turn.speaker, language)}: {turn.text}" for turn in example.turns
    )


def try_tab(here: Desk) -> None:
    """Try a sentence, or a dialogue with one line a turn, against the rules in use."""
    import streamlit as st

    say = here.say
    st.caption(
        say(
            "One line a turn. Begin a line with A: for the collector, C: for the customer. Nothing is stored."
        )
    )
    text = st.text_area(
        say("Words"),
        key="try_words",
        height=140,
        placeholder=say("A: If you do not pay, the police will come.\nC: Is that so?"),
    )
    if not text.strip():
        return
    try:
        findings = _judged(text)
    except AuditError as error:
        st.error(str(error))
        return
    surface(
        "tried",
        section(say.plural("{count} finding", "{count} findings", len(findings)), _found(here, findings)),
    )


def dialogue(text: str) -> list[Turn]:
    """Lines of a tried dialogue as turns; a line without a mark is the collector's."""
    marks: dict[str, Speaker] = {"a": "agent", "c": "customer", "催": "agent", "客": "customer"}
    turns: list[Turn] = []
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        head, sign, rest = line.replace("：", ":", 1).partition(":")
        speaker = marks.get(head.strip()[:1].lower()) if sign and len(head.strip()) <= 3 else None
        turns.append(Turn(len(turns), speaker or "agent", rest.strip() if speaker else line))
    return turns


def _judged(text: str) -> list[Any]:
    from audit.models import CallFacts

    turns = dialogue(text)
    spoken = "zh" if any("一" <= sign <= "鿿" for sign in text) else "en"
    return list(
        _judge(settings().lexicons).call(turns, spoken, CallFacts(jurisdiction=settings().jurisdiction))
    )


def _found(here: Desk, findings: list[Any]) -> Markup:
    say, language = here.say, here.language
    if not findings:
        return empty(say("Nothing would be flagged"))
    items = []
    for finding in findings:
        excused = (
            tag("span", say("Excused: {why}", why=finding.excused), class_="au-chip")
            if finding.excused
            else None
        )
        items.append(
            tag(
                "li",
                tag(
                    "span",
                    severity_badge(finding.severity, language),
                    " ",
                    tag("b", wording.category_title(finding.category, language)),
                    " “",
                    finding.text,
                    "” ",
                    tag(
                        "span",
                        f"{wording.basis_title(finding.basis, language)} · {wording.format_percent(finding.confidence, language, 0)} · {finding.rule}",
                        class_="au-soft au-small",
                    ),
                    " ",
                    excused,
                ),
            )
        )
    return tag("ul", items, style="list-style:none;padding:0;display:grid;gap:8px;margin:0")
