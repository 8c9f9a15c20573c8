"""The model card: description, training data, scores, and the program of the networks.

A network is stored as data: a list of operations over named tensors. The run time needs no code of a model family, and
a new family adds only its training module.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from synth_app.spectrum import FrameSpec

FORMAT_VERSION = 2  # 2 adds pitch-conditioned and recurrent networks; files of version 1 load unchanged


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")


class Linear(_Strict):
    """y = x W^T + b; ``weight`` [out, in] and ``bias`` [out] name tensors."""

    op: Literal["linear"] = "linear"
    weight: str
    bias: str


class Activation(_Strict):
    """Element-wise function; gelu is the tanh approximation (Hendrycks & Gimpel 2016, eq. 2)."""

    op: Literal["activation"] = "activation"
    function: Literal["tanh", "gelu", "sigmoid"]


class LayerNorm(_Strict):
    """(x - mean) / sqrt(var + eps) * weight + bias over the last axis (Ba et al. 2016)."""

    op: Literal["layer_norm"] = "layer_norm"
    weight: str
    bias: str
    eps: float = Field(default=1e-5, gt=0.0, le=1.0)


class Residual(_Strict):
    """y = x + body(x)."""

    op: Literal["residual"] = "residual"
    body: tuple["Op", ...]


class Parallel(_Strict):
    """y = sum of all branches of the same x."""

    op: Literal["parallel"] = "parallel"
    branches: tuple[tuple["Op", ...], ...]


class PitchConcat(_Strict):
    """y = [x, e(p)]; ``table`` [keys, width] names the embedding of every key, linear between keys."""

    op: Literal["pitch_concat"] = "pitch_concat"
    table: str


class PitchComb(_Strict):
    """y = x W^T + b + sum over r of (c_r Phi) * B_r(p), with c = x C^T in ``R`` parts of ``J`` numbers.

    A linear layer plus patterns over frequency that differ by key, such as the comb of its partials. Each pattern is
    weighted by an envelope over frequency that all keys share. ``weight`` [out, in], ``bias`` [out],
    ``coefficients`` C [R J, in], ``bumps`` Phi [J, out] and ``combs`` B [keys, R, out], linear between keys, name
    tensors.
    """

    op: Literal["pitch_comb"] = "pitch_comb"
    weight: str
    bias: str
    coefficients: str
    bumps: str
    combs: str


class Lstm(_Strict):
    """An LSTM layer: state h, c [width] from one row to the next, both zero at first; y = h.

    ``weight`` [4 width, in], ``recurrent`` [4 width, width] and ``bias`` [4 width] name tensors; rows are those of the
    input, forget, cell and output gates i, f, g, o. With a = x W^T + h U^T + b:
    c = sigmoid(a_f) c + sigmoid(a_i) tanh(a_g), h = sigmoid(a_o) tanh(c) (Gers et al. 2000).
    """

    op: Literal["lstm"] = "lstm"
    weight: str
    recurrent: str
    bias: str


Op = Annotated[
    Linear | Activation | LayerNorm | Residual | Parallel | PitchConcat | PitchComb | Lstm, Field(discriminator="op")
]


def is_recurrent(ops: tuple[Op, ...]) -> bool:
    """Return whether the output of a row depends on the rows before it."""
    return any(
        isinstance(op, Lstm)
        or (isinstance(op, Residual) and is_recurrent(op.body))
        or (isinstance(op, Parallel) and any(is_recurrent(branch) for branch in op.branches))
        for op in ops
    )


def pitch_conditioned(ops: tuple[Op, ...]) -> bool:
    """Return whether a program needs the pitch of every row."""
    return any(
        isinstance(op, PitchConcat | PitchComb)
        or (isinstance(op, Residual) and pitch_conditioned(op.body))
        or (isinstance(op, Parallel) and any(pitch_conditioned(branch) for branch in op.branches))
        for op in ops
    )


class KeyRange(_Strict):
    """MIDI keys of a model's pitch tables, both ends included. Other pitches use the nearest key."""

    lowest: int = Field(ge=0, le=127)
    highest: int = Field(ge=0, le=127)

    @property
    def keys(self) -> int:
        """Number of keys."""
        return self.highest - self.lowest + 1


class SpecCard(_Strict):
    """FrameSpec as JSON."""

    sample_rate: int
    n_fft: int
    hop_length: int
    window: str
    floor_db: float

    def frame_spec(self) -> FrameSpec:
        """Convert to a FrameSpec, which checks the ranges."""
        return FrameSpec(**self.model_dump())


class Score(_Strict):
    """One measured score: RMSE in dB of de-normalised log spectra of held-out notes, beside PCA's."""

    split: str  # "note", "instrument", or a data set's name
    rmse_pooled_db: float  # over all frames
    rmse_per_note_db: float  # mean of each note's own RMSE
    pca_pooled_db: float  # PCA of the same size, same training notes, same test notes
    pca_per_note_db: float
    notes: int
    frames: int


class DataInfo(_Strict):
    """Source and licence of the training notes."""

    name: str
    licence: str
    notice: str = ""
    notes: int
    command: str


class TrainingInfo(_Strict):
    """How the model was trained, so that it can be trained again."""

    command: str
    seed: int
    epochs: int
    seconds: float
    versions: dict[str, str]
    settings: dict[str, float | int | str | bool]
    beta_convention: str = ""


class AxisTrait(_Strict):
    """Correlation of a latent dimension with a descriptor of the sound: Pearson's r over the bank's frames."""

    name: str  # of the descriptor where r is positive, e.g. "brightness"
    r: float = Field(ge=-1.0, le=1.0)


class ModelCard(_Strict):
    """All data of a model except its tensors."""

    format_version: int = FORMAT_VERSION
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str
    family: str
    description: str
    spec: SpecCard
    latent_size: int = Field(ge=1, le=1024)
    encoder: tuple[Op, ...]
    decoder: tuple[Op, ...]
    key_range: KeyRange | None = None  # None: not pitch-conditioned
    axis_names: tuple[str, ...]
    axis_traits: tuple[tuple[AxisTrait, ...], ...] = ()  # per dimension, strongest first; () in older files
    scores: tuple[Score, ...] = ()
    data: DataInfo
    training: TrainingInfo

    @model_validator(mode="after")
    def _consistent(self) -> "ModelCard":
        if len(self.axis_names) != self.latent_size:
            raise ValueError(f"{len(self.axis_names)} axis names for {self.latent_size} dimensions")
        if self.axis_traits and len(self.axis_traits) != self.latent_size:
            raise ValueError(f"traits of {len(self.axis_traits)} axes for {self.latent_size} dimensions")
        if self.key_range and self.key_range.keys < 1:
            raise ValueError(f"a key range from {self.key_range.lowest} to {self.key_range.highest}")
        self.spec.frame_spec()
        return self

    @property
    def frame_spec(self) -> FrameSpec:
        """Analysis settings of the model's frames."""
        return self.spec.frame_spec()
