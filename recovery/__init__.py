"""The manager's own archive, its return on an empty machine, and the return of its whole fleet.

Open making.py first (one archive, from the database to the places away), then restoring.py (the way back).
May import: offsite, clusters, backups, operations and all below. Tests: tests/recovery.
"""
