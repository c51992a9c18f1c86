"""Messages about problems: who is told what (writing.py, digest.py), and how they leave (delivery.py, mail.py,
webhooks.py).
"""
