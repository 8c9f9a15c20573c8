"""The work behind own sounds, searches and breeding, in a process of its own."""
