"""Settings of a training job: data, model and optimization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar

from synth_app.modelfile.store import read_card
from synth_app.spectrum.spec import FULL_BAND_SPEC, PAPER_SPEC, FrameSpec
from synth_app.support.errors import UserError
from synth_app.training.objective import AUDIBLE, objective_terms

SPECS: dict[str, FrameSpec] = {"paper": PAPER_SPEC, "full": FULL_BAND_SPEC}
SPLITS: tuple[str, ...] = ("note", "instrument")
FOLDS = 5  # of the cross-validation by note: splits "fold-1" to "fold-5"
DEVICES: tuple[str, ...] = ("cpu", "cuda", "auto")
PRECISIONS: tuple[str, ...] = ("float32", "bfloat16")
# Names of settings in earlier versions: accepted on the command line and in model cards, used in names of run folders.
OLD_NAMES: dict[str, str] = {"mix": "mixup", "members": "ensemble", "refit": "retrain"}


def spec_name(spec: FrameSpec) -> str:
    """Return the frame specification's name in SPECS, or its description."""
    return next((name for name, known in SPECS.items() if known == spec), str(spec))


@dataclass(frozen=True)
class FitSettings:
    """Settings of the optimization.

    Attributes:
        epochs: maximum number of epochs. The learning rate falls over all of them along a cosine.
        patience: epochs without a better validation RMSE after which training stops.
        batch_size: frames per step.
        learning_rate: of AdamW at its maximum, after the warm-up.
        beta: weight of the KL divergence. MSE is averaged over bins, KL summed over dimensions.
        frames_per_note: training frames sampled from each note in every epoch; 0 takes all frames.
        augment: fraction of frames altered by ``training.data.augment``, 0-1.
        mixup: fraction of the notes, or pairs of notes, to which another instrument at the same pitch is added, 0-1
            (mixup-style augmentation, after Zhang et al. 2018).
        stretch_semitones: largest stretch of the frequency axis in ``augment``, up or down.
        weight_decay: of AdamW (Loshchilov & Hutter 2019), decoupled from the gradient.
        input_dropout: fraction of bins hidden in training from a net beside a PCA path, 0-0.9.
        width: factor on the widths of a pitch-conditioned net's hidden layers.
        ensemble: number of decoders of a pitch-conditioned net. They share latent vectors; the mean is decoded.
        objective: error of the decoded frames that a pitch-conditioned net minimizes: "squared", "audible", or terms
            joined by "+" (``training.objective``).
        retrain: train on the validation part too, for exactly ``epochs``, with settings chosen before.
        precision: of the hidden layers' products. Weights and losses are always float32.
    """

    OPTIONAL: ClassVar[tuple[str, ...]] = (
        "input_dropout",
        "width",
        "ensemble",
        "objective",
    )  # only some families use these

    epochs: int = 60
    patience: int = 30
    batch_size: int = 512
    learning_rate: float = 1e-3
    beta: float = 0.0
    frames_per_note: int = 80
    augment: float = 0.0
    mixup: float = 0.0
    stretch_semitones: float = 7.0
    weight_decay: float = 0.0
    input_dropout: float = 0.0
    width: int = 1
    ensemble: int = 1
    objective: str = "squared"
    retrain: bool = False
    precision: str = "float32"

    def __post_init__(self) -> None:
        """Check all values.

        Raises:
            UserError: a value is outside its range.
        """
        _require(self.epochs >= 0, "epochs", self.epochs, "0 or more")
        _require(self.patience >= 1, "patience", self.patience, "1 or more")
        _require(1 <= self.batch_size <= 65_536, "batch_size", self.batch_size, "1-65536")
        _require(0.0 < self.learning_rate <= 1.0, "learning_rate", self.learning_rate, "above 0, at most 1")
        _require(0.0 <= self.beta <= 10.0, "beta", self.beta, "0-10")
        _require(self.frames_per_note >= 0, "frames_per_note", self.frames_per_note, "0 or more")
        _require(0.0 <= self.augment <= 1.0, "augment", self.augment, "0-1")
        _require(0.0 <= self.mixup <= 1.0, "mixup", self.mixup, "0-1")
        _require(0.0 <= self.stretch_semitones <= 24.0, "stretch_semitones", self.stretch_semitones, "0-24")
        _require(0.0 <= self.weight_decay <= 1.0, "weight_decay", self.weight_decay, "0-1")
        _require(0.0 <= self.input_dropout <= 0.9, "input_dropout", self.input_dropout, "0-0.9")
        _require(1 <= self.width <= 8, "width", self.width, "1-8")
        _require(1 <= self.ensemble <= 8, "ensemble", self.ensemble, "1-8")
        objective_terms(self.objective)
        _require(self.precision in PRECISIONS, "precision", self.precision, f"one of {', '.join(PRECISIONS)}")


PCA_NAME, PCA_TITLE = "pca", "PCA"
PCA_DESCRIPTION = "Principal component analysis: linear and exact, with uncorrelated latent dimensions."


def with_changes(fit: FitSettings, changes: Sequence[str]) -> FitSettings:
    """Return settings with some values changed, each given as "name=value". Old names are accepted.

    Raises:
        UserError: no such setting, or a value outside its range.
    """
    kinds = {field.name: type(getattr(fit, field.name)) for field in fields(fit)}
    values: dict[str, Any] = {}
    for change in changes:
        given, _, text = change.partition("=")
        name = OLD_NAMES.get(given, given)
        if name not in kinds:
            raise UserError(
                f"no training setting in {change!r}; give NAME=VALUE with one of {', '.join(sorted(kinds))}"
            )
        values[name] = _value(name, text, kinds[name])
    return replace(fit, **values)


