"""Finding, loading and importing models in a worker thread; the window only hears the result."""

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from synth_app.decoder import Model, load_model
from synth_app.modelfile import ModelEntry, list_models, load_model_file, model_folders
from synth_app.modelfile.catalog import SUFFIX
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path


class ModelLoader(QObject):
    """One job at a time counts: a newer ``load`` or ``cancel`` makes the older one's result void."""

    listed = Signal(object)  # tuple[ModelEntry, ...]
    loaded = Signal(object, object)  # Model, Path
    failed = Signal(str)
    imported = Signal(object)  # Path
    busy_changed = Signal(str)  # what is being loaded, "" when done
    _finished = Signal(int, object)  # ticket, what to do on the GUI thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticket = 0
        self._threads: list[threading.Thread] = []
        self._finished.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def refresh(self) -> None:
        """List the models: ``listed``."""
        self._run(0, lambda: self._listing(list_models()))

    def load(self, path: Path) -> None:
        """Load a model: ``loaded`` or ``failed``."""
        self._ticket += 1
        self.busy_changed.emit(f"Loading {path.stem}…")
        self._run(self._ticket, lambda: self._loading(load_model(path), path))

    def import_file(self, path: Path) -> None:
        """Check a model file and copy it into the user's folder: ``imported`` or ``failed``."""
        self._ticket += 1
        self.busy_changed.emit(f"Importing {path.name}…")
        self._run(self._ticket, lambda: self._importing(copy_model(path)))

    def cancel(self) -> None:
        """The job under way no longer counts."""
        self._ticket += 1
        self.busy_changed.emit("")

    def close(self) -> None:
        """Wait for the threads; nothing is emitted any more."""
        self._ticket += 1
        self._finished.disconnect(self._take)
        for thread in self._threads:
            thread.join()

    def _run(self, ticket: int, job: Callable[[], Callable[[], None]]) -> None:
        def work() -> None:
            try:
                then = job()
            except UserError as error:
                then = self._failing(str(error))
            except Exception as error:
                then = self._failing(f"unexpected error while loading: {error!r}; please report it")
            self._finished.emit(ticket, then)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, name="model-loader")
        self._threads.append(thread)
        thread.start()

    def _take(self, ticket: int, then: Callable[[], None]) -> None:
        if ticket in (0, self._ticket):
            if ticket:
                self.busy_changed.emit("")
            then()

    def _listing(self, entries: tuple[ModelEntry, ...]) -> Callable[[], None]:
        return lambda: self.listed.emit(entries)

    def _loading(self, model: Model, path: Path) -> Callable[[], None]:
        return lambda: self.loaded.emit(model, path)

    def _importing(self, path: Path) -> Callable[[], None]:
        return lambda: self.imported.emit(path)

    def _failing(self, problem: str) -> Callable[[], None]:
        return lambda: self.failed.emit(problem)


def copy_model(path: Path) -> Path:
    """Copy a model file, once it has proved whole, into the first models folder; the copy's path.

    No other model is overwritten or hidden: where one of the same name has other content, the copy gets a number.

    Raises:
        UserError: not a usable model file, or the folder cannot be written.
    """
    load_model_file(path)
    folders, data = model_folders(), path.read_bytes()
    try:
        folders[0].mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the models folder {folders[0]}: {error.strerror}") from error
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
