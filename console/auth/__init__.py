"""Logging in: by name and password, or through an identity provider."""
