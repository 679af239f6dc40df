"""An SFTP server of its own, for trying things out and for tests."""
