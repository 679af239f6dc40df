"""Two recipes that bridge in both directions, and leave alone what the other wrote."""
