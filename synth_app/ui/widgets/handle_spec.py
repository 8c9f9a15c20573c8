"""Handles as parameters, for the value controls and graphs."""

from synth_app.params import HANDLE_REACH, Handle, ParamSpec
from synth_app.patch.patch import OFFSET_SMOOTHING_MS
from synth_app.ui.widgets.value_format import LATENT_GROUP


def handle_spec(handle: Handle) -> ParamSpec:
    """Return a handle as a parameter in steps: standard deviations of the bank."""
    return ParamSpec(
        name=handle.target, label=handle.label, unit="", minimum=-HANDLE_REACH, maximum=HANDLE_REACH,
        default=0.0, curve="linear", smoothing_ms=OFFSET_SMOOTHING_MS, group=LATENT_GROUP,
        help=f"{handle.help} 0 is usual at the note's pitch. The other handles and the loudness stay; the tick marks "
             "the note. Click the lock, or press Space, to pin the value: it stays while you roam.",
    )  # fmt: skip
