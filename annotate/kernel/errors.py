"""What can go wrong, said once: every refusal of the product is one of these.

Services and policies raise them; `kernel.http` turns them into `application/problem+json` (RFC 9457) and pages into a
page or a form error. `fields` maps the path of an input ("objects.0b7c.box", "schema.labels[2].name") to its message.
"""

from __future__ import annotations

from collections.abc import Mapping


class SluiceError(Exception):
    status = 400
    code = "error"
    title = "The request could not be carried out"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        fields: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = str(detail) or self.title
        self.code = code or type(self).code
        self.fields = dict(fields or {})
        self.extra = dict(extra or {})


class Invalid(SluiceError):
    code, title = "invalid", "The input is not valid"


class Unauthenticated(SluiceError):
    status, code, title = 401, "unauthenticated", "Sign in or send a valid token"


class Denied(SluiceError):
    status, code, title = 403, "denied", "You may not do this"


class Missing(SluiceError):
    """Not there, or not the caller's to see: the two are never told apart."""

    status, code, title = 404, "missing", "Nothing is here"


class Conflict(SluiceError):
    status, code, title = 409, "conflict", "This conflicts with the present state"


class Stale(Conflict):
    """What the caller saw has changed since; nothing was written."""

    code, title = "stale", "This changed in the meantime"


class Gone(SluiceError):
    status, code, title = 410, "erased", "This was erased"


class TooLarge(SluiceError):
    status, code, title = 413, "too_large", "This is too large"


class Unsupported(SluiceError):
    status, code, title = 415, "unsupported_media_type", "This media type is not accepted"


class KeyReused(SluiceError):
    status, code, title = 422, "key_reused", "This Idempotency-Key was used with another body"


class TooMany(SluiceError):
    status, code, title = 429, "too_many", "Too many requests"

    def __init__(self, detail: str = "", *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
