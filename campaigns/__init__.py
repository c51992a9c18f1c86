"""One kind of operation over many instances: who, in which order, when, how many at once, and when to stop.

Open models.py first, then advancing.py (the pass of the clock) and domain/campaigns.py (the states).
May import: watch, recovery, clusters, offsite, backups, finops, operations and all below. Tests: tests/campaigns.
"""
