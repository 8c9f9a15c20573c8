"""The models of the window: the list of models, the first model to load, loading and importing."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from synth_app.decoder import Model
from synth_app.modelfile import ModelEntry
from synth_app.session import SessionStore
from synth_app.session.state.state import Snapshot
from synth_app.support.errors import UserError
from synth_app.support.file_names import is_file
from synth_app.ui.ports.shell import Messages
from synth_app.ui.settings.model_loader import ModelLoader
from synth_app.ui.settings.model_picker import ModelPicker


class ModelControl(QObject):
    """Connects the model loader to the session store and to the model picker.

    Attributes:
        loader: loads models in the background.
        entries: the models that were found, unusable ones included.
    """

    def __init__(self, store: SessionStore, messages: Messages) -> None:
        super().__init__(messages.as_widget())
        self._store, self._messages = store, messages
        self._picker: ModelPicker | None = None
        self._first_model = ""
        self.entries: tuple[ModelEntry, ...] = ()
        self.loader = ModelLoader(self)
        self.loader.listed.connect(self._show_entries)
        self.loader.loaded.connect(self._install)
        self.loader.failed.connect(lambda problem: self._messages.show_problem(problem))
        self.loader.imported.connect(self._load_imported)

    def attach(self, picker: ModelPicker) -> None:
        """Connect a new model picker; called each time the window is built."""
        self._picker = picker
        picker.chosen.connect(self.load)
        picker.import_requested.connect(self.ask_import)
        picker.cancel_requested.connect(self.loader.cancel)
        picker.show_entries(self.entries)
        if self._store.model is not None:
            picker.show_current(Path(self._store.patch.model), self._store.model.card)

    def start(self, model: str = "") -> None:
        """List the models, then load ``model`` (a path), or the first usable one."""
        self._first_model = model
        self.loader.refresh()

    @property
    def present(self) -> Path:
        """File of the model that plays; an empty path before the first."""
        return Path(self._store.patch.model)

    def load(self, path: Path) -> None:
        """Load a model file in the background."""
        self.loader.load(path)

    def follow_change(self, path: Path) -> None:
        """Take over a model file whose card was changed: in the list, and without a change of sound if it is loaded.

        Presets name their model by its card, so those that are saved from now on must have the new one.
        """
        self.loader.refresh()
        store = self._store
        if store.model is not None and store.patch.model == str(path):
            store.expect_model(
                str(path), lambda _: Snapshot(store.patch, store.state.preset, store.state.pad, store.state.versions)
            )
            self.load(path)

    def ask_import(self) -> None:
        """Ask for a model file and import it."""
        window = self._messages.as_widget()
        name, _ = QFileDialog.getOpenFileName(window, "Import model file", "", "Models (*.safetensors)")
        if name:
            self.loader.import_file(Path(name))

    def _show_entries(self, entries: tuple[ModelEntry, ...], problem: str) -> None:
        self.entries = entries
        if self._picker is not None:
            self._picker.show_entries(entries)
        if self._store.model is None:
            self._load_first([entry.path for entry in entries if entry.card is not None], problem)

    def _load_first(self, usable: list[Path], problem: str) -> None:
        wanted = Path(self._first_model) if self._first_model else None
        if wanted is not None and is_file(self._first_model):
            self.load(wanted)
        elif usable:
            if wanted is not None:
                self._messages.show_message(f"{wanted.name} no longer exists; loading {usable[0].stem}")
            self.load(usable[0])
        else:
            self._messages.show_problem(
                problem
                or "no model file can be read; `synth-app models` says why; choose Import model file… in the menu"
            )

    def _install(self, model: Model, path: Path) -> None:
        try:
            self._store.load_model_data(model, path)
        except UserError as error:
            self.loader.failed.emit(str(error))
            return
        if self._picker is not None:
            self._picker.show_current(path, model.card)
        self._messages.show_message(f"{model.card.title} loaded: {len(model.bank)} notes")

    def _load_imported(self, path: Path) -> None:
        self.loader.refresh()
        self.load(path)
