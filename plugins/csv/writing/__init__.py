"""Rows into files: appended, or each in the place of the earlier one with its key."""
