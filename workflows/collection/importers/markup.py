"""XML from outside, element by element: no document type, no entities, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as safe
from defusedxml import DefusedXmlException

from workflows.collection.importers.found import Problem


def elements(file: IO[bytes], place: str) -> Iterator[tuple[str, Element] | Problem]:
    """("start" or "end", element) as the file is read; a `Problem` where it stops being XML, which ends it."""
    try:
        yield from safe.iterparse(file, events=("start", "end"), forbid_dtd=True)
    except DefusedXmlException as error:
        yield Problem(place, "unsafe_xml", f"XML with a document type or entities is not taken ({type(error).__name__})")
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        yield Problem(place, "not_xml", f"not XML: {str(error)[:150]}")


def said(element: Element | None, name: str) -> str:
    """The text of a child, without blanks around it; "" where there is none."""
    child = element.find(name) if element is not None else None
    return (child.text or "").strip() if child is not None else ""
