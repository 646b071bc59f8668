"""A small player for one clip: the browser's own controls over sound that was handed out, never an address."""

from __future__ import annotations

from audit.screens.parts.hearing import Sound
from audit.wording import Say

_SCRIPT = """
export default function ({ data, parentElement }) {
  let audio = parentElement.querySelector("audio");
  if (!audio) {
    audio = document.createElement("audio");
    audio.controls = true;
    audio.controlsList = "nodownload noplaybackrate";
    audio.style.width = "100%";
    parentElement.append(audio);
  }
  audio.setAttribute("aria-label", data.label);
  if (audio.dataset.key !== data.key) {
    const bytes = Uint8Array.from(atob(data.data), (sign) => sign.charCodeAt(0));
    if (audio.src) URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(new Blob([bytes], { type: data.mime }));
    audio.dataset.key = data.key;
  }
}
"""


def small_player(key: str, sound: Sound, say: Say) -> None:
    """Draw the player."""
    import streamlit as st

    mount = st.components.v2.component("audit_clip", js=_SCRIPT)
    mount(
        key=key, data={"key": sound.key, "mime": sound.mime, "data": sound.data, "label": say("Masked clip")}
    )
