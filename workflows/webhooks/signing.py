"""Secrets and signatures as Standard Webhooks has them: HMAC-SHA256 over "id.timestamp.body", in base64, as `v1,…`.

A secret is made of the server's own key and the webhook's nonce, so that no table holds one: who reads the database cannot
sign. With another server key all secrets are others.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings

PREFIX = "whsec_"


def key(nonce: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"sluice.webhook\n" + nonce.encode(), hashlib.sha256).digest()


def secret(nonce: str) -> str:
    """What the receiver is shown once: `whsec_` and the key in base64."""
    return PREFIX + base64.b64encode(key(nonce)).decode()


def signature(nonce: str, message: str, timestamp: int, body: bytes) -> str:
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key(nonce), signed, hashlib.sha256).digest()).decode()
