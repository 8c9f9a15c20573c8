"""Convert a user's folder of audio files to notes in NSynth's layout."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from synth_app.dataset.audio_io import FloatArray, read_audio_file, resample, write_wav16
from synth_app.dataset.instrument_families import FAMILIES
from synth_app.dataset.nsynth import AUDIO_NAME, SOURCES, Note, audio_path, make_note, write_notes
from synth_app.dataset.recordings.choice import FileChoice
from synth_app.dataset.recordings.file_names import agrees, read_file_name
from synth_app.dataset.recordings.pitch import estimate_pitch
from synth_app.dataset.recordings.search import SkippedFile, find_audio_files
from synth_app.dataset.workers import worker_pool
from synth_app.support.errors import UserError
from synth_app.support.file_names import hidden_prefix
from synth_app.support.files import atomic_path
from synth_app.support.loading import one_line, shown
from synth_app.support.stages import stage_folder

DEFAULT_VELOCITY = 100
MAX_LICENCE = 100
_MAX_INSTRUMENT_NAME = 40
MIN_SECONDS = 0.1  # shorter files are clicks, in which no pitch can be heard
_MIDDLE_C_OCTAVES = (3, 4, 5)
_FILES_PER_PROCESS = 8  # a process takes seconds to start
_NSYNTH_INSTRUMENT = re.compile(rf"^({'|'.join(FAMILIES)})_({'|'.join(SOURCES)})_\d+$")
_FADE_S = 0.01


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Result of an import: the notes, and the files that were skipped."""

    folder: Path
    notes: tuple[Note, ...]
    skipped: tuple[SkippedFile, ...]


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """Settings of an import.

    Attributes:
        rate: sample rate of the notes, Hz.
        seconds: length of the notes; shorter files are padded with zeros, longer ones cut with a 10 ms fade.
        family: NSynth family of files whose name has none.
        source: NSynth source of files whose name has none.
        middle_c: octave of middle C in note names: 4 as in C4 = 60, or 3 as in C3 = 60.
        licence: of the recordings, one line; it goes into the cards of models that are trained on them.
    """

    rate: int = 48_000
    seconds: float = 4.0
    family: str = "synth_lead"
    source: str = "synthetic"
    middle_c: int = 4
    licence: str = ""

    def __post_init__(self) -> None:
        """Check the ranges. Raises UserError."""
        if not 8_000 <= self.rate <= 192_000:
            raise UserError(f"sample rate {self.rate} Hz is outside 8000-192000; use 16000 or 48000")
        if not 0.1 <= self.seconds <= 60.0:
            raise UserError(f"a note length of {self.seconds} s is outside 0.1-60; NSynth's notes last 4 s")
        if self.family not in FAMILIES:
            raise UserError(f"{self.family!r} is not a family; use one of {', '.join(FAMILIES)}")
        if self.source not in SOURCES:
            raise UserError(f"{self.source!r} is not a source; use one of {', '.join(SOURCES)}")
        if self.middle_c not in _MIDDLE_C_OCTAVES:
            raise UserError(f"middle C in octave {self.middle_c} is not usual; choose 3, 4 or 5")
        if len(self.licence) > MAX_LICENCE or not self.licence.isprintable():
            raise UserError(f"the licence must be one line of up to {MAX_LICENCE} characters, such as CC0")


@dataclass(frozen=True, slots=True)
class _Key:
    """Instrument, family, source, MIDI pitch and velocity of a file."""

    instrument: str
    family: str
    source: str
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class _Task:
    """A file to convert, below ``root``, into the WAV file ``part``."""

    path: Path
    root: Path
    part: Path
    choice: FileChoice


