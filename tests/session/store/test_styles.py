"""Slot S: what its edits do, what is solved for it, and that every file keeps it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth_app.decoder import Model
from synth_app.patch import Patch, SetPatch, StyleChange, StyleTexture, UserNote
from synth_app.patch.style_texture import AMOUNTS, MAX_TEXTURE_FRAMES
from synth_app.session import PatchChanged, SessionStore, WindowSettings
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.state.preset import Preset, read_preset, write_preset
from synth_app.session.state.session_file import load_session, save_session
from synth_app.session.store.history import History
from synth_app.support.errors import UserError
from tests.session.conftest import Bench


def texture(name: str = "rain", frames: int = 60) -> StyleTexture:
    moving = np.random.default_rng(frames).standard_normal((frames, 16)).astype(np.float16)
    return StyleTexture(name, 93.75, 12_000.0, moving.tobytes(), bytes([1] * 16), 0.4)


def solved(note: UserNote) -> StyleChange:
    frames = len(note.gains())
    return StyleChange(note.latent_size, bytes(4 * frames * note.latent_size), bytes(4 * AMOUNTS * frames))


def test_a_texture_in_an_empty_slot_is_heard_and_emptying_is_the_way_back(store: SessionStore) -> None:
    store.styles.choose(texture())
    assert (store.styles.texture, store.patch.value("style")) == (texture(), 0.8)
    store.set_param("style", 0.3)
    store.styles.choose(texture("wind", 50))
    assert store.patch.value("style") == 0.3, "the user's amount stays"
    store.styles.clear()
    assert (store.styles.texture, store.patch.value("style")) == (None, 0.0)


def test_what_is_missing_is_solved_once_for_each_note_and_forgotten_with_the_slot(store: SessionStore) -> None:
    assert store.styles.missing() is None
    store.styles.choose(texture())
    seen: list[Patch] = []
    store.subscribe(PatchChanged, lambda change: seen.append(change.after))
    for slot in range(2):
        task = store.styles.missing()
        assert task is not None
        store.styles.put(task, solved(task.content()))
        assert seen[-1].style_changes[slot] is not None
    assert store.styles.missing() is None
    both = store.patch.style_changes
    store.slots.choose("a", store.patch.slot_a + 1)
    assert store.patch.style_changes == (None, both[1]), "another note has another change"
    store.slots.choose("a", store.patch.slot_a - 1)
    assert store.patch.style_changes == both, "known from before"
    store.styles.clear()
    assert store.patch.style_changes == (None, None)


def test_a_note_without_a_texture_is_not_tried_again(store: SessionStore) -> None:
    store.styles.choose(texture())
    for _ in range(2):
        task = store.styles.missing()
        assert task is not None
        store.styles.put(task, None)
    assert store.styles.missing() is None
    assert store.patch.style_changes == (None, None)


def test_a_task_of_another_model_is_ignored(store: SessionStore, wide: Model, wide_path: Path) -> None:
    store.styles.choose(texture())
    task = store.styles.missing()
    assert task is not None
    store.load_model_data(wide, wide_path)
    assert store.styles.texture == texture(), "a texture belongs to no model"
    store.styles.put(task, solved(task.content()))
    assert store.patch.style_changes == (None, None)


def test_undo_knows_the_texture_but_not_what_is_solved(bench: Bench) -> None:
    store = bench.store
    history = History(store, store.set_snapshot)
    store.styles.choose(texture())
    task = store.styles.missing()
    assert task is not None
    store.styles.put(task, solved(task.content()))
    assert [step.label for step in history.steps] == ["Texture in slot S"]
    history.undo()
    assert (store.styles.texture, store.patch.value("style")) == (None, 0.0)
    history.redo()
    assert store.styles.texture == texture()
    assert store.patch.style_changes[0] is not None, "known from before"


def test_a_rendered_note_takes_the_place_of_the_knob(store: SessionStore) -> None:
    store.styles.choose(texture())
    note = UserNote.of(store.bank[2])
    store.styles.play_rendered("b", note)
    assert store.patch.user_notes == (None, note)
    assert (store.patch.value("style"), store.styles.texture) == (0.0, texture())
    with pytest.raises(UserError, match="dimensions"):
        store.styles.play_rendered("a", replace(note, latent_size=1, z=note.gain_db))


def test_presets_and_sessions_keep_the_texture(
    store: SessionStore, model: Model, wide: Model, wide_path: Path, tmp_path: Path
) -> None:
    store.styles.choose(texture())
    task = store.styles.missing()
    assert task is not None
    store.styles.put(task, solved(task.content()))
    write_preset(tmp_path / "p.json", capture_preset(store.patch, model, Preset(name="Wet", a="")))
    preset = read_preset(tmp_path / "p.json")
    assert transfer_preset(preset, model, store.patch.model, "live").patch == store.patch.settings
    other = transfer_preset(preset, wide, str(wide_path), "live").patch
    assert (other.style_texture, other.value("style")) == (texture(), 0.8)
    save_session(tmp_path / "s.json", store.saved(WindowSettings()))
    again, problem = load_session(tmp_path / "s.json")
    assert problem == ""
    assert again.style == texture()
    assert SessionStore(again).styles.texture == texture()
    assert SetPatch(store.patch).patch.settings.style_changes == (None, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"moving_db": b"123"}, "bytes of texture"),
        ({"moving_db": bytes(2 * 16 * (MAX_TEXTURE_FRAMES + 1))}, "bytes of texture"),
        ({"moving_db": np.full(16, np.inf, np.float16).tobytes()}, "finite"),
        ({"audible": bytes([1] + [0] * 15)}, "two audible bands"),
        ({"audible": bytes([2] * 16)}, "two audible bands"),
        ({"frames_per_second": float("nan")}, "out of range"),
        ({"highest_hz": 0.0}, "out of range"),
    ],
)
def test_unusable_textures_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        replace(texture(), **change)
