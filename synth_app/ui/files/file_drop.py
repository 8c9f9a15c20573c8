"""Files dropped onto the window: models, presets and packs are imported, audio files are encoded as user notes."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from synth_app.dataset.audio_files import AUDIO_SUFFIXES, COMMON_AUDIO_SUFFIXES
from synth_app.patch import UserNote
from synth_app.session import Slot
from synth_app.session.packs.manifest import SUFFIX
from synth_app.session.state.state import SLOTS
from synth_app.support.errors import UserError
from synth_app.ui.ports.shell import DropTarget, Messages

MODELS, PRESETS, PACKS = (".safetensors",), (".json",), (SUFFIX,)
SOUNDS = AUDIO_SUFFIXES
_POLL_MS = 30


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


@dataclass(frozen=True)
class DroppedSound:
    """An audio file, and where its note goes: a corner 0-3 of the morph pad, or the slot if ``corner`` is None."""

    path: Path
    corner: int | None
    slot: Slot = "a"

    def place(self) -> str:
        """Return the place in words."""
        return f"slot {self.slot.upper()}" if self.corner is None else f"corner {self.corner + 1}"


class FileDrop(QObject):
    """Handles drops on the window.

    An audio file that the program wrote holds its patch, which is played again, unless it is dropped on a corner. On
    the style panel, any audio file becomes the texture in slot S. Another audio file is assigned to slot A, or to the
    corner of the morph pad that it is dropped on. Several are encoded one after the other and fill the slots, or the
    corners from that one on.

    Args:
        messages: the window. target: takes what is dropped.
        make_job: makes the job that encodes a file (path, model).
        prepare: called when files are dragged over the window, so that the first job need not wait.
    """

    def __init__(
        self, messages: Messages, target: DropTarget, make_job: Callable[[Path, str], SoundJobPort],
        prepare: Callable[[], None],
    ) -> None:  # fmt: skip
        widget = messages.as_widget()
        super().__init__(widget)
        self._messages, self._target, self._make_job = messages, target, make_job
        self._prepare = prepare
        self._job: SoundJobPort | None = None
        self._sounds: deque[DroppedSound] = deque()  # the first one is being encoded
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def close(self) -> None:
        """Stop a running job, and forget the files that wait."""
        self._sounds.clear()
        self._end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept drags of files, and handle drops. A drop of an unusable file shows which kinds can be used."""
        if isinstance(event, QDragMoveEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            if paths := _paths(event):
                if event.type() == QEvent.Type.DragEnter and any(_kind(path) == "sound" for path in paths):
                    self._prepare()
                event.acceptProposedAction()
                return True
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            self.handle_files(_paths(event), event.position())
            return True
        return False

    def handle_files(self, paths: list[Path], position: QPointF | None = None) -> None:
        """Import or encode dropped files; name each file that cannot be used."""
        corner, sounds = None if position is None else self._target.corner_at(position), 0
        for path in paths:
            kind = _kind(path)
            if kind == "model":
                self._target.import_model_file(path)
            elif kind == "preset":
                self._target.import_presets([str(path)])
            elif kind == "pack":
                self._target.import_pack(path)
            elif kind == "sound" and self._used_whole(path, corner, position):
                continue
            elif kind == "sound":
                where = None if corner is None else (corner + sounds) % 4
                self._encode(DroppedSound(path, where, SLOTS[sounds % 2]))
                sounds += 1
            else:
                endings = ", ".join((*MODELS, *PRESETS, *PACKS, *COMMON_AUDIO_SUFFIXES))
                self._messages.show_problem(
                    f"{path.name} cannot be used here; choose one of these types: {endings}, or another audio file"
                )

    def _used_whole(self, path: Path, corner: int | None, position: QPointF | None) -> bool:
        """Use a sound file as a texture or as a patch, where that is what it was dropped for; return whether it is."""
        if position is not None and self._target.choose_texture(path, position):
            return True
        return corner is None and self._target.play_patch_of(path)

    def _encode(self, sound: DroppedSound) -> None:
        if not self._target.model_path():
            self._messages.show_problem("no model is loaded yet: choose one first, then drop the file")
            return
        self._sounds.append(sound)
        if self._job is None:
            self._start()

    def _start(self) -> None:
        """Encode the first file that waits."""
        if not self._sounds:
            return
        path, more = self._sounds[0].path, len(self._sounds) - 1
        self._job = self._make_job(path, self._target.model_path())
        self._job.start()
        self._timer.start()
        self._messages.show_message(f"Encoding {path.name}…" + (f" {more} more to come" if more else ""))

    def _end(self) -> None:
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _poll(self) -> None:
        job = self._job
        if job is None or not job.done():
            return
        self._end()
        sound = self._sounds.popleft()
        try:
            if job.note is None:
                raise UserError(job.error)
            self._target.assign_note(job.note, sound.corner, sound.slot)
        except UserError as error:  # the file is unusable, or another model has been loaded in the meantime
            self._messages.show_problem(str(error))
        else:
            self._messages.show_message(f"{job.note.name} is in {sound.place()}, at pitch {job.note.pitch:.1f}")
        self._start()


def _kind(path: Path) -> str:
    for kind, endings in (("model", MODELS), ("preset", PRESETS), ("pack", PACKS), ("sound", SOUNDS)):
        if path.suffix.lower() in endings:
            return kind
    return ""


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
