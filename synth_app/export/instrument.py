"""An instrument of recordings, for scripts: add sounds, render notes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn, Patch, UserNote
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.patch.quality import quality as find_quality
from synth_app.support.errors import UserError

_MAX_SECONDS = 3_600.0


@dataclass(frozen=True)
class PlayedNote:
    """A note to render.

    Attributes:
        key: MIDI, 0 to 127; 60 is middle C.
        start_s: when the key goes down. seconds: how long it is held.
        velocity: 1 to 127.
    """

    key: int
    start_s: float = 0.0
    seconds: float = 1.0
    velocity: int = 100

    def __post_init__(self) -> None:
        """Raise UserError for a value out of range; the message names the limit."""
        if not 0 <= self.key <= 127 or not 1 <= self.velocity <= 127:
            raise UserError(f"key {self.key} with velocity {self.velocity}; keys are 0-127, velocities 1-127")
        if not 0.0 <= self.start_s <= _MAX_SECONDS or not 0.0 < self.seconds <= _MAX_SECONDS:
            raise UserError(
                f"a note of {self.seconds:g} s at {self.start_s:g} s; both may be up to {_MAX_SECONDS:g} s, "
                "and the length must be above 0"
            )


class Instrument:
    """Recordings of one instrument, played by a model at any key.

    ``Instrument("pitched-vae-48k").add("cello.wav").render([PlayedNote(64)])``

    Args:
        model: name or file of the model.
        quality: eco, fast, live or studio.

    Raises:
        UserError: no such model or quality, or its file is damaged.
    """

    def __init__(self, model: Path | str = DEFAULT_MODEL, *, quality: str = DEFAULT_QUALITY) -> None:
        from synth_app.decoder import load_model

        self._quality = find_quality(quality).name
        self._path = str(find_model(model))
        self._model = load_model(self._path)
        self._notes: tuple[UserNote, ...] = ()

    def add(
        self, path: Path | str, *, key: float | None = None, velocity: int | None = None, pitched: bool | None = None
    ) -> Self:
        """Add a recording and return the instrument.

        Several recordings are other keys and velocities of it. The file is read, not kept.

        Args:
            path: of an audio file of up to two minutes.
            key: MIDI pitch of the recording, fractions allowed; None reads it from the file's name, else finds it.
            velocity: 1 to 127; None reads it from the file's name, else it is 100.
            pitched: False plays the recording at every key as it is; None finds out.

        Raises:
            UserError: the file cannot be used, has no clear pitch beside others, or there are too many.
        """
        from synth_app.dataset.audio_io import read_audio_file
        from synth_app.session.sounds.encode_sound import NoteSettings, encode_audio
        from synth_app.session.sounds.new_sound import NewRecording, described
        from synth_app.session.sounds.user_sound import MAX_SOURCE_SECONDS

        source = Path(path)
        if pitched is None and self._notes:
            pitched = self._notes[0].pitched
        sound = described("", [NewRecording(source, key, velocity)], pitched=pitched).sound
        (found,) = sound.recordings
        audio, rate = read_audio_file(source, max_seconds=MAX_SOURCE_SECONDS)
        settings = NoteSettings(sound.name, found.pitch, found.velocity, sound.pitched)
        note = encode_audio(self._model, audio, rate, settings)
        main, *others = (*self._notes, note)
        replace(main, others=tuple(others))  # refuses too many
        self._notes = (main, *others)
        return self

    @property
    def note(self) -> UserNote:
        """The encoded recordings as one user note, for ``Patch.user_notes``. Raises UserError before ``add``."""
        if not self._notes:
            raise UserError("the instrument has no recording; call add(path) first")
        main, *others = self._notes
        return replace(main, others=tuple(others))

    @property
    def patch(self) -> Patch:
        """The patch that plays the recordings; change it with ``Patch.with_param`` for ``export``'s functions."""
        from synth_app.session.sounds.sound_patch import sound_patch

        return sound_patch(self.note, self._path, self._model.card, self._quality)

    def render(self, notes: Iterable[PlayedNote]) -> NDArray[np.float32]:
        """Render notes as the window would play them.

        Args:
            notes: in any order; notes may overlap.

        Returns:
            float32 [samples, 2] at 48 kHz, from time 0 until the last release has died away.

        Raises:
            UserError: there is no recording or no note, or the performance is too long.
        """
        from synth_app.export.performance import render_performance
        from synth_app.export.request import PerformanceRequest

        patch, events = self.patch, [event for note in notes for event in _events(note)]
        if not events:
            raise UserError("there is nothing to render; give at least one PlayedNote")
        events.sort(key=lambda event: (event.time, isinstance(event.message, NoteOn)))
        return render_performance(PerformanceRequest(patch, Path(), tuple(events), events[-1].time))


def _events(note: PlayedNote) -> tuple[Event, Event]:
    start = round(note.start_s * ENGINE_RATE)
    stop = max(round((note.start_s + note.seconds) * ENGINE_RATE), start + 1)
    return Event(start, NoteOn(note.key, note.velocity)), Event(stop, NoteOff(note.key))
