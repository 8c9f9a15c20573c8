"""Values as text: every shown text can be typed; texts have enough contrast in both themes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.dataset.instrument_families import FAMILIES
from synth_app.params import PARAMS, ParamSpec, param
from synth_app.support.errors import UserError
from synth_app.ui.theme.family_colors import family_look
from synth_app.ui.theme.theme import SURFACES, TEXTS, THEMES, qcolor, set_theme
from synth_app.ui.theme.zoom import auto_zoom
from synth_app.ui.widgets.value_format import format_value, note_name, parse_value

LATENT = ParamSpec("z1", "z1", "", -4.0, 6.0, 0.0, "linear", 8, "latent", "")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("attack_s", 0.002, "2.0 ms"),
        ("attack_s", 0.3, "300 ms"),
        ("release_s", 0.9999, "1.00 s"),
        ("release_s", 2.5, "2.50 s"),
        ("sustain", 0.42, "42 %"),
        ("gain_db", -6.04, "−6.0 dB"),
        ("gain_db", -0.04, "0.0 dB"),
        ("velocity_db", 18.0, "18.0 dB"),
        ("tune_cents", 12.0, "+12 ct"),
    ],
)
def test_shown_as_musicians_write_it(name: str, value: float, text: str) -> None:
    assert format_value(param(name), value) == text


def test_amounts_of_tilt_have_a_true_minus() -> None:
    amount = ParamSpec("tilt", "Tilt", "dB/oct", -12.0, 12.0, 0.0, "linear", 0, "modulation", "")
    assert format_value(amount, -2.34) == "−2.3 dB/oct"
    assert format_value(amount, 2.0) == "+2.0 dB/oct"
    assert parse_value(amount, "−2.3 dB/oct", 0.0) == pytest.approx(-2.3)


@pytest.mark.parametrize(
    ("name", "typed", "shown", "value"),
    [
        ("attack_s", "500", 0.002, 0.5),  # in the unit shown
        ("attack_s", "2", 1.5, 2.0),
        ("attack_s", "20 ms", 1.5, 0.02),
        ("attack_s", "0.5s", 0.002, 0.5),
        ("attack_s", "60 s", 0.002, 5.0),  # clamped
        ("sustain", "50", 1.0, 0.5),
        ("sustain", "50%", 1.0, 0.5),
        ("gain_db", "−3,5", 0.0, -3.5),
        ("gain_db", "-3.5 dB", 0.0, -3.5),
        ("tune_cents", "-7 cents", 0.0, -7.0),
    ],
)
def test_typed_values(name: str, typed: str, shown: float, value: float) -> None:
    assert parse_value(param(name), typed, shown) == pytest.approx(value)


@pytest.mark.parametrize("typed", ["", "loud", "3 Hz", "1 2", "--4", "nan", "inf"])
def test_invalid_text_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(UserError, match="type"):
        parse_value(param("gain_db"), typed, 0.0)


@settings(max_examples=150, derandomize=True)
@given(spec=st.sampled_from([*PARAMS, LATENT]), normalized=st.floats(0, 1))
def test_every_shown_text_can_be_typed(spec: ParamSpec, normalized: float) -> None:
    value = spec.from_normalized(normalized)
    text = format_value(spec, value)
    assert format_value(spec, parse_value(spec, text, value)) == text


@pytest.mark.parametrize("typed", ["1,2k", "1.2k", "1.2 K", "1.2 kHz", "1200", "1200 Hz"])
def test_a_k_stands_for_khz(typed: str) -> None:
    assert parse_value(param("filter_cutoff_hz"), typed, 500.0) == pytest.approx(1200.0)
    with pytest.raises(UserError, match="no unit 'k'"):
        parse_value(param("gain_db"), "1k", 0.0)


def test_middle_c() -> None:
    assert [note_name(n) for n in (60, 69, 21, 0, 127)] == ["C4", "A4", "A0", "C-1", "G9"]


def _luminance(color: str) -> float:
    """WCAG 2.1 relative luminance."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """WCAG 2.1 contrast ratio."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WebAIM's checker


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("surface", SURFACES)
def test_text_can_be_read_on_every_surface(surface: str, name: str) -> None:
    palette = THEMES[name]
    for text in TEXTS:
        ratio = contrast(getattr(palette, text), getattr(palette, surface))
        assert ratio >= 4.5, f"{text} on {surface}: {ratio:.2f}"


@pytest.mark.parametrize("name", THEMES)
def test_marks_stand_out(name: str) -> None:
    palette = THEMES[name]
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    assert contrast(palette.on_accent, palette.accent_hover) >= 4.5
    assert contrast(palette.on_white_key, palette.white_key) >= 4.5
    assert contrast(palette.on_black_key, palette.black_key) >= 4.5
    for slot in ("slot_a", "slot_b", "slot_c", "slot_d"):
        assert contrast(palette.well, getattr(palette, slot)) >= 4.5, "a slot's letter on its badge"
    for token in ("border", "accent", "measured", "modulated", "focus"):
        for surface in ("window", "panel", "well", "raised"):
            assert contrast(getattr(palette, token), getattr(palette, surface)) >= 3.0, (token, surface)
    set_theme(name)
    looks = {family: family_look(family) for family in FAMILIES}
    set_theme("dark")
    for family, look in looks.items():
        assert contrast(look.color, palette.well) >= 3.0, family
    assert len(set(looks.values())) == len(FAMILIES)


@pytest.mark.parametrize("name", THEMES)
def test_heat_colours_rise_evenly_in_lightness(name: str) -> None:
    """A grey print or a colour-blind eye must still order levels: luminance is monotonic."""
    steps = [_luminance(color) for color in THEMES[name].heat]
    assert steps == sorted(steps, reverse=name == "light")


def test_an_unknown_theme_changes_nothing() -> None:
    with pytest.raises(KeyError):
        set_theme("sepia")
    assert qcolor("window").name() == THEMES["dark"].window


def test_no_two_families_look_alike() -> None:
    assert len({family_look(family) for family in FAMILIES}) == len(FAMILIES)
    assert family_look("something else") == family_look("something else")


@pytest.mark.parametrize(
    ("size", "zoom"),
    [
        ((1280, 720), 1.0),
        ((1264, 640), 1.0),
        ((1008, 560), 0.75),
        ((1920, 1080), 1.25),
        ((2560, 1440), 1.5),
        ((3840, 2160), 2.0),
    ],
)
def test_zoom_follows_the_window(size: tuple[int, int], zoom: float) -> None:
    assert auto_zoom(*size) == zoom
