"""Bite and movement of notes: read off synthetic paths with known values, and moved to where they should be."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model, load_model
from synth_app.handles import PathReader, SoundReader, model_path_scale
from synth_app.modelfile import BankNote, NoteMarks, find_model, note_center

LENGTH = 400
MOST_BITE_DB = 39.0  # the reading ends at 40 dB


@pytest.fixture(scope="module", params=["pca-16k", "pitched-vae-48k"])
def model(request: pytest.FixtureRequest) -> Model:
    return load_model(find_model(request.param))


def made(model: Model, gain_db: NDArray[np.floating], wobble: float = 0.0) -> BankNote:
    """Return a note that stands at the centre of a bank note, with a gain and a movement of the latent vector."""
    center = note_center(model.bank[30])[0]
    phase = np.sin(np.arange(LENGTH) * 0.9)[:, None]
    z = (center + wobble * phase * model.stats.std).astype(np.float32)
    marks = NoteMarks(10, 60, LENGTH - 60, LENGTH - 20)
    return BankNote("n", "n", "keyboard", 60, 100, z, gain_db.astype(np.float32), marks)


def times_s(model: Model) -> NDArray[np.float64]:
    return np.arange(LENGTH) * model.spec.hop_length / model.spec.sample_rate


def test_bite_is_the_level_of_the_attack_over_what_follows(model: Model) -> None:
    reader, t = PathReader(SoundReader(model)), times_s(model)
    flat, struck = np.full(LENGTH, -20.0), np.where(t < 0.1, -8.0, -20.0)
    assert reader.bite(made(model, flat), 60.0) == pytest.approx(0.0, abs=0.3)
    assert reader.bite(made(model, struck), 60.0) == pytest.approx(12.0, abs=0.3)
    swelling = np.minimum(-60.0 + 200.0 * t, -20.0)  # -44 dB after 80 ms, -20 dB from 200 ms on
    assert -26.0 < reader.bite(made(model, swelling), 60.0) < -18.0


def test_the_parameter_raises_bite_by_about_its_decibels(model: Model) -> None:
    reader, note = PathReader(SoundReader(model)), made(model, np.full(LENGTH, -20.0))
    assert reader.bite(note, 60.0, 10.0) == pytest.approx(10.0, abs=3.0)  # brighter: less for a dull sound


def test_movement_follows_the_distance_from_the_centre(model: Model) -> None:
    reader, gain = PathReader(SoundReader(model)), np.full(LENGTH, -20.0)
    still, small, large = (reader.movement(made(model, gain, wobble), 60.0) for wobble in (0.0, 0.1, 0.2))
    assert still == pytest.approx(-20.0, abs=1.0)
    assert large - small == pytest.approx(6.0, abs=2.0)
    assert reader.movement(made(model, gain, 0.1), 60.0, 20.0 * np.log10(2.0)) == pytest.approx(large, abs=0.2)


def test_the_found_parameters_reach_what_is_asked(model: Model) -> None:
    reader, step = PathReader(SoundReader(model)), model_path_scale(model).step
    missed = []
    for note in model.bank[7 :: len(model.bank) // 24]:
        slots = [(note, float(note.pitch), 1.0)]
        bite, movement = reader.values(note, float(note.pitch))
        if bite + step[0] > MOST_BITE_DB:
            continue  # a stroke that is over at once has no room for more
        bite_db = reader.find_bite_db(slots, bite + step[0])
        movement_db = reader.find_movement_db(slots, movement + step[1])
        reached = reader.values(note, float(note.pitch), bite_db, movement_db) - (bite, movement)
        missed.append(1.0 - reached / step)
    assert len(missed) > 12
    assert (np.mean(np.array(missed) < 0.3, axis=0) >= 0.9).all()


def test_kept_values_belong_to_their_note(model: Model) -> None:
    """More notes than are kept, whose arrays may get the addresses of earlier ones."""
    reader, t = PathReader(SoundReader(model)), times_s(model)
    for db in range(0, 24, 2):
        note = made(model, np.where(t < 0.1, db - 20.0, -20.0))
        for bite_db in (0.0, 3.0, 0.0):
            expected = PathReader(SoundReader(model)).values(note, 60.0, bite_db)
            np.testing.assert_allclose(reader.values(note, 60.0, bite_db), expected)
        del note


def test_two_notes_in_the_slots_count_by_their_weights(model: Model) -> None:
    reader, flat = PathReader(SoundReader(model)), np.full(LENGTH, -20.0)
    struck = np.where(times_s(model) < 0.1, -8.0, -20.0)
    slots = [(made(model, flat), 60.0, 0.5), (made(model, struck), 60.0, 0.5)]
    found = reader.find_bite_db(slots, 6.0)  # their mean as they are
    assert found == pytest.approx(0.0, abs=0.5)


def test_usual_notes_are_at_zero_and_positions_can_be_inverted(model: Model) -> None:
    scale = model_path_scale(model)
    assert np.abs(scale.bank.mean(axis=0)).max() < 0.05
    np.testing.assert_allclose(scale.positions(scale.values(np.array([1.5, -0.5]), 48.0), 48.0), (1.5, -0.5))
