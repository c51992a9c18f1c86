"""How an instance is made and looked at somewhere: one protocol, two engines.

Open base.py first (the protocol), then local/engine.py or kubernetes/engine.py; registry.py finds one by name.
May import: manifests, domain; no row, no Django. Tests: tests/engine (contract.py is what every engine must pass).
"""
