"""Keys and actions of the tests of the page "Something like this"."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl

from synth_app.session.find.similar import Similar
from tests.ui.find.conftest import Bench
from tests.ui.sounds.test_sounds_page import send_drop

DOWN, UP, ENTER, ESCAPE = Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Escape


def drop(bench: Bench, *paths: Path) -> None:
    """Drop files on the page and wait for what is found."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert send_drop(bench.page, QPointF(20, 20), mime)
    bench.settle()


def found(bench: Bench) -> tuple[Similar, ...]:
    """Return what was found."""
    result = bench.rig.window.search.state.result
    return result.found if result else ()