def with_defaults(stored: Mapping[str, object]) -> dict[str, object]:
    """Return stored settings with present names; settings that an older version did not have get their defaults."""
    return {**vars(FitSettings()), **{OLD_NAMES.get(name, name): value for name, value in stored.items()}}


def list_changes(fit: FitSettings, base: FitSettings) -> tuple[str, ...]:
    """Return the changes from ``base`` to ``fit`` in the form that ``with_changes`` takes."""
    pairs = ((field.name, getattr(fit, field.name), getattr(base, field.name)) for field in fields(fit))
    return tuple(f"{name}={str(value).lower()}" for name, value, before in pairs if value != before)


def _value(name: str, text: str, kind: type) -> object:
    if kind is bool:
        _require(text in ("true", "false"), name, text, "true or false")
        return text == "true"
    try:
        return kind(text)
    except ValueError as error:
        raise UserError(f"{name} {text!r} is invalid; give a {'whole ' if kind is int else ''}number") from error


@dataclass(frozen=True)
class TrainSettings:
    """Settings of one training job.

    Attributes:
        data: folder in NSynth's layout.
        family: name of a model family (``training.families``).
        spec: frames that the model reads and makes. Audio at another rate is resampled.
        latent_size: number of latent dimensions.
        seed: of the weights, the sampled frames and the augmentation, and of the split unless ``split_seed`` is given.
        split: what is held out: "note" (notes of the training instruments), "instrument" (whole instruments), "fold-1"
            to "fold-5" (as note; the five folds together hold out every note), or a file that
            ``dataset.splits.write_split`` wrote, ending in ".json".
        fit: settings of the optimization; None takes the family's defaults.
        also: more data sets. All their notes are for training, none for validation or test.
        bank: folder of notes for the note bank, for example every instrument at the same few pitches. None takes up to
            three notes of every instrument from ``data``.
        cache: folder of computed frames; None is ``cache`` beside ``data``.
        runs: folder of checkpoints and logs; None is ``runs`` beside ``data``.
        threads: CPU threads of the training. Results are bit-identical only for equal numbers.
        device: "cpu", "cuda", or "auto" for CUDA if there is a device.
        scheduler: address of a Dask scheduler whose workers compute frames; None: this machine.
        split_seed: seed of the split, if it is not ``seed``: nets of several seeds then have the same test notes.
        start: model file whose weights the training begins with; None begins with new ones. Family, spec and latent
            size must be those of the model (``fine_tuning``).
    """

    data: Path
    family: str = "residual-vae"
    spec: FrameSpec = FULL_BAND_SPEC
    latent_size: int = 16
    seed: int = 0
    split: str = "note"
    fit: FitSettings | None = None
    also: tuple[Path, ...] = ()
    bank: Path | None = None
    cache: Path | None = None
    runs: Path | None = None
    threads: int = 2
    device: str = "cpu"
    scheduler: str | None = None
    split_seed: int | None = None
    start: Path | None = None

    def __post_init__(self) -> None:
        """Check the values that do not depend on the family.

        Raises:
            UserError: a value is outside its range.
        """
        _require(self.device in DEVICES, "device", self.device, f"one of {', '.join(DEVICES)}")
        known = (*SPLITS, *(f"fold-{i + 1}" for i in range(FOLDS)))
        named = self.split in known or self.split.endswith(".json")
        _require(named, "split", self.split, f"one of {', '.join(known)}, or a split's .json file")
        _require(1 <= self.latent_size <= 256, "latent_size", self.latent_size, "1-256")
        _require(self.latent_size < self.spec.bins, "latent_size", self.latent_size, f"under {self.spec.bins} bins")
        _require(0 <= self.seed < 2**31, "seed", self.seed, "0-2147483647")
        _require(0 <= self.seed_of_split < 2**31, "split_seed", self.split_seed, "0-2147483647")
        _require(1 <= self.threads <= 256, "threads", self.threads, "1-256")

    @property
    def seed_of_split(self) -> int:
        """Seed of the split."""
        return self.seed if self.split_seed is None else self.split_seed

    @property
    def cache_folder(self) -> Path:
        """Folder of computed frames."""
        return self.cache or self.data.parent / "cache"

    @property
    def runs_folder(self) -> Path:
        """Folder of checkpoints and logs."""
        return self.runs or self.data.parent / "runs"


def fine_tuning(start: Path, data: Path, *, seed: int = 0, fit: FitSettings | None = None) -> TrainSettings:
    """Return the settings of a training that begins with a model file.

    Raises:
        UserError: the file is no model.
    """
    card = read_card(start)
    return TrainSettings(data, card.family, card.frame_spec, card.latent_size, seed, fit=fit, start=start)


def _require(holds: bool, name: str, value: object, limit: str) -> None:
    if not holds:
        raise UserError(f"{name} {value!r} is invalid; it must be {limit}")


PCA_FIT = FitSettings(epochs=0, frames_per_note=0)  # PCA is computed, not trained
# Of a training that begins with a model: for about a hundred notes, some minutes on two cores.
FINE_TUNE_FIT = FitSettings(
    epochs=12, patience=12, batch_size=256, learning_rate=4e-4, frames_per_note=40, augment=0.2, objective=AUDIBLE
)
