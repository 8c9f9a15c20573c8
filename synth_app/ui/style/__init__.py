"""Slot S in the window: its card, its texture, and the work behind them."""
