"""The design system: colour tokens, one type scale, an 8-px grid, and the zoom that scales them all."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase

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

    window: str = "#0e1116"
    panel: str = "#171b22"
    well: str = "#0a0c10"  # sunk: tracks, canvases, fields
    raised: str = "#232a34"  # buttons
    hover: str = "#2d3641"
    pressed: str = "#1b2028"
    line: str = "#2a313c"  # between surfaces, decoration only
    border: str = "#717e8f"  # edge of a control
    text: str = "#e9edf2"
    muted: str = "#aab4c1"
    disabled: str = "#98a3b1"
    accent: str = "#63dcb5"  # the latent code and everything chosen
    on_accent: str = "#06241a"
    slot_a: str = "#ffb561"
    slot_b: str = "#7db6ff"
    measured: str = "#9aa6b5"  # what came out, beside what was decoded
    danger: str = "#ff7a76"
    warning: str = "#ffd166"
    good: str = "#63dcb5"
    focus: str = "#f4f7fb"


COLORS = Palette()
SURFACES = ("window", "panel", "well", "raised", "hover", "pressed")
TEXTS = ("text", "muted", "disabled", "accent", "slot_a", "slot_b", "danger", "warning", "good")

_zoom = 1.0


def zoom() -> float:
    """Present scale of every length and font."""
    return _zoom


def set_zoom(value: float) -> None:
    """Scale lengths and fonts from now on; widgets made before keep their size."""
    global _zoom
    _zoom = value
    font.cache_clear()


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
