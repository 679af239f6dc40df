"""What an editor needs: completion, correction, the usual form, and what differs between two texts."""
