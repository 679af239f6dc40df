"""What a recipe means, checked against the installed connectors before it runs."""
