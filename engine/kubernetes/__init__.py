"""The Kubernetes engine: an instance as objects of a cluster. Open engine.py first, then apply.py and jobs.py."""
