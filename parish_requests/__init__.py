"""What parishes ask for: their contacts, requests, what a request would change, who approved it, and its record.

Open models.py first, then moves.py (the one way in which a request changes its state).
May import: watch, recovery, clusters, offsite, backups, finops, operations and all below. Tests: tests/parish_requests.
"""
