"""`synth-app abx`: whether two models can be told apart by ear, in a blind test."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from synth_app.cli.progress import progress_bar
from synth_app.evaluation.abx import MAX_TRIALS, SIDES, AbxResult, Side, hidden_sides
from synth_app.support.errors import UserError
from synth_app.support.loading import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from synth_app.decoder import Model

_GAP_S, _HELD_S = 0.1, 0.9
_PEAK = 0.9


def abx(
    first: Annotated[str, typer.Argument(metavar="MODEL_A", help="Model name or file: A.")],
    second: Annotated[str, typer.Argument(metavar="MODEL_B", help="Model name or file: B.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="New folder for the sounds to compare.")],
    bank: Annotated[
        str, typer.Option(metavar="NOTE", help="Note of both banks to play; by default one that both have.")
    ] = "",
    key: Annotated[
        list[int] | None,
        typer.Option(metavar="KEY", help="MIDI key of the phrase; repeatable."),
    ] = None,
    trials: Annotated[int, typer.Option(metavar="N", min=1, max=MAX_TRIALS, help="Number of trials.")] = 12,
    seed: Annotated[int | None, typer.Option(metavar="SEED", help="For the same choice of X again.")] = None,
) -> None:
    """Compare two models blind: in each trial X is A or B, and you say which.

    Both play the same phrase (keys 48, 55, 60 and 67 by default), equally loud. Listen to a.wav, b.wav and the X of
    the trial in any player. The result is the number of right answers, with the probability of as many by guessing.
    """
    hidden = hidden_sides(trials, seed)
    if out.exists():
        raise UserError(f"{shown(out)} exists already; choose a new folder")
    _write_sounds(out, _phrases((first, second), bank, tuple(key or (48, 55, 60, 67))), hidden)
    typer.echo(f"Listen to a.wav and b.wav in {shown(out)}, then to each x-NN.wav: is it a or b?")
    result = AbxResult.of(hidden, [_answer(i) for i in range(1, trials + 1)])
    typer.echo(result.verdict())


def _answer(trial: int) -> Side:
    while True:
        answer = typer.prompt(f"x-{trial:02d}.wav is (a or b)").strip().lower()
        for side in SIDES:
            if answer == side:
                return side
        typer.echo("type a or b")


def _phrases(models: tuple[str, str], bank: str, keys: tuple[int, ...]) -> "list[NDArray[np.float32]]":
    """Return the phrase of each model, float32 [samples, 2], equally loud."""
    from synth_app.decoder import load_model
    from synth_app.evaluation.metrics.loudness import integrated_loudness
    from synth_app.modelfile import find_model

    paths = [find_model(each) for each in models]
    loaded = [load_model(path) for path in paths]
    note = bank or _common_note(*loaded)
    sounds = []
    with progress_bar("rendering") as progress:
        for i, (model, path) in enumerate(zip(loaded, paths, strict=True)):
            sounds.append(_phrase(model, str(path), note, keys))
            progress(i + 1, 2)
    lufs = [integrated_loudness(sound) for sound in sounds]
    if not np.isfinite(lufs).all():
        raise UserError("a model plays silence here; choose another note with --bank, or other keys")
    gains = [10.0 ** ((min(lufs) - own) / 20.0) for own in lufs]
    loudest = max(float(np.abs(sound).max()) * gain for sound, gain in zip(sounds, gains, strict=True))
    scale = min(1.0, _PEAK / loudest)
    return [sound * np.float32(gain * scale) for sound, gain in zip(sounds, gains, strict=True)]


def _common_note(first: "Model", second: "Model") -> str:
    """Return the name of a note that both banks have, the first model's default one if possible."""
    from synth_app.modelfile import default_note

    theirs = {note.name for note in second.bank}
    shared = [note for note in first.bank if note.name in theirs]
    if not shared:
        raise UserError("the models have no note in common; choose models that were trained on the same notes")
    return shared[default_note(tuple(shared))].name


def _phrase(model: "Model", path: str, note: str, keys: tuple[int, ...]) -> "NDArray[np.float32]":
    from synth_app.export.performance import render_performance
    from synth_app.export.request import PerformanceRequest
    from synth_app.modelfile import find_note
    from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn, Patch

    slot = [each.name for each in model.bank].index(find_note(model.bank, note).name)
    step, held = round((_GAP_S + _HELD_S) * ENGINE_RATE), round(_HELD_S * ENGINE_RATE)
    events = [
        event
        for i, key in enumerate(keys)
        for event in (Event(i * step, NoteOn(key)), Event(i * step + held, NoteOff(key)))
    ]
    patch = Patch(path, slot, slot, (0.0,) * model.card.latent_size)
    return render_performance(PerformanceRequest(patch, Path("phrase.wav"), tuple(events), len(keys) * step))


def _write_sounds(out: Path, sounds: "list[NDArray[np.float32]]", hidden: tuple[Side, ...]) -> None:
    from synth_app.patch import ENGINE_RATE
    from synth_app.support.sound_writer import sound_writer

    try:
        out.mkdir(parents=True)
        for side, sound in zip(SIDES, sounds, strict=True):
            with sound_writer(out / f"{side}.wav", ENGINE_RATE, 2, "PCM_24") as file:
                file.write(sound)
        for i, side in enumerate(hidden, start=1):
            shutil.copyfile(out / f"{side}.wav", out / f"x-{i:02d}.wav")
    except OSError as error:
        raise UserError(f"cannot write to {shown(out)}: {error.strerror}; choose another folder") from error
