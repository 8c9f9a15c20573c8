"""Every family: its initial net, its loss, and its export to the numpy runtime."""

from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.decoder.operations import NUMPY
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.engine.decoding.matmul import pack_panels
from synth_app.modelfile import (
    DataInfo,
    LatentStats,
    ModelCard,
    ModelFile,
    TrainingInfo,
    load_model_file,
    save_model_file,
)
from synth_app.modelfile.card import SpecCard
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch
from synth_app.training.data.pca import PrincipalAxes, principal_axes
from synth_app.training.families import families, family
from synth_app.training.families.base import VariationalNet
from synth_app.training.families.pitch_conditioned import KEYS, PitchConditionedNet
from synth_app.training.nets.export_ops import export_ops
from synth_app.training.settings import FitSettings

SPEC = FrameSpec(16_000, 128, 64)
WIDE = FrameSpec(48_000, 1600, 512)  # just enough bins for the wide layers


def _unit(bins: int, n: int = 600) -> NDArray[np.float32]:
    rng = np.random.default_rng(1)
    smooth = rng.standard_normal((n, 20)) @ rng.standard_normal((20, bins)) * 0.15 - 0.2
    return np.clip(smooth, -1, 1).astype(np.float32)


@cache
def _axes(bins: int) -> PrincipalAxes:
    return principal_axes([_unit(bins)])


def test_registry_has_every_family() -> None:
    ours, studys = {"residual-vae", "residual-dae", "pitched-vae", "keyed-vae"}, {"pca", "ae", "vae", "lstm-ae"}
    daes = {"dae", "dae-256", "dae-256-128", "dae-layerwise"}
    assert set(families()) >= ours | studys | daes
    for name, entry in families().items():
        assert entry.name == name
    with pytest.raises(UserError, match="no model family 'gan'; there are: ae, dae, dae-256,"):
        family("gan")


@pytest.mark.parametrize("name", sorted(families()))
@pytest.mark.parametrize("spec", [SPEC, WIDE], ids=["small", "wide"])
def test_numpy_runs_the_exported_net_as_torch_does(name: str, spec: FrameSpec) -> None:
    _compare(name, spec, family(name).fit(spec))


def test_numpy_runs_a_widened_net_as_torch_does() -> None:
    _compare("keyed-vae", SPEC, replace(family("keyed-vae").fit(SPEC), width=2))


@pytest.mark.parametrize("name", ["keyed-vae", "pitched-vae"])
def test_numpy_runs_an_ensemble_as_torch_does(name: str) -> None:
    _compare(name, SPEC, replace(family(name).fit(SPEC), ensemble=3))


def test_the_objective_is_the_error_that_a_net_minimizes() -> None:
    torch.manual_seed(0)
    fit = family("pitched-vae").fit(SPEC)
    x, pitch = torch.from_numpy(_unit(SPEC.bins, 32)), torch.full((32,), 60.0)
    gradients = []
    for objective in ("squared", "audible"):
        torch.manual_seed(0)
        net = family("pitched-vae").build(SPEC, 6, _axes(SPEC.bins), replace(fit, objective=objective, augment=0.0))
        loss = net.batch_loss(Batch(x, pitch, x, pitch), Augment(SPEC, 0.0), torch.Generator().manual_seed(0))
        torch.autograd.backward(loss)
        gradients.append(torch.cat([p.grad.flatten() for p in net.decoder.parameters() if p.grad is not None]))
    cosine = torch.nn.functional.cosine_similarity(gradients[0], gradients[1], dim=0)
    assert torch.isfinite(cosine)
    assert cosine < 0.95


def _compare(name: str, spec: FrameSpec, fit: FitSettings) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = family(name).build(spec, 6, _axes(spec.bins), fit)
    with torch.no_grad():
        for parameter in net.parameters():  # as after training: every weight counts
            parameter.add_(0.02 * torch.randn_like(parameter))
    encoder, decoder, tensors = net.export()
    weights = {key: value.numpy() for key, value in tensors.items()}
    x = _unit(spec.bins, 64)
    pitch = np.random.default_rng(1).uniform(15, 115, 64).astype(np.float32)  # beyond the tables too
    pitch[:20] = np.round(pitch[:20])
    pitches = torch.from_numpy(pitch)
    net.double()
    with torch.no_grad():
        z = net.encode(torch.from_numpy(x).double(), pitches)
        y = net.decode(z, pitches)
    made_z = Network(encoder, weights, spec.bins, 64, key_range=net.key_range)(x, pitch)
    made_y = Network(decoder, weights, 6, 64, key_range=net.key_range)(z.float().numpy(), pitch)
    to_db = 50.0
    assert np.abs(made_y - y.numpy()).max() * to_db < 1e-3  # against float64
    np.testing.assert_allclose(made_z, z.numpy(), rtol=1e-4, atol=1e-4)
    net.float()
    with torch.no_grad():
        single = net.decode(z.float(), pitches).numpy()
    assert np.sqrt(np.mean((made_y - single) ** 2)) * to_db < 1e-4


