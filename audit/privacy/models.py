"""Which trained spaCy pipelines are installed here; asks for names only and imports nothing."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

_MODEL_PACKAGES = ("trf", "lg", "md", "sm")


def installed_models() -> dict[str, str | None]:
    """The spaCy pipeline that would be used per language, None for a blank one; nothing is imported."""
    return {
        code: next(filter(_is_installed, (f"{code}_core_web_{size}" for size in _MODEL_PACKAGES)), None)
        for code in ("en", "zh")
    }


def _is_installed(name: str) -> bool:
    """Whether the package is here and installed as spaCy asks for it: with its metadata."""
    if find_spec(name) is None:
        return False
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False
