"""Catalogues: English message ids, one or more .po files a language, read when first asked for.

Every file `<language>.po` or `<language>.<part>.po` of this folder belongs to the language; a message may
stand in one of them only. English needs no catalogue. Placeholders are named (`{count}`), filled by
`str.format`, and must be the same on both sides (a test sees to it).
"""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES: dict[str, str] = {"zh": "中文", "en": "English"}
"""Language codes of the product and their own names, in the order of the switch."""

_FOLDER = Path(__file__).parent


class Say:
    """Speaks one language: `say("Flagged calls")`, `say("{count} cases", count=3)`."""

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def __call__(self, message: str, /, **values: Any) -> str:
        """The message in this language with its placeholders filled; English where the catalogue has a hole."""
        spoken = self._translations.gettext(message) if message else ""
        return spoken.format(**values) if values else spoken

    def plural(self, one: str, many: str, count: int, **values: Any) -> str:
        """`one` or `many` by the language's own rule; `{count}` is filled as a grouped number."""
        from audit.wording.formats import format_number

        spoken = self._translations.ngettext(one, many, count)
        return spoken.format(count=format_number(count, self.language), **values)


@lru_cache(maxsize=4)
def translator(language: str) -> Say:
    """The voice of a language code (`zh-CN` counts as `zh`); an unknown language speaks English."""
    code = language.replace("_", "-").split("-")[0].lower()
    files = catalogue_files(code)
    if not files:
        return Say(code if code in LANGUAGES else "en", gettext.NullTranslations())
    return Say(code, _load(code, files))


def catalogue_files(language: str) -> list[Path]:
    """The .po files of a language, in name order."""
    return sorted([*_FOLDER.glob(f"{language}.po"), *_FOLDER.glob(f"{language}.*.po")])


def _load(language: str, files: list[Path]) -> gettext.NullTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    merged = None
    for file in files:
        with file.open("rb") as stream:
            catalogue = read_po(stream, locale=language, abort_invalid=True)
        if merged is None:
            merged = catalogue
            continue
        for message in catalogue:
            if message.id:
                merged[message.id] = message
    binary = io.BytesIO()
    assert merged is not None
    write_mo(binary, merged)
    binary.seek(0)
    return gettext.GNUTranslations(binary)
