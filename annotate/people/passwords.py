"""The least length of a password, said in the product's own words, so that it is said in every language it speaks."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LongEnough(MinimumLengthValidator):
    def get_error_message(self) -> str:
        words = ngettext(
            "This password is too short: at least %(n)d character.",
            "This password is too short: at least %(n)d characters.",
            self.min_length,
        )
        return words % {"n": self.min_length}
