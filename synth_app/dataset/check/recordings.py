"""Check a folder of recordings before it is imported: each problem with its remedies, of which the user chooses."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from synth_app.dataset.audio_io import FloatArray, decode_audio_file
from synth_app.dataset.check.audio_defects import (
    CLIPPED_RUN,
    SILENCE_DBFS,
    longest_clipped_run,
    onset_seconds,
    peak_dbfs,
)
from synth_app.dataset.recordings.choice import FileChoice
from synth_app.dataset.recordings.file_names import agrees, read_file_name
from synth_app.dataset.recordings.importer import DEFAULT_VELOCITY, MIN_SECONDS
from synth_app.dataset.recordings.pitch import estimate_pitch
from synth_app.dataset.recordings.search import SkippedFile, find_audio_files
from synth_app.dataset.workers import worker_pool
from synth_app.support.errors import UserError
from synth_app.support.loading import shown

Kind = Literal["unreadable", "short", "silent", "no pitch", "duplicate", "clipped", "quiet", "late"]
Action = Literal["fix", "leave out", "keep"]

MAX_FILES = 20_000
QUIET_DBFS, RAISED_TO_DBFS = -40.0, -6.0
LATE_S, _BEFORE_ONSET_S = 0.25, 0.01
FEW_NOTES, NARROW_SEMITONES, WIDE_GAP_SEMITONES = 20, 12, 12
_FILES_PER_PROCESS = 8  # a process takes seconds to start


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One readable recording.

    Attributes:
        path: of the file. seconds: its length. peak_dbfs: its level.
        key: MIDI, from its name or its sound; None if neither tells it.
        velocity: 1-127, from its name, else 100.
        sha256: of the decoded samples, the same for copies in other formats without loss.
    """

    path: Path
    seconds: float
    peak_dbfs: float
    key: int | None
    velocity: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one file.

    Attributes:
        kind: of the problem. path: of the file.
        what: one clause for the user.
        remedy: what the fix does, or what the user can do.
        actions: what can be chosen, the suggested one first.
        fix: how the file is imported after the fix; None if there is none.
    """

    kind: Kind
    path: Path
    what: str
    remedy: str
    actions: tuple[Action, ...]
    fix: FileChoice | None = None

    @property
    def unusable(self) -> bool:
        """Whether the file can only be left out as it is."""
        return "keep" not in self.actions


@dataclass(frozen=True, slots=True)
class Preflight:
    """The result of a check.

    Attributes:
        folder: that was checked.
        files: the readable recordings.
        problems: of files, in the order of their names.
        remarks: on the folder as a whole, one sentence each.
    """

    folder: Path
    files: tuple[CheckedFile, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Length of all readable recordings."""
        return sum(each.seconds for each in self.files)

    @property
    def keys(self) -> tuple[int, ...]:
        """The MIDI keys that occur, each once, from low to high."""
        return tuple(sorted({each.key for each in self.files if each.key is not None}))

    def choices(
        self, actions: Mapping[Problem, Action] | None = None, keys: Mapping[Path, int] | None = None
    ) -> dict[Path, FileChoice]:
        """Return how every file is imported; keys that were estimated are not estimated again.

        Args:
            actions: what the user chose; the suggested action for problems that are not in it.
            keys: MIDI keys that the user gave, by file; they solve "no pitch".

        Raises:
            UserError: an action that the problem does not have.
        """
        chosen, given = actions or {}, keys or {}
        left_out, starts, gains = set[Path](), dict[Path, float](), dict[Path, float]()
        for problem in self.problems:
            action = chosen.get(problem, problem.actions[0])
            if problem.kind == "no pitch" and problem.path in given:
                continue
            if action not in problem.actions:
                raise UserError(f"{shown(problem.path)}: {problem.what}; choose one of {', '.join(problem.actions)}")
            if action == "leave out":
                left_out.add(problem.path)
            elif action == "fix" and problem.fix is not None:
                starts[problem.path] = max(starts.get(problem.path, 0.0), problem.fix.start_s)
                gains[problem.path] = gains.get(problem.path, 0.0) + problem.fix.gain_db
        found = {each.path: each.key for each in self.files}
        paths = sorted(found.keys() | left_out)
        return {
            path: FileChoice(
                path in left_out, given.get(path, found.get(path)), starts.get(path, 0.0), gains.get(path, 0.0)
            )
            for path in paths
        }


