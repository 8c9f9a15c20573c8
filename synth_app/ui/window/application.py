"""The QApplication, and the bridge that carries reports from worker threads into its thread."""

from PySide6.QtCore import QLocale, QObject, Signal
from PySide6.QtWidgets import QApplication

from synth_app.ui.base import accessible_value
from synth_app.ui.theme.icons import app_icon
from synth_app.ui.theme.theme import ThemedApplication, load_fonts


class ReportBridge(QObject):
    """Carries reports into the window's thread.

    ``report.emit`` may be called from any thread. Slots connected with a queued connection run in the thread of their
    object.
    """

    report = Signal(object)


def make_application(argv: list[str]) -> ThemedApplication:
    """Create the application, or return the existing one.

    Raises:
        RuntimeError: a QApplication without a theme exists already.
    """
    found = QApplication.instance()
    if isinstance(found, ThemedApplication):
        return found
    if found is not None:
        raise RuntimeError("a QApplication exists already; the window needs a ThemedApplication")
    app = ThemedApplication(["synth-app", *argv])
    app.setApplicationName("synth_app")
    app.setApplicationDisplayName("synth_app")
    app.setDesktopFileName("synth-app")  # the name of the desktop file
    app.setWindowIcon(app_icon())
    app.setStyle("Fusion")
    QLocale.setDefault(QLocale.c())  # numbers have a decimal point, as those that the program formats itself
    load_fonts()
    accessible_value.install()
    return app
