"""Steps that guide a record's way, one kind a file."""
