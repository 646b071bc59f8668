"""An installed spaCy pipeline is used for real: a small one is trained here, installed under its name, and read."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.privacy import Detector, mask
from audit.privacy.models import installed_models

TRAINED = {
    "en": (
        "my cleaner {} rang",
        "the parcel went to {} upstairs",
        "{} keeps the spare key",
        "ask at {} today",
    ),
    "zh": ("钥匙在 {} 手里", "昨晚 {} 来过", "快递给了 {} 那边", "去 {} 那里问问"),
}
NAMES = {"en": ("zelwyn", "orlaithe", "brixton", "quenby"), "zh": ("阿依古丽", "扎西", "诺珉", "巴特尔")}
ELSEWHERE = {"en": ("the depot", "the shop"), "zh": ("前台", "门卫")}


def trained(language: str):  # type: ignore[no-untyped-def]
    """A pipeline whose NER has learnt four names (PERSON) and two places (FAC) by heart: OntoNotes' labels."""
    import random

    import spacy
    from spacy.training import Example

    random.seed(1)
    spacy.util.fix_random_seed(1)
    nlp = spacy.blank(language)
    nlp.add_pipe("ner").add_label("PERSON")
    nlp.get_pipe("ner").add_label("FAC")
    examples = []
    for pattern in TRAINED[language]:
        for label, words in (("PERSON", NAMES[language]), ("FAC", ELSEWHERE[language])):
            for word in words:
                text, start = pattern.format(word), pattern.index("{}")
                spans = {"entities": [(start, start + len(word), label)]}
                examples.append(Example.from_dict(nlp.make_doc(text), spans))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(60):
        random.shuffle(examples)
        nlp.update(examples, sgd=optimizer)
    return nlp


def install(nlp, name: str, root: Path, version: str = "3.8.0") -> None:  # type: ignore[no-untyped-def]
    """Lays a pipeline down as `pip install en_core_web_sm` does: a package, its data, and its metadata."""
    package = root / name
    package.mkdir()
    nlp.meta.update(lang=nlp.lang, name=name.removeprefix(f"{nlp.lang}_"), version=version)
    nlp.to_disk(package / f"{name}-{version}")
    (package / "meta.json").write_text(json.dumps(nlp.meta), "utf-8")
    (package / "__init__.py").write_text(
        "from spacy.util import load_model_from_init_py\n\n\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n",
        "utf-8",
    )
    described = root / f"{name}-{version}.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")


def test_a_pipeline_that_does_not_load_is_replaced_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "en_core_web_sm"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('made for another version')\n", "utf-8")
    described = tmp_path / "en_core_web_sm-9.9.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: en_core_web_sm\nVersion: 9.9\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    detector = Detector()
    assert detector.model_name == "en: blank (en_core_web_sm does not load), zh: blank"
    assert [datum.type for datum in detector.find("my name is Dana Cole", "en")] == ["PERSON"]


def test_a_folder_of_the_name_that_nobody_installed_is_no_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en_core_web_sm").mkdir()
    (tmp_path / "en_core_web_sm" / "__init__.py").write_text("", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installed_models()["en"] is None


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("site")
    install(trained("en"), "en_core_web_sm", root)
    install(trained("zh"), "zh_core_web_sm", root, version="3.7.1")
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    yield root
    sys.path.remove(str(root))
    for name in ("en_core_web_sm", "zh_core_web_sm"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def test_installed_pipelines_are_found_and_named(installed: Path) -> None:
    assert installed_models() == {"en": "en_core_web_sm", "zh": "zh_core_web_sm"}
    assert Detector().model_name == "en: en_core_web_sm 3.8.0, zh: zh_core_web_sm 3.7.1"
    assert Detector(use_models=False).model_name == "en: blank, zh: blank"


@pytest.mark.parametrize(
    ("text", "language", "hidden"),
    [
        ("the parcel went to quenby upstairs", "en", "the parcel went to [PERSON] upstairs"),
        ("快递给了 诺珉 那边", "zh", "快递给了 [PERSON] 那边"),
    ],
)
def test_names_only_the_pipeline_knows_are_hidden(
    installed: Path, text: str, language: str, hidden: str
) -> None:
    assert Detector(use_models=False).find(text, language) == []
    detector = Detector()
    assert mask(text, detector.find(text, language), "label") == hidden
    reasons = [row["recognizer"] for row in detector.explain(text, language) if row["type"] == "PERSON"]
    assert "SpacyRecognizer" in reasons


def test_labels_that_are_no_persons_are_left(installed: Path) -> None:
    import en_core_web_sm

    text = "the parcel went to the depot upstairs"
    assert [entity.label_ for entity in en_core_web_sm.load()(text).ents] == ["FAC"]
    assert Detector().find(text, "en") == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_batch_finds_with_a_pipeline_what_single_texts_do(installed: Path, language: str) -> None:
    detector = Detector()
    texts = [
        pattern.format(name) for pattern in TRAINED[language] for name in (*NAMES[language], "13812345678")
    ]
    singly = [detector.find(text, language) for text in texts]
    assert detector.find_many(texts, language) == singly
    assert sum(any(datum.type == "PERSON" for datum in data) for data in singly) >= 12


def test_what_the_rules_find_stays_found(installed: Path) -> None:
    text = "我叫王小明，手机13812345678"
    types = [datum.type for datum in Detector().find(text, "zh")]
    assert types == ["PERSON", "PHONE"]


def test_a_run_hides_what_the_pipeline_knows_and_names_it(installed: Path, tmp_path: Path) -> None:
    calls = (
        "call_id,channel,language,text\n1,sms,en,the parcel went to quenby upstairs you will be arrested\n"
    )
    (tmp_path / "calls.csv").write_text(calls, "utf-8")
    command = [sys.executable, "-m", "audit", "run", "--calls", "calls.csv", "--out", "out"]
    root = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{installed}"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    named = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert "en_core_web_sm 3.8.0" in json.dumps(named)
    findings = (tmp_path / "out" / "findings.csv").read_text("utf-8-sig")
    assert "arrested" in findings and "quenby" not in findings