def import_folder(
    src: Path | str,
    out: Path | str,
    settings: ImportSettings | None = None,
    *,
    choices: Mapping[Path, FileChoice] | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Convert every audio file below ``src`` to a 16-bit mono note below ``out``.

    A name like ``flute_acoustic_002-077-100.wav`` gives instrument, family, MIDI pitch and velocity. Other names give
    what ``read_file_name`` finds: ``Piano_C#4_v100.wav`` or ``kazoo-060.wav``; the rest of the name and the folder are
    the instrument. Where the name has no key, the pitch is the median of pYIN's over the two seconds around the loudest
    moment, and the folder is the instrument. Files that cannot be read, are too short or have no pitch are skipped and
    listed with the reason. ``source.json`` lists the file of each note.

    Args:
        src: folder, searched with its subfolders and those that links lead to, each once; hidden files and folders are
            ignored.
        out: a new or empty folder.
        settings: of the notes; None for the default ones.
        choices: what was decided about single files, such as by ``Preflight.choices``.
        jobs: number of processes; it does not change the result.
        progress: called with (files done, total files).

    Raises:
        UserError: ``src`` has no usable file, ``out`` is not empty, or ``jobs`` is below 1.
    """
    if jobs < 1:
        raise UserError(f"jobs is {jobs}; use 1 or more")
    root, target, chosen = Path(src), Path(out), choices or {}
    paths, unreadable = find_audio_files(root)
    paths = [path for path in paths if not chosen.get(path, FileChoice()).leave_out]
    if not paths:
        raise UserError(f"every file in {shown(root)} is left out; keep at least one")
    with _staging(target) as stage:
        wanted = settings or ImportSettings()
        tasks = [
            _Task(path, root, stage / f"part-{number}.wav", chosen.get(path, FileChoice()))
            for number, path in enumerate(paths)
        ]
        notes, skipped = _collect(_converted(tasks, wanted, jobs), tasks, stage, wanted.licence, progress)
        if not notes:
            reason = skipped[0].reason
            raise UserError(f"none of the {len(paths)} files in {shown(root)} became a note; the first: {reason}")
    return ImportReport(target, notes, (*unreadable, *skipped))


def _converted(tasks: Sequence[_Task], settings: ImportSettings, jobs: int) -> Iterator["_Note | SkippedFile"]:
    """Convert the files in up to ``jobs`` processes; yield the results in the order of the tasks."""
    used = min(jobs, -(-len(tasks) // _FILES_PER_PROCESS))
    if used == 1:
        yield from (_convert(task, settings) for task in tasks)
        return
    with worker_pool(used) as pool:
        yield from pool.map(_convert, tasks, [settings] * len(tasks), chunksize=4)


def _convert(task: _Task, settings: ImportSettings) -> "_Note | SkippedFile":
    """Write the note of one file; return its key, or why the file is skipped."""
    try:
        samples, file_rate = read_audio_file(task.path)
        samples = _chosen_part(samples, file_rate, task.choice)
        seconds = len(samples) / file_rate
        if seconds < MIN_SECONDS:
            raise UserError(f"{shown(task.path)} lasts {1e3 * seconds:.3g} ms; a note needs {1e3 * MIN_SECONDS:g} ms")
        key = _key_of(task, samples, file_rate, settings)
    except UserError as error:
        return SkippedFile(task.path, str(error))
    write_wav16(task.part, _fit(samples, file_rate, settings.rate, settings.seconds), settings.rate)
    return _Note(key, settings.rate)


def _collect(
    results: Iterable["_Note | SkippedFile"],
    tasks: Sequence[_Task],
    stage: Path,
    licence: str,
    progress: Callable[[int, int], None] | None,
) -> tuple[tuple[Note, ...], tuple[SkippedFile, ...]]:
    """Number the notes, move their audio to its place in ``stage`` and write the lists."""
    skipped: list[SkippedFile] = []
    origins: dict[Note, str] = {}
    names: dict[str, str] = {}
    numbering = _Numbering()
    for done, (task, result) in enumerate(zip(tasks, results, strict=True), start=1):
        if isinstance(result, SkippedFile):
            skipped.append(result)
        else:
            note = numbering.number(result.key, result.rate)
            task.part.replace(audio_path(stage, note.note_str))
            origins[note] = shown(task.path.relative_to(task.root).as_posix())
            names[note.instrument_str] = _instrument_name(result.key, task)
        if progress is not None:
            progress(done, len(tasks))
    notes = tuple(sorted(origins, key=lambda note: note.note_str))
    files = {note.note_str: origins[note] for note in notes}
    instruments = [{"instrument_str": each, "preset": name} for each, name in sorted(names.items())]
    source = {"kind": "folder", "licence": licence, "instruments": instruments, "files": files}
    with atomic_path(stage / "source.json") as temporary:
        temporary.write_text(json.dumps(source, indent=1), encoding="utf-8")
    write_notes(stage, notes)
    return notes, tuple(skipped)


def _instrument_name(key: "_Key", task: _Task) -> str:
    """Return an instrument's name for people: that in the file names, else the folder's."""
    named = PurePosixPath(key.instrument).name or task.root.resolve().name
    return one_line(shown(named))[:_MAX_INSTRUMENT_NAME] or "instrument"


@dataclass(frozen=True, slots=True)
class _Note:
    """A converted file: its key, and the rate of its audio in Hz."""

    key: _Key
    rate: int


class _Numbering:
    """Number instruments and notes; a second note at the same key and velocity starts another instrument."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str, str, int], tuple[int, int]] = {}
        self._per_source: Counter[tuple[str, str]] = Counter()
        self._takes: Counter[_Key] = Counter()
        self._notes = 0

    def number(self, key: _Key, rate: int) -> Note:
        take = self._takes[key]
        self._takes[key] += 1
        kind = (key.family, key.source)
        name = (*kind, key.instrument, take)
        if name not in self._ids:
            self._ids[name] = (len(self._ids), self._per_source[kind])
            self._per_source[kind] += 1
        instrument, index = self._ids[name]
        self._notes += 1
        return make_note(
            note=self._notes - 1,
            instrument=instrument,
            family=key.family,
            source=key.source,
            index=index,
            pitch=key.pitch,
            velocity=key.velocity,
            sample_rate=rate,
        )


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Yield a hidden folder beside ``target``. On success it replaces ``target``; on an error it is deleted."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"{shown(target)} is not empty; choose a new or empty folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with stage_folder(target.parent, hidden_prefix(target)) as stage:
            stage.chmod(0o755)
            (stage / AUDIO_NAME).mkdir()
            yield stage
            if target.exists():
                target.rmdir()
            stage.replace(target)
    except OSError as error:
        raise UserError(
            f"cannot write {shown(target)}: {error.strerror}; nothing there was changed; choose another folder"
        ) from error


def _key_of(task: _Task, samples: FloatArray, rate: int, settings: ImportSettings) -> _Key:
    """Return the key of a file: from its name, else from its sound."""
    folder = task.path.parent.relative_to(task.root).as_posix()
    named = read_file_name(task.path.stem, settings.middle_c)
    nsynth = _NSYNTH_INSTRUMENT.match(named.instrument)
    family, source = (nsynth[1], nsynth[2]) if nsynth else (settings.family, settings.source)
    velocity = named.velocity or DEFAULT_VELOCITY
    if named.pitch is not None:
        key = named.pitch if task.choice.key is None else task.choice.key
        return _Key(f"{folder}/{named.instrument}", family, source, key, velocity)
    pitch = estimate_pitch(samples, rate) if task.choice.key is None else task.choice.key
    if pitch is None:
        remedy = f"name it {task.path.stem}-PPP-VVV{task.path.suffix} (MIDI pitch and velocity)"
        raise UserError(f"{shown(task.path)} has no clear pitch; {shown(remedy)}")
    for key, instrument in named.candidates:
        if agrees(key, pitch):
            return _Key(f"{folder}/{instrument}", family, source, key, velocity)
    return _Key(folder, family, source, pitch, velocity)


def _chosen_part(samples: FloatArray, rate: int, choice: FileChoice) -> FloatArray:
    part = samples[round(choice.start_s * rate) :]
    return part * np.float32(10.0 ** (choice.gain_db / 20.0)) if choice.gain_db else part


def _fit(samples: FloatArray, from_hz: int, to_hz: int, seconds: float) -> FloatArray:
    """Resample, cut or pad to ``seconds``, and scale down to full scale if the peak is higher."""
    wanted = round(seconds * to_hz)
    sound = resample(samples, from_hz, to_hz)
    fitted = np.zeros(wanted, np.float32)
    fitted[: min(wanted, len(sound))] = sound[:wanted]
    if len(sound) > wanted:
        fade = round(_FADE_S * to_hz)
        fitted[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    peak = float(np.abs(fitted).max())
    return fitted / np.float32(peak) if peak > 1.0 else fitted