@pytest.mark.parametrize("name", ["residual-vae", "residual-dae", "pitched-vae", "keyed-vae"])
def test_residual_nets_start_at_pca(name: str) -> None:
    torch.manual_seed(0)
    axes, x = _axes(SPEC.bins), torch.from_numpy(_unit(SPEC.bins))
    nets = [family(kind).build(SPEC, 6, axes, family(kind).fit(SPEC)) for kind in (name, "pca")]
    with torch.no_grad():
        pitches = torch.full((len(x),), 60.0)
        errors = [float((net.decode(net.encode(x, pitches), pitches) - x).square().mean().sqrt()) for net in nets]
        z = nets[0].encode(x, pitches)
    assert errors[0] == pytest.approx(errors[1], rel=0.02)
    np.testing.assert_allclose(z.T @ z / len(z), np.eye(6), atol=0.1)


@pytest.mark.parametrize("name", ["pitched-vae", "keyed-vae"])
def test_width_scales_the_layers_of_a_pitch_conditioned_net(name: str) -> None:
    plain, wide = (
        family(name).build(SPEC, 4, _axes(SPEC.bins), replace(family(name).fit(SPEC), width=width)) for width in (1, 3)
    )
    for part in ("encoder", "decoder"):
        tensors: list[dict[str, torch.Tensor]] = []
        for net in (plain, wide):
            tensors.append({})
            export_ops(getattr(net, part), part, tensors[-1])
        squares = [{len(t) for t in found.values() if t.ndim == 2 and len(t) == t.shape[1]} for found in tensors]
        assert squares[0], "no residual layer was looked at"
        assert squares[1] == {3 * size for size in squares[0]}


def test_decoders_of_an_ensemble_train_independently_and_decode_their_mean() -> None:
    """A decoder's gradient does not depend on the other decoders; the decoded frame is the mean of all."""
    torch.manual_seed(0)
    entry = family("keyed-vae")
    net = entry.build(SPEC, 4, _axes(SPEC.bins), replace(entry.fit(SPEC), ensemble=3))
    assert isinstance(net, PitchConditionedNet)
    x, pitches = torch.from_numpy(_unit(SPEC.bins, 50)), torch.full((50,), 60.0)

    def outputs_and_gradient() -> tuple[list[torch.Tensor], torch.Tensor, float]:
        net.zero_grad()
        z = net.encode(x, pitches).detach()
        error = net.error(z, x)
        torch.autograd.backward(error)
        gradient = torch.cat([p.grad.flatten() for p in net.ensemble[0].parameters() if p.grad is not None])
        skip = net.decoder_skip(net.decoder_pitch(z))
        return [(skip + y).detach() for y in net.ensemble.each(net.decoder_pitch(z))], gradient, error.item()

    before, gradient, error = outputs_and_gradient()
    torch.testing.assert_close(net.decode(net.encode(x, pitches), pitches), torch.stack(before).mean(dim=0))
    own = torch.stack([(y - x).square().mean() for y in before]).mean().item()
    assert error == pytest.approx(own, rel=1e-5)
    assert min(float((before[i] - before[j]).abs().max()) for i, j in ((0, 1), (0, 2), (1, 2))) > 1e-3
    with torch.no_grad():
        for parameter in net.ensemble[2].parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    after, gradient_after, _ = outputs_and_gradient()
    assert float((after[2] - before[2]).abs().max()) > 0.01
    torch.testing.assert_close(gradient_after, gradient)
    together = (torch.stack(after).mean(dim=0) - x).square().mean()
    assert float(together) < float(torch.stack([(y - x).square().mean() for y in after]).mean())


