"""`synth-app abx`: whether two models can be told apart by ear, in a blind test."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.evaluation.abx import MAX_TRIALS, SIDES, AbxResult, Side, hidden_sides
from synth_app.support.errors import UserError
from synth_app.support.loading import shown

if TYPE_CHECKING:
    from synth_app.export.abx.phrases import Sound


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
    from synth_app.export.abx.phrases import KEYS, bank_phrases

    with progress_bar("rendering") as progress:
        sounds = bank_phrases((first, second), bank, tuple(key or KEYS), progress)
    _write_sounds(out, sounds, hidden)
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


def _write_sounds(out: Path, sounds: "tuple[Sound, Sound]", hidden: tuple[Side, ...]) -> None:
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
