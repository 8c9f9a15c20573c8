"""Gaussian posteriors of variational autoencoders (Kingma & Welling 2014)."""

import torch
from torch import Tensor, nn

LOG_VARIANCE_RANGE = (-14.0, 4.0)  # clamped to this range, so that exp() stays finite for any weights
INITIAL_LOG_VARIANCE = -4.0


def sample_gaussian(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Sample latent vectors [n, latent] by reparameterization, differentiable in mean and log variance."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    return mean + noise * torch.exp(0.5 * log_variance)


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the KL divergence from N(0, I), summed over dimensions and averaged over frames."""
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1).mean()


def clamp_log_variance(log_variance: Tensor) -> Tensor:
    """Limit log variances to ``LOG_VARIANCE_RANGE``."""
    return log_variance.clamp(*LOG_VARIANCE_RANGE)


def initialize_log_variance(layer: nn.Linear) -> None:
    """Set the bias of a log-variance layer to ``INITIAL_LOG_VARIANCE``."""
    with torch.no_grad():
        layer.bias.fill_(INITIAL_LOG_VARIANCE)
