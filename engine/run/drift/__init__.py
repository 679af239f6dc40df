"""Fields that come no more, as a run meets them: seen, paused, told, and back again."""
