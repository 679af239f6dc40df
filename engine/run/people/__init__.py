"""People in a record's way: what is asked of them, and what they do by hand."""
