"""The READMEs hold: their commands and options exist, their links lead somewhere, both say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from audit.__main__ import app

ROOT = Path(__file__).resolve().parents[1]
READMES = ["README.md", "README.zh-CN.md"]
LINK = re.compile(r"\]\(([^)#]+)\)")


def commands(text: str) -> list[list[str]]:
    """The `audit …` command lines of a text, as words."""
    lines = re.findall(r"(?:^\s*|bin/|`)(audit [a-z][^`\n]*)", text, re.MULTILINE)
    return [line.split() for line in lines]


@pytest.mark.parametrize("name", READMES)
def test_every_command_and_option_exists(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    known = {command.name for command in typer.main.get_command(app).commands.values()}  # type: ignore[attr-defined]
    seen = set()
    for words in commands(text):
        assert words[1] in known, words
        seen.add(words[1])
        group = [words[1], words[2]] if words[1] in ("lexicons", "clips") else [words[1]]
        shown = CliRunner().invoke(app, [*group, "--help"], env={"COLUMNS": "200"}).output
        for option in (word for word in words if word.startswith("--")):
            assert option in shown, f"{option} of {' '.join(words)}"
    assert seen == known, known - seen


@pytest.mark.parametrize(
    "name", [*READMES, *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
)
def test_every_link_leads_somewhere(name: str) -> None:
    file = ROOT / name
    dead = [
        link
        for link in LINK.findall(file.read_text("utf-8"))
        if not link.startswith("http") and not (file.parent / link).exists()
    ]
    assert dead == []


def test_both_readmes_say_the_same() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in READMES)
    assert [words[:2] for words in commands(english)] == [words[:2] for words in commands(chinese)]
    figures = [
        re.search(r"figures:begin -->\n(.*?)<!-- figures:end", text, re.DOTALL) for text in (english, chinese)
    ]
    assert figures[0] and figures[1] and figures[0][1] == figures[1][1] != ""
    assert len(re.findall(r"^## ", english, re.MULTILINE)) == len(re.findall(r"^## ", chinese, re.MULTILINE))


def test_every_column_of_the_log_is_documented() -> None:
    from audit.intake import COLUMNS

    text = (ROOT / "docs" / "call-log.md").read_text("utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in text] == []


def test_every_setting_in_the_readme_exists() -> None:
    import tomllib

    from audit.settings import Settings

    for name in READMES:
        (block,) = re.findall(r"```toml\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
        Settings(**tomllib.loads(block))


def test_the_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for name in READMES:
        for target in set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / name).read_text("utf-8"))):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
