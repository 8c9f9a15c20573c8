"""The preset menu."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from synth_app.ui.ports.actions import make_action
from synth_app.ui.presets.preset_control import PresetControl

_AMOUNT = 0.5  # of randomize and mutate, when called by menu or shortcut


def preset_menu(window: QWidget, presets: PresetControl, browse: Callable[[], object]) -> QMenu:
    """Create the menu and its shortcuts; ``browse`` opens or closes the preset browser."""
    menu = QMenu("Presets", window)
    menu.setToolTipsVisible(True)
    playback, library, dialogs, variation = presets.playback, presets.library, presets.dialogs, presets.variation
    entries: tuple[tuple[str, tuple[str, ...], Callable[[], object]], ...] = (
        ("Browse presets…", ("Ctrl+B",), browse),
        ("Previous preset", ("Alt+Left",), lambda: playback.step(-1)),
        ("Next preset", ("Alt+Right",), lambda: playback.step(1)),
        ("Save preset", ("Ctrl+S",), dialogs.save),
        ("Save preset as…", ("Ctrl+Shift+S",), dialogs.save_as),
        ("Favourite preset", ("Ctrl+D",), library.toggle_favourite),
        ("Compare versions 1 and 2", ("Ctrl+T",), variation.switch_version),
        ("Copy this version to the other", (), variation.copy_version),
        ("Randomize the patch", ("Ctrl+Shift+R",), lambda: variation.randomize(_AMOUNT)),
        ("Mutate the patch", ("Ctrl+Shift+M",), lambda: variation.mutate(_AMOUNT)),
        ("Init patch", (), playback.init),
        ("Import preset…", (), dialogs.import_files),
        ("Export preset…", (), dialogs.export_file),
    )
    for text, shortcuts, run in entries:
        menu.addAction(make_action(window, text, shortcuts, run))
    return menu
