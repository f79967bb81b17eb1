"""spaCy's view of an export's lines, as somebody trains with them: `read_spacy.py FORMAT FOLDER [SPLIT]`; texts into Doc and DocBin, and out of the bin again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import spacy
from spacy.tokens import DocBin
from spacy.training import Example


def main(format: str, folder: str) -> None:
    nlp = spacy.blank("xx")
    held, lost = DocBin(store_user_data=True), 0
    for path in sorted(Path(folder).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if path.name.startswith("sluice-") or not line:
                continue
            told = json.loads(line)
            doc = nlp.make_doc(told["text"])
            spans = [doc.char_span(start, end, label=label) for start, end, label in told.get("spans") or told["entities"]]
            lost += spans.count(None)  # an end of it lies within a token of spaCy's
            doc.spans["all"] = [span for span in spans if span is not None]
            Example.from_dict(nlp.make_doc(told["text"]), {"entities": [tuple(one) for one in told["entities"]]})
            held.add(doc)
    docs = list(DocBin(store_user_data=True).from_bytes(held.to_bytes()).get_docs(nlp.vocab))
    spans = [[doc.text, span.label_, span.start_char, span.end_char, span.text] for doc in docs for span in doc.spans["all"]]
    print(json.dumps({"images": len(docs), "objects": len(spans), "boxes": [], "spans": spans, "lost": lost}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
