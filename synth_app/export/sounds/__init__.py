"""The work behind the page of own sounds, in a process of its own: adding, encoding, finding notes, comparing."""
