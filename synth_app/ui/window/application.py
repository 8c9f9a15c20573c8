"""The QApplication in the theme, and the bridge from worker threads into it."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from synth_app.ui.theme.theme import load_fonts


class ReportBridge(QObject):
    """``report.emit`` may be called from any thread; connected slots run in the thread of their object."""

    report = Signal(object)


def make_application(argv: list[str]) -> QApplication:
    """The application, or the one there is already."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    app = QApplication(["synth-app", *argv])
    app.setApplicationName("synth_app")
    app.setApplicationDisplayName("synth_app")
    app.setDesktopFileName("synth_app")
    app.setStyle("Fusion")
    load_fonts()
    return app
