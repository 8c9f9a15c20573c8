"""LSTM-AE: the reference study's recurrent autoencoder, LSTM layers bins-latent-bins, a latent vector per frame."""

from torch import nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.nets.layers import LstmLayer
from synth_app.training.settings import FitSettings

_WINDOW = 20  # frames of a training sequence, 0.64 s at the study's hop; the study does not publish its own length


class LstmNet(FrameNet):
    """One LSTM layer as encoder and one as decoder.

    The state of both layers is zero at the first frame of a sequence [n, bins] or of each of [sequences, n, bins].
    """

    window = _WINDOW

    def __init__(self, bins: int, latent_size: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(LstmLayer(bins, latent_size))
        self.decoder = nn.Sequential(LstmLayer(latent_size, bins))


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> LstmNet:
    del axes, fit
    return LstmNet(spec.bins, latent_size)


LSTM_AE = Family(
    name="lstm-ae",
    title="Recurrent autoencoder",
    description="The reference study's LSTM-AE: one LSTM layer each way, so that a frame depends on those before it.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40),
    build=_build,
)
