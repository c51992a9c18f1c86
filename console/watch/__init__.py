"""Problems that stand, who is told of them, and the messages. Open pages.py first."""
