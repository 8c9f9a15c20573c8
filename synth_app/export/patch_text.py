"""The text of a render's patch, which is kept in its audio file."""

from synth_app.export.request import PerformanceRequest, RenderRequest


def patch_text(request: RenderRequest | PerformanceRequest) -> str:
    """Return what a file of this render tells about how it was made. Raises UserError if the model cannot be loaded."""
    from synth_app.decoder import load_model  # a render process needs it; what only makes requests does not
    from synth_app.session.presets.saved_patch import PlayedKey, describe_patch

    key = None
    if isinstance(request, RenderRequest):
        key = PlayedKey(
            note=request.note, velocity=request.velocity, seconds=request.seconds, tail_seconds=request.tail_seconds,
            ring_out=request.ring_out,
        )  # fmt: skip
    return describe_patch(request.patch, load_model(request.patch.model), request.path.stem, key)
