"""Kubernetes objects of an instance, from its spec and the templates of k8s_templates/. Pure.

Open instance.py first, then render.py (what a template may hold) and blueprints.py (what a folder declares).
May import: domain. Tests: tests/manifests, with whole objects as golden files.
"""
