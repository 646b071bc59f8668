"""Presidio as the engine: registry, recognisers and explanations over our own NLP engine; nothing is downloaded.

`Detector.find` runs the recognisers' own scanners directly, which is what Presidio's `AnalyzerEngine` would
run through its slow path; `explain` goes through the analyzer itself and returns its decision process.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from presidio_analyzer import (
    AnalysisExplanation,
    AnalyzerEngine,
    EntityRecognizer,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer import predefined_recognizers as predefined
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

from audit.privacy.custom import CustomRecognizer
from audit.privacy.models import installed_models
from audit.privacy.reading import Hit, Reading
from audit.privacy.scan import SCANNERS, Scanner

_log = logging.getLogger(__name__)

LANGUAGES = ("zh", "en")
_LABELS = {"PERSON": "PERSON", "PER": "PERSON"}
_IGNORED = [
    "ORG", "GPE", "LOC", "FAC", "NORP", "DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "ORDINAL", "CARDINAL",
    "EVENT", "PRODUCT", "WORK_OF_ART", "LAW", "LANGUAGE",
]  # fmt: skip

_PREDEFINED = (
    "IbanRecognizer",
    "CryptoRecognizer",
    "IpRecognizer",
    "MacAddressRecognizer",
    "UsItinRecognizer",
    "NhsRecognizer",
    "MedicalLicenseRecognizer",
    "InVoterRecognizer",
)
"""Presidio's own recognisers whose findings keep Presidio's names; the taxonomy's types have ours instead."""

TYPES = {
    "numbers": (
        "CN_ID_CARD", "PHONE", "BANK_CARD", "WECHAT_QQ", "PLATE", "PASSPORT", "US_SSN", "UK_NINO", "IN_AADHAAR", "IN_PAN",
    ),
    "emails": ("EMAIL",),
    "chat names": ("WECHAT_QQ",),
    "addresses": ("ADDRESS",),
    "employers": ("EMPLOYER",),
    "birth dates": ("DATE_OF_BIRTH",),
    "names": ("PERSON",),
}  # fmt: skip

_NEEDS_CONTEXT = frozenset({"UK_NHS", "US_ITIN", "MEDICAL_LICENSE", "IN_VOTER"})
"""Shapes that order and telephone numbers share: only beside their name."""

_CONTEXT_GAIN = 0.35
"""What a context word adds, as in Presidio's LemmaContextAwareEnhancer."""


class LocalNlpEngine(SpacyNlpEngine):  # type: ignore[misc]
    """spaCy pipelines that are already here: installed models, else blank tokenizers; never a download."""

    engine_name = "spacy-local"

    def __init__(self, use_models: bool = True) -> None:
        installed = installed_models()
        self.names = {code: (installed[code] if use_models else None) for code in LANGUAGES}
        models = [{"lang_code": code, "model_name": name or "blank"} for code, name in self.names.items()]
        configuration = NerModelConfiguration(
            model_to_presidio_entity_mapping=_LABELS, labels_to_ignore=_IGNORED, default_score=0.7
        )
        super().__init__(models=models, ner_model_configuration=configuration)

    def load(self) -> None:
        """Loads installed pipelines by name, builds blank ones for the other languages.

        A pipeline that is installed and does not load (made for another version, its word cutter is missing) is
        named in `broken` and replaced by a blank one.
        """
        import spacy

        self.nlp, self.broken = {}, dict[str, str]()
        for code, name in self.names.items():
            pipeline = _loaded(name) if name else None
            if name and pipeline is None:
                self.broken[code], self.names[code] = name, None
            self.nlp[code] = pipeline or spacy.blank(code)


def _loaded(name: str) -> Any:
    """An installed pipeline without the parts nobody asks here; None where it does not load."""
    import spacy

    try:
        return spacy.load(name, exclude=["parser", "attribute_ruler", "lemmatizer"])
    except (ImportError, OSError, ValueError, AttributeError, KeyError, TypeError) as reason:
        _log.warning("The spaCy pipeline %s is installed and does not load: %s", name, type(reason).__name__)
        return None


