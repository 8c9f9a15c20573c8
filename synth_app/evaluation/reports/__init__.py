"""Report commands: motion, pitch, phase, PSM and ablation."""
