"""Colour palettes of the dark and the light theme."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, as #rrggbb strings by token.

    Contrast by WCAG 2: text tokens have at least 4.5:1 on every surface, marks and borders of controls 3:1.
    """

    window: str
    panel: str
    well: str  # sunken surfaces: tracks, canvases, text fields
    raised: str  # buttons
    hover: str
    pressed: str
    track: str  # the line that a slider's mark moves along
    band: str  # part of a track that holds most of the data
    line: str  # separates surfaces; decoration only
    border: str  # edge of a control
    text: str
    muted: str
    disabled: str
    accent: str  # the latent vector and everything selected
    accent_hover: str
    on_accent: str
    slot_a: str
    slot_b: str
    slot_c: str  # third and fourth corner of the morph pad
    slot_d: str
    measured: str  # the measured output, drawn beside the decoded spectrum
    modulated: str  # values that modulation moves
    danger: str
    warning: str
    good: str
    focus: str
    white_key: str
    black_key: str
    on_white_key: str
    on_black_key: str
    # quiet to loud; lightness rises in even steps, so that levels differ in greyscale too
    heat: tuple[str, str, str, str, str]


DARK = Palette(
    window="#0e1116", panel="#171b22", well="#0a0c10", raised="#232a34", hover="#2d3641", pressed="#1b2028",
    track="#0a0c10", band="#2d3641", line="#2a313c", border="#717e8f", text="#e9edf2", muted="#aab4c1",
    disabled="#98a3b1", accent="#63dcb5", accent_hover="#86e8c9", on_accent="#06241a",
    slot_a="#ffb561", slot_b="#7db6ff", slot_c="#e59ce0", slot_d="#c3d867",
    measured="#9aa6b5", modulated="#c9a2ff", danger="#ff7a76", warning="#ffd166", good="#63dcb5", focus="#f4f7fb",
    white_key="#dfe4ea", black_key="#20252d", on_white_key="#0e1116", on_black_key="#e9edf2",
    heat=("#0a0c10", "#12353f", "#1c7a70", "#7fd08a", "#fff3c4"),
)  # fmt: skip
LIGHT = Palette(
    window="#d8dfe7", panel="#f0f3f7", well="#ffffff", raised="#fbfcfd", hover="#dde4eb", pressed="#d5dde6",
    track="#d3dbe4", band="#aebac7", line="#c3cdd8", border="#67727f", text="#131a22", muted="#44505e",
    disabled="#515c69", accent="#00614a", accent_hover="#004a38", on_accent="#ffffff",
    slot_a="#8a4300", slot_b="#0b4fa0", slot_c="#8a2483", slot_d="#4a5a00",
    measured="#556272", modulated="#6a32b8", danger="#a81420", warning="#6b5000", good="#00614a", focus="#0b1220",
    white_key="#ffffff", black_key="#2b323c", on_white_key="#131a22", on_black_key="#f4f7fb",
    heat=("#ffffff", "#cfe6da", "#6bb59c", "#1c6f74", "#0b1f33"),
)  # fmt: skip
THEMES: dict[str, Palette] = {"dark": DARK, "light": LIGHT}
SURFACES = ("window", "panel", "well", "raised", "hover", "pressed")
TEXTS = ("text", "muted", "disabled", "accent", "slot_a", "slot_b", "slot_c", "slot_d", "danger", "warning", "good")