class RoomRecognizer(EntityRecognizer):  # type: ignore[misc]
    """One of the room's scanners as a Presidio recogniser, with the reason of each hit as its explanation."""

    def __init__(self, name: str, scanner: Scanner, entities: Sequence[str], language: str) -> None:
        self.scanner = scanner
        super().__init__(
            supported_entities=list(entities), name=f"{name} ({language})", supported_language=language
        )

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Presidio's interface: all hits whose type is asked for."""
        reading = Reading(text, self.supported_language)
        return [self._result(hit) for hit in self.scanner(reading) if not entities or hit.type in entities]

    def _result(self, hit: Hit) -> RecognizerResult:
        explanation = AnalysisExplanation(
            recognizer=self.name, original_score=hit.score, textual_explanation=hit.reason
        )
        return RecognizerResult(hit.type, hit.start, hit.end, hit.score, explanation)


class OfflineEmailRecognizer(predefined.EmailRecognizer):  # type: ignore[misc]
    """Presidio's e-mail recogniser with the suffix list that ships in tldextract: no list is fetched."""

    _extract: Any = None

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the address ends in a public suffix of the shipped list."""
        import tldextract

        if self._extract is None:
            self._extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
        return bool(self._extract(pattern_text).fqdn)


class Engine:
    """Registry, NLP engine and analyzer, built once; reading them is thread-safe."""

    def __init__(self, custom: Sequence[CustomRecognizer] = (), use_models: bool = True) -> None:
        self.nlp_engine = LocalNlpEngine(use_models)
        self.nlp_engine.load()
        self.registry = RecognizerRegistry(supported_languages=list(LANGUAGES))
        for language in LANGUAGES:
            self._register(language, custom)
        self.analyzer = AnalyzerEngine(
            registry=self.registry, nlp_engine=self.nlp_engine, supported_languages=list(LANGUAGES)
        )
        self._patterns = {language: self._compile(language) for language in LANGUAGES}

    def _register(self, language: str, custom: Sequence[CustomRecognizer]) -> None:
        add: Callable[[EntityRecognizer], None] = self.registry.add_recognizer
        for name, scanner in SCANNERS.items():
            add(RoomRecognizer(name, scanner, TYPES[name], language))
        for entry in custom:
            if language in entry.languages:
                add(RoomRecognizer(entry.name, entry, (entry.type,), language))
        add(OfflineEmailRecognizer(supported_language=language, supported_entity="EMAIL"))
        for name in _PREDEFINED:
            add(getattr(predefined, name)(supported_language=language))
        if self.nlp_engine.names[language]:
            add(predefined.SpacyRecognizer(supported_language=language, supported_entities=["PERSON"]))

    @property
    def model_name(self) -> str:
        """Which pipelines are loaded, with their versions, e.g. `en: en_core_web_sm 3.8.0, zh: blank`."""
        return ", ".join(f"{code}: {self._named(code)}" for code in sorted(self.nlp_engine.names))

    def _named(self, code: str) -> str:
        if code in self.nlp_engine.broken:
            return f"blank ({self.nlp_engine.broken[code]} does not load)"
        if not self.nlp_engine.names[code]:
            return "blank"
        return f"{self.nlp_engine.names[code]} {self.nlp_engine.nlp[code].meta.get('version', '')}".strip()

    def has_model(self, language: str) -> bool:
        """Whether a trained pipeline reads texts of this language."""
        return self.nlp_engine.names[language] is not None

    def _compile(self, language: str) -> list[tuple[PatternRecognizer, list[tuple[re.Pattern[str], Any]]]]:
        """Presidio's own pattern recognisers with their patterns compiled once."""
        found = []
        for recognizer in self.registry.recognizers:
            if isinstance(recognizer, PatternRecognizer) and recognizer.supported_language == language:
                flags = recognizer.global_regex_flags
                found.append((recognizer, [(re.compile(p.regex, flags), p) for p in recognizer.patterns]))
        return found

    def pattern_hits(self, reading: Reading) -> Iterator[Hit]:
        """What Presidio's own pattern recognisers find: patterns, validation, context, as in their `analyze`."""
        for recognizer, patterns in self._patterns[reading.language]:
            if type(recognizer).analyze is not PatternRecognizer.analyze:
                yield from _own_analysis(recognizer, reading)
                continue
            for compiled, pattern in patterns:
                yield from _matches(recognizer, compiled, pattern, reading)

    def model_names(self, reading: Reading) -> Iterator[Hit]:
        """Persons an installed pipeline sees; bare numbers and single signs among them are dropped."""
        if self.has_model(reading.language):
            yield from _persons(self.nlp_engine.nlp[reading.language](reading.text))

    def model_names_of(self, texts: Sequence[str], language: str) -> Iterator[list[Hit]]:
        """As `model_names`, for many texts in batches; nothing where the language's pipeline is blank."""
        if self.has_model(language):
            for parsed in self.nlp_engine.nlp[language].pipe(texts, batch_size=128):
                yield list(_persons(parsed))

    def explain(self, text: str, language: str) -> list[dict[str, Any]]:
        """Everything the analyzer finds with its decision process, overlapping results included; by place."""
        found = self.analyzer.analyze(text=text, language=language, return_decision_process=True)
        return [
            _explained(result) for result in sorted(found, key=lambda result: (result.start, -result.score))
        ]


