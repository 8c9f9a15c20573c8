"""Zoom factors: the default for a window size, and the choices of the menu."""

STEPS = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
CHOICES = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
_DESIGN_WIDTH, _DESIGN_HEIGHT = 1280, 720
_MIN_WIDTH, _MIN_HEIGHT = 1264, 600  # of a window that shows everything at zoom 1
# Fraction of a window's growth that enlarges the controls. The rest enlarges the canvases.
_CONTROLS_FRACTION = 0.6


def auto_zoom(width: int, height: int) -> float:
    """Return the zoom for a window size in device-independent pixels.

    It is 1 at 1280 x 720, and below 1 in a window that is too small to show everything at 1.
    """
    if width < _MIN_WIDTH or height < _MIN_HEIGHT:
        return STEPS[0]
    fit = min(width / _DESIGN_WIDTH, height / _DESIGN_HEIGHT)
    wanted = 1 + (fit - 1) * _CONTROLS_FRACTION
    return max(step for step in STEPS if step <= max(wanted, 1.0))
