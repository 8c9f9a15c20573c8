"""Listing, loading and importing models in worker threads; results arrive as signals in the window's thread."""

import itertools
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from synth_app.decoder import Model, load_model
from synth_app.handles import prepare_handles
from synth_app.modelfile import ModelEntry, list_models, load_model_file, model_folders
from synth_app.modelfile.catalog import SUFFIX
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

logger = logging.getLogger(__name__)


class ModelLoader(QObject):
    """Runs model jobs. A newer ``load`` or ``cancel`` discards the result of an older job."""

    listed = Signal(object, str)  # tuple[ModelEntry, ...]; why there are none, "" otherwise
    loaded = Signal(object, object)  # Model, Path
    failed = Signal(str)
    imported = Signal(object)  # Path
    busy_changed = Signal(str)  # what is being loaded, "" when done
    _finished = Signal(int, object)  # ticket, function to call in the window's thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticket = 0
        self._threads: list[threading.Thread] = []
        self._finished.connect(self._handle, Qt.ConnectionType.QueuedConnection)

    def refresh(self) -> None:
        """List the models; emits ``listed``."""
        self._run(0, self._list)

    def load(self, path: Path) -> None:
        """Load a model; emits ``loaded`` or ``failed``."""
        self._ticket += 1
        self.busy_changed.emit(f"Loading {path.stem}…")
        self._run(self._ticket, lambda: self._loading(_prepared(path), path))

    def import_file(self, path: Path) -> None:
        """Check a model file and copy it into the user's models; emits ``imported`` or ``failed``."""
        self._ticket += 1
        self.busy_changed.emit(f"Importing {path.name}…")
        self._run(self._ticket, lambda: self._importing(copy_model(path)))

    def cancel(self) -> None:
        """Discard the running job."""
        self._ticket += 1
        self.busy_changed.emit("")

    def close(self) -> None:
        """Wait for the threads; emits nothing."""
        self._ticket += 1
        self._finished.disconnect(self._handle)
        for thread in self._threads:
            thread.join()

    def _run(self, ticket: int, job: Callable[[], Callable[[], None]]) -> None:
        def work() -> None:
            try:
                then = job()
            except UserError as error:
                then = self._failing(str(error))
            except Exception as error:  # a defect must not leave the window waiting: it is logged and shown
                logger.exception("unexpected error while loading a model")
                then = self._failing(f"unexpected error while loading: {error!r}; please report it")
            self._finished.emit(ticket, then)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, name="model-loader")
        self._threads.append(thread)
        thread.start()

    def _handle(self, ticket: int, then: Callable[[], None]) -> None:
        if ticket in (0, self._ticket):
            if ticket:
                self.busy_changed.emit("")
            then()

    def _list(self) -> Callable[[], None]:
        entries: tuple[ModelEntry, ...] = ()
        problem = ""
        try:
            entries = list_models()
        except UserError as error:  # no reason to fail yet: the session may name a model elsewhere
            problem = str(error)
        return lambda: self.listed.emit(entries, problem)

    def _loading(self, model: Model, path: Path) -> Callable[[], None]:
        return lambda: self.loaded.emit(model, path)

    def _importing(self, path: Path) -> Callable[[], None]:
        return lambda: self.imported.emit(path)

    def _failing(self, problem: str) -> Callable[[], None]:
        return lambda: self.failed.emit(problem)


def _prepared(path: Path) -> Model:
    """Load a model with what the window's handles need of it, which would stop the window for half a second."""
    model = load_model(path)
    prepare_handles(model)
    return model


def copy_model(path: Path) -> Path:
    """Copy a valid model file into the first models folder, and return the path of the copy.

    No model is overwritten or hidden: if the name is taken by another model, the copy gets a number. An identical file
    is not copied again.

    Raises:
        UserError: the file is not a usable model, or the folder cannot be created.
    """
    load_model_file(path)
    folders, data = model_folders(), path.read_bytes()
    try:
        folders[0].mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot create the models folder {folders[0]}: {error.strerror}; create it or make its parent writable"
        ) from error
    for count in itertools.count(1):
        name = f"{path.stem}{SUFFIX}" if count == 1 else f"{path.stem}-{count}{SUFFIX}"
        same_name = [folder / name for folder in folders if (folder / name).exists()]
        if not same_name:
            with atomic_path(folders[0] / name) as temporary:
                temporary.write_bytes(data)
            return folders[0] / name
        if same_name[0].read_bytes() == data:
            return same_name[0]
    raise AssertionError("unreachable")
