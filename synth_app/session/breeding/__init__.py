"""Breeding: variations around the present sound that are equally loud and audibly different, and the trail of picks."""
