"""Files dropped onto the window find their place: models and presets are imported, sounds become notes."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from synth_app.export.encode_job import EncodeJob
from synth_app.patch import UserNote
from synth_app.support.errors import UserError
from synth_app.ui.ports.shell import DropTarget

MODELS, PRESETS = (".safetensors",), (".json",)
SOUNDS = (".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3")
_POLL_MS = 200


class SoundJobPort(Protocol):
    """A sound being encoded elsewhere."""

    note: UserNote | None
    error: str

    def start(self) -> None:
        """Begin."""

    def done(self) -> bool:
        """Whether it has ended."""

    def cancel(self) -> None:
        """Stop."""


class FileDrop(QObject):
    """Watches the window. A sound goes into slot A, or into the corner of the morph pad that it is dropped on."""

    def __init__(self, window: DropTarget, make_job: Callable[[Path, str], SoundJobPort] = EncodeJob) -> None:
        widget = window.as_widget()
        super().__init__(widget)
        self._window, self._make_job = window, make_job
        self._job: SoundJobPort | None = None
        self._corner: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def close(self) -> None:
        """Stop everything."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept drags that hold a file of ours; take drops."""
        if isinstance(event, QDragMoveEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            if any(_kind(path) for path in _paths(event)):
                event.acceptProposedAction()
                return True
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            self.take(_paths(event), event.position())
            return True
        return False

    def take(self, paths: list[Path], at: QPointF | None = None) -> None:
        """Take dropped files; what none of ours is named."""
        for path in paths:
            kind = _kind(path)
            if kind == "model":
                self._window.import_model_file(path)
            elif kind == "preset":
                self._window.import_presets([str(path)])
            elif kind == "sound":
                self._encode(path, None if at is None else self._window.corner_at(at))
            else:
                endings = ", ".join((*MODELS, *PRESETS, *SOUNDS))
                self._window.say_problem(f"{path.name} cannot be used here; drop one of {endings}")

    def _encode(self, path: Path, corner: int | None) -> None:
        model = self._window.model_path()
        if not model:
            self._window.say_problem("no model is loaded yet: choose one first, then drop the sound")
            return
        self.close()
        self._corner = corner
        self._job = self._make_job(path, model)
        self._job.start()
        self._timer.start()
        self._window.say(f"Encoding {path.name}…")

    def _poll(self) -> None:
        job = self._job
        if job is None or not job.done():
            return
        self.close()
        if job.note is None:
            self._window.say_problem(job.error)
            return
        try:
            self._window.place_note(job.note, self._corner)
        except UserError as error:  # another model was loaded meanwhile
            self._window.say_problem(str(error))
        else:
            place = "slot A" if self._corner is None else f"corner {'ABCD'[self._corner]}"
            self._window.say(f"{job.note.name} is in {place}, at pitch {job.note.pitch:.1f}")


def _kind(path: Path) -> str:
    for kind, endings in (("model", MODELS), ("preset", PRESETS), ("sound", SOUNDS)):
        if path.suffix.lower() in endings:
            return kind
    return ""


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
