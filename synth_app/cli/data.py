"""`synth-app dataset ...`: render, import, split and check notes in NSynth's layout."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.help import PlainCommand
from synth_app.cli.progress import progress_bar
from synth_app.dataset.instrument_families import FAMILIES
from synth_app.support.errors import UserError
from synth_app.support.loading import shown

if TYPE_CHECKING:
    from synth_app.dataset.recordings import FileChoice
    from synth_app.dataset.render_folder import RenderedFolder

app = typer.Typer(help="Make and check data sets of notes.", no_args_is_help=True, rich_markup_mode=None)
JobsOption = Annotated[int, typer.Option(metavar="N", help="Number of processes.")]


def _summary(rendered: "RenderedFolder") -> str:
    return (
        f"{rendered.folder}: {rendered.notes} notes at {rendered.sample_rate} Hz, "
        f"{rendered.dropped_silent} silent notes dropped"
    )


@app.command(cls=PlainCommand)
def soundfont(
    sf2: Annotated[Path, typer.Argument(metavar="FILE.sf2", help="SoundFont to render.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder; several rates add -48k, -16k ... to its name.")
    ],
    rate: Annotated[list[int] | None, typer.Option(metavar="HZ", help="Sample rate in Hz; repeatable.")] = None,
    pitches: Annotated[int, typer.Option(metavar="N", help="Keys per program, spread over its range.")] = 16,
    pitch: Annotated[
        list[int] | None, typer.Option(metavar="KEY", help="MIDI key, instead of --pitches; repeatable.")
    ] = None,
    velocity: Annotated[
        list[int] | None, typer.Option(metavar="VELOCITY", help="MIDI velocity; repeatable. Default: 50, 100, 127.")
    ] = None,
    program: Annotated[
        list[int] | None, typer.Option(metavar="NUMBER", help="General MIDI program, 0-127; repeatable.")
    ] = None,
    jobs: JobsOption = 2,
) -> None:
    """Render notes of a SoundFont: 3 s hold, 1 s release, mono, dry. Run it again to continue after a stop."""
    from synth_app.dataset.soundfont import NoteSelection, render_soundfont

    selection = NoteSelection(
        rates=tuple(rate or [48_000]),
        pitches_per_program=pitches,
        pitches=tuple(pitch or ()),
        velocities=tuple(velocity or (50, 100, 127)),
        programs=tuple(program or ()),
    )
    command = shlex.join(["synth-app", *sys.argv[1:]])
    with progress_bar("rendering programs") as progress:
        folders = render_soundfont(sf2, out, selection, jobs=jobs, command=command, progress=progress)
    for folder in folders:
        typer.echo(_summary(folder))


@app.command(cls=PlainCommand)
def synthesize(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder; several rates add -48k, -16k ... to its name.")],
    instruments: Annotated[int, typer.Option(metavar="N", help="Number of instruments, about 9 notes each.")] = 220,
    rate: Annotated[
        list[int] | None, typer.Option("--rate", "--sample-rate", metavar="HZ", help="Sample rate in Hz; repeatable.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the choice of instruments.")] = 0,
    jobs: JobsOption = 2,
) -> None:
    """Render random synthetic instruments: 3 s hold, 1 s release. Run it again to continue after a stop."""
    from synth_app.dataset.synthesis import render_synthesis

    command = shlex.join(["synth-app", *sys.argv[1:]])
    with progress_bar("rendering instruments") as progress:
        folders = render_synthesis(
            out, instruments=instruments, rates=tuple(rate or [48_000]), seed=seed, jobs=jobs, command=command,
            progress=progress,
        )  # fmt: skip
    for made in folders:
        typer.echo(
            f"{made.folder}: {made.notes} notes at {made.sample_rate} Hz, {made.dropped_silent} silent notes dropped"
        )


@app.command(cls=PlainCommand)
def dssi(
    plugins: Annotated[list[Path], typer.Argument(metavar="PLUGIN.so", help="DSSI synthesizers.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the data set to write.")],
    rate: Annotated[int, typer.Option(metavar="HZ", help="Sample rate in Hz.")] = 48_000,
    keys: Annotated[int, typer.Option(metavar="N", help="Keys per program, spread over E1 to D#7.")] = 8,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the choice of keys and velocities.")] = 0,
    jobs: JobsOption = 2,
) -> None:
    """Render all programs of DSSI plug-ins: 3 s hold, 1 s release, mono. Run it again to continue after a stop."""
    from synth_app.dataset.dssi import render_dssi

    command = shlex.join(["synth-app", *sys.argv[1:]])
    with progress_bar("rendering programs") as progress:
        made = render_dssi(
            plugins, out, rate=rate, keys_per_program=keys, seed=seed, jobs=jobs, command=command, progress=progress
        )
    typer.echo(
        f"{made.folder}: {made.notes} notes at {made.sample_rate} Hz, {made.dropped_silent} silent notes dropped"
    )


@app.command(cls=PlainCommand)
def folder(
    recordings: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of audio files, one note each.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the data set to write; new or empty.")],
    rate: Annotated[int, typer.Option(metavar="HZ", help="Sample rate in Hz.")] = 48_000,
    family: Annotated[
        str, typer.Option(metavar="FAMILY", help=f"Family of files whose name has none: {', '.join(FAMILIES)}.")
    ] = "synth_lead",
    source: Annotated[
        str, typer.Option(metavar="SOURCE", help="Source of such files: acoustic, electronic or synthetic.")
    ] = "synthetic",
    middle_c: Annotated[
        int,
        typer.Option("--middle-c", metavar="OCTAVE", help="Octave of middle C (key 60) in names: 4 as C4, 3 as C3."),
    ] = 4,
    licence: Annotated[
        str, typer.Option(metavar="TEXT", help="Licence of the recordings, such as CC0; models' cards name it.")
    ] = "",
    fix: Annotated[
        bool, typer.Option("--fix", help="Apply the remedies that `dataset check FOLDER` suggests.")
    ] = False,
    jobs: JobsOption = 2,
) -> None:
    """Convert a folder of recorded notes to NSynth's layout.

    Names like flute-060-100 (key, velocity), Piano_C#4_v100, Bb2 or key60 give the key; else it is estimated.
    """
    from synth_app.dataset.recordings import ImportSettings, import_folder

    settings = ImportSettings(rate, family=family, source=source, middle_c=middle_c, licence=licence)
    choices = _suggested(recordings, middle_c, jobs) if fix else {}
    with progress_bar("reading files") as progress:
        report = import_folder(recordings, out, settings, choices=choices, jobs=jobs, progress=progress)
    for skipped in report.skipped:
        typer.echo(f"skipped {shown(skipped.path)}: {skipped.reason}", err=True)
    instruments = len({note.instrument for note in report.notes})
    typer.echo(
        f"{shown(report.folder)}: {len(report.notes)} notes of {instruments} instruments, "
        f"{len(report.skipped)} files skipped"
    )


@app.command(cls=PlainCommand)
def split(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with examples.json and audio/.")],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.json", help="File to write (.json); folds add -1, -2 ... to its name."),
    ],
    by: Annotated[str, typer.Option(metavar="UNIT", help="Unit that is held out: note, instrument or fold.")] = "note",
    folds: Annotated[int, typer.Option(metavar="N", help="Number of folds, with --by fold.")] = 5,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the split.")] = 0,
) -> None:
    """Split the notes at random and write files for `train --split`."""
    from synth_app.dataset.nsynth import read_notes
    from synth_app.dataset.splits import k_fold_by_note, split_by_instrument, split_by_note, write_split

    if out.suffix != ".json" or by not in ("note", "instrument", "fold"):
        raise UserError(f"--out {out} --by {by}: give a .json file and one of note, instrument, fold")
    notes = read_notes(folder)
    if by == "fold":
        splits = {out.with_stem(f"{out.stem}-{i + 1}"): s
                  for i, s in enumerate(k_fold_by_note(notes, seed=seed, folds=folds))}  # fmt: skip
    else:
        splits = {out: (split_by_note if by == "note" else split_by_instrument)(notes, seed=seed)}
    for path, made in splits.items():
        write_split(path, made)
        typer.echo(f"{path}: {len(made.train)} notes for training, {len(made.valid)} validation, {len(made.test)} test")


@app.command(cls=PlainCommand)
def check(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with examples.json and audio/, or of recordings.")
    ],
    middle_c: Annotated[
        int, typer.Option("--middle-c", metavar="OCTAVE", help="Octave of middle C in the names of recordings.")
    ] = 4,
    jobs: JobsOption = 2,
) -> None:
    """Check notes before a training; exit status 2 if one cannot be used.

    For a folder of recordings each problem comes with its remedy; `dataset folder --fix` applies the first one.
    """
    from synth_app.dataset.nsynth import EXAMPLES_NAME

    usable = _check_notes(folder, jobs) if (folder / EXAMPLES_NAME).exists() else _check_files(folder, middle_c, jobs)
    if not usable:
        raise typer.Exit(2)


def _check_notes(folder: Path, jobs: int) -> bool:
    """Check and print a folder in NSynth's layout; return whether every note can be used."""
    from synth_app.dataset.check import check_dataset

    with progress_bar("reading notes") as progress:
        report = check_dataset(folder, jobs=jobs, progress=progress)
    for finding in report.findings:
        typer.echo(f"{finding.severity}: {finding.where}: {finding.what}; {finding.remedy}")
    rates = ", ".join(f"{rate} Hz" for rate in report.sample_rates)
    typer.echo(
        f"{report.folder}: {report.notes} notes, {report.instruments} instruments, {rates}; "
        f"{report.count('error')} errors, {report.count('warning')} warnings"
    )
    return report.ok


