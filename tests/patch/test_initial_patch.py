"""The initial sound of a model."""

from synth_app.modelfile import KeyRange, read_card
from synth_app.modelfile.catalog import find_model
from synth_app.patch import Patch
from synth_app.patch.initial_patch import initial_params, initial_patch


def test_only_pitch_conditioned_models_are_locked_to_their_keys() -> None:
    card = read_card(find_model("pca-16k"))
    assert initial_patch("a", card, 3) == Patch("a", 3, 3)
    conditioned = card.model_copy(update={"key_range": KeyRange(lowest=30, highest=90)})
    assert initial_patch("a", conditioned, 3, 4) == Patch("a", 3, 4).with_param("lock", 1.0)
    assert initial_params(None) == Patch("").params
