"""Files of views in the user's music folder, named by date and time: pictures, tables, sound."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QPixmap

from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path
from synth_app.support.files import atomic_path
from synth_app.ui.drawing.picture_file import png_bytes
from synth_app.ui.ports.shell import Messages


def save_picture(messages: Messages, folder: Path, picture: QPixmap, title: str) -> None:
    """Write ``picture`` as a PNG file into ``folder``, and show where it is or why that failed."""
    save_named(messages, folder, title, ".png", lambda path: path.write_bytes(png_bytes(picture)))


def save_named(messages: Messages, folder: Path, title: str, suffix: str, write: Callable[[Path], object]) -> None:
    """Write a file named by date, time and ``title`` into ``folder``, and show where it is or why that failed.

    Args:
        messages: shows the result.
        folder: made if it does not exist.
        title: of what is in the file.
        suffix: of its name, with the dot.
        write: writes to a path.
    """
    path = free_path(folder / f"synth_app {datetime.now():%Y-%m-%d %H.%M.%S} {title.lower()}{suffix}")
    what = "Picture" if suffix == ".png" else "File"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            write(temporary)
    except OSError as error:
        messages.show_problem(f"cannot save the {what.lower()} in {folder}: {error.strerror}; make the folder writable")
    except UserError as error:
        messages.show_problem(str(error))
    else:
        url = QUrl.fromLocalFile(str(folder))
        messages.offer_action(f"{what} saved: {path}", "Open folder", lambda: QDesktopServices.openUrl(url))
