"""How fast Bridgework is, beside loops written by hand for the same job: ``python -m bench``."""
