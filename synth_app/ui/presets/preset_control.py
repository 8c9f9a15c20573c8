"""The window's access to presets: one object per concern, created together and closed together."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

from synth_app.modelfile import ModelEntry
from synth_app.session import PresetLibrary, PresetService, SessionStore
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.library_actions import LibraryActions
from synth_app.ui.presets.preset_dialogs import PresetDialogs
from synth_app.ui.presets.preset_playback import PresetPlayback
from synth_app.ui.presets.preset_state import PresetState
from synth_app.ui.presets.undo_control import UndoControl
from synth_app.ui.presets.variation_actions import VariationActions


class ModelSource(Protocol):
    """Loads models in the background."""

    failed: SignalInstance

    def load(self, path: Path) -> None:
        """Load a model file."""


class PresetControl:
    """Presets, variations and undo of one window. Its parts show UserErrors instead of raising them.

    Attributes:
        service: the Qt-free service that the parts call.
        state: what widgets read, and their signals.
        playback: loads presets.
        library: changes the preset library.
        dialogs: dialogs for names, tags and files.
        variation: versions, randomize, mutate, locks, preset morph.
        undo: undo and redo.
    """

    def __init__(
        self,
        messages: Messages,
        store: SessionStore,
        library: PresetLibrary,
        loader: ModelSource,
        models: Callable[[], tuple[ModelEntry, ...]],
    ) -> None:
        self.service = PresetService(store, library, loader.load, models)
        self.state = PresetState(messages, store, self.service)
        self.playback = PresetPlayback(self.state, messages)
        self.library = LibraryActions(self.state, messages)
        self.dialogs = PresetDialogs(self.state, self.library, messages)
        self.variation = VariationActions(self.state, messages)
        self.undo = UndoControl(self.service.history, messages)
        loader.failed.connect(lambda _: self.service.model_failed())

    def close(self) -> None:
        """End the subscriptions to the store."""
        self.state.close()
        self.service.close()
