"""Kubernetes clusters for people: list, page with its checks and drift (open pages.py first), and their form."""
