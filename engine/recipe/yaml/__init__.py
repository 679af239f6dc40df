"""From a file's text to nodes with their places; what nearly is YAML is repaired and told."""
