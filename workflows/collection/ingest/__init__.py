"""Turning uploads into items and annotations: pure readers of archives and manifests, and the loops that run them."""
