"""Colour and shape of each instrument family, distinguishable for colour-blind players."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from synth_app.dataset.instrument_families import FAMILIES
from synth_app.ui.theme.theme import colors, theme_name

# The first eight colours follow Okabe & Ito, "Color Universal Design" (2008), lightened where needed for a contrast of
# 3:1 on the dark canvas. The last three are additions that also differ from the first eight in lightness.
_COLORS = (
    *("#e69f00", "#56b4e9", "#1fbf92", "#f0e442", "#3f83dc", "#f0743a", "#d98fb9", "#d5dae1"),
    *("#b08d57", "#a97be8", "#b6e07a"),
)
# The same hues darkened to 4.5:1 on the light canvas.
_LIGHT_COLORS = (
    *("#9a6400", "#0f6fa8", "#0a7a5c", "#857400", "#2457c5", "#c2410c", "#a8487f", "#5b6672"),
    *("#7a5420", "#7a3fc9", "#4d7c0f"),
)
_SHORT = {"synth_lead": "Lead"}
_SHAPES = ("circle", "square", "triangle", "diamond")
PRESETS, OWN_SOUNDS = "presets", "your_sounds"  # entries of the legend beside the families
_OTHERS = {PRESETS: "star", OWN_SOUNDS: "cross"}  # their shapes; both have the colour of text
_CROSS = (
    *((-1, -0.35), (-0.35, -0.35), (-0.35, -1), (0.35, -1), (0.35, -0.35), (1, -0.35)),
    *((1, 0.35), (0.35, 0.35), (0.35, 1), (-0.35, 1), (-0.35, 0.35), (-1, 0.35)),
)


@dataclass(frozen=True)
class FamilyLook:
    """Colour and shape of one family; no two known families have both in common."""

    color: str
    shape: str


def family_look(family: str) -> FamilyLook:
    """Return the look of a family. An unknown family gets one from its name, the same on every machine."""
    if family in _OTHERS:
        return FamilyLook(colors().text, _OTHERS[family])
    i = FAMILIES.index(family) if family in FAMILIES else len(FAMILIES) + sum(family.encode()) % 13
    hues = _COLORS if theme_name() == "dark" else _LIGHT_COLORS
    return FamilyLook(hues[i % len(hues)], _SHAPES[(i + i // len(hues)) % len(_SHAPES)])


def family_title(family: str) -> str:
    """Return the name shown on screen, e.g. ``Synth lead`` for ``synth_lead``."""
    return family.replace("_", " ").capitalize()


def family_names(family: str) -> tuple[str, ...]:
    """Return the title of a family, and a shorter one where that is long."""
    short = _SHORT.get(family, "")
    return (family_title(family), short) if short else (family_title(family),)


def shape_path(shape: str, center: QPointF, radius: float) -> QPainterPath:
    """Return the outline of a mark; all shapes have about the same area."""
    path, x, y, r = QPainterPath(), center.x(), center.y(), radius
    if shape == "circle":
        path.addEllipse(center, r, r)
    elif shape == "square":
        half = 0.886 * r
        path.addRect(QRectF(x - half, y - half, 2 * half, 2 * half))
    elif shape == "triangle":
        path.addPolygon(
            QPolygonF([QPointF(x, y - 1.4 * r), QPointF(x + 1.25 * r, y + r), QPointF(x - 1.25 * r, y + r)])
        )
    elif shape == "star":
        path.addPolygon(QPolygonF([_on_circle(center, (1.5, 0.65)[i % 2] * r, i / 10) for i in range(10)]))
    elif shape == "cross":
        path.addPolygon(QPolygonF([QPointF(x + 1.3 * r * a, y + 1.3 * r * b) for a, b in _CROSS]))
    else:
        s = 1.3 * r
        path.addPolygon(QPolygonF([QPointF(x, y - s), QPointF(x + s, y), QPointF(x, y + s), QPointF(x - s, y)]))
    path.closeSubpath()
    return path


def _on_circle(center: QPointF, radius: float, turn: float) -> QPointF:
    """Return a point on a circle; turns count clockwise from the top."""
    angle = math.tau * turn
    return QPointF(center.x() + radius * math.sin(angle), center.y() - radius * math.cos(angle))
