"""A shipped model, a steady note of it, and two textures."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model, load_model
from synth_app.modelfile import find_note
from synth_app.patch import UserNote
from synth_app.style import Style, style_of_sound
from synth_app.texture import synthesize_texture


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model("pitched-vae-48k")


@pytest.fixture(scope="session")
def content(model: Model) -> UserNote:
    return UserNote.of(find_note(model.bank, "brass_acoustic_001-060-100"))


@pytest.fixture(scope="session")
def engine_style(model: Model) -> Style:
    return style_of_sound(model, "engine", synthesize_texture("engine", 3.0, 48_000, 1), 48_000)


@pytest.fixture(scope="session")
def rain_style(model: Model) -> Style:
    return style_of_sound(model, "rain", synthesize_texture("rain", 3.0, 48_000, 1), 48_000)


@pytest.fixture(scope="session")
def rain_db(model: Model) -> NDArray[np.float32]:
    """Frames of the sound of ``rain_style``."""
    return model.frames(synthesize_texture("rain", 3.0, 48_000, 1), 48_000)
