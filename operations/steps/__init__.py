"""The steps of the kinds that this app declares: small, repeatable, answering Done or Wait. Open provision.py first."""
