"""Packs in the window: the dialog that shares, and the import."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from synth_app.export.jobs.pack_job import PackJob, PackRequest
from synth_app.modelfile import ModelEntry
from synth_app.modelfile.catalog import user_model_folder
from synth_app.session import PresetLibrary
from synth_app.session.packs import SUFFIX, Imported, Libraries
from synth_app.session.presets.preset_capture import card_digest
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.state.preset import Preset
from synth_app.ui.files.pack_dialog import PackContents, PackDialog
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.shell import Messages

_POLL_MS = 100
FILTER = f"Packs (*{SUFFIX})"


class PackControl(QObject):
    """Writes and reads packs in another process, one at a time.

    Args:
        messages: the window.
        services: hold the user's presets and sounds.
        models: returns the user's own models.
        imported: called after an import with what it added.

    Attributes:
        dialog: the last one opened.
    """

    def __init__(
        self, messages: Messages, services: Services, models: Callable[[], tuple[ModelEntry, ...]],
        imported: Callable[[Imported], object],
    ) -> None:  # fmt: skip
        super().__init__(messages.as_widget())
        self._messages, self._models, self._imported = messages, models, imported
        self._presets, self._sounds = services.presets, services.sounds
        self._job: PackJob | None = None
        self._out = Path()
        self.dialog: PackDialog | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    def share(self, model: Path | None = None) -> PackDialog:
        """Open the dialog that shares, or raise it; a model and the user's presets made with it are ticked."""
        entries = [each for each in self._models() if each.card is not None]
        digest = next((card_digest(each.card) for each in entries if each.path == model and each.card), "")

        def belongs(preset: Preset) -> bool:
            return bool(digest) and preset.model is not None and preset.model.digest == digest

        if self.dialog is not None and self.dialog.isVisible():
            if model is None or self.dialog.tick(model, belongs):
                self.dialog.raise_()
                self.dialog.activateWindow()
                return self.dialog
            self.dialog.reject()  # it was opened before this model came
        contents = PackContents(
            tuple((each.card.title, each.path) for each in entries if each.card),
            self._sounds.entries(),
            tuple(each.preset for each in self._presets.entries() if not each.factory),
        )
        self.dialog = PackDialog(contents, model, belongs, self.write, self._messages.as_widget())
        self.dialog.show()
        return self.dialog

    def write(self, request: PackRequest) -> None:
        """Write a pack in the background."""
        if self._start(PackJob(request), f"Writing {request.out.name}…"):
            self._out = request.out

    def ask_import(self) -> None:
        """Ask for a pack and import it."""
        name, _ = QFileDialog.getOpenFileName(self._messages.as_widget(), "Import pack", "", FILTER)
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        """Import a pack in the background."""
        libraries = Libraries(
            user_model_folder(), SoundLibrary(self._sounds.folder), PresetLibrary(self._presets.folder)
        )
        self._start(PackJob(path, libraries), f"Importing {path.name}…")

    def close(self) -> None:
        """Stop a running job."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _start(self, job: PackJob, text: str) -> bool:
        if self._job is not None:
            self._messages.show_problem("another pack is being read or written; wait a moment, then try again")
            return False
        self._job = job
        job.start()
        self._timer.start()
        self._messages.show_message(text)
        return True

    def _poll(self) -> None:
        job = self._job
        if job is None or not job.done():
            return
        self._job = None
        self._timer.stop()
        if job.error:
            self._messages.show_problem(job.error)
        elif job.imported is not None:
            self._tell_import(job.imported)
        else:
            folder = QUrl.fromLocalFile(str(self._out.parent))
            text = f"Written: {self._out.name}, {job.written / 1e6:.1f} MB"
            self._messages.offer_file(text, self._out, "Open folder", lambda: QDesktopServices.openUrl(folder))

    def _tell_import(self, found: Imported) -> None:
        counts = (("model", found.models), ("sound", found.sounds), ("preset", found.presets))
        parts = [f"{len(names)} {kind}{'s' * (len(names) != 1)}" for kind, names in counts if names]
        self._imported(found)
        if parts:
            self._messages.show_message(f"{found.manifest.name}: {', '.join(parts)} added")
        else:
            self._messages.show_message(f"{found.manifest.name}: you have everything in it already")
