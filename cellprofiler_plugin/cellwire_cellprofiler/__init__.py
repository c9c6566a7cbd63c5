"""What `runcellwire.py` is made of; Python 3.8, and grpc only where a call needs it."""
