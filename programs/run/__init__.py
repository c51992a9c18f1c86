"""How every program runs: its environment, its failures, its child processes, the files it leaves. Open failures.py first."""