def _persons(parsed: Any) -> Iterator[Hit]:
    for entity in parsed.ents:
        label = _LABELS.get(entity.label_)
        letters = sum(sign.isalpha() for sign in entity.text)
        if label and letters > 1 and not any(sign.isdigit() for sign in entity.text):
            yield Hit(label, entity.start_char, entity.end_char, 0.7, "named by the spaCy pipeline")


def _own_analysis(recognizer: PatternRecognizer, reading: Reading) -> Iterator[Hit]:
    """Recognisers that go beyond their patterns (IBAN drops what trails) are asked as they are."""
    for result in recognizer.analyze(reading.folded, recognizer.supported_entities):
        yield Hit(result.entity_type, result.start, result.end, result.score, recognizer.name)


def _matches(
    recognizer: PatternRecognizer, compiled: re.Pattern[str], pattern: Any, reading: Reading
) -> Iterator[Hit]:
    entity = recognizer.supported_entities[0]
    for match in compiled.finditer(reading.folded):
        if entity in _NEEDS_CONTEXT and not _named(recognizer, reading, match.start()):
            continue
        score = _score(recognizer, pattern.score, match[0], reading.left(match.start(), 48))
        if score > 0 and match.end() > match.start():
            yield Hit(entity, match.start(), match.end(), score, pattern.name)


def _explained(result: RecognizerResult) -> dict[str, Any]:
    told = result.analysis_explanation
    return {
        "type": result.entity_type,
        "start": result.start,
        "end": result.end,
        "score": round(result.score, 3),
        "recognizer": told.recognizer,
        "pattern": told.pattern_name,
        "check": told.validation_result,
        "reason": told.textual_explanation,
    }


def _score(recognizer: PatternRecognizer, base: float, text: str, left: str) -> float:
    valid, invalid = recognizer.validate_result(text), recognizer.invalidate_result(text)
    if valid is False or invalid:
        return 0.0
    if valid:
        return 1.0
    near = any(word.lower() in left for word in recognizer.context or ())
    return min(1.0, base + _CONTEXT_GAIN) if near else base


def _named(recognizer: PatternRecognizer, reading: Reading, start: int) -> bool:
    left = reading.left(start, 48)
    return any(
        re.search(rf"(?<![a-z]){re.escape(word.lower())}(?![a-z])", left) for word in recognizer.context or ()
    )


def scanners(engine: Engine) -> tuple[Scanner, Scanner]:
    """Scanners the engine adds to the room's own: Presidio's patterns, and persons an installed pipeline names."""
    return engine.pattern_hits, engine.model_names
