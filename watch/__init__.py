"""What is wrong with the whole service, since when, and who was told of it.

Open alerts.py first (everything that is wrong, the worst first), then checks/ (what is looked at).
May import: recovery, clusters, offsite, backups, finops, operations and all below. Tests: tests/watch.
"""
