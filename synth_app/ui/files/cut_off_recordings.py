"""Recordings that a crash has cut off are saved at the next start, and shown to the user."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from synth_app.audio.process.unfinished import find_unfinished, finish_recording
from synth_app.support.errors import UserError
from synth_app.ui.ports.shell import Messages


def save_cut_off_recordings(messages: Messages, folder: Path) -> None:
    """Complete the recordings in ``folder`` that a crash has cut off, and offer them like finished ones."""
    saved: list[tuple[Path, float]] = []
    for unfinished in find_unfinished(folder):
        try:
            result = finish_recording(unfinished)
        except UserError as error:
            messages.show_problem(str(error))
        else:
            saved += [result] if result else []
    if not saved:
        return
    path, seconds = saved[-1]
    text = f"A recording was cut off by a crash; its {seconds:.1f} s are saved: {path}"
    if len(saved) > 1:
        text = f"{len(saved)} recordings were cut off by a crash; they are saved in {folder}, the last as {path.name}"
    url = QUrl.fromLocalFile(str(folder))
    messages.offer_file(text, path, "Open folder", lambda: QDesktopServices.openUrl(url))
