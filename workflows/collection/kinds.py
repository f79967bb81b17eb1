"""Names of the import jobs: services ask by name, so that they need not know who does the work."""

FILES, MANIFEST, LABELS = "collection.files", "collection.manifest", "collection.labels"
