"""Trains a captured program on the trusted side, and keeps a record of it."""
