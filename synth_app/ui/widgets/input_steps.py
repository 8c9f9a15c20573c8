"""Step sizes of the kinds of input: arrow keys, the wheel, and movements with Shift held."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputEvent

FINE = 0.1  # factor on a movement while Shift is held
WHEEL_STEP = 0.02  # normalized value per notch
KEY_STEP, PAGE_STEP = 0.01, 0.1  # normalized value per key press
VALUE_STEPS: dict[int, float] = {
    Qt.Key.Key_Up: KEY_STEP,
    Qt.Key.Key_Right: KEY_STEP,
    Qt.Key.Key_Down: -KEY_STEP,
    Qt.Key.Key_Left: -KEY_STEP,
    Qt.Key.Key_PageUp: PAGE_STEP,
    Qt.Key.Key_PageDown: -PAGE_STEP,
}
ARROW_DIRECTIONS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


def shift_held(event: QInputEvent) -> bool:
    """Return whether Shift is held during an input event."""
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def key_step(event: QInputEvent) -> float:
    """Return the step of an arrow key as a fraction of the range: fine with Shift, coarse with Ctrl."""
    if shift_held(event):
        return KEY_STEP * FINE
    return PAGE_STEP if event.modifiers() & Qt.KeyboardModifier.ControlModifier else KEY_STEP


def moved_position(position: tuple[float, float], event_key: int, step: float) -> tuple[float, float]:
    """Return a position in the unit square after one arrow key, clamped to 0-1.

    Args:
        position: (x, y) in 0-1, y upwards.
        event_key: a key of ``ARROW_DIRECTIONS``.
        step: length of the move.
    """
    dx, dy = ARROW_DIRECTIONS[event_key]
    x, y = position
    return min(max(x + dx * step, 0.0), 1.0), min(max(y + dy * step, 0.0), 1.0)
