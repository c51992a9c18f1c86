"""How every program runs: environment, failures, child processes, the files it leaves. Open failures.py first."""
