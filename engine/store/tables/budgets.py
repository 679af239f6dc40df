"""What a connection may still ask for, shared by all processes."""
