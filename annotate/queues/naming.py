"""People in the bodies of calls: by id or by name."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotate.kernel.errors import Invalid, Missing
from annotate.people.models import Person
from annotate.people.queries import by_name_or_id


class PersonName(serializers.Field[Any, Any, Any, Any]):
    """A person by id or by name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | str):
            raise serializers.ValidationError("a person's id or name")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


def named(organisation_id: int, name: object, place: str) -> Person:
    """The member of the organisation, or `Invalid` at this place of the body."""
    try:
        return by_name_or_id(organisation_id, name)
    except Missing:
        raise Invalid("no such person in this organisation", fields={place: "no such person in this organisation"}) from None