def test_a_pitch_conditioned_net_gets_the_pitch_of_stretched_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Augment a frame with a peak at key 60's first partial: the net's pitch matches the peak's new position."""
    torch.manual_seed(0)
    spec = FrameSpec(16_000, 4096, 1024)
    net = family("keyed-vae").build(spec, 4, _axes(spec.bins), family("keyed-vae").fit(spec))
    assert isinstance(net, PitchConditionedNet)
    first_partial = 261.63 / (spec.sample_rate / spec.n_fft)
    x = (0.9 - 0.03 * (torch.arange(spec.bins) - first_partial).abs()).clamp(min=-0.5).repeat(64, 1)
    seen: list[torch.Tensor] = []

    def loss(altered: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        seen.append(altered)
        return altered.sum()

    monkeypatch.setattr(net, "loss", loss)
    net.batch_loss(Batch(x, torch.full((64,), 60.0)), Augment(spec, 1.0), torch.Generator().manual_seed(3))
    pitches = net.pitch_position.position + KEYS.lowest
    expected = first_partial * torch.exp2((pitches - 60.0) / 12.0)
    moved = pitches != 60.0
    assert 10 < int(moved.sum()) < 40, "half of the altered are stretched, most of these by a semitone at least"
    peak = seen[0].argmax(dim=1)
    assert float((peak - expected)[moved].abs().median()) < 2.0
    assert float((peak - first_partial)[moved].abs().median()) > 4.0, "at pitch 60 the peaks would be at other bins"


@pytest.mark.parametrize("name", ["vae", "residual-vae"])
def test_variational_loss_is_mse_over_bins_plus_beta_kl_over_dimensions(name: str) -> None:
    torch.manual_seed(0)
    entry = family(name)
    x = torch.from_numpy(_unit(SPEC.bins, 40))

    def loss(beta: float, seed: int) -> float:
        torch.manual_seed(0)
        net = entry.build(SPEC, 6, _axes(SPEC.bins), replace(entry.fit(SPEC), beta=beta))
        return net.loss(x, torch.Generator().manual_seed(seed)).item()

    torch.manual_seed(0)
    net = entry.build(SPEC, 6, _axes(SPEC.bins), replace(entry.fit(SPEC), beta=0.5))
    assert isinstance(net, VariationalNet)
    mean, log_variance = net.posterior(x)
    posterior = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
    prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    divergence = torch.distributions.kl_divergence(posterior, prior).sum(dim=1).mean().item()
    assert loss(0.5, 1) - loss(0.25, 1) == pytest.approx(0.25 * divergence, rel=1e-4)
    reconstruction = 2 * loss(0.25, 1) - loss(0.5, 1)
    noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(1))
    made = net.decode(mean + noise * posterior.scale)
    assert reconstruction == pytest.approx(((made - x) ** 2).mean().item(), rel=1e-3)
    assert loss(0.0, 1) == loss(0.0, 2)  # no sampling without a prior
    assert loss(0.5, 1) != loss(0.5, 2)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("ae", [(16, 513), (513, 16)]),
        ("dae", [(128, 513), (16, 128), (128, 16), (513, 128)]),
        ("dae-256", [(256, 513), (16, 256), (256, 16), (513, 256)]),
        ("dae-256-128", [(256, 513), (128, 256), (16, 128), (128, 16), (256, 128), (513, 256)]),
        ("dae-layerwise", [(256, 513), (128, 256), (16, 128), (128, 16), (256, 128), (513, 256)]),
        ("lstm-ae", [(64, 513), (64, 16), (2052, 16), (2052, 513)]),
    ],
)
def test_latents_are_bounded_and_layer_sizes_are_those_of_the_study(name: str, shapes: list[tuple[int, int]]) -> None:
    torch.manual_seed(0)
    net = family(name).build(FrameSpec(16_000, 1024, 512), 16, _axes(513), family(name).fit(SPEC))
    assert [tuple(p.shape) for p in net.parameters() if p.dim() == 2] == shapes
    with torch.no_grad():
        assert net.encode(100 * torch.ones(1, 513)).abs().max().item() <= 1.0
        for parameter in net.parameters():
            parameter.mul_(3.0)
        outside_tanh = net.decode(100 * torch.ones(1, 16)).abs().max().item()
    assert (outside_tanh > 1.0) == (name != "lstm-ae")  # a linear output; an LSTM's is bounded


