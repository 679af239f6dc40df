"""Templates and expressions: the sandbox, the syntax trees, and the functions they become."""
