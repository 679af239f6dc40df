"""A home in one file, and back: see docs/backup.md.

The file is a tar that any tar can open: first ``manifest.json``, then compressed parts. The database
is in it as a SQLite file, wherever it came from, so it goes back into either kind of database.
"""
