"""The design system: colours, one type scale, an 8-px grid, and the zoom that scales them.

A ``ThemedApplication`` owns one ``Theme``. ``current_theme()`` returns it, and the short functions below (``px``,
``qcolor``, ``font``, ...) forward to it, because widgets call them in every paint event.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from synth_app.support.resources import resource_folder
from synth_app.ui.theme.palette import SURFACES, TEXTS, THEMES, Palette

__all__ = [
    "FAMILY",
    "GRID",
    "RADIUS",
    "SURFACES",
    "TEXTS",
    "THEMES",
    "TYPE",
    "Palette",
    "Theme",
    "ThemedApplication",
    "blend",
    "colors",
    "current_theme",
    "font",
    "load_fonts",
    "px",
    "qcolor",
    "reduced_motion",
    "set_reduced_motion",
    "set_theme",
    "set_zoom",
    "theme_name",
    "zoom",
]

_FONT_FOLDER = resource_folder("assets") / "fonts"
FAMILY = "Inter"
GRID = 8  # px at zoom 1; half steps (4) only inside a control
RADIUS = 6  # px at zoom 1

# Type scale: (size in px at zoom 1, weight).
TYPE = {
    "caption": (11, QFont.Weight.Normal),
    "body": (12, QFont.Weight.Normal),
    "strong": (12, QFont.Weight.DemiBold),
    "title": (13, QFont.Weight.DemiBold),
    "heading": (17, QFont.Weight.DemiBold),
}


class Theme:
    """Colours, scale and motion of the whole window.

    A change applies to widgets and pictures that are created or painted afterwards. The window rebuilds its widgets
    after a change of zoom or palette.

    Attributes:
        name: key of ``THEMES``.
        palette: the colours of that theme.
        zoom: factor of every length and font size.
        reduced_motion: True if animations are off.
    """

    def __init__(self) -> None:
        self.name = "dark"
        self.palette: Palette = THEMES[self.name]
        self.zoom = 1.0
        self.reduced_motion = False
        self._colors: dict[tuple[str, int], QColor] = {}
        self._fonts: dict[str, QFont] = {}

    def set_zoom(self, value: float) -> None:
        """Set the factor of lengths and fonts; existing widgets keep their size."""
        self.zoom = value
        self._fonts.clear()

    def set_name(self, name: str) -> None:
        """Change the palette; existing widgets must be rebuilt or repainted.

        Raises:
            KeyError: no theme has this name; nothing changes.
        """
        self.palette = THEMES[name]
        self.name = name
        self._colors.clear()

    def set_reduced_motion(self, value: bool) -> None:
        """Turn reduced motion on or off, also for the animations of Qt's menus."""
        self.reduced_motion = value
        for effect in (Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_FadeMenu):
            QApplication.setEffectEnabled(effect, not value)

    def px(self, length: float) -> int:
        """Scale a design length to device-independent pixels."""
        return round(length * self.zoom)

    def color(self, token: str, alpha: int = 255) -> QColor:
        """Return a colour by token or #rrggbb, with ``alpha`` 0-255. The object is cached: do not change it."""
        key = token, alpha
        color = self._colors.get(key)
        if color is None:
            color = QColor(token if token.startswith("#") else getattr(self.palette, token))
            color.setAlpha(alpha)
            self._colors[key] = color
        return color

    def font(self, role: str) -> QFont:
        """Return a font of ``TYPE`` with tabular figures, so that changing numbers keep their width."""
        made = self._fonts.get(role)
        if made is None:
            size, weight = TYPE[role]
            made = QFont(FAMILY)
            made.setPixelSize(max(self.px(size), 1))
            made.setWeight(weight)
            made.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[role] = made
        return made


class ThemedApplication(QApplication):
    """The application object of the window; it owns the theme."""

    def __init__(self, argv: list[str]) -> None:
        super().__init__(argv)
        self.theme = Theme()


def current_theme() -> Theme:
    """Return the theme of the running application.

    Raises:
        RuntimeError: no ``ThemedApplication`` exists; call ``make_application`` first.
    """
    app = QApplication.instance()
    if not isinstance(app, ThemedApplication):
        raise RuntimeError("no ThemedApplication is running; call synth_app.ui.window.application.make_application")
    return app.theme


def load_fonts() -> None:
    """Register the bundled fonts; needs a QApplication. Qt falls back to its own font if they are missing."""
    for file in sorted(_FONT_FOLDER.glob("*.otf")):
        QFontDatabase.addApplicationFont(str(file))


# ---- shortcuts to the current theme


def zoom() -> float:
    """Return the factor of every length and font."""
    return current_theme().zoom


def set_zoom(value: float) -> None:
    """Set the factor of every length and font; see ``Theme.set_zoom``."""
    current_theme().set_zoom(value)


def theme_name() -> str:
    """Return the name of the theme, a key of ``THEMES``."""
    return current_theme().name


def set_theme(name: str) -> None:
    """Change the palette; see ``Theme.set_name``."""
    current_theme().set_name(name)


def reduced_motion() -> bool:
    """Return whether animations are off."""
    return current_theme().reduced_motion


def set_reduced_motion(value: bool) -> None:
    """Turn reduced motion on or off; see ``Theme.set_reduced_motion``."""
    current_theme().set_reduced_motion(value)


def colors() -> Palette:
    """Return the palette of the theme."""
    return current_theme().palette


def px(length: float) -> int:
    """Scale a design length to device-independent pixels."""
    return current_theme().px(length)


def qcolor(token: str, alpha: int = 255) -> QColor:
    """Return a colour of the palette; see ``Theme.color``."""
    return current_theme().color(token, alpha)


def font(role: str) -> QFont:
    """Return a font of the type scale; see ``Theme.font``."""
    return current_theme().font(role)


def blend(first: str, second: str, fraction: float) -> QColor:
    """Mix two colour tokens linearly in RGB; ``fraction`` 0-1 is the weight of the second."""
    a, b = qcolor(first), qcolor(second)
    pairs = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(x + (y - x) * fraction) for x, y in pairs))
