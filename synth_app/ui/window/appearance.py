"""Zoom, theme and reduced motion of the window: its settings, and when the window must be rebuilt."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

from synth_app.session import WindowSettings
from synth_app.session.state.session_file import MIN_HEIGHT, MIN_WIDTH, ThemeName
from synth_app.ui.theme.style import style_sheet
from synth_app.ui.theme.theme import Theme, ThemedApplication, current_theme
from synth_app.ui.theme.zoom import auto_zoom

_SETTLE_MS = 150  # after the last change of size, before the zoom follows
_FRAME_WIDTH, _FRAME_HEIGHT = 16, 40  # pixels that the system's frame and title bar may take


def fitted_to_screen(settings: WindowSettings, available: QSize) -> WindowSettings:
    """Return the settings with the window's size limited to the screen.

    Args:
        settings: as they were saved, or the defaults.
        available: size of the screen without panels, in device-independent pixels.
    """
    width = max(min(settings.width, available.width() - _FRAME_WIDTH), MIN_WIDTH)
    height = max(min(settings.height, available.height() - _FRAME_HEIGHT), MIN_HEIGHT)
    return settings.model_copy(update={"width": width, "height": height})


class Appearance(QObject):
    """Applies the window settings to the theme.

    Attributes:
        rebuild_needed: signal; zoom or colours changed, so the widgets must be created again.
        settings: the settings as they are saved with the session, except for the size of the window.
    """

    rebuild_needed = Signal()

    def __init__(self, window: QWidget, settings: WindowSettings, may_rebuild: Callable[[], bool]) -> None:
        """``may_rebuild`` returns False while a rebuild would interrupt something, such as a recording."""
        super().__init__(window)
        self._window, self._may_rebuild = window, may_rebuild
        self.settings = settings
        self._theme: Theme = current_theme()
        self._theme.set_zoom(settings.zoom or auto_zoom(settings.width, settings.height))
        self._theme.set_name(settings.theme)
        self._theme.set_reduced_motion(settings.calm)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self.follow_size)

    def apply_style(self) -> None:
        """Set the application's style sheet and font, unless they are set already."""
        app = ThemedApplication.instance()
        sheet = style_sheet(self._theme)
        if isinstance(app, ThemedApplication) and app.styleSheet() != sheet:
            app.setStyleSheet(sheet)  # restyles every widget: only if it differs
            app.setFont(self._theme.font("body"))

    def window_resized(self) -> None:
        """Let the zoom follow once the size has settled."""
        self._settle.start(_SETTLE_MS)

    def follow_size(self) -> None:
        """Set the zoom for the window's size, unless the user has fixed it."""
        wanted = self.settings.zoom or auto_zoom(self._window.width(), self._window.height())
        if wanted != self._theme.zoom and self._may_rebuild():
            self._theme.set_zoom(wanted)
            self.rebuild_needed.emit()

    def set_fixed_zoom(self, zoom: float | None) -> None:
        """Fix the zoom; None lets it follow the window's size."""
        self.settings = self.settings.model_copy(update={"zoom": zoom})
        self.follow_size()

    def set_theme(self, name: ThemeName) -> None:
        """Change the colours at once."""
        self.settings = self.settings.model_copy(update={"theme": name})
        if name != self._theme.name and self._may_rebuild():
            self._theme.set_name(name)
            self.rebuild_needed.emit()

    def set_reduced_motion(self, reduced: bool) -> None:
        """Turn reduced motion on or off: meters jump instead of falling, and menus open without animation."""
        self.settings = self.settings.model_copy(update={"calm": reduced})
        self._theme.set_reduced_motion(reduced)

    def close(self) -> None:
        """Stop the timer."""
        self._settle.stop()
