"""When recipes run: words, lengths of time, and the moments they mean."""
