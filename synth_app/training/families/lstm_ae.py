"""LSTM-AE: the reference study's recurrent autoencoder, two LSTM layers bins-latent-bins, one code per frame."""

from torch import nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.nets.layers import LstmLayer
from synth_app.training.settings import FitSettings

WINDOW = 20  # frames of a training sequence, 0.64 s at the study's hop; its own length was never published


class LstmNet(FrameNet):
    """Frames in, codes and frames of the same number out, each layer remembering what came before.

    Both layers start from nothing at the first frame of a sequence [n, bins] or of each of [sequences, n, bins].
    """

    window = WINDOW

    def __init__(self, bins: int, latent_size: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(LstmLayer(bins, latent_size))
        self.decoder = nn.Sequential(LstmLayer(latent_size, bins))


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> LstmNet:
    del axes, fit
    return LstmNet(spec.bins, latent_size)


FAMILY = Family(
    name="lstm-ae",
    title="Recurrent autoencoder",
    description="The reference study's LSTM-AE: one LSTM layer each way, so that a frame depends on those before it.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40),
    build=_build,
)
