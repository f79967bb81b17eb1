"""Search: one query language over items, from what rooms declare to conditions the database answers."""
