"""The masked sound of one example, cut as the export cuts it."""

from __future__ import annotations

from audit.errors import RecordingError
from audit.screens.parts.desk import Desk
from audit.screens.parts.hearing import Sound, encoded


def clip_sound(here: Desk, finding_id: str) -> Sound:
    """The masked clip of a finding as sound for the player; raises RecordingError with the reason."""
    from audit.clips import masked_audio, read_source

    if here.recordings is None:
        raise RecordingError(here.say("The recording is not in the folder of recordings."))
    source = read_source(here.store, finding_id)
    audio, _ = masked_audio(source, here.recordings)
    return encoded(f"clip-{finding_id}", audio, source.start_s or 0.0)