def test_layers_train_in_pairs_from_the_outside_in_then_together() -> None:
    torch.manual_seed(0)
    net = family("dae-layerwise").build(SPEC, 6, _axes(SPEC.bins), family("dae-layerwise").fit(SPEC))
    x, generator = torch.from_numpy(_unit(SPEC.bins, 40)), torch.Generator()
    order = [("encoder.0", "decoder.4"), ("encoder.2", "decoder.2"), ("encoder.4", "decoder.0")]
    seen = []
    for epoch in range(12):
        net.begin_epoch(epoch / 12)
        net.zero_grad()
        torch.autograd.backward(net.loss(x, generator))
        seen.append(tuple(name.removesuffix(".weight") for name, p in net.named_parameters()
                          if p.grad is not None and name.endswith("weight")))  # fmt: skip
    everything = ("encoder.0", "encoder.2", "encoder.4", "decoder.0", "decoder.2", "decoder.4")
    assert seen == [pair for pair in order for _ in range(2)] + [everything] * 6
    net.begin_epoch(2 / 12)  # the second pair rebuilds what the first layer makes
    with torch.no_grad():
        given = torch.tanh(x @ net.encoder[0].weight.T + net.encoder[0].bias)  # type: ignore[operator]  # a Linear
        made = net.decoder[2:4](net.encoder[2:4](given))
    assert net.loss(x, generator).item() == pytest.approx(((made - given) ** 2).mean().item(), rel=1e-5)


def test_an_exported_lstm_keeps_its_state_per_sequence() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = family("lstm-ae").build(SPEC, 6, _axes(SPEC.bins), family("lstm-ae").fit(SPEC))
    _, decoder, tensors = net.export()
    weights = {key: value.numpy() for key, value in tensors.items()}
    latents = torch.randn(3, 12, 6)
    with torch.no_grad():
        expected = net.decode(latents).numpy()
    for operations in (NUMPY, replace(COMPILED, pack=partial(pack_panels, halves=False))):
        network = Network(decoder, weights, 6, 5, operations, sequences=4)
        assert network.recurrent
        np.testing.assert_allclose(network(latents[0].numpy()), expected[0], atol=2e-6)  # in batches of 5
        np.testing.assert_allclose(network(latents[1].numpy()), expected[1], atol=2e-6)  # from nothing again
        made = np.zeros_like(expected)
        for slot in range(3):
            network.reset(slot)
        at = [0, 0, 0]
        for turn in ([0, 1], [2, 0], [1, 2, 0], [0], *([0, 1, 2],) * 12):
            turn = [i for i in turn if at[i] < 12]
            if turn:
                rows = np.stack([latents[i, at[i]].numpy() for i in turn])
                made[turn, [at[i] for i in turn]] = network.run_each(rows, np.array(turn))
            for i in turn:
                at[i] += 1
        np.testing.assert_allclose(made, expected, atol=2e-6)


def test_layers_without_an_operation_are_refused() -> None:
    with pytest.raises(TypeError, match="no counterpart"):
        export_ops(torch.nn.Sequential(torch.nn.ReLU()), "x", {})
    with pytest.raises(TypeError, match="no counterpart"):
        export_ops(torch.nn.GELU(), "x", {})  # the exact one


@pytest.mark.parametrize("name", ["residual-vae", "lstm-ae"])
def test_exported_programs_pass_the_model_files_checks(tmp_path: Path, name: str) -> None:
    entry = family(name)
    net = entry.build(SPEC, 6, _axes(SPEC.bins), entry.fit(SPEC))
    encoder, decoder, tensors = net.export()
    card = ModelCard(
        name="x",
        title="x",
        family=entry.name,
        description="x",
        spec=SpecCard(**vars(SPEC)),
        latent_size=6,
        encoder=encoder,
        decoder=decoder,
        axis_names=tuple("abcdef"),
        data=DataInfo(name="x", licence="x", notes=0, command="x"),
        training=TrainingInfo(command="x", seed=0, epochs=0, seconds=0, versions={}, settings={}),
    )
    stats = LatentStats.of(np.random.default_rng(0).standard_normal((20, 6)).astype(np.float32))
    file = ModelFile(card, {key: value.numpy() for key, value in tensors.items()}, stats, ())
    path = tmp_path / "x.safetensors"
    save_model_file(path, file)
    assert load_model_file(path).card == card
    for key in tensors:  # every tensor is looked at
        short = {**file.tensors, key: file.tensors[key][:-1]}
        with pytest.raises(UserError, match="does not match its input"):
            save_model_file(path, replace(file, tensors=short))
