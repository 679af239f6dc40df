"""A recipe told: as plain sentences, and as a picture."""
