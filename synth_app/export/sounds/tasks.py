"""Tasks of the sound worker and its answers: plain data that is sent between processes."""

from dataclasses import dataclass
from pathlib import Path

from synth_app.patch import UserNote
from synth_app.session.breeding.breed import BreedRequest, Variation
from synth_app.session.find.likes import Like
from synth_app.session.find.similar import Similar
from synth_app.session.sounds.find_notes import PitchTrack
from synth_app.session.sounds.sound_edits import Slice


@dataclass(frozen=True)
class AddSound:
    """Keep files as a new sound. ``name`` "" takes that of the first file."""

    number: int
    paths: tuple[Path, ...]
    name: str = ""


@dataclass(frozen=True)
class EncodeSound:
    """Encode a sound of the library for a model."""

    number: int
    key: str
    model_path: str


@dataclass(frozen=True)
class EncodeFile:
    """Encode an audio file for a model, without keeping it as a sound; answered by ``Encoded``."""

    number: int
    path: Path
    model_path: str


@dataclass(frozen=True)
class SliceSound:
    """Find the notes in one recording of a sound."""

    number: int
    key: str
    recording: int


@dataclass(frozen=True)
class TrackSound:
    """Follow the pitch through the used part of a recording."""

    number: int
    key: str
    recording: int


@dataclass(frozen=True)
class CompareSound:
    """Make the two sounds of a comparison: a recording, and what a model makes of it.

    Attributes:
        number: of the task.
        key: of the sound. recording: its number in it.
        model_path: of the model. quality: of the engine.
        folder: for the two files; it must exist.
    """

    number: int
    key: str
    recording: int
    model_path: str
    quality: str
    folder: Path


@dataclass(frozen=True)
class PreviewSound:
    """Write the used part of a recording, or the ``whole``, as raw 32-bit floats, mono at 48 kHz, into a folder."""

    number: int
    key: str
    recording: int
    folder: Path
    whole: bool = False


@dataclass(frozen=True)
class FindSimilar:
    """Find the notes of a model, the sounds and the presets that are nearest to something.

    Attributes:
        number: of the task.
        model_path: of the model.
        presets: folder of the user's presets.
        like: what is looked for; None only measures what can be found, so that the first search is as quick as others.
    """

    number: int
    model_path: str
    presets: Path
    like: Like | None


@dataclass(frozen=True)
class BreedPatch:
    """Breed variations of a patch, each as loud in the engine as the patch."""

    number: int
    request: BreedRequest


SoundTask = (
    PreviewSound
    | AddSound
    | EncodeSound
    | EncodeFile
    | SliceSound
    | TrackSound
    | CompareSound
    | FindSimilar
    | BreedPatch
)


@dataclass(frozen=True)
class Added:
    """The sound is in the library."""

    number: int
    key: str


@dataclass(frozen=True)
class Encoding:
    """So many of the recordings are encoded."""

    number: int
    done: int
    total: int


@dataclass(frozen=True)
class Encoded:
    """The sound as a note of the model. ``key`` is "" for a file that is not kept."""

    number: int
    key: str
    model_path: str
    note: UserNote


@dataclass(frozen=True)
class Sliced:
    """The notes that were found."""

    number: int
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Tracked:
    """The course of the pitch; times count from the start of the file."""

    number: int
    track: PitchTrack


@dataclass(frozen=True)
class Compared:
    """The two sounds, mono at 48 kHz in raw 32-bit floats, and how near they are.

    Attributes:
        number: of the task.
        source, made: files of the recording and of the model's sound.
        start_s: where they begin in the recording's file. seconds: their length.
        loop_s: where a held key stays, in seconds from the start of the file.
        mel_db: mel distance. partials_db: RMS difference of the levels of partials; None without a pitch.
    """

    number: int
    source: Path
    made: Path
    start_s: float
    seconds: float
    loop_s: tuple[float, float]
    mel_db: float
    partials_db: float | None


@dataclass(frozen=True)
class Previewed:
    """The file of a preview and its length in s."""

    number: int
    path: Path
    seconds: float


@dataclass(frozen=True)
class Measuring:
    """So many of the things that can be found are measured."""

    number: int
    done: int
    total: int


@dataclass(frozen=True)
class FoundSimilar:
    """What was found, the nearest first.

    Attributes:
        number: of the task.
        pitch: MIDI, of what was looked for.
        found: empty if there is nothing that could be found.
        problems: one line for each thing that was left out, because it is damaged or silent.
    """

    number: int
    pitch: float
    found: tuple[Similar, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bred:
    """The variations."""

    number: int
    variations: tuple[Variation, ...]


@dataclass(frozen=True)
class Failed:
    """The task failed; ``problem`` is for the user."""

    number: int
    problem: str


SoundAnswer = (
    Added | Encoding | Encoded | Sliced | Tracked | Compared | Previewed | Measuring | FoundSimilar | Bred | Failed
)
