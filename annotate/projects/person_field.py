"""The field of a body that names a person."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PersonName(serializers.Field[Any, Any, Any, Any]):
    """A person by id or by name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | str):
            raise serializers.ValidationError("a person's id or name")
        return data

    def to_representation(self, value: Any) -> Any:
        return value
