"""NSynth's layout on disk: DIR/examples.json beside DIR/audio/<note_str>.wav, one folder per split."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from synth_app.dataset.audio_io import FloatArray, read_audio_file
from synth_app.dataset.instrument_families import FAMILIES
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_json, shown

SOURCES = ("acoustic", "electronic", "synthetic")
"""How a sound is made; the position is NSynth's ``instrument_source``."""

QUALITIES = (
    "bright",
    "dark",
    "distortion",
    "fast_decay",
    "long_release",
    "multiphonic",
    "nonlinear_env",
    "percussive",
    "reverb",
    "tempo-synced",
)
"""The ten qualities; the position is the one in a note's ``qualities``."""

EXAMPLES_NAME = "examples.json"
AUDIO_NAME = "audio"
_MAX_BYTES = 2**29  # the largest part of NSynth has 190 MB

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+#-]*$", max_length=200)]  # it is part of a file name
_Index = Annotated[int, Field(ge=0, strict=True)]
_Midi = Annotated[int, Field(ge=0, le=127, strict=True)]
_Bit = Annotated[int, Field(ge=0, le=1, strict=True)]


@dataclass(frozen=True, slots=True)
class Note:
    """One note with all the keys of NSynth's examples.json; pitch and velocity are MIDI, the rate is in Hz."""

    note: _Index
    note_str: _Name
    instrument: _Index
    instrument_str: _Name
    pitch: _Midi
    velocity: _Midi
    sample_rate: Annotated[int, Field(ge=1, strict=True)]
    qualities: Annotated[tuple[_Bit, ...], Field(min_length=10, max_length=10)]
    qualities_str: tuple[str, ...]
    instrument_family: Annotated[int, Field(ge=0, lt=len(FAMILIES), strict=True)]
    instrument_family_str: str
    instrument_source: Annotated[int, Field(ge=0, lt=len(SOURCES), strict=True)]
    instrument_source_str: str


_NOTE = TypeAdapter(Note)


def make_note(
    *, note: int, instrument: int, family: str, source: str, index: int, pitch: int, velocity: int, sample_rate: int
) -> Note:
    """Build a note without qualities; ``index`` numbers the instruments within its family and source."""
    instrument_str = f"{family}_{source}_{index:03d}"
    return Note(
        note=note,
        note_str=f"{instrument_str}-{pitch:03d}-{velocity:03d}",
        instrument=instrument,
        instrument_str=instrument_str,
        pitch=pitch,
        velocity=velocity,
        sample_rate=sample_rate,
        qualities=(0,) * len(QUALITIES),
        qualities_str=(),
        instrument_family=FAMILIES.index(family),
        instrument_family_str=family,
        instrument_source=SOURCES.index(source),
        instrument_source_str=source,
    )


def parse_note(key: str, entry: object) -> Note:
    """Validate one entry of examples.json; its names and indices must agree.

    Raises:
        ValueError: names the wrong key of the entry and the reason.
    """
    try:
        note = _NOTE.validate_python(entry)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the entry"
        raise ValueError(f"{where}: {first['msg']}") from error
    expected = {
        "note_str": (note.note_str, key),
        "instrument_family_str": (note.instrument_family_str, FAMILIES[note.instrument_family]),
        "instrument_source_str": (note.instrument_source_str, SOURCES[note.instrument_source]),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            raise ValueError(f"{name}: is {found!r}, the rest of the entry says {wanted!r}")
    full_name = f"{note.instrument_str}-{note.pitch:03d}-{note.velocity:03d}"
    if note.note_str != full_name:
        raise ValueError(f"note_str: is {note.note_str!r}, instrument, pitch and velocity say {full_name!r}")
    return note


def load_examples(folder: Path | str) -> dict[str, object]:
    """Load DIR/examples.json without validating its notes.

    Raises:
        UserError: the file is missing, not JSON, or not an object.
    """
    path = Path(folder) / EXAMPLES_NAME
    with loading(path, "an object of notes", "download or render it again"):
        try:
            content = read_json(path, _MAX_BYTES)
        except FileNotFoundError as error:
            raise UserError(
                f"{shown(path)} does not exist; name the folder that holds {EXAMPLES_NAME} and {AUDIO_NAME}/ "
                "(to continue a stopped rendering, run its command again)"
            ) from error
        if not isinstance(content, dict):
            raise TypeError(f"it holds a {type(content).__name__}")
        return content


def read_notes(folder: Path | str) -> tuple[Note, ...]:
    """Read all notes of one NSynth-layout folder, sorted by ``note_str``.

    Raises:
        UserError: examples.json is missing or unreadable, or a note is invalid; names the note and the key.
    """
    notes = []
    for key, entry in sorted(load_examples(folder).items()):
        try:
            notes.append(parse_note(key, entry))
        except ValueError as error:
            raise UserError(
                f"{Path(folder) / EXAMPLES_NAME}: note {key!r}: {error}; correct or remove this note"
            ) from error
    return tuple(notes)


def write_notes(folder: Path | str, notes: Iterable[Note]) -> None:
    """Write DIR/examples.json atomically, sorted by name.

    Raises:
        UserError: two notes share a name, a note is invalid, or the folder cannot be written.
    """
    content: dict[str, Mapping[str, object]] = {}
    for note in sorted(notes, key=lambda item: item.note_str):
        if note.note_str in content:
            raise UserError(f"two notes are called {note.note_str}; give each a different name")
        entry = asdict(note)
        try:
            parse_note(note.note_str, entry)
        except ValueError as error:
            raise UserError(f"note {note.note_str!r} cannot be written: {error}") from error
        content[note.note_str] = entry
    with atomic_path(Path(folder) / EXAMPLES_NAME) as temporary:
        temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")


def audio_path(folder: Path | str, note_str: str) -> Path:
    """Return the path of a note's audio file."""
    return Path(folder) / AUDIO_NAME / f"{note_str}.wav"


def read_audio(folder: Path | str, note: Note) -> tuple[FloatArray, int]:
    """Read a note's samples [n], float32, full scale +-1, and the sample rate in Hz.

    Raises:
        UserError: as ``read_audio_file``.
    """
    return read_audio_file(audio_path(folder, note.note_str))
