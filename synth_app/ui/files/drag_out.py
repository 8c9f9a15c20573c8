"""The drag handle beside Export: dragging it into a folder or another program leaves the patch there as a WAV file."""

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from synth_app.export.request import RenderRequest
from synth_app.patch import Patch
from synth_app.support.errors import UserError
from synth_app.ui.ports.audio_port import RenderJobPort, Services
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px

_POLL_MS = 60
_INVALID = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')  # in file names, on any system
HELD_S, TAIL_S = 2.0, 2.0


class DragHandle(QToolButton):
    """Renders the patch when it is pressed, so that the file is ready once the mouse has moved. A click renders too.

    A rendered patch is not rendered again. The files live as long as ``folder``. ``message`` and ``problem`` are
    emitted with a text for the user.
    """

    message = Signal(str)
    problem = Signal(str)

    def __init__(self, services: Services, patch: Callable[[], tuple[Patch, str, int]], folder: "DragFolder") -> None:
        """``patch`` returns the patch, a name for its file and the MIDI note to render."""
        super().__init__()
        self._services, self._patch, self._folder = services, patch, folder
        self._job: RenderJobPort | None = None
        self._request: RenderRequest | None = None
        self._pressed_at: QPointF | None = None
        self._waiting = False  # the user drags, but the file is not ready
        self.setIcon(icon("grip"))
        self.setAccessibleName("Drag the sound out as a WAV file")
        self.setToolTip("Drag this into a folder or another program to save the sound there as a WAV file")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.clicked.connect(self._explain)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def ready(self) -> Path | None:
        """The file of the current patch; None before it is rendered."""
        return self._folder.files.get(self._target()[0])

    def prepare(self) -> None:
        """Start to render the current patch unless that is done or running."""
        (key, name), files = self._target(), self._folder.files
        patch, pitch = key
        if not patch.model or key in files or (self._job and self._request and self._request.patch == patch):
            return
        self.stop()
        path = self._folder.path(name)
        self._request = RenderRequest(patch, path, note=pitch, seconds=HELD_S, tail_seconds=TAIL_S)
        self._job = self._services.make_render_job(self._request)
        self._job.start()
        self._timer.start()

    def stop(self) -> None:
        """Cancel a running render."""
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def mime(self) -> QMimeData | None:
        """Return the file as MIME data; None before it is rendered."""
        path = self.ready
        if path is None:
            return None
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        return mime

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to render."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
            self.prepare()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Start the drag after the usual distance, as soon as the file is ready."""
        if self._pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        distance = (event.position() - self._pressed_at).manhattanLength()
        if distance >= QApplication.startDragDistance():
            self._pressed_at, self._waiting = None, True
            self._drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a press without a drag."""
        if self._waiting:
            self._waiting = False
            self.setDown(False)
            self.message.emit("The file is being rendered: drag the handle again in a moment")
            return
        self._pressed_at = None
        super().mouseReleaseEvent(event)

    def cancel_press(self) -> None:
        """Forget the press, because the mouse button was released over another window."""
        self._pressed_at, self._waiting = None, False
        self.setDown(False)

    def hideEvent(self, event: QEvent) -> None:
        """Cancel the drag and the render."""
        self._waiting = False
        self.stop()

    # ---- internal

    def _target(self) -> tuple[tuple[Patch, int], str]:
        patch, name, pitch = self._patch()
        return (patch, pitch), name

    def _explain(self) -> None:
        self.prepare()
        self.message.emit("Drag the handle into a folder or another program to save the sound there as a WAV file")

    def _poll(self) -> None:
        job, request = self._job, self._request
        if job is None or request is None or not job.done():
            return
        self._timer.stop()
        self._job = None
        error = job.error()
        if error is not None:
            self._waiting = False
            self.problem.emit(error)
            return
        self._folder.files[(request.patch, request.note)] = request.path
        if self._waiting:
            self._drag()

    def _drag(self) -> None:
        """Start the drag if the file is ready, else start to render."""
        mime = self.mime()
        if mime is None:
            self.prepare()
            return
        self._waiting = False
        self.setDown(False)
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(self._picture())
        self.start_drag(drag)

    def start_drag(self, drag: QDrag) -> None:
        """Run the drag; returns when it has ended."""
        drag.exec(Qt.DropAction.CopyAction)

    def _picture(self) -> QPixmap:
        return icon("export").pixmap(px(24), px(24))


class DragFolder(QObject):
    """A temporary folder for dragged files, removed when the window closes.

    Attributes:
        files: rendered files by patch and MIDI note.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._folder: TemporaryDirectory[str] | None = None
        self._count = 0
        self.files: dict[tuple[Patch, int], Path] = {}

    def path(self, name: str) -> Path:
        """Return the path of a new file with a readable name. Raises UserError if no folder can be created."""
        if self._folder is None:
            try:
                self._folder = TemporaryDirectory(prefix="synth_app-")
            except OSError as error:
                raise UserError(f"cannot create a temporary folder: {error.strerror}; export a file instead") from error
        self._count += 1
        folder = Path(self._folder.name) / str(self._count)  # one folder per file: names may repeat
        folder.mkdir()
        return folder / f"{_INVALID.sub(' ', name).strip(' .')[:80] or 'sound'}.wav"

    def close(self) -> None:
        """Delete the folder and its files."""
        self.files.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
