"""When recipes run by themselves next, and why they did not."""
