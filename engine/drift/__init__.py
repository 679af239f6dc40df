"""What systems answer changes: the shapes of their answers, how they differ, and what that breaks."""
