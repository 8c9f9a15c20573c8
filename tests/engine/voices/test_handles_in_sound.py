"""Handles in the rendered sound: moves along curves by modulation and automation, bite and movement on the path."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.params import SPECTRAL_HANDLES
from synth_app.params.handles import ONSET_S
from synth_app.patch import ENGINE_RATE, Automation, AutomationCurve, HandleCurves, NoteOff, NoteOn, Patch, SetPatch
from synth_app.patch.handle_curves import NODES, PIN_LEVELS, PIN_NODES
from synth_app.patch.modulation_matrix import Connection, Lfo, Modulation
from synth_app.spectrum import db_frames
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS
from tests.engine.helpers import high_band_db, play, rms_db

BRIGHT, MOVING = 1, 3
HARD = NoteOn(60, 127)  # a velocity of 1
LATENT = 2


def curves(number: int = 0) -> HandleCurves:
    """Return smooth but uneven curves of all handles."""
    values = np.random.default_rng(number).uniform(-0.25, 0.25, (len(SPECTRAL_HANDLES), NODES, LATENT + 1))
    values[:, :, LATENT] *= 8.0  # dB
    values[:, NODES // 2] = 0.0
    return HandleCurves.of(values)


def at(found: HandleCurves, handle: int, steps: float) -> NDArray[np.float64]:
    """Return what a curve holds, by numpy."""
    nodes = np.linspace(-4.0, 4.0, NODES)
    return np.array([np.interp(steps, nodes, column) for column in found.array()[handle].T])


def patch_of(path: str, *links: Connection, note: int = BRIGHT) -> Patch:
    modulation = Modulation((Lfo(rate_hz=3.0), Lfo(), Lfo(), Lfo()), connections=links)
    patch = Patch(path, note, note, modulation=modulation, handle_curves=curves(), offset=(0.0,) * LATENT)
    return patch.with_param("motion", 0.0)


def moved_by(patch: Patch, *moves: tuple[int, float]) -> Patch:
    """Return the patch with the sum of moves, as (handle, steps), in its offset and level."""
    added = np.sum([at(curves(), *move) for move in moves], axis=0)
    return replace(patch, offset=tuple(added[:LATENT].tolist()), offset_db=float(added[LATENT]))


@pytest.mark.parametrize("steps", [0.4, -1.0, 2.5, -3.75])
def test_modulation_moves_along_the_curve(models: dict[int, str], steps: float) -> None:
    path = models[48_000]
    moved = play(patch_of(path, Connection("velocity", "handle_body", steps)), (0.0, HARD), seconds=0.4)
    asked = play(moved_by(patch_of(path), (1, steps)), (0.0, HARD), seconds=0.4)
    still = play(patch_of(path), (0.0, HARD), seconds=0.4)
    np.testing.assert_allclose(moved, asked, atol=2e-5)
    assert np.abs(moved - still).max() > 0.005


def test_handles_add_up_and_a_curve_ends_at_its_ends(models: dict[int, str]) -> None:
    path = models[48_000]
    links = (
        Connection("velocity", "handle_body", 4.0), Connection("velocity", "handle_body", 3.0),
        Connection("velocity", "handle_noise", -1.5),
    )  # fmt: skip
    moved = play(patch_of(path, *links), (0.0, HARD), seconds=0.4)
    asked = play(moved_by(patch_of(path), (1, 4.0), (3, -1.5)), (0.0, HARD), seconds=0.4)
    np.testing.assert_allclose(moved, asked, atol=2e-5)


def test_automation_of_a_handle_moves_along_the_curve(models: dict[int, str]) -> None:
    path = models[48_000]
    curve = AutomationCurve.of("handle_width", np.full(50, 1.75))
    automated = replace(patch_of(path), automation=Automation((curve,)))
    moved = play(automated, (0.0, HARD), seconds=0.4)
    asked = play(moved_by(patch_of(path), (5, 1.75)), (0.0, HARD), seconds=0.4)
    np.testing.assert_allclose(moved, asked, atol=2e-5)
    both = replace(automated, modulation=patch_of(path, Connection("velocity", "handle_width", 0.5)).modulation)
    asked = play(moved_by(patch_of(path), (5, 2.25)), (0.0, HARD), seconds=0.4)
    np.testing.assert_allclose(play(both, (0.0, HARD), seconds=0.4), asked, atol=2e-5)


def test_block_sizes_do_not_change_moving_handles(models: dict[int, str]) -> None:
    patch = patch_of(models[48_000], Connection("lfo1", "handle_air", 3.0), Connection("lfo1", "handle_bite", 6.0))
    other = replace(patch, handle_curves=curves(1))
    events = ((0.0, NoteOn(60)), (0.1, NoteOn(67)), (0.2, SetPatch(other)), (0.35, NoteOff(60)))
    whole, parts = (play(patch, *events, seconds=0.5, block=block) for block in (4096, 61))
    np.testing.assert_array_equal(whole, parts)


def pinned_patch(path: str, *links: Connection, pins: NDArray[np.float32]) -> Patch:
    """Return a morph at 0.25 between two notes, with pins but without other curves."""
    plain = HandleCurves.of(np.zeros((len(SPECTRAL_HANDLES), NODES, LATENT + 1)))
    patch = replace(patch_of(path, *links), slot_b=MOVING, handle_curves=replace(plain, pins=pins.tobytes()))
    return patch.with_param("morph", 0.25).with_param("motion", 1.0)


def random_pins() -> NDArray[np.float32]:
    """Return uneven pins: latent vector, level, bite and movement."""
    pins = np.random.default_rng(5).uniform(-0.25, 0.25, (PIN_NODES, LATENT + PIN_LEVELS))
    pins[:, LATENT:] *= 12.0  # dB
    return pins.astype(np.float32)


@pytest.mark.parametrize("by", [0.3, 0.71, -0.4])
def test_pins_follow_a_modulated_morph(models: dict[int, str], by: float) -> None:
    """Oracle: the same morph set by hand, with what the pins hold there in offset, level and parameters."""
    path, pins = models[48_000], random_pins()
    moved = play(pinned_patch(path, Connection("velocity", "morph", by), pins=pins), (0.0, HARD), seconds=0.4)
    morph, nodes = max(0.25 + by, 0.0), np.linspace(0.0, 1.0, PIN_NODES)
    added = [np.interp(morph, nodes, column) - np.interp(0.25, nodes, column) for column in pins.T]
    asked = replace(pinned_patch(path, pins=pins), handle_curves=None, offset=tuple(map(float, added[:LATENT])))
    asked = replace(asked, offset_db=float(added[LATENT])).with_param("morph", morph)
    asked = asked.with_param("handle_bite", float(added[-2])).with_param("handle_movement", float(added[-1]))
    np.testing.assert_allclose(moved, play(asked, (0.0, HARD), seconds=0.4), atol=5e-5)
    free = play(replace(pinned_patch(path, Connection("velocity", "morph", by), pins=pins), handle_curves=None),
                (0.0, HARD), seconds=0.4)  # fmt: skip
    assert np.abs(moved - free).max() > 0.005


def test_pins_change_nothing_where_nothing_moves_the_morph(models: dict[int, str]) -> None:
    pinned = pinned_patch(models[48_000], pins=random_pins())
    still = replace(pinned, handle_curves=None)
    held, free = (play(each, (0.0, HARD), seconds=0.3) for each in (pinned, still))
    np.testing.assert_allclose(held, free, atol=1e-6)


def test_new_curves_glide_under_a_moved_handle(models: dict[int, str]) -> None:
    """The solver sends curves while notes sound: no click."""
    patch = patch_of(models[48_000], Connection("velocity", "handle_body", 3.0))
    audio = play(patch, (0.0, HARD), (0.5, SetPatch(replace(patch, handle_curves=curves(1)))), seconds=1.0)
    clicks = high_band_db(audio[:, 0])
    assert clicks[40:].max() < clicks[20:40].max() + 6.0
    settled = play(replace(patch, handle_curves=curves(1)), (0.0, HARD), seconds=1.0)
    assert rms_db(audio[-9600:]) == pytest.approx(rms_db(settled[-9600:]), abs=0.1)


def test_without_curves_a_moved_handle_changes_nothing(models: dict[int, str]) -> None:
    path = models[48_000]
    moved = replace(patch_of(path, Connection("velocity", "handle_body", 3.0)), handle_curves=None)
    other_model = replace(moved, handle_curves=HandleCurves.of(np.zeros((len(SPECTRAL_HANDLES), NODES, 9))))
    still = play(patch_of(path), (0.0, HARD), seconds=0.3)
    for each in (moved, other_model):
        np.testing.assert_array_equal(play(each, (0.0, HARD), seconds=0.3), still)


def test_curves_that_cannot_be_played_are_refused() -> None:
    shape = (len(SPECTRAL_HANDLES), NODES, LATENT + 1)
    for values in (np.full(shape, np.nan), np.ones(shape)):
        with pytest.raises(UserError, match="finite, and 0 in the middle"):
            HandleCurves.of(values)
    with pytest.raises(UserError, match="bytes"):
        HandleCurves(LATENT, b"1234")


def _attack_and_rest_db(patch: Patch) -> tuple[float, float]:
    audio = play(patch.with_param("attack_s", 0.001), (0.0, HARD), seconds=0.6)
    return rms_db(audio[: round(0.02 * ENGINE_RATE)]), rms_db(audio[-9600:])


@pytest.mark.parametrize("bite_db", [9.0, -12.0])
def test_bite_moves_the_attack_and_leaves_the_rest(models: dict[int, str], bite_db: float) -> None:
    path = models[48_000]
    plain = _attack_and_rest_db(patch_of(path))
    for patch in (
        patch_of(path).with_param("handle_bite", bite_db),
        patch_of(path, Connection("velocity", "handle_bite", bite_db)),
    ):
        attack, rest = _attack_and_rest_db(patch)
        assert rest == pytest.approx(plain[1], abs=0.05)
        expected = bite_db * np.mean(np.exp(-np.linspace(0.0, 0.02, 20) / ONSET_S))
        assert attack - plain[0] == pytest.approx(expected, rel=0.3)


def _path_change(path: str, **values: float) -> float:
    """Return the largest standard deviation of a partial's level over time, in dB, of the note that moves."""
    patch = Patch(path, MOVING, MOVING)
    for name, value in values.items():
        patch = patch.with_param(name, value)
    spectra = db_frames(play(patch, (0.0, HARD), seconds=1.2)[9600:, 0], SPECS[48_000])[10:-10]
    partials = spectra[:, spectra.mean(axis=0) > spectra.max() - 40]
    return float(partials.std(axis=0).max())


def test_movement_grows_and_stops(models: dict[int, str]) -> None:
    path = models[48_000]
    plain, twice, none = (_path_change(path, handle_movement=db) for db in (0.0, 6.0, -24.0))
    assert twice > 1.3 * plain
    assert none < 0.5 * plain


def test_neutral_path_handles_change_no_bit(models: dict[int, str]) -> None:
    path = models[48_000]
    patch = Patch(path, MOVING, MOVING)
    moving = replace(patch, modulation=Modulation(connections=(Connection("velocity", "handle_movement", 0.0),)))
    plain, connected = (play(each, (0.0, HARD), seconds=0.4) for each in (patch, moving))
    np.testing.assert_array_equal(plain, connected)
