"""Who hears of a run and of its records: people by notices, other systems by webhook."""
