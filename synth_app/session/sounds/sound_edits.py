"""Edits of a sound's description. Each returns another description; the recordings themselves never change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from synth_app.patch.user_note import MAX_RECORDINGS
from synth_app.session.sounds.user_sound import Recording, Region, UserSound
from synth_app.support.errors import UserError

LEAST_SECONDS = 0.05  # that a trim leaves
LEAST_LOOP_S = 0.02  # of a loop
_MAX_NAME = 64
T = TypeVar("T", Recording, UserSound)


@dataclass(frozen=True)
class Slice:
    """One note found in a longer recording.

    Attributes:
        region: where it is, in seconds from the start of the file.
        pitch: MIDI, fractions allowed; None without a clear one.
        level_db: its peak re full scale.
    """

    region: Region
    pitch: float | None
    level_db: float


def renamed(sound: UserSound, name: str) -> UserSound:
    """Return the sound under another name. Raises UserError if the name is empty or too long."""
    wanted = " ".join(name.split())
    if not 0 < len(wanted) <= _MAX_NAME:
        raise UserError(f"a sound's name has 1 to {_MAX_NAME} characters, this one {len(wanted)}; type another")
    return _checked(sound, name=wanted)


def with_pitched(sound: UserSound, *, pitched: bool) -> UserSound:
    """Return the sound with or without a pitch. Without one it plays at every key as it was recorded."""
    return _checked(sound, pitched=pitched)


def with_recording(sound: UserSound, index: int, recording: Recording) -> UserSound:
    """Return the sound with another description of one recording.

    Raises:
        UserError: another recording has the same key and velocity.
    """
    parts = (*sound.recordings[:index], recording, *sound.recordings[index + 1 :])
    return _checked(sound, recordings=parts)


def trimmed(recording: Recording, start_s: float, end_s: float) -> Recording:
    """Return the recording with another used part, moved into the file and at least 50 ms long.

    Fades and loop are shortened to fit. A part that is the whole file leaves the trim to the program.
    """
    start_s = min(max(start_s, 0.0), max(recording.seconds - LEAST_SECONDS, 0.0))
    end_s = min(max(end_s, start_s + LEAST_SECONDS), recording.seconds)
    whole = start_s <= 0.0 and end_s >= recording.seconds
    trim = None if whole or end_s <= start_s else Region(start_s=start_s, end_s=end_s)
    cut = _changed(recording, trim=trim)
    cut = faded(cut, recording.fade_in_s, recording.fade_out_s)
    return cut if cut.loop is None else looped(cut, cut.loop.start_s, cut.loop.end_s)


def without_trim(recording: Recording) -> Recording:
    """Return the whole recording at its own level and without fades."""
    return _changed(recording, trim=None, fade_in_s=0.0, fade_out_s=0.0, gain_db=0.0)


def faded(recording: Recording, fade_in_s: float, fade_out_s: float) -> Recording:
    """Return the recording with other fades, which together are at most as long as the used part."""
    start_s, end_s = used_part(recording)
    length_s = end_s - start_s
    fade_in_s = min(max(fade_in_s, 0.0), length_s)
    return _changed(recording, fade_in_s=fade_in_s, fade_out_s=min(max(fade_out_s, 0.0), length_s - fade_in_s))


def looped(recording: Recording, start_s: float, end_s: float) -> Recording:
    """Return the recording with the user's own loop, moved into the used part and at least 20 ms long."""
    first_s, last_s = used_part(recording)
    start_s = min(max(start_s, first_s), last_s - LEAST_LOOP_S)
    end_s = min(max(end_s, start_s + LEAST_LOOP_S), last_s)
    return _changed(recording, loop=Region(start_s=max(start_s, 0.0), end_s=end_s))


def without_loop(recording: Recording) -> Recording:
    """Return the recording with the loop that the program finds."""
    return _changed(recording, loop=None)


def with_gain(recording: Recording, gain_db: float) -> Recording:
    """Return the recording at another level. Raises UserError outside of -60 to 40 dB."""
    return _changed(recording, gain_db=gain_db)


