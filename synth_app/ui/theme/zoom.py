"""Which zoom a window of some size gets, and which ones can be chosen."""

STEPS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
CHOICES = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
_DESIGN_WIDTH, _DESIGN_HEIGHT = 1280, 720
# The rest of a larger window goes to larger canvases instead of larger controls.
_SHARE = 0.6


def auto_zoom(width: int, height: int) -> float:
    """The largest step that leaves part of the growth to the canvases; 1 at the design size and below."""
    fit = min(width / _DESIGN_WIDTH, height / _DESIGN_HEIGHT)
    wanted = 1 + (fit - 1) * _SHARE
    return max((step for step in STEPS if step <= wanted), default=STEPS[0])
