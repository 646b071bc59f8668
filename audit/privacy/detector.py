"""Finds personal data in utterances, in whole calls and in batches; Presidio is asked where it adds something."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.models import PersonalDatum, Turn
from audit.privacy.models import installed_models
from audit.privacy.reading import Hit, Reading
from audit.privacy.scan import FOR_PRESIDIO, PRESIDIO, Scanner, scan

if TYPE_CHECKING:
    from audit.privacy.engine import Engine


class Detector:
    """Personal data of taxonomy.md in Mandarin and English, written and spoken.

    `recognizers` is a YAML file with recognisers of the user's own; `least` the lowest score that counts.
    Thread-safe and deterministic: finding writes nothing that another call reads, except caches of pure
    functions. Nothing is downloaded; spaCy models are used when installed (`model_name` says which).

    Raises:
        SettingsError: the YAML of recognisers does not hold; the message lists every fault with file:line.
    """

    def __init__(self, recognizers: Path | None = None, least: float = 0.45, use_models: bool = True) -> None:
        from audit.privacy.custom import load_recognizers

        self.least = least
        self._custom = load_recognizers(recognizers) if recognizers is not None else ()
        self._use_models = use_models
        installed = installed_models() if use_models else {}
        self._modelled = frozenset(code for code, name in installed.items() if name)
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @property
    def engine(self) -> Engine:
        """Presidio's registry, recognisers and NLP engine, built on first use."""
        with self._lock:
            if self._engine is None:
                from audit.privacy.engine import Engine

                self._engine = Engine(self._custom, self._use_models)
            return self._engine

    @property
    def model_name(self) -> str:
        """Which spaCy pipelines read the text, e.g. `en: en_core_web_sm 3.8.0, zh: blank`.

        Loads those that are installed, so that one which does not load is not named as used.
        """
        return self.engine.model_name if self._modelled else "en: blank, zh: blank"

    def find(self, text: str, language: str) -> list[PersonalDatum]:
        """Personal data of one text, sorted, none overlapping; offsets are code points of `text`."""
        return [_datum(hit) for hit in self._hits(text, language)]

    def find_many(self, texts: Sequence[str], languages: Sequence[str] | str) -> list[list[PersonalDatum]]:
        """As `find`, for many texts at once; `languages` is one per text or one for all.

        Texts that cannot hold anything cost a few microseconds (prefilter.py); memory is one block of texts.
        """
        with _no_collection():
            found: list[list[PersonalDatum]] = [[] for _ in texts]
            for language, places in _by_language(len(texts), languages):
                for at in range(0, len(places), _BLOCK):
                    block = places[at : at + _BLOCK]
                    for place, hits in self._hits_of_block([texts[k] for k in block], language):
                        found[block[place]] = [_datum(hit) for hit in hits]
        return found

    def _hits_of_block(self, texts: Sequence[str], language: str) -> Iterator[tuple[int, list[Hit]]]:
        from audit.privacy.block import Block
        from audit.privacy.prefilter import fired

        everywhere = bool(self._custom) or language in self._modelled
        block = Block(texts, language)
        asked, named = fired(block), self._named_by_model(texts, language)
        for place in range(len(texts)) if everywhere else sorted(asked):
            names, reading = asked.get(place, set()), block.part(place)
            extra = (*self._custom, *((self._scanners()[0],) if PRESIDIO in names else ()))
            hits = scan(reading, extra, names, named.get(place, ()))
            yield place, [hit for hit in hits if hit.score >= self.least]

    def _named_by_model(self, texts: Sequence[str], language: str) -> dict[int, list[Hit]]:
        if language not in self._modelled:
            return {}
        return dict(enumerate(self.engine.model_names_of(texts, language)))

    def find_turns(self, turns: Sequence[Turn], language: str | None) -> list[PersonalDatum]:
        """Personal data of a call: numbers given over several turns come back as one datum in each of them."""
        from audit.privacy.calls import find_in_call

        return find_in_call(self._hits, turns, language)

    def explain(self, text: str, language: str) -> list[dict[str, Any]]:
        """What was found and why: type, span, score, recogniser, pattern or check, as Presidio explains it."""
        return self.engine.explain(text, language)

    def _hits(self, text: str, language: str) -> list[Hit]:
        reading = Reading(text, _room_language(language))
        return [hit for hit in scan(reading, self._extra(reading)) if hit.score >= self.least]

    def _extra(self, reading: Reading) -> Sequence[Scanner]:
        """The user's recognisers, Presidio's own where the text can hold anything for them, an installed model."""
        presidio = FOR_PRESIDIO.search(reading.low) is not None
        modelled = reading.language in self._modelled
        if not presidio and not modelled:
            return self._custom
        patterns, persons = self._scanners()
        return (*self._custom, *((patterns,) if presidio else ()), *((persons,) if modelled else ()))

    def _scanners(self) -> tuple[Scanner, Scanner]:
        from audit.privacy.engine import scanners

        return scanners(self.engine)


_BLOCK = 4096
"""Texts joined at once: enough to spread the cost, few enough for the memory to stay flat."""


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cycles: none are made, and walks over everything else cost a fifth of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _by_language(count: int, languages: Sequence[str] | str) -> Iterator[tuple[str, Sequence[int]]]:
    """(language of the room, places of its texts)."""
    if isinstance(languages, str):
        yield _room_language(languages), range(count)
        return
    rooms = {name: _room_language(name) for name in set(languages)}
    for language in sorted(set(rooms.values())):
        yield language, [place for place, name in enumerate(languages) if rooms[name] == language]


def _room_language(language: str) -> str:
    """The language whose recognisers read a text: Mandarin and other Chinese as zh, the rest as en."""
    return "zh" if language.startswith(("zh", "yue", "cmn")) else "en"


def _datum(hit: Hit) -> PersonalDatum:
    return PersonalDatum(hit.type, hit.start, hit.end, hit.score)
