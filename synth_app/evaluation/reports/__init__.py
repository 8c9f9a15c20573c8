"""Reports of single commands: motion, pitch, phase, PSM and ablation."""
