"""The folder of a resumable rendering: its settings, the finished programs, and its completion."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from synth_app.dataset.nsynth import AUDIO_NAME, EXAMPLES_NAME, Note, write_notes
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_json

SOURCE_NAME = "source.json"
_PARTS_NAME = "parts"  # one record per finished program; deleted when the rendering is complete
_MAX_BYTES = 2**26
_Midi = Annotated[int, Field(ge=0, le=127, strict=True)]
_Count = Annotated[int, Field(ge=0, strict=True)]


@dataclass(frozen=True)
class _Program:
    """What every program's record must hold; it may hold more."""

    notes: list[tuple[_Midi, _Midi]]  # pitch, velocity
    dropped_silent: _Count


@dataclass(frozen=True)
class _Complete:
    """What the record of a complete rendering must hold; it may hold more."""

    notes: _Count
    dropped_silent: _Count


_PROGRAM, _COMPLETE = TypeAdapter(_Program), TypeAdapter(_Complete)


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """All settings that the samples depend on. A stopped rendering continues only under the same settings."""

    sample_rate: int
    """Hz, of the files."""
    synth_rate: int
    """Hz, of the synthesis; the files are resampled from it."""
    pitches_per_program: int
    pitches: tuple[int, ...]
    """MIDI keys to render where a program has them; empty to spread ``pitches_per_program`` over its range."""
    velocities: tuple[int, ...]
    programs: tuple[int, ...]
    """Those rendered; empty for all."""
    peak_dbfs: float
    """Peak of each program's loudest note; all its notes share the one gain."""
    silence_dbfs: float
    """A note that never rises above this is dropped."""
    hold_s: float
    release_s: float


@dataclass(frozen=True, slots=True)
class RenderedFolder:
    """A finished folder: its notes, and the number of silent notes that were left out."""

    folder: Path
    sample_rate: int
    notes: int
    dropped_silent: int


def claim(folder: Path, origin: Mapping[str, object], command: str) -> bool:
    """Claim a new folder, or one whose rendering was stopped; return True if it is already complete.

    ``origin`` holds all that the samples depend on: the kind of rendering, its source and its settings.

    Raises:
        UserError: the folder holds other files, or cannot be written.
    """
    wanted = json.loads(json.dumps(origin))
    source = folder / SOURCE_NAME
    if source.exists():
        found = _read_json(source)
        if {key: found.get(key) for key in wanted} != wanted:
            raise UserError(
                f"{folder} contains a rendering of another source or with other settings; choose another folder"
            )
        if found.get("complete") and (folder / EXAMPLES_NAME).exists():
            return True
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} contains other files; choose a new or empty folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_json(
            source, {**wanted, "complete": False, "command": command}
        )  # first, because it marks the folder as claimed
        for name in (AUDIO_NAME, _PARTS_NAME):
            (folder / name).mkdir(exist_ok=True)
        for left_over in (folder / AUDIO_NAME).glob(".*.wav"):  # an unfinished file of a run that was killed
            left_over.unlink()
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror}; choose another folder") from error
    return False


def is_rendered(folder: Path, program: int) -> bool:
    """Return whether all notes of a program are written."""
    return _part_path(folder, program).exists()


def record_program(folder: Path, program: int, record: dict[str, Any]) -> None:
    """Record that all notes of a program are written; ``record["notes"]`` lists (pitch, velocity)."""
    _write_json(_part_path(folder, program), record)


def read_program(folder: Path, program: int) -> dict[str, Any]:
    """Read the record that ``record_program`` wrote."""
    path = _part_path(folder, program)
    content = _read_json(path)
    with _record(path):
        _PROGRAM.validate_python(content)
    return content


def refuse_silence(folders: Sequence[Path], programs: Sequence[int]) -> None:
    """Refuse a rendering without any note that sounds, and remove what it wrote.

    Args:
        folders: those with all programs rendered; they hold the same notes at different rates.
        programs: their numbers.

    Raises:
        UserError: no program has a note that sounds.
    """
    if not folders:
        return
    records = [read_program(folders[0], program) for program in programs]
    if any(record["notes"] for record in records):
        return
    for folder in folders:
        _discard(folder)
    silent = sum(record["dropped_silent"] for record in records)
    raise UserError(
        f"none of the {silent} notes sounds, so there is no data set; choose other keys, velocities or programs, or "
        "another source"
    )


def complete(folder: Path, makers: Mapping[int, Callable[[int, int], Note]]) -> None:
    """Write examples.json, copy the programs' records to source.json, then delete the records.

    Args:
        folder: a folder with all programs rendered.
        makers: by program, in the order of source.json: a function that makes a note of a pitch and a velocity.
    """
    records = [read_program(folder, program) for program in makers]
    notes = [
        make(pitch, velocity)
        for make, record in zip(makers.values(), records, strict=True)
        for pitch, velocity in record["notes"]
    ]
    write_notes(folder, notes)
    source = _read_json(folder / SOURCE_NAME) | {
        "complete": True,
        "notes": len(notes),
        "dropped_silent": sum(record["dropped_silent"] for record in records),
        "instruments": [{**record, "notes": len(record["notes"])} for record in records],
    }
    _write_json(folder / SOURCE_NAME, source)


def _discard(folder: Path) -> None:
    """Remove what ``claim`` and the programs wrote into a folder without notes."""
    shutil.rmtree(folder / _PARTS_NAME)
    (folder / AUDIO_NAME).rmdir()
    (folder / SOURCE_NAME).unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def summarise(folder: Path, sample_rate: int) -> RenderedFolder:
    """Count the notes of a complete folder; delete the programs' records."""
    source = _read_json(folder / SOURCE_NAME)
    with _record(folder / SOURCE_NAME):
        counts = _COMPLETE.validate_python(source)
    parts = folder / _PARTS_NAME
    if parts.exists():
        for part in parts.iterdir():
            part.unlink()
        parts.rmdir()
    return RenderedFolder(folder, sample_rate, counts.notes, counts.dropped_silent)


def _part_path(folder: Path, program: int) -> Path:
    return folder / _PARTS_NAME / f"program-{program:03d}.json"


def _read_json(path: Path) -> dict[str, Any]:
    with _record(path):
        content = read_json(path, _MAX_BYTES)
        if not isinstance(content, dict):
            raise TypeError(f"it holds a {type(content).__name__}")
        return content


def _record(path: Path) -> AbstractContextManager[None]:
    return loading(path, "a rendering's record", "delete its folder and render again")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
