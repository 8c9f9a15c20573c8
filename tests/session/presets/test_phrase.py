"""Phrases: each preset is shown in its own register, by its own notes or by those of its category."""

from dataclasses import replace

import pytest

from synth_app.decoder import Model
from synth_app.patch import Patch
from synth_app.session.presets.phrase import patch_phrase, phrase_seconds, preset_phrase, recorded_keys
from synth_app.session.state.preset import CATEGORIES, Preset, StoredPhraseNote, preset_json
from tests.session.conftest import Bench


def patch_of(model: Model, pitch: int) -> Patch:
    index = next(i for i, note in enumerate(model.bank) if note.pitch == pitch)
    return Patch("", index, index, (0.0,) * model.card.latent_size)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_has_a_short_phrase_about_the_presets_key(small: Model, category: str) -> None:
    phrase = preset_phrase(Preset(name="A", a="", category=category, note=48), patch_of(small, 48), small)
    keys = [note.key for note in phrase]
    assert phrase[0].start_s == 0.0
    assert 48 in keys
    assert all(48 <= key <= 48 + 24 for key in keys)
    assert 1.0 < phrase_seconds(phrase) < 4.0
    assert all(1 <= note.velocity <= 127 and note.seconds > 0.0 for note in phrase)


def test_categories_differ(small: Model) -> None:
    patch = patch_of(small, 48)
    shown = {c: preset_phrase(Preset(name="A", a="", category=c, note=48), patch, small) for c in CATEGORIES}
    assert len(set(shown.values())) >= 7
    chords = [note for note in shown["pad"] if note.start_s < 0.5]
    assert len({note.key for note in chords}) == 4, "a pad plays a chord"
    assert len({note.key for note in shown["percussion"]}) == 1, "percussion strikes one key"


def test_the_register_follows_the_recorded_keys(small: Model) -> None:
    """The small model's instruments are recorded from 36 to 84: a key far above is moved by octaves."""
    patch = patch_of(small, 60)
    assert recorded_keys(patch, small) == (36, 84)
    no_key = preset_phrase(Preset(name="A", a="", category="lead"), patch, small)
    assert no_key[0].key == 60, "the middle of the recorded keys"
    high = preset_phrase(Preset(name="A", a="", category="lead", note=120), patch, small)
    assert {note.key % 12 for note in high} == {note.key % 12 for note in no_key}
    assert max(note.key for note in high) <= 96
    low = preset_phrase(Preset(name="A", a="", category="bass", note=3), patch, small)
    assert min(note.key for note in low) >= 24


def test_a_preset_plays_its_own_phrase(small: Model) -> None:
    own = (
        StoredPhraseNote(start=0.0, step=0, seconds=0.5),
        StoredPhraseNote(start=0.5, step=-5, seconds=1.0, velocity=60),
    )
    preset = Preset(name="A", a="", category="bass", note=50, phrase=own)
    phrase = preset_phrase(Preset.model_validate_json(preset_json(preset)), patch_of(small, 48), small)
    assert [(note.start_s, note.key, note.seconds, note.velocity) for note in phrase] == [
        (0.0, 50, 0.5, 96),
        (0.5, 45, 1.0, 60),
    ]
    assert "phrase" not in preset_json(Preset(name="A", a="")), "older programs read presets without one"


def test_a_sound_that_is_no_preset_plays_its_own_key(bench: Bench) -> None:
    store = bench.store
    store.slots.choose("b", next(i for i, note in enumerate(store.bank) if note.pitch == 72))
    model = bench.models[bench.paths[0]]
    assert patch_phrase(store.patch.with_param("morph", 1.0), model)[0].key == 72
    assert patch_phrase(replace(store.patch, slot_a=0).with_param("morph", 0.2), model)[0].key == store.bank[0].pitch
