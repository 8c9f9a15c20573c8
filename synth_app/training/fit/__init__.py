"""The training loop: jobs, checkpoints and distributed processes."""
