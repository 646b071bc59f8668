"""Settings from audit.toml, the environment and options; the one switch that turns telemetry and downloads off."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from audit.errors import SettingsError

SETTINGS_FILE = "audit.toml"
ENVIRONMENT_PREFIX = "AUDIT_"
DEFAULT_STORE = "sqlite:///audit.db"
DEFAULT_MODEL = "base"

_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PYANNOTE_METRICS_ENABLED": "0",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "TOKENIZERS_PARALLELISM": "false",
    "ANONYMIZED_TELEMETRY": "false",
}


class Retention(BaseModel):
    """How long recordings, transcripts and findings are kept, in days; may only grow (docs/evidence.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recordings_days: int = Field(default=730, ge=1)
    records_days: int = Field(default=1825, ge=1)


class Asking(BaseModel):
    """The third reader (docs/asking.md): an OpenAI-compatible chat endpoint; off without `endpoint`.

    `model` is its model's name. Seconds are wall-clock: `timeout_s` of one request, `most_seconds` of one run;
    `most_turns` and `most_tokens` are of one run too. The key stands in AUDIT_ASKING_KEY, never in a file.
    Public addresses are refused unless `allow_public` is set. `cache` keeps answers (default: beside the store).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str | None = None
    model: str = ""
    timeout_s: float = Field(default=30.0, gt=0, le=600)
    retries: int = Field(default=2, ge=0, le=5)
    most_turns: int = Field(default=500, ge=0)
    most_tokens: int = Field(default=1_000_000, ge=0)
    most_seconds: float = Field(default=1800.0, ge=0)
    answer_tokens: int = Field(default=400, ge=50, le=8000)
    allow_public: bool = False
    ca_file: Path | None = None
    cache: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> Asking:
        """An address without credentials in it, and a model to ask."""
        if self.endpoint is None:
            return self
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("endpoint must be an address such as http://127.0.0.1:8000/v1")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError(
                "endpoint must hold no credentials, query or fragment; the key is AUDIT_ASKING_KEY"
            )
        try:
            _ = parts.port
        except ValueError as error:
            raise ValueError("endpoint has no valid port") from error
        if not self.model:
            raise ValueError("model is missing: the name under which the endpoint knows it")
        return self


class Settings(BaseModel):
    """All that a run depends on beside its inputs; `settings_hash` of equal settings is equal.

    `model` is a Whisper model's name or the path of a checkpoint; `engine` reads it. `language` is that of
    reports and of the app's first view. `precision` is what the recogniser computes in (docs/hearing.md). `agent_channels` maps an agency to the channel its agents are on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str = DEFAULT_STORE
    model: str = DEFAULT_MODEL
    engine: Literal["whisper", "faster-whisper"] = "whisper"
    device: str | None = None
    precision: Literal["auto", "float32", "bfloat16", "float16", "int8", "int8_float16"] = "auto"
    jurisdiction: str = "CN"
    lexicons: Path | None = None
    recordings: Path | None = None
    transcripts: Path | None = None
    language: Literal["zh", "en"] = "zh"
    allow_download: bool = False
    second_decoding: bool = True
    similar: bool = True
    agent_channels: dict[str, int] = Field(default_factory=dict)
    retention: Retention = Field(default_factory=Retention)
    asking: Asking = Field(default_factory=Asking)

    def hearing_hash(self) -> str:
        """Hash of the settings that change a transcript, 16 hex digits."""
        return _digest(
            {
                "engine": self.engine,
                "precision": self.precision,
                "agent_channels": self.agent_channels,
                "second_decoding": self.second_decoding,
            }
        )

    def judging_hash(self) -> str:
        """Hash of the settings that change a judgement of a given transcript, 16 hex digits."""
        return _digest({"jurisdiction": self.jurisdiction, "similar": self.similar})


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def load_settings(path: Path | None = None, **options: Any) -> Settings:
    """Settings from `path` (default: audit.toml here, if there is one), AUDIT_* variables, then `options`.

    Later sources win; options that are None are as good as absent. Relative paths in the file are taken
    from the file's folder. Raises SettingsError with the file and the key.
    """
    file = path or Path(SETTINGS_FILE)
    values: dict[str, Any] = {}
    if path is not None or file.exists():
        values = _read_toml(file)
    for name in Settings.model_fields:
        from_environment = os.environ.get(ENVIRONMENT_PREFIX + name.upper())
        if from_environment is not None:
            values[name] = from_environment
    values |= {key: value for key, value in options.items() if value is not None}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_in_words(error, file)) from error


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{file}: cannot be read ({error.strerror}). Create it or leave --settings out."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not valid TOML in UTF-8: {error}") from error
    for key in ("lexicons", "recordings", "transcripts"):
        if isinstance(values.get(key), str):
            values[key] = file.parent / values[key]
    asking = values.get("asking")
    for key in ("ca_file", "cache"):
        if isinstance(asking, dict) and isinstance(asking.get(key), str):
            asking[key] = file.parent / asking[key]
    return values


_PARTS: dict[str, type[BaseModel]] = {"asking": Asking, "retention": Retention}


def _in_words(error: ValidationError, file: Path) -> str:
    lines = []
    for fault in error.errors():
        part = _PARTS.get(str(fault["loc"][0])) if len(fault["loc"]) > 1 else None
        known = ", ".join(sorted((part or Settings).model_fields))
        key = ".".join(str(part) for part in fault["loc"])
        hint = f" Known settings: {known}." if fault["type"] == "extra_forbidden" else ""
        lines.append(f"{file}: {key}: {fault['msg']}.{hint}")
    return "\n".join(lines)


def silence(allow_download: bool = False) -> None:
    """Switch off every telemetry, update check and download of the libraries we use.

    Call it before any heavy import. With `allow_download` a Whisper model named by name may be fetched by
    its library (with its checksum); nothing else ever is.
    """
    for name, value in _QUIET.items():
        os.environ[name] = value
    if allow_download:
        os.environ.pop("HF_HUB_OFFLINE", None)
