"""Deployment: who goes where, by what, when, and how good that answer provably is."""
