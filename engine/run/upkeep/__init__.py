"""What is done from time to time, whether or not a recipe runs."""
