"""Checks the files of a new sound, and finds their pitches and velocities."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.patch.user_note import MAX_RECORDINGS
from synth_app.session.sounds.encode_sound import FALLBACK_PITCH, VELOCITY
from synth_app.session.sounds.named_pitch import pitch_of
from synth_app.session.sounds.sound_audio import LEAST_SECONDS, digest, read_source
from synth_app.session.sounds.user_sound import MAX_SOURCE_SECONDS, Recording, UserSound
from synth_app.support.errors import UserError
from synth_app.support.loading import one_line, shown

_SILENT = 10.0 ** (-60.0 / 20.0)  # peak
_MAX_NAME = 64


@dataclass(frozen=True)
class NewRecording:
    """A file to add to the library.

    Attributes:
        path: of the audio file.
        pitch: MIDI, fractions allowed; None reads it from the file's name, else finds it in the sound.
        velocity: 1 to 127; None reads it from the file's name, else it is 100.
    """

    path: Path
    pitch: float | None = None
    velocity: int | None = None


@dataclass(frozen=True)
class NewSound:
    """A description, and the bytes of its files in the same order."""

    sound: UserSound
    data: tuple[bytes, ...]


def described(name: str, recordings: Sequence[NewRecording], *, pitched: bool | None) -> NewSound:
    """Describe a new sound. Arguments and errors as ``SoundLibrary.add``.

    A sound follows the keys unless it is a single recording in which no pitch is found and for which none is given.
    """
    if not recordings:
        raise UserError("a sound needs at least one recording; name an audio file")
    if len(recordings) > MAX_RECORDINGS:
        raise UserError(f"{len(recordings)} recordings; a sound has {MAX_RECORDINGS} at most: leave some out")
    read = [_read(each, find_pitch=pitched is not False) for each in recordings]
    found = [each for each, _ in read]
    _check_twice(found)
    unclear = [each for each in found if each.pitch is None]
    if pitched is None:
        pitched = not (len(found) == 1 and unclear)
    if pitched and unclear:
        raise UserError(
            f"{unclear[0].source} has no clear pitch; give its MIDI key with --key, or in its name "
            f"({Path(unclear[0].source).stem}-060-100{unclear[0].suffix}), or say that the sound has none (--key none)"
        )
    parts = tuple(each.recording(FALLBACK_PITCH + i if not pitched else None) for i, each in enumerate(found))
    _check_places(parts)
    title = one_line(name or shown(recordings[0].path.stem))[:_MAX_NAME].strip() or "sound"
    return NewSound(UserSound(name=title, pitched=pitched, recordings=parts), tuple(data for _, data in read))


@dataclass(frozen=True)
class _Found:
    """What a file and its name tell."""

    source: str
    suffix: str
    sha256: str
    seconds: float
    pitch: float | None
    velocity: int

    def recording(self, key: float | None) -> Recording:
        """Return the recording; ``key`` is its place if nothing tells a pitch."""
        pitch = self.pitch if self.pitch is not None else key
        assert pitch is not None
        return Recording(
            source=self.source, sha256=self.sha256, suffix=self.suffix, seconds=self.seconds,
            pitch=min(pitch, 127.0), velocity=self.velocity,
        )  # fmt: skip


def _read(new: NewRecording, *, find_pitch: bool) -> tuple[_Found, bytes]:
    """Read a file; return what it is, and its bytes."""
    from synth_app.dataset.audio_io import read_audio_file
    from synth_app.dataset.recordings.file_names import read_file_name

    source = shown(new.path.name)
    data = read_source(new.path)
    samples, rate = read_audio_file(new.path, max_seconds=MAX_SOURCE_SECONDS)
    if np.abs(samples).max(initial=0.0) < _SILENT:
        raise UserError(f"{source} is silent; choose another recording")
    if len(samples) < LEAST_SECONDS * rate:
        lasts_ms, least_ms = 1000 * len(samples) / rate, 1000 * LEAST_SECONDS
        raise UserError(f"{source} lasts {lasts_ms:.3g} ms; a recording needs at least {least_ms:g} ms")
    named = read_file_name(new.path.stem)
    pitch = new.pitch
    if pitch is None and find_pitch:
        pitch = pitch_of(samples, rate, named)
    velocity = new.velocity or named.velocity or VELOCITY
    suffix = "".join(filter(_plain, new.path.suffix.lower()))
    found = _Found(source, suffix if 1 < len(suffix) <= 9 else ".audio", digest(data), len(samples) / rate, pitch,
                   velocity)  # fmt: skip
    return found, data


def _plain(character: str) -> bool:
    return character == "." or (character.isascii() and character.isalnum())


def _check_twice(found: Sequence[_Found]) -> None:
    seen: dict[str, str] = {}
    for each in found:
        if each.sha256 in seen:
            raise UserError(f"{each.source} is the same recording as {seen[each.sha256]}; leave one of them out")
        seen[each.sha256] = each.source


def _check_places(parts: Sequence[Recording]) -> None:
    seen: dict[tuple[int, int], str] = {}
    for each in parts:
        place = (round(each.pitch), each.velocity)
        if place in seen:
            raise UserError(
                f"{each.source} has the key {round(each.pitch)} and velocity {each.velocity} of {seen[place]}; "
                "give one of them another key or velocity in its file name"
            )
        seen[place] = each.source
