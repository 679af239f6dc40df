"""Records that wait for a time or an answer, and the runs that take them on."""
