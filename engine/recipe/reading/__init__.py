"""From nodes to a recipe: one reader a part of the grammar."""
