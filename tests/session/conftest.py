"""A store with one model; two models of other dimensions with the same notes, and a preset service over a store."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from synth_app.decoder import Model, load_model
from synth_app.modelfile import ModelEntry
from synth_app.session import PresetLibrary, PresetService, SessionStore
from tests.ui.model_fixture import make_model


@pytest.fixture(scope="session")
def small_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("small") / "small.safetensors", latent=6, name="small", title="Small")


@pytest.fixture(scope="session")
def wide_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("wide") / "wide.safetensors", latent=9, name="wide", title="Wide")


@pytest.fixture(scope="session")
def small(small_path: Path) -> Model:
    return load_model(small_path)


@pytest.fixture(scope="session")
def wide(wide_path: Path) -> Model:
    return load_model(wide_path)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of the test module's own; some modules replace it by a smaller model."""
    return make_model(tmp_path_factory.mktemp("models") / "one.safetensors")


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path)


@pytest.fixture
def store(model: Model, path: Path) -> SessionStore:
    """With the module's model loaded."""
    made = SessionStore()
    made.load_model_data(model, path)
    return made


@dataclass
class Bench:
    """A preset service, its store, and the models that it requests."""

    service: PresetService
    store: SessionStore
    library: PresetLibrary
    paths: tuple[Path, Path]
    models: dict[Path, Model]
    requested: list[Path]

    def deliver(self) -> None:
        """Load a requested model, as the window does when its file has been read."""
        path = self.requested.pop(0)
        self.store.load_model_data(self.models[path], path)


@pytest.fixture
def make_bench(
    small: Model, small_path: Path, wide: Model, wide_path: Path, tmp_path: Path
) -> Callable[[SessionStore], Bench]:
    def make(store: SessionStore) -> Bench:
        factory = tmp_path / "factory"
        factory.mkdir(exist_ok=True)
        library = PresetLibrary(tmp_path / "presets", tmp_path / "settings.json", factory)
        requested: list[Path] = []
        models = {small_path: small, wide_path: wide}
        entries = tuple(ModelEntry(path, model.card) for path, model in models.items())
        service = PresetService(store, library, requested.append, lambda: entries, seed=3)
        return Bench(service, store, library, (small_path, wide_path), models, requested)

    return make


@pytest.fixture
def bench(make_bench: Callable[[SessionStore], Bench]) -> Bench:
    """With the small model loaded."""
    made = make_bench(SessionStore())
    made.store.load_model_data(made.models[made.paths[0]], made.paths[0])
    return made
