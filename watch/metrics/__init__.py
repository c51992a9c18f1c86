"""Metrics for Prometheus: instances.py and service.py look at rows, requests.py counts what this process answers.

page.py answers a scrape. Names follow prometheus.io/docs/practices/naming; times are timestamps, so that an age goes on
growing when nobody looks.
"""
