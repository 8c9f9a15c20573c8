"""Checks before a training begins: what it writes at its end can be written, and what it reads then is there."""

import os
import re
import tempfile
from pathlib import Path

from synth_app.dataset.nsynth import read_notes
from synth_app.modelfile.catalog import SUFFIX
from synth_app.support.errors import UserError
from synth_app.support.loading import shown
from synth_app.training.export.note_bank import hold_seconds, instrument_names
from synth_app.training.settings import TrainSettings

MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def check_output(out: Path) -> None:
    """Check the name of a model file, and make its folder.

    Raises:
        UserError: the ending or the name is not a model's, or the folder cannot be made or written.
    """
    if out.suffix != SUFFIX:
        raise UserError(f"{shown(out)}: models are {SUFFIX} files; choose a name with that ending")
    if not MODEL_NAME.fullmatch(out.stem):
        nearest = re.sub(r"[^a-z0-9]+", "-", out.stem.lower()).strip("-")[:64] or "my-model"
        raise UserError(
            f"{shown(out)}: the name {out.stem!r} is not a model's: up to 64 lower-case letters, digits and hyphens; "
            f"choose for example {nearest}{SUFFIX}"
        )
    if out.is_dir():
        raise UserError(f"{shown(out)} is a folder; choose the name of a file")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{out.stem}-", dir=out.parent)
        os.close(handle)
        Path(name).unlink()
    except OSError as error:
        raise UserError(f"cannot write {shown(out)}: {error.strerror}; choose another folder") from error


def check_sources(settings: TrainSettings) -> None:
    """Check what a training reads after its last epoch: the note bank's folder and the provenance of the notes.

    Raises:
        UserError: a file is missing or damaged.
    """
    for data in {settings.data, settings.bank or settings.data}:
        read_notes(data)
        instrument_names(data)
        hold_seconds(data)
