"""The door of parishes: a small site below /paroisse/ where a parish sees how its data is protected, and asks.

Open urls.py first, then sign_in.py. No account, no password, no page of the administration.
May import: parish_requests and all below. Tests: tests/parish_site.
"""