def with_key(recording: Recording, pitch: float, velocity: int) -> Recording:
    """Return the recording with another key and velocity. Raises UserError outside of MIDI's range."""
    return _changed(recording, pitch=pitch, velocity=velocity)


def used_part(recording: Recording) -> tuple[float, float]:
    """Return where the used part begins and ends, in seconds from the start of the file."""
    trim = recording.trim
    return (0.0, recording.seconds) if trim is None else (trim.start_s, trim.end_s)


def used_seconds(sound: UserSound) -> float:
    """Return how long the used parts of all recordings are together."""
    return sum(end_s - start_s for start_s, end_s in map(used_part, sound.recordings))


def sliced(sound: UserSound, index: int, slices: Sequence[Slice]) -> UserSound:
    """Return the sound with one recording replaced by its notes, each at its own key.

    A whole recording of several notes has no pitch of its own. The sound gets one if each of its notes has one. The
    loudest note has the recording's velocity, and quieter ones a lower one. Of two notes with the same key and
    velocity, the later one gets the next free velocity below.

    Raises:
        UserError: no note was found, or there are more recordings than a sound holds.
    """
    _check_count(len(slices))
    whole = sound.recordings[index]
    others = (*sound.recordings[:index], *sound.recordings[index + 1 :])
    if len(others) + len(slices) > MAX_RECORDINGS:
        raise UserError(
            f"{len(slices)} notes were found; a sound has {MAX_RECORDINGS} recordings at most: make separate sounds"
        )
    pitched = sound.pitched or (not others and all(each.pitch is not None for each in slices))
    taken = {(round(each.pitch), each.velocity) for each in others}
    loudest_db = max(each.level_db for each in slices)
    parts = list[Recording]()
    for each in slices:
        pitch = whole.pitch if each.pitch is None or not pitched else each.pitch
        wanted = max(1, round(whole.velocity * 10.0 ** ((each.level_db - loudest_db) / 40.0)))
        velocity = _free_velocity(taken, round(pitch), wanted)
        taken.add((round(pitch), velocity))
        parts.append(_part(whole, each.region, pitch, velocity))
    return _checked(sound, pitched=pitched, recordings=(*others[:index], *parts, *others[index:]))


def separate(sound: UserSound, index: int, slices: Sequence[Slice]) -> tuple[UserSound, ...]:
    """Return one sound for each note in a recording, named by the sound and a number.

    Raises:
        UserError: no note was found.
    """
    _check_count(len(slices))
    whole = sound.recordings[index]
    made = []
    for number, each in enumerate(slices, 1):
        ending = f" {number}"
        pitched = each.pitch is not None
        part = _part(whole, each.region, each.pitch if each.pitch is not None else whole.pitch, whole.velocity)
        made.append(UserSound(name=sound.name[: _MAX_NAME - len(ending)] + ending, pitched=pitched, recordings=(part,)))
    return tuple(made)


def _part(whole: Recording, region: Region, pitch: float, velocity: int) -> Recording:
    return trimmed(
        _changed(whole, pitch=min(max(pitch, 0.0), 127.0), velocity=velocity, loop=None, fade_in_s=0.0, fade_out_s=0.0),
        region.start_s, region.end_s,
    )  # fmt: skip


def _free_velocity(taken: set[tuple[int, int]], key: int, wanted: int) -> int:
    below, above = range(wanted, 0, -1), range(wanted + 1, 128)
    return next(each for each in (*below, *above) if (key, each) not in taken)


def _check_count(count: int) -> None:
    if not count:
        raise UserError("no separate notes were found; cut the recording by hand with the trim handles")


def _changed(recording: Recording, **update: Any) -> Recording:
    return _valid(Recording, recording.source, {**dict(recording), **update})


def _checked(sound: UserSound, **update: Any) -> UserSound:
    return _valid(UserSound, sound.name, {**dict(sound), **update})


def _valid(kind: type[T], name: str, fields: dict[str, Any]) -> T:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][-1]).replace("_", " ") if first["loc"] else ""
        what = str(first["msg"]).removeprefix("Value error, ")
        raise UserError(f"{name}: {f'{where}: ' if where else ''}{what}") from error
