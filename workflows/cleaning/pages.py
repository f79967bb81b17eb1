"""The room's pages, and what it adds to the pages of items and batches."""

from __future__ import annotations

from workflows.cleaning.batch_pages import batch_page_routes
from workflows.cleaning.check_pages import check_page_routes
from workflows.cleaning.item_pages import item_page_routes
from workflows.cleaning.rule_pages import rule_page_routes
from workflows.cleaning.run_pages import run_page_routes

page_routes = [*rule_page_routes, *check_page_routes, *run_page_routes, *batch_page_routes, *item_page_routes]
