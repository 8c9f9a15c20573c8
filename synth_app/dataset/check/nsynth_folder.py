"""Check a folder in NSynth's layout: each finding names the file or note, the defect and the remedy."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np

from synth_app.dataset.audio_io import decode_audio_file
from synth_app.dataset.check.audio_defects import CLIPPED_RUN, SILENCE_DBFS, longest_clipped_run, peak_dbfs
from synth_app.dataset.nsynth import AUDIO_NAME, EXAMPLES_NAME, Note, audio_path, load_examples, parse_note
from synth_app.dataset.workers import worker_pool
from synth_app.support.errors import UserError

Severity = Literal["error", "warning"]

NOTE_SECONDS = 4.0
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect. A note with an error cannot be used; a note with a warning may harm the training."""

    severity: Severity
    where: str
    """The note's name, or the file's path inside the folder."""
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Findings in one folder; ``notes`` counts the entries of examples.json."""

    folder: Path
    notes: int
    instruments: int
    sample_rates: tuple[int, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every note can be used: no errors. Warnings are allowed."""
        return all(finding.severity != "error" for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings)


def check_dataset(
    folder: Path | str, *, jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> CheckReport:
    """Check names, entries and audio of one NSynth-layout folder, NSynth's own included.

    Audio is read file by file and not kept, so that 300,000 notes need memory for their names only.

    Args:
        folder: holds examples.json and audio/.
        jobs: processes that read audio.
        progress: called with (files done, total files).

    Returns:
        The report; findings of the folder come first, then those of the notes by name.

    Raises:
        UserError: examples.json cannot be read, or ``jobs`` is below 1.
    """
    if jobs < 1:
        raise UserError(f"jobs is {jobs}; use 1 or more")
    root = Path(folder)
    entries = load_examples(root)
    notes: list[Note] = []
    findings: list[Finding] = []
    for key, entry in sorted(entries.items()):
        try:
            notes.append(parse_note(key, entry))
        except ValueError as error:
            remedy = f"correct this entry of {EXAMPLES_NAME}, or remove it"
            findings.append(Finding("error", key, str(error), remedy))
    findings += _identity_findings(notes)
    present = _files(root)
    if present is None:
        what, remedy = "the folder is missing", f"unpack the audio beside {EXAMPLES_NAME}"
        findings.append(Finding("error", f"{AUDIO_NAME}/", what, remedy))
    else:
        findings += _name_findings(entries, notes, present)
        readable = [note for note in notes if f"{note.note_str}.wav" in present]
        findings += _audio_findings(root, readable, jobs, progress)
    rates = Counter(note.sample_rate for note in notes)
    if len(rates) > 1:
        what = f"notes have different sample rates: {', '.join(f'{n} at {r} Hz' for r, n in sorted(rates.items()))}"
        findings.append(Finding("warning", EXAMPLES_NAME, what, "keep one rate per folder; resample the others"))
    if not entries:
        findings.append(Finding("error", EXAMPLES_NAME, "holds no notes", "download or render the notes again"))
    return CheckReport(
        root, len(entries), len({note.instrument for note in notes}), tuple(sorted(rates)), tuple(findings)
    )


def _files(root: Path) -> set[str] | None:
    audio = root / AUDIO_NAME
    if not audio.is_dir():
        return None
    return {path.name for path in audio.iterdir()}


def _identity_findings(notes: Iterable[Note]) -> Iterator[Finding]:
    """Yield findings for ids that are used twice: a note's number, an instrument's number or name."""
    by_id: dict[int, str] = {}
    names: dict[int, str] = {}
    ids: dict[str, int] = {}
    for note in notes:
        twin = by_id.setdefault(note.note, note.note_str)
        if twin != note.note_str:
            what = f"note: number {note.note} is also that of {twin}"
            yield Finding("error", note.note_str, what, "give each note a different number")
        name = names.setdefault(note.instrument, note.instrument_str)
        number = ids.setdefault(note.instrument_str, note.instrument)
        if name != note.instrument_str or number != note.instrument:
            other = name if name != note.instrument_str else f"number {number}"
            what = f"instrument: {note.instrument} is {note.instrument_str} here, but {other} in another note"
            yield Finding("error", note.note_str, what, "give each instrument one number and one name")


def _name_findings(entries: dict[str, object], notes: Iterable[Note], present: set[str]) -> Iterator[Finding]:
    for note in notes:
        if f"{note.note_str}.wav" not in present:
            remedy = "download or render it again, or remove the note"
            yield Finding("error", note.note_str, f"{AUDIO_NAME}/{note.note_str}.wav is missing", remedy)
    for name in sorted(present - {f"{key}.wav" for key in entries}):
        what = f"is not named in {EXAMPLES_NAME}"
        yield Finding("warning", f"{AUDIO_NAME}/{name}", what, "remove the file, or add its note")


def _audio_findings(
    root: Path, notes: Sequence[Note], jobs: int, progress: Callable[[int, int], None] | None
) -> Iterator[Finding]:
    done = 0
    for findings in _in_chunks(root, notes, jobs):
        for of_note in findings:
            yield from of_note
        done += len(findings)
        if progress is not None:
            progress(done, len(notes))


def _in_chunks(root: Path, notes: Sequence[Note], jobs: int) -> Iterator[list[tuple[Finding, ...]]]:
    iterator = iter(notes)
    chunks = iter(lambda: list(islice(iterator, _CHUNK)), [])
    if jobs == 1:
        for chunk in chunks:
            yield _inspect_chunk(root, chunk)
        return
    with worker_pool(jobs) as pool:
        yield from pool.map(_inspect_chunk, [root] * -(-len(notes) // _CHUNK), chunks)


def _inspect_chunk(root: Path, notes: Iterable[Note]) -> list[tuple[Finding, ...]]:
    return [tuple(_inspect(root, note)) for note in notes]


def _inspect(root: Path, note: Note) -> Iterator[Finding]:
    """Yield all findings in one note's audio."""
    try:
        channels, rate = decode_audio_file(audio_path(root, note.note_str))
    except UserError as error:
        yield Finding("error", note.note_str, str(error), "download or render it again, or remove the note")
        return
    if channels.shape[1] != 1:
        what = f"audio has {channels.shape[1]} channels, notes are mono"
        yield Finding("error", note.note_str, what, "mix it to mono")
    if rate != note.sample_rate:
        what = f"audio is at {rate} Hz, sample_rate says {note.sample_rate}"
        yield Finding("error", note.note_str, what, "resample the file, or correct sample_rate")
    expected = round(NOTE_SECONDS * rate)
    if len(channels) != expected:
        what = f"audio has {len(channels)} samples, {NOTE_SECONDS:g} s at {rate} Hz are {expected}"
        yield Finding("warning", note.note_str, what, f"pad or cut it to {NOTE_SECONDS:g} s")
    peak_db = peak_dbfs(channels)
    if peak_db < SILENCE_DBFS:
        level = f"{peak_db:.1f} dBFS" if np.isfinite(peak_db) else "digital silence"
        what = f"audio is silent (peak: {level}, the limit is {SILENCE_DBFS:g} dBFS)"
        yield Finding("warning", note.note_str, what, "remove the note")
    elif (longest := longest_clipped_run(channels)) >= CLIPPED_RUN:
        what = f"audio is clipped ({longest} samples in a row at full scale)"
        yield Finding("warning", note.note_str, what, "record or render it again at a lower level")
