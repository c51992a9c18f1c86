"""The database server: its client, what it holds, dumping it, loading it again. Open client.py first."""
