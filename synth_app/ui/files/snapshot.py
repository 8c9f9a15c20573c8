"""Pictures of views: PNG files in the user's music folder, named by date and time."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QUrl
from PySide6.QtGui import QDesktopServices, QPixmap

from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path
from synth_app.support.files import atomic_path
from synth_app.ui.ports.shell import Messages


def save_picture(messages: Messages, folder: Path, picture: QPixmap, title: str) -> None:
    """Write ``picture`` as a PNG file into ``folder``, and show where it is or why that failed."""
    path = free_path(folder / f"synth_app {datetime.now():%Y-%m-%d %H.%M.%S} {title.lower()}.png")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            temporary.write_bytes(_png(picture))  # Qt's own writer does not say why it fails
    except OSError as error:
        messages.show_problem(f"cannot save the picture in {folder}: {error.strerror}; make the folder writable")
    except UserError as error:
        messages.show_problem(str(error))
    else:
        url = QUrl.fromLocalFile(str(folder))
        messages.offer_action(f"Picture saved: {path}", "Open folder", lambda: QDesktopServices.openUrl(url))


def _png(picture: QPixmap) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(buffer.data().data())
