"""The connections a run needs: tried, watched, asked for what only they know, removed."""
