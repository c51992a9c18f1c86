"""Backups and restores as operations, the rows of sets, their ages, and what is found on volumes.

Open steps.py first (one backup), then restore_steps.py; the programs that do the work are in programs/.
May import: operations and all below. Tests: tests/backups.
"""
