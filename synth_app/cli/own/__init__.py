"""Commands for what the user makes and shares: trainings on own recordings, packs."""
