"""The columns that kinds may ask for, with what their values are. Loading them is `cleaning.loading`'s work.

A digest column is the first 8 bytes of a sha256 as uint64 (0 for none); a text column is an object array of str or None. A number that is not
known is NaN in a float column, and -1 in a whole one that says so. Rows come in the order of item ids.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """`type` is a numpy dtype, or "text"; `per` says what a row is."""

    type: str
    help: str
    per: str = "item"


ITEMS = {
    "item": Column("i8", "the item's id"),
    "batch": Column("i8", "the batch's id"),
    "key": Column("text", "the item's key"),
    "tail": Column("u8", "the last 8 bytes of the item's key, as UTF-8; zeros before a shorter one"),
    "group": Column("u8", "digest of the item's group; 0 for none"),
    "frame": Column("f8", "place within the group"),
    "width": Column("f8", "pixels of the upright picture"),
    "height": Column("f8", "pixels of the upright picture"),
    "created": Column("f8", "seconds since 1970, UTC"),
    "captured": Column("f8", "seconds since 1970, UTC"),
    "content": Column("u8", "digest of the bytes or of the text"),
    "format": Column("text", "format of the bytes as decoded (JPEG, PNG, …), or TEXT"),
    "state": Column("text", "where the item's work stands"),
}
PICTURES = {
    "fault": Column("text", "why the picture could not be read (a code of annotate.media.probe); empty when it could"),
    "bright_p5": Column("f4", "5th percentile of brightness, 0 to 1"),
    "bright_p99": Column("f4", "99th percentile of brightness, 0 to 1"),
    "information": Column("f4", "a tenth of the entropy of the histogram, at most 1"),
    "blur": Column("f4", "0 blurred to 1 sharp"),
    "contrast": Column("f4", "spread of grey, 0 to 1"),
    "colour": Column("f4", "largest difference of channels anywhere, 0 grey to 1"),
    "orientation": Column("i2", "EXIF tag 274 as stored, 1 to 8; 0 when there is none; -1 not measured"),
    "phash": Column("u8", "64-bit perceptual hash"),
    "pixels": Column("u8", "digest of the decoded pixels with mode and size; 0 not measured"),
    "seen": Column("?", "whether the picture's facts are there"),
}
TEXTS = {
    "text_seen": Column("?", "whether the text's facts are there"),
    "characters": Column("f8", "code points"),
    "words": Column("f8", "words; of Chinese and Japanese, characters that are not punctuation"),
    "mean_word": Column("f4", "mean characters of a word"),
    "symbols": Column("f4", "share of characters that are neither letter, digit, mark, space nor usual punctuation"),
    "repeated": Column("f4", "share of characters in repeated stretches"),
    "language": Column("text", "ISO 639-1 code of the likeliest language, empty when none can be told"),
    "language_score": Column("f4", "0 to 1"),
    "personal": Column("i4", "bits of what personal data is there: see measures.personal"),
    "broken": Column("f8", "characters that show a broken encoding"),
    "normal": Column("u8", "digest of the text without differences of case, width, space and punctuation"),
    "bands": Column("bands", "MinHash bands: an array of shape (rows, 14) of uint64"),
}
LABELS = {
    "annotation": Column("i8", "the current annotation's id; 0 for none"),
    "answer": Column("u8", "digest of the current labels without ids; 0 for none"),
    "objects": Column("f8", "how many objects the current labels have"),
    "person": Column("i8", "who made the current annotation; 0 for none"),
    "seconds": Column("f8", "active seconds that it took"),
    "answered": Column("f8", "when it was made, seconds since 1970"),
}
OBJECTS = {
    "item": Column("i8", "the item's id", "object"),
    "place": Column("i4", "the object's place in its document, from 0", "object"),
    "label": Column("u8", "digest of the label's name", "object"),
    "kind": Column("u1", "place in measures.objects.KINDS", "object"),
    "w": Column("f4", "width of what encloses it, pixels", "object"),
    "h": Column("f4", "height of what encloses it, pixels", "object"),
    "area": Column("f4", "pixels", "object"),
    "share": Column("f4", "area as a share of the picture", "object"),
    "outside": Column("f4", "how far it reaches out of the picture, pixels", "object"),
    "same": Column("f4", "largest IoU with another object of its label", "object"),
    "other": Column("f4", "largest IoU with an object of another label", "object"),
    "twin": Column("i4", "place of the object behind `same`, -1 for none", "object"),
    "rival": Column("i4", "place of the object behind `other`, -1 for none", "object"),
    "points": Column("i4", "how many points it has; -1 for kinds without", "object"),
    "crosses": Column("?", "whether its outline crosses itself", "object"),
    "strays": Column("i4", "keypoints outside the box of the same person or of its own points' box; -1 for other kinds", "object"),
    "misquoted": Column("i1", "1 when a span's quote differs from the text, 2 when it ends inside a character, 0 fine, -1 other kinds", "object"),
    "lacks": Column("i4", "how many required attributes have no value", "object"),
    "undefined": Column("?", "whether the project's present schema lacks its label", "object"),
}
# Rows of kinds that speak of a batch's labels or quotas, not of items.
SETS = {
    "label_name": Column("text", "a label's name", "label"),
    "label_objects": Column("f8", "objects of the label in current labels", "label"),
    "quota_name": Column("text", "a quota's query", "quota"),
    "quota_have": Column("f8", "items that fit it", "quota"),
    "quota_need": Column("f8", "items that are asked for", "quota"),
}
# Besides: "meta.<name>" is a text column of what came with items, "item.<name>" of what was answered for the whole item, "query:<text>" a bool
# column of whether a condition of the query language is true of the item, "probabilities:<name>" floats of shape (rows, K) of what a model
# says of the item attribute <name>, NaN where it says nothing, and "classes:<name>" the K options that its columns stand for.
COLUMNS = ITEMS | PICTURES | TEXTS | LABELS | SETS