def check_recordings(
    folder: Path | str, *, middle_c: int = 4, jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> Preflight:
    """Check all audio files below a folder: readable, long and loud enough, clipped, there twice, with a clear pitch.

    Files are read one by one and not kept.

    Args:
        folder: searched with its subfolders.
        middle_c: octave of middle C in note names.
        jobs: processes that read audio.
        progress: called with (files done, total files).

    Raises:
        UserError: the folder holds no audio files or more than ``MAX_FILES``, or ``jobs`` is below 1.
    """
    if jobs < 1:
        raise UserError(f"jobs is {jobs}; use 1 or more")
    root = Path(folder)
    paths, unreadable = find_audio_files(root)
    if len(paths) > MAX_FILES:
        raise UserError(f"{shown(root)} holds {len(paths)} audio files, the limit is {MAX_FILES}; choose a part of it")
    problems = [_unreadable(each) for each in unreadable]
    files: list[CheckedFile] = []
    for i, (file, found) in enumerate(_inspected(paths, middle_c, jobs)):
        problems += found
        if file is not None:
            files.append(file)
        if progress is not None:
            progress(i + 1, len(paths))
    problems += _duplicates(files)
    return Preflight(root, tuple(files), tuple(sorted(problems, key=_order)), tuple(_remarks(files, problems)))


def _order(problem: Problem) -> tuple[str, str]:
    return str(problem.path), problem.kind


_Result = tuple[CheckedFile | None, list[Problem]]


def _inspected(paths: Sequence[Path], middle_c: int, jobs: int) -> Iterator[_Result]:
    inspect = partial(_inspect, middle_c=middle_c)
    used = min(jobs, -(-len(paths) // _FILES_PER_PROCESS))
    if used == 1:
        yield from map(inspect, paths)
        return
    with worker_pool(used) as pool:
        yield from pool.map(inspect, paths, chunksize=4)


def _inspect(path: Path, middle_c: int) -> _Result:
    """Return what is known of one file, and its own problems."""
    try:
        channels, rate = decode_audio_file(path)
    except UserError as error:
        return None, [_unreadable(SkippedFile(path, str(error)))]
    samples = channels.mean(axis=1, dtype=np.float32)
    seconds, peak_db = len(samples) / rate, peak_dbfs(samples)
    if problem := _useless(path, seconds, peak_db):
        return None, [problem]
    key = _key(path.stem, samples, rate, middle_c)
    velocity = read_file_name(path.stem, middle_c).velocity or DEFAULT_VELOCITY
    digest = hashlib.sha256(np.ascontiguousarray(samples).tobytes()).hexdigest()
    problems = [*_level_problems(path, channels, peak_db), *_start_problems(path, samples, rate)]
    if key is None:
        what = "no clear pitch is heard, and the name has no key"
        remedy = f"give its MIDI key, or name it such as {shown(path.stem)}-060{shown(path.suffix)}"
        problems.append(Problem("no pitch", path, what, remedy, ("leave out",)))
    return CheckedFile(path, seconds, peak_db, key, velocity, digest), problems


def _useless(path: Path, seconds: float, peak_db: float) -> Problem | None:
    if seconds < MIN_SECONDS:
        what = f"it lasts {1e3 * seconds:.3g} ms; a note needs {1e3 * MIN_SECONDS:g} ms"
        return Problem("short", path, what, "leave it out, or record a longer note", ("leave out",))
    if peak_db < SILENCE_DBFS:
        level = f"{peak_db:.1f} dBFS" if np.isfinite(peak_db) else "digital silence"
        what = f"it is silent (peak: {level}, the limit is {SILENCE_DBFS:g} dBFS)"
        return Problem("silent", path, what, "leave it out, or record it again", ("leave out",))
    return None


def _key(stem: str, samples: FloatArray, rate: int, middle_c: int) -> int | None:
    """Return the key in the name, else that of the sound; of the bare numbers in a name, one that the sound has."""
    named = read_file_name(stem, middle_c)
    if named.pitch is not None:
        return named.pitch
    heard = estimate_pitch(samples, rate)
    if heard is None:
        return None
    return next((key for key, _ in named.candidates if agrees(key, heard)), heard)


def _level_problems(path: Path, channels: FloatArray, peak_db: float) -> Iterator[Problem]:
    longest = longest_clipped_run(channels)
    if longest >= CLIPPED_RUN:
        what = f"it is clipped ({longest} samples in a row at full scale)"
        yield Problem("clipped", path, what, "leave it out, or record it at a lower level", ("leave out", "keep"))
    elif peak_db < QUIET_DBFS:
        gain_db = round(RAISED_TO_DBFS - peak_db, 1)
        what, remedy = f"it is very quiet (peak: {peak_db:.1f} dBFS)", f"the fix raises it by {gain_db:g} dB"
        fix = FileChoice(gain_db=gain_db)
        yield Problem("quiet", path, what, remedy, ("fix", "leave out", "keep"), fix)


def _start_problems(path: Path, samples: FloatArray, rate: int) -> Iterator[Problem]:
    onset_s = onset_seconds(samples, rate)
    if onset_s > LATE_S:
        start_s = round(onset_s - _BEFORE_ONSET_S, 3)
        what, remedy = f"it begins with {onset_s:.2f} s of silence", f"the fix cuts {start_s:.2f} s off its start"
        fix = FileChoice(start_s=start_s)
        yield Problem("late", path, what, remedy, ("fix", "keep", "leave out"), fix)


def _unreadable(skipped: SkippedFile) -> Problem:
    remedy = "leave it out, or export it again as WAV or FLAC"
    return Problem("unreadable", skipped.path, f"it cannot be read: {skipped.reason}", remedy, ("leave out",))


def _duplicates(files: Sequence[CheckedFile]) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for file in files:
        twin = first.setdefault(file.sha256, file.path)
        if twin != file.path:
            what = f"it is the same recording as {shown(twin.name)}"
            remedy = "leave one of them out: the model would learn it twice"
            yield Problem("duplicate", file.path, what, remedy, ("leave out", "keep"))


def _remarks(files: Sequence[CheckedFile], problems: Sequence[Problem]) -> Iterator[str]:
    """Yield what is unusual about the usable notes together."""
    unusable = {problem.path for problem in problems if problem.unusable}
    usable = [file for file in files if file.path not in unusable]
    if len(usable) < FEW_NOTES:
        yield (
            f"{len(usable)} usable notes are few; record {FEW_NOTES} or more, or keep them as one of your sounds, "
            "which needs a single recording"
        )
    keys = sorted({file.key for file in usable if file.key is not None})
    if not keys:
        return
    if keys[-1] - keys[0] < NARROW_SEMITONES:
        yield (
            f"all notes are within {keys[-1] - keys[0]} semitones (keys {keys[0]} to {keys[-1]}); other keys will "
            "sound less natural: record more of them"
        )
    for low, high in pairwise(keys):
        if high - low > WIDE_GAP_SEMITONES:
            yield f"no note lies between the keys {low} and {high}; record one there if you play these keys"