def _check_files(folder: Path, middle_c: int, jobs: int) -> bool:
    """Check and print a folder of recordings; return whether every file can be used."""
    from synth_app.dataset.check import check_recordings

    with progress_bar("reading files") as progress:
        found = check_recordings(folder, middle_c=middle_c, jobs=jobs, progress=progress)
    for problem in found.problems:
        path = shown(problem.path.relative_to(folder))
        typer.echo(f"{problem.kind}: {path}: {problem.what}; {problem.remedy} ({' / '.join(problem.actions)})")
    for remark in found.remarks:
        typer.echo(f"note: {remark}")
    keys = f"keys {found.keys[0]} to {found.keys[-1]}" if found.keys else "no keys"
    unusable = len({problem.path for problem in found.problems if problem.unusable})
    typer.echo(
        f"{shown(folder)}: readable recordings: {len(found.files)}, {found.seconds:.0f} s, {keys}; "
        f"problems: {len(found.problems)}; files that cannot be used: {unusable}"
    )
    return not unusable


def _suggested(recordings: Path, middle_c: int, jobs: int) -> "dict[Path, FileChoice]":
    from synth_app.dataset.check import check_recordings

    with progress_bar("checking files") as progress:
        return check_recordings(recordings, middle_c=middle_c, jobs=jobs, progress=progress).choices()
