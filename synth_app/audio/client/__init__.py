"""The application's side of the audio process."""
