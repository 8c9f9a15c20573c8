"""Steps of a blind test whose sounds are rendered."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from synth_app.ui.training.abx_page import AbxPage
from synth_app.ui.training.abx_setup_page import AbxDraft, AbxMaterial
from tests.ui.conftest import Rig

A, B = Path("a"), Path("b")


def begin(rig: Rig) -> AbxPage:
    """Begin a test of six trials of two models that only have names."""
    abx = rig.window.training.abx
    abx._titles, abx._sounds = {A: "Warm", B: "Dull"}, ("a", "b")
    abx._draft = AbxDraft((A, B), AbxMaterial("A note"), 6, detail=False)
    abx._begin()
    return present_page(rig)


def present_page(rig: Rig) -> AbxPage:
    found = rig.window.training.open().page
    assert isinstance(found, AbxPage)
    return found


def answer(page: AbxPage, key: Qt.Key) -> None:
    """Hear X, then answer by a key."""
    QTest.keyClick(page, Qt.Key.Key_X)
    QTest.keyClick(page, key)
