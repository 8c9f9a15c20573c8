"""Files dropped onto the window: models and presets are imported, audio files are encoded as user notes."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from synth_app.dataset.audio_files import AUDIO_SUFFIXES, COMMON_AUDIO_SUFFIXES
from synth_app.export.encode_job import EncodeJob
from synth_app.patch import UserNote
from synth_app.support.errors import UserError
from synth_app.ui.ports.shell import DropTarget, Messages

MODELS, PRESETS = (".safetensors",), (".json",)
SOUNDS = AUDIO_SUFFIXES
_POLL_MS = 200


class SoundJobPort(Protocol):
    """An audio file being encoded in another process."""

    note: UserNote | None
    error: str

    def start(self) -> None:
        """Start encoding."""

    def done(self) -> bool:
        """Return whether the job has ended."""

    def cancel(self) -> None:
        """Stop the job."""


class FileDrop(QObject):
    """Handles drops on the window.

    An audio file is assigned to slot A, or to the corner of the morph pad that it is dropped on.
    """

    def __init__(
        self, messages: Messages, target: DropTarget, make_job: Callable[[Path, str], SoundJobPort] = EncodeJob
    ) -> None:
        widget = messages.as_widget()
        super().__init__(widget)
        self._messages, self._target, self._make_job = messages, target, make_job
        self._job: SoundJobPort | None = None
        self._corner: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def close(self) -> None:
        """Stop a running job."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept drags of files, and handle drops. A drop of an unusable file shows which kinds can be used."""
        if isinstance(event, QDragMoveEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            if _paths(event):
                event.acceptProposedAction()
                return True
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            self.handle_files(_paths(event), event.position())
            return True
        return False

    def handle_files(self, paths: list[Path], position: QPointF | None = None) -> None:
        """Import or encode dropped files; name each file that cannot be used."""
        for path in paths:
            kind = _kind(path)
            if kind == "model":
                self._target.import_model_file(path)
            elif kind == "preset":
                self._target.import_presets([str(path)])
            elif kind == "sound":
                self._encode(path, None if position is None else self._target.corner_at(position))
            else:
                endings = ", ".join((*MODELS, *PRESETS, *COMMON_AUDIO_SUFFIXES))
                self._messages.show_problem(
                    f"{path.name} cannot be used here; choose one of these types: {endings}, or another audio file"
                )

    def _encode(self, path: Path, corner: int | None) -> None:
        model = self._target.model_path()
        if not model:
            self._messages.show_problem("no model is loaded yet: choose one first, then drop the file")
            return
        self.close()
        self._corner = corner
        self._job = self._make_job(path, model)
        self._job.start()
        self._timer.start()
        self._messages.show_message(f"Encoding {path.name}…")

    def _poll(self) -> None:
        job = self._job
        if job is None or not job.done():
            return
        self.close()
        if job.note is None:
            self._messages.show_problem(job.error)
            return
        try:
            self._target.assign_note(job.note, self._corner)
        except UserError as error:  # another model has been loaded in the meantime
            self._messages.show_problem(str(error))
        else:
            where = "slot A" if self._corner is None else f"corner {'ABCD'[self._corner]}"
            self._messages.show_message(f"{job.note.name} is in {where}, at pitch {job.note.pitch:.1f}")


def _kind(path: Path) -> str:
    for kind, endings in (("model", MODELS), ("preset", PRESETS), ("sound", SOUNDS)):
        if path.suffix.lower() in endings:
            return kind
    return ""


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
