"""The processes that carry runs out: who is at work, and who takes what."""
