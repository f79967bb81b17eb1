"""Where the texts of a label file go: to the item of the batch that has the same words, else into a new one.

So a second file about the same texts (another tool's guesses, a corrected copy) finds the items that are there.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Max

from annotate.items.adding import NewItem, check_row
from annotate.items.models import Item, Upload
from annotate.kernel.errors import Invalid
from workflows.collection.importers.found import LabelDoc
from workflows.collection.ingest.archives import Refused
from workflows.collection.ingest.ledger import Ledger
from workflows.collection.ingest.plan import Plan


def placed(ledger: Ledger, upload: Upload, plan: Plan) -> Iterator[tuple[LabelDoc, NewItem | int | Refused]]:
    """Each text with the id of its item, the item to make, or why there can be none; the same in every attempt."""
    last = ledger.recall("last_item")
    if last is None:
        last = ledger.settle("last_item", Item.objects.aggregate(last=Max("id"))["last"] or 0)
    before = Item.objects.filter(project=upload.batch.project, id__lte=last).exclude(state="erased").order_by("id")
    alike: dict[bytes, list[int]] = defaultdict(list)  # equal texts are taken one after the other
    for item_id, digest in before.filter(batch=upload.batch, text__isnull=False).values_list("id", "sha256"):
        if digest is not None:
            alike[bytes(digest)].append(item_id)
    for items in alike.values():
        items.reverse()
    texts = [labels.doc for labels in plan.alone]
    taken = set(before.filter(key__in=[doc.file for doc in texts]).values_list("key", flat=True))
    for doc in texts:
        if doc.text is None:
            yield doc, Refused(doc.place, "wrong_media", "this is about a picture, and the project is one of texts")
            continue
        text = doc.text
        digest = hashlib.sha256(text.encode()).digest()
        if alike.get(digest):
            yield doc, alike[digest].pop()
        elif doc.file in taken:
            yield doc, Refused(doc.place, "key_taken", f"{doc.file}: the project has another text of this name")
        else:
            item = NewItem(key=doc.file, text=text, sha256=digest)
            try:
                check_row(item)
            except Invalid as error:
                yield doc, Refused(doc.place, error.code, error.detail)
            else:
                yield doc, item
