"""Which trained spaCy pipelines are installed here; asks for names only and imports nothing."""

from __future__ import annotations

from importlib.util import find_spec

_MODEL_PACKAGES = ("trf", "lg", "md", "sm")


def installed_models() -> dict[str, str | None]:
    """The spaCy pipeline that would be used per language, None for a blank one; nothing is imported."""
    return {
        code: next(
            (f"{code}_core_web_{size}" for size in _MODEL_PACKAGES if find_spec(f"{code}_core_web_{size}")),
            None,
        )
        for code in ("en", "zh")
    }
