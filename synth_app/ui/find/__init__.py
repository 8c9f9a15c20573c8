"""The page "Something like this": what sounds like a recording, a hum or the present sound, heard by arrow keys."""
