"""A version as Croissant 1.1 metadata (JSON-LD): its Parquet shards as files with sha256, its rows as records, its splits, its provenance.

The context is the one of the specification, whole: readers warn of a context that lacks a term. https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

from typing import Any

from workflows.releases import meaning
from workflows.releases.models import Version

CONFORMS = "http://mlcommons.org/croissant/1.1"
_TERMS = {
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
CONTEXT = {"@language": "en", "@vocab": "https://schema.org/"} | _TERMS
_KINDS = {"train": "cr:TrainingSplit", "val": "cr:ValidationSplit", "valid": "cr:ValidationSplit", "validation": "cr:ValidationSplit", "test": "cr:TestSplit"}
_FIELDS = {
    "key": ("sc:Text", "The item's name: a path within the collection."),
    "split": ("sc:Text", "The split that the row belongs to."),
    "batch": ("sc:Text", "The batch that the item came in."),
    "group": ("sc:Text", "Items of one group are never in two splits, when split by group."),
    "width": ("sc:Integer", "Pixels of the upright picture."),
    "height": ("sc:Integer", "Pixels of the upright picture."),
    "uri": ("sc:URL", "Where the bytes are, of an item that is a reference."),
    "text": ("sc:Text", "The words, of a text."),
    "meta": ("sc:Text", "What is known of the item, as JSON."),
    "document": ("sc:Text", "The labels as JSON: objects with kind, label, shape (boxes are x, y, width, height in pixels) and attributes."),
}


def croissant(version: Version, origin: str) -> dict[str, Any]:
    """The document. `origin`: the server's own address, such as https://labels.example, to which files are relative."""
    dataset = version.dataset
    base = f"{origin}/api/v1/versions/{version.pk}"
    shards = list(version.version_shards.select_related("shard").order_by("ordinal"))
    made: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": dataset.name,
        "description": version.message or f"{version.counts.get('items', 0)} labelled items of {dataset.project.name}, version {version.number}.",
        "url": f"{origin}/versions/{version.pk}",
        "version": meaning.of(version),
        "identifier": version.root.hex() if version.root else "",
        "datePublished": version.frozen_at.date().isoformat() if version.frozen_at else None,
        "license": dataset.licence or "unknown",
        "creator": {"@type": "sc:Organization", "name": dataset.project.organisation.name},
        "citeAs": f"{dataset.project.organisation.name}: {dataset.name}, version {meaning.of(version)}, {version.root.hex()[:16] if version.root else ''}",
        "distribution": [*(_file(base, each) for each in shards), _all(shards)],
        "recordSet": [*_splits(version), _rows()],
    }
    if version.parent is not None:
        made["isBasedOn"] = f"{origin}/versions/{version.parent_id}"
    return {name: value for name, value in made.items() if value is not None}


def _file(base: str, each: Any) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"shard-{each.ordinal:05d}.parquet",
        "name": f"shard-{each.ordinal:05d}.parquet",
        "contentUrl": f"{base}/shards/{each.ordinal}",
        "contentSize": f"{each.shard.size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": each.shard.file_sha256.hex(),
    }


def _all(shards: list[Any]) -> dict[str, Any]:
    """The files as one: what a row's fields come from."""
    return {
        "@type": "cr:FileSet",
        "@id": "shards",
        "name": "shards",
        "containedIn": [{"@id": f"shard-{each.ordinal:05d}.parquet"} for each in shards],
        "encodingFormat": "application/x-parquet",
        "includes": "shard-*.parquet",
    }


def _splits(version: Version) -> list[dict[str, Any]]:
    if not version.splits:
        return []
    rows = [{"splits/name": name, **({"splits/url": _KINDS[name]} if name in _KINDS else {})} for name in sorted(version.splits)]
    fields = [{"@type": "cr:Field", "@id": "splits/name", "name": "splits/name", "dataType": "sc:Text"}]
    if all(len(row) == 2 for row in rows):
        fields.append({"@type": "cr:Field", "@id": "splits/url", "name": "splits/url", "dataType": "sc:URL"})
    else:
        rows = [{"splits/name": row["splits/name"]} for row in rows]
    return [{"@type": "cr:RecordSet", "@id": "splits", "name": "splits", "dataType": "cr:Split", "key": {"@id": "splits/name"}, "field": fields, "data": rows}]


def _rows() -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"rows/{name}",
            "name": f"rows/{name}",
            "description": words,
            "dataType": kind,
            "source": {"fileSet": {"@id": "shards"}, "extract": {"column": name}},
            **({"references": {"field": {"@id": "splits/name"}}} if name == "split" else {}),
        }
        for name, (kind, words) in _FIELDS.items()
    ]
    return {"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "key": {"@id": "rows/key"}, "field": fields}
