"""Copies of sets away from where they were made: destinations, keys, copies, and the way back.

Open models.py for what is recorded, providers.py for the kinds of destination, copies.py for how a set gets away.
May import: backups, operations, engine and all below. Tests: tests/offsite, tests/programs/offsite.
"""
