"""Writes a new connector: from an API's description, from requests that work, or from nothing."""
