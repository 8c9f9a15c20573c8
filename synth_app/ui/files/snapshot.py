"""Keeping a picture of a view: a PNG in the user's music folder, named by date and time."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QPixmap

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.ui.ports.shell import Messages


def keep_picture(window: Messages, folder: Path, picture: QPixmap, title: str) -> None:
    """Write it and say where it is, or why that failed."""
    path = folder / f"synth_app {datetime.now():%Y-%m-%d %H.%M.%S} {title.lower()}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            if not picture.save(str(temporary), "PNG"):
                raise UserError(f"cannot write {path}; choose a folder that may be written")
    except OSError as error:
        window.say_problem(f"cannot keep the picture in {folder}: {error.strerror}")
    except UserError as error:
        window.say_problem(str(error))
    else:
        url = QUrl.fromLocalFile(str(folder))
        window.offer(f"Picture saved: {path}", "Open folder", lambda: QDesktopServices.openUrl(url))
