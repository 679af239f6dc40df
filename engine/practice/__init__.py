"""Practice servers: local copies of vendors' APIs, for demos, tests and trying out."""
