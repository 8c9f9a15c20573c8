"""The design system: colour tokens, one type scale, an 8-px grid, and the zoom that scales them all."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

_FONT_FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Inter"
GRID = 8  # px at zoom 1; half steps (4) inside a control only
RADIUS = 6

# Type scale in px at zoom 1: (size, weight).
TYPE = {
    "caption": (11, QFont.Weight.Normal),
    "body": (12, QFont.Weight.Normal),
    "strong": (12, QFont.Weight.DemiBold),
    "title": (13, QFont.Weight.DemiBold),
    "heading": (17, QFont.Weight.DemiBold),
}


@dataclass(frozen=True)
class Palette:
    """Colour tokens as #rrggbb. Text tokens reach 4.5:1 on every surface, marks and borders of controls 3:1."""

    window: str
    panel: str
    well: str  # sunk: tracks, canvases, fields
    raised: str  # buttons
    hover: str
    pressed: str
    track: str  # where a value's mark runs
    band: str  # part of a track: where most of the data lie
    line: str  # between surfaces, decoration only
    border: str  # edge of a control
    text: str
    muted: str
    disabled: str
    accent: str  # the latent code and everything chosen
    accent_hover: str
    on_accent: str
    slot_a: str
    slot_b: str
    slot_c: str  # third and fourth corner of the morph pad
    slot_d: str
    measured: str  # what came out, beside what was decoded
    modulated: str  # what moves by itself
    danger: str
    warning: str
    good: str
    focus: str
    white_key: str
    black_key: str
    on_white_key: str
    on_black_key: str
    # quiet to loud, with even steps in lightness: also in grey
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


class _Colors:
    """The present palette under one name that modules may import once."""

    def __init__(self) -> None:
        self.theme = "dark"
        self.calm = False

    def __getattr__(self, token: str) -> str:
        value: str = getattr(THEMES[self.theme], token)
        return value

    @property
    def heat(self) -> tuple[str, ...]:
        """Colours from quiet to loud."""
        return THEMES[self.theme].heat


COLORS = _Colors()
_zoom = 1.0


def zoom() -> float:
    """Present scale of every length and font."""
    return _zoom


def set_zoom(value: float) -> None:
    """Scale lengths and fonts from now on; widgets made before keep their size."""
    global _zoom
    _zoom = value
    font.cache_clear()


def theme_name() -> str:
    """Name of the present theme, a key of ``THEMES``."""
    return COLORS.theme


def set_theme(name: str) -> None:
    """Change the colours from now on; widgets made before must be made anew or painted again.

    Raises:
        KeyError: no such theme.
    """
    THEMES[name]  # refuse before anything changes
    COLORS.theme = name
    qcolor.cache_clear()


def calm() -> bool:
    """Whether nothing may move by itself."""
    return COLORS.calm


def set_reduced_motion(value: bool) -> None:
    """Reduced motion, on or off, from now on."""
    COLORS.calm = value
    for effect in (Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_FadeMenu):
        QApplication.setEffectEnabled(effect, not value)


def px(length: float) -> int:
    """A design length in device-independent pixels at the present zoom."""
    return round(length * _zoom)


@lru_cache(maxsize=512)
def qcolor(token: str, alpha: int = 255) -> QColor:
    """A colour of the palette by token name, or a literal #rrggbb; not to be changed by the caller."""
    color = QColor(token if token.startswith("#") else getattr(COLORS, token))
    color.setAlpha(alpha)
    return color


@lru_cache(maxsize=32)
def font(role: str) -> QFont:
    """A font of the type scale, with figures of one width so that numbers don't dance."""
    size, weight = TYPE[role]
    made = QFont(FAMILY)
    made.setPixelSize(max(px(size), 1))
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def load_fonts() -> None:
    """Register the bundled fonts; needs a QApplication. Without them Qt's own font is used."""
    for file in sorted(_FONT_FOLDER.glob("*.otf")):
        QFontDatabase.addApplicationFont(str(file))


def blend(first: str, second: str, share: float) -> QColor:
    """A mix of two tokens, ``share`` 0-1 of the second."""
    a, b = qcolor(first), qcolor(second)
    pairs = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(x + (y - x) * share) for x, y in pairs))
