"""Kubernetes clusters as rows: their account and settings, their checks, drift and certificates.

Open models.py first, then engines.py (a row becomes an engine) and inspection.py (what a cluster must have).
May import: backups, operations, engine and all below. Tests: tests/clusters; on a real cluster tests/cluster.
"""
