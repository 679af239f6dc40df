"""A first draft of a recipe, from a trigger and an action: fields matched, the file written."""
