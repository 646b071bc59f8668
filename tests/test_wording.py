"""Wording: no holes in the catalogues, placeholders equal on both sides, every fixed id has a name."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import audit
from audit import wording
from audit.cases import CASE_STATUSES
from audit.models import CATEGORIES, SEVERITIES, SPEAKERS
from audit.wording.catalogue import catalogue_files
from audit.wording.names import CATEGORY_MEANINGS, CATEGORY_TITLES, DISMISSAL_REASONS

PACKAGE = Path(audit.__file__).parent
SPEAKING = {"say", "_", "mark", "plural"}


def used_messages() -> Iterator[tuple[str, str]]:
    """(message id, file:line) of every message the code speaks, by reading the code."""
    for file in [*PACKAGE.rglob("*.py"), PACKAGE.parent / "app.py"]:
        if not file.exists() or file.parent.name == "commands":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SPEAKING:
                for argument in node.args[: 2 if name == "plural" else 1]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value, f"{file.name}:{node.lineno}"
    for page in PACKAGE.rglob("*.html"):
        for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
            for message in re.findall(r'say\("([^"]+)"', line):
                yield message, f"{page.name}:{number}"


def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for file in catalogue_files(language):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language, abort_invalid=True):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                spoken = message.string if isinstance(message.string, tuple) else (message.string,)
                for one in ids:
                    if one:
                        known[one] = spoken
    return known


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_reader_of_code_finds_messages() -> None:
    assert len(set(used_messages())) > 100


def test_no_hole_in_the_chinese_catalogue() -> None:
    known = catalogue("zh")
    holes = sorted({f"{where}: {message!r}" for message, where in used_messages() if message not in known})
    assert holes == []


def test_no_empty_or_english_translation() -> None:
    for message, spoken in catalogue("zh").items():
        assert all(spoken), message
        letters = [sign for sign in message if sign.isalpha()]
        if len(letters) > 3:
            assert any("一" <= sign <= "鿿" for sign in "".join(spoken)), f"{message!r} -> {spoken!r}"


def test_placeholders_are_equal_on_both_sides() -> None:
    for message, spoken in catalogue("zh").items():
        for text in spoken:
            assert placeholders(text) == placeholders(message), message


def test_no_message_is_unused() -> None:
    used = {message for message, _ in used_messages()}
    assert sorted(set(catalogue("zh")) - used) == []


def test_a_message_stands_once() -> None:
    seen: Counter[str] = Counter()
    for file in catalogue_files("zh"):
        seen.update(line for line in file.read_text("utf-8").splitlines() if line.startswith('msgid "'))
    assert [line for line, count in seen.items() if count > 1 and line != 'msgid ""'] == []


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_fixed_id_has_a_name(language: str) -> None:
    names = [wording.category_title(category, language) for category in CATEGORIES]
    names += [wording.severity_title(severity, language) for severity in SEVERITIES]
    names += [wording.status_title(status, language) for status in CASE_STATUSES]
    names += [wording.speaker_title(speaker, language) for speaker in SPEAKERS]
    names += [wording.reason_title(reason, language) for reason in DISMISSAL_REASONS]
    names += [wording.basis_title(b, language) for b in ("phrase", "heard_as", "similar", "log", "sequence")]
    assert not [name for name in names if "." in name or "_" in name or not name]
    assert set(CATEGORY_TITLES) == set(CATEGORIES) == set(CATEGORY_MEANINGS)
    assert all(wording.category_meaning(category, language) for category in CATEGORIES)


def test_titles_differ_within_a_language() -> None:
    for language in wording.LANGUAGES:
        titles = [wording.category_title(category, language) for category in CATEGORIES]
        assert len(set(titles)) == len(titles)


def test_an_unknown_id_is_shown_as_it_is() -> None:
    assert wording.category_title("house.rule", "zh") == "house.rule"
    assert wording.severity_title(None, "en") == "–"


def test_placeholders_are_filled_and_plurals_follow_the_language() -> None:
    say = wording.translator("en")
    assert say("{count} of {total}", count=1, total=2) == "1 of 2"
    assert say.plural("{count} case", "{count} cases", 1) == "1 case"
    assert say.plural("{count} case", "{count} cases", 1200) == "1,200 cases"
    assert wording.translator("zh-CN").language == "zh"
    assert wording.translator("fr").language == "en"


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        (wording.format_number(1234567, "en"), "1,234,567"),
        (wording.format_number(0.72, "zh", 1), "0.7"),
        (wording.format_percent(0.0734, "en"), "7.3%"),
        (wording.format_percent(None, "en"), "–"),
        (wording.format_datetime("2026-04-03T21:05:00+08:00", "zh"), "2026-04-03 21:05"),
        (wording.format_datetime("2026-04-03T21:05:00+08:00", "en"), "3 Apr 2026, 21:05"),
        (wording.format_datetime(None, "en"), "–"),
        (wording.format_date("2026-04-03T21:05:00", "zh"), "2026年4月3日"),
        (wording.format_week("2026-W14", "en"), "Week 14 · 30 Mar – 5 Apr 2026"),
        (wording.format_week("2026-W01", "zh"), "2026年第1周 · 12月29日–1月4日"),
        (wording.format_clock(3671.9), "1:01:11"),
        (wording.format_clock(59.99), "0:59"),
        (wording.weekday_names("en")[0], "Mon"),
        (wording.weekday_names("zh")[6], "周日"),
    ],
)
def test_formats(spoken: str, expected: str) -> None:
    assert spoken == expected


@given(st.floats(min_value=0, max_value=1e6), st.sampled_from(sorted(wording.LANGUAGES)))
def test_numbers_read_back(value: float, language: str) -> None:
    assert abs(float(wording.format_number(value, language, 3).replace(",", "")) - value) <= 0.0005001
