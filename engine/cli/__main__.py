"""``python -m engine.cli`` does what ``bridgework`` does."""

from engine.cli import main

main()
