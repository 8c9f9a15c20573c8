"""Names of targets are parsed and printed by one type, and refused everywhere in the same way."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_app.params import PARAMS
from synth_app.patch import AutomationCurve
from synth_app.patch.modulation_matrix import Connection
from synth_app.patch.target import MAX_DIMENSIONS, PAD_NAMES, VOICE_NAMES, Target, latent_dimension
from synth_app.session import MidiLearn, SessionStore
from synth_app.session.state.saved_modulation import read_modulation
from synth_app.support.errors import UserError

NAMES = [*PAD_NAMES, *VOICE_NAMES, *(spec.name for spec in PARAMS)]
LATENT_LIKE = ["z0", "z01", "z\u00b2", "z-1", "Z1", "z\uff11"]
REFUSED = [*LATENT_LIKE, "z1\n", " z1", "z", "", "z1000", "pad x", "cutoff", "z1.0", "z\u0661"]


@given(st.one_of(st.sampled_from(NAMES).map(Target.parse), st.integers(0, MAX_DIMENSIONS - 1).map(Target.latent)))
def test_a_printed_target_parses_to_itself(target: Target) -> None:
    assert Target.parse(str(target)) == target
    assert (target.dimension is None) == (str(target) in NAMES)


@given(st.text(max_size=6))
def test_other_text_is_refused_or_prints_as_it_was_written(text: str) -> None:
    if latent_dimension(text) is not None or text in NAMES:
        assert str(Target.parse(text)) == text
    else:
        with pytest.raises(UserError) as refused:
            Target.parse(text)
        assert repr(text) in str(refused.value)


@pytest.mark.parametrize("text", REFUSED)
def test_malformed_names_are_refused_with_the_allowed_ones(text: str) -> None:
    with pytest.raises(UserError, match=r"z1 to z999.*pad_x.*morph"):
        Target.parse(text)


def test_dimensions_count_from_zero_and_end_at_the_limit() -> None:
    assert [Target.parse(name).dimension for name in ("z1", "z12", "morph", "pad_y")] == [0, 11, None, None]
    assert Target.parse("morph").spec is PARAMS[PARAMS.index_of("morph")]
    assert Target.parse("z1").spec is None
    for dim in (-1, MAX_DIMENSIONS):
        with pytest.raises(UserError):
            Target.latent(dim)


@pytest.mark.parametrize("text", LATENT_LIKE)
@pytest.mark.parametrize(
    "use",
    [
        lambda text: Connection("lfo1", text, 0.1),
        lambda text: AutomationCurve.of(text, np.zeros(4)),
        lambda text: MidiLearn(SessionStore()).arm(text),
    ],
)
def test_every_user_of_targets_refuses_the_same_names(use: Callable[[str], object], text: str) -> None:
    with pytest.raises(UserError, match="z1"):
        use(text)


def test_automation_cannot_move_targets_without_a_control() -> None:
    for name in (*PAD_NAMES, *VOICE_NAMES):
        with pytest.raises(UserError, match="automation cannot move"):
            AutomationCurve.of(name, np.zeros(4))


def test_an_unknown_automation_target_lists_what_automation_accepts() -> None:
    with pytest.raises(UserError, match=r"automation cannot move .cutoff.; use z1 to z999 .* morph, ") as caught:
        AutomationCurve.of("cutoff", np.zeros(4))
    assert not set(str(caught.value).replace(",", "").split()) & {*PAD_NAMES, *VOICE_NAMES}


@pytest.mark.parametrize("text", LATENT_LIKE)
def test_files_with_malformed_targets_load_without_them(text: str) -> None:
    modulation, remark = read_modulation({"connections": [{"source": "lfo1", "target": text, "amount": 0.1}]})
    assert modulation.connections == ()
    assert "left out" in remark
    assert latent_dimension(text) is None, "a lock of that name locks no dimension"
