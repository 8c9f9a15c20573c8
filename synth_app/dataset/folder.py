"""Convert a user's folder of WAV and FLAC files to notes in NSynth's layout."""

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.dataset.audio_io import FloatArray, read_audio_file, resample, write_wav16
from synth_app.dataset.instrument_families import FAMILIES
from synth_app.dataset.nsynth import AUDIO_NAME, SOURCES, Note, audio_path, make_note, write_notes
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

SUFFIXES = frozenset({".wav", ".flac"})
DEFAULT_VELOCITY = 100
_NAME_WITH_KEY = re.compile(r"^(?P<instrument>.+)-(?P<pitch>\d{3})-(?P<velocity>\d{3})$")
_NSYNTH_INSTRUMENT = re.compile(rf"^({'|'.join(FAMILIES)})_({'|'.join(SOURCES)})_\d+$")
_PITCH_RATE_HZ = 22_050
_PITCH_SECONDS = 2.0
_PITCH_RESOLUTION = 0.25  # semitones; librosa's default of 0.1 takes seven times as long, and keys do not need it
_FADE_S = 0.01
_MIN_F0_HZ = 440.0 * 2.0 ** ((20.5 - 69) / 12)  # half a semitone below a piano's lowest key
_MAX_F0_HZ = 440.0 * 2.0 ** ((108.5 - 69) / 12)


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that was skipped, with the reason."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Result of an import: the notes, and the files that were skipped."""

    folder: Path
    notes: tuple[Note, ...]
    skipped: tuple[SkippedFile, ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """Settings of the notes: rate in Hz, length in s, default family and source."""

    rate: int
    seconds: float
    family: str
    source: str


@dataclass(frozen=True, slots=True)
class _Key:
    """Instrument, family, source, MIDI pitch and velocity of a file."""

    instrument: str
    family: str
    source: str
    pitch: int
    velocity: int


def import_folder(
    src: Path | str,
    out: Path | str,
    rate: int = 48_000,
    *,
    seconds: float = 4.0,
    family: str = "synth_lead",
    source: str = "synthetic",
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Convert every WAV and FLAC file below ``src`` to a 16-bit mono note below ``out``.

    A name like ``flute_acoustic_002-077-100.wav`` gives instrument, family, MIDI pitch and velocity. A name like
    ``mytrumpet-060-100.wav`` gives all of these except the family. For other names the pitch is the median of pYIN's
    over the two seconds around the loudest moment, the velocity is 100, and the folder is the instrument. Files that
    cannot be read, or have no pitch, are skipped and listed with the reason. ``source.json`` lists the file of each
    note.

    Args:
        src: folder, searched with its subfolders; hidden files and folders are ignored.
        out: a new or empty folder.
        rate: sample rate of the notes, Hz.
        seconds: length of the notes; shorter files are padded with zeros, longer ones cut with a 10 ms fade.
        family: NSynth family of files whose name has none.
        source: NSynth source of files whose name has none.
        progress: called with (files done, total files).

    Raises:
        UserError: a setting is out of range, ``src`` has no usable file, or ``out`` is not empty.
    """
    form = _Form(rate, seconds, family, source)
    _refuse_form(form)
    root, target = Path(src), Path(out)
    paths = _audio_files(root)
    with _staging(target) as stage:
        notes, skipped = _convert(root, paths, stage, form, progress)
        if not notes:
            reason = skipped[0].reason
            raise UserError(f"none of the {len(paths)} files in {root} became a note; the first: {reason}")
    return ImportReport(target, notes, skipped)


def _convert(
    root: Path, paths: Sequence[Path], stage: Path, form: _Form, progress: Callable[[int, int], None] | None
) -> tuple[tuple[Note, ...], tuple[SkippedFile, ...]]:
    """Write the notes of all ``paths`` into ``stage``; return them and the skipped files."""
    skipped: list[SkippedFile] = []
    origins: dict[Note, str] = {}
    numbering = _Numbering()
    for done, path in enumerate(paths, start=1):
        try:
            samples, file_rate = read_audio_file(path)
            key = _key_of(path, root, samples, file_rate, form)
        except UserError as error:
            skipped.append(SkippedFile(path, str(error)))
        else:
            note = numbering.number(key, form.rate)
            sound = _fit(samples, file_rate, form.rate, form.seconds)
            write_wav16(audio_path(stage, note.note_str), sound, form.rate)
            origins[note] = path.relative_to(root).as_posix()
        if progress is not None:
            progress(done, len(paths))
    notes = tuple(sorted(origins, key=lambda note: note.note_str))
    files = {note.note_str: origins[note] for note in notes}
    with atomic_path(stage / "source.json") as temporary:
        temporary.write_text(json.dumps({"kind": "folder", "files": files}, indent=1), encoding="utf-8")
    write_notes(stage, notes)
    return notes, tuple(skipped)


def estimate_pitch(samples: FloatArray, rate: int) -> int | None:
    """Estimate the MIDI pitch (21 to 108) of one note; None for unpitched audio.

    The median over the voiced frames of pYIN (Mauch and Dixon 2014) in the two seconds around the loudest moment.

    Args:
        samples: shape [n], float32.
        rate: Hz.
    """
    import librosa

    low = resample(samples, rate, _PITCH_RATE_HZ)
    loudest = int(np.argmax(np.abs(low)))
    start = max(0, loudest - _PITCH_RATE_HZ // 10)
    part = low[start : start + round(_PITCH_SECONDS * _PITCH_RATE_HZ)]
    if not part.any():
        return None
    f0_hz, voiced, _probability = librosa.pyin(
        part, fmin=_MIN_F0_HZ, fmax=_MAX_F0_HZ, sr=_PITCH_RATE_HZ, resolution=_PITCH_RESOLUTION
    )
    if not voiced.any():
        return None
    pitch = float(librosa.hz_to_midi(np.median(f0_hz[voiced])))
    return int(np.clip(round(pitch), 21, 108))


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


def _refuse_form(form: _Form) -> None:
    if not 8_000 <= form.rate <= 192_000:
        raise UserError(f"sample rate {form.rate} Hz is outside 8000-192000; use 16000 or 48000")
    if not 0.1 <= form.seconds <= 60.0:
        raise UserError(f"a note length of {form.seconds} s is outside 0.1-60; NSynth's notes last 4 s")
    if form.family not in FAMILIES:
        raise UserError(f"{form.family!r} is not a family; use one of {', '.join(FAMILIES)}")
    if form.source not in SOURCES:
        raise UserError(f"{form.source!r} is not a source; use one of {', '.join(SOURCES)}")


def _audio_files(root: Path) -> Sequence[Path]:
    if not root.is_dir():
        raise UserError(f"{root} is not a folder; name the folder that holds your WAV or FLAC files")
    paths = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]
    if not paths:
        raise UserError(f"{root} holds no WAV or FLAC files; convert your files to one of these")
    return paths


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Yield a hidden folder beside ``target``. On success it replaces ``target``; on an error it is deleted."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"{target} is not empty; choose a new or empty folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise UserError(f"cannot write to {target}: {error.strerror}; choose another folder") from error
    try:
        stage.chmod(0o755)
        (stage / AUDIO_NAME).mkdir()
        yield stage
        if target.exists():
            target.rmdir()
        stage.replace(target)
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror}; nothing there was changed") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _key_of(path: Path, root: Path, samples: FloatArray, rate: int, form: _Form) -> _Key:
    folder = path.parent.relative_to(root).as_posix()
    match = _NAME_WITH_KEY.match(path.stem)
    if match and int(match["pitch"]) <= 127 and int(match["velocity"]) <= 127:
        nsynth = _NSYNTH_INSTRUMENT.match(match["instrument"])
        family, source = (nsynth[1], nsynth[2]) if nsynth else (form.family, form.source)
        instrument = f"{folder}/{match['instrument']}"
        return _Key(instrument, family, source, int(match["pitch"]), int(match["velocity"]))
    pitch = estimate_pitch(samples, rate)
    if pitch is None:
        remedy = f"name it {path.stem}-PPP-VVV{path.suffix} (MIDI pitch and velocity)"
        raise UserError(f"{path} has no clear pitch; {remedy}")
    return _Key(folder, form.family, form.source, pitch, DEFAULT_VELOCITY)


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
