"""Bring a folder of pictures, texts or another tool's labels into a project, from the command line.

    python3 manage.py load --project blood-cells --batch march --format voc FOLDER

The same services and jobs as an upload; the project (schema proposed from the labels found) and the batch are made when
they are not there, with queues and a data set.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from annotate.items.models import Batch
from annotate.items.services import create_batch
from annotate.jobs.models import Job, JobReportLine
from annotate.jobs.services import execute
from annotate.jobs.states import LIVE
from annotate.kernel.errors import SluiceError
from annotate.people.actor import Actor
from annotate.people.models import Organisation
from annotate.projects.models import Project
from annotate.projects.services import create as create_project
from workflows.collection import services, waiting
from workflows.collection.folders import Folder
from workflows.collection.importers import FORMATS
from workflows.collection.standing import FIRST_ORGANISATION, FIRST_OWNER, begin_if_empty, find_actor, find_organisation
from workflows.management.commands.prepare import migrate
from workflows.server import env

EXTRAS = ("objects_rejected", "notes", "ignored")


class Command(BaseCommand):
    help = "Bring a folder (or an archive) of pictures, texts or labels into a project; makes project and batch when they are not there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", help="a folder, read with everything below it, or one file or archive")
        parser.add_argument("--project", required=True, help="its name; made when it is not there")
        parser.add_argument("--batch", required=True, help="its name; made when it is not there")
        parser.add_argument(
            "--format", choices=sorted(FORMATS), help="of the label files; leave it out for plain pictures or texts"
        )
        parser.add_argument(
            "--as", dest="role", choices=services.ROLES, default="annotation", help="what the labels are"
        )
        parser.add_argument("--unknown-labels", choices=services.UNKNOWN_LABELS, default="reject")
        parser.add_argument(
            "--missing", choices=services.MISSING, default="auto", help="labels whose picture is not there"
        )
        parser.add_argument("--media", choices=("image", "text"), default="image", help="of a project that is made")
        parser.add_argument(
            "--labels", default="", help="label names of a project that is made without label files, by commas"
        )
        parser.add_argument("--model", default="", help="the model's name, for --as prediction")
        parser.add_argument("--organisation", help="name or id; needed only where there are several")
        parser.add_argument(
            "--by", help="name of the person who acts; an owner of the organisation when it is left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        migrate()
        try:
            folder = Folder(str(env.typed_path(options["folder"])))
            if password := begin_if_empty():
                self._say(f"made the first organisation, {FIRST_ORGANISATION!r}")
                self._say(f"sign in: owner {FIRST_OWNER} {password}")
            organisation = find_organisation(options["organisation"], options["project"])
            by = find_actor(organisation, options["by"])
            batch = self._batch(organisation, folder, by, options)
            job = self._ask(batch, folder, by, options)
        except SluiceError as error:
            more = "".join(f"\n  {path}: {why}" for path, why in error.fields.items() if why != error.detail)
            raise CommandError(f"{error.detail}{more}") from error
        self._say(f"{len(folder.files):,} files handed in as job {job.pk}")
        self._run(job)
        self._report(job, time.monotonic() - started)
        self._say(f"look at it: /batches/{batch.pk} in the browser; `python3 manage.py up` starts the server if it does not run")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _batch(self, organisation: Organisation, folder: Folder, by: Actor, options: dict[str, Any]) -> Batch:
        name = options["project"]
        project = Project.objects.filter(organisation=organisation, name=name).first()
        if project is None:
            schema = self._schema(folder, options)
            media = services.media_of(options["format"], schema, folder.sources) if options["format"] else options["media"]
            with transaction.atomic():
                project = create_project(
                    name, media=media, schema=schema, organisation_id=organisation.pk, by=by
                )
                made = services.begin_line(project, options["batch"], by=by)
            labels = ", ".join(label["name"] for label in schema["labels"])
            self._say(f"made the project {name!r} with the labels {labels}")
            return made
        batch = Batch.objects.select_related("project").filter(project=project, name=options["batch"]).first()
        return batch or create_batch(project, options["batch"], by=by)

    def _schema(self, folder: Folder, options: dict[str, Any]) -> dict[str, Any]:
        if options["format"]:
            return services.propose_from(folder.sources(), options["format"])[0]
        return services.quick_schema((options["labels"] or "object").split(","), options["media"])

    def _ask(self, batch: Batch, folder: Folder, by: Actor, options: dict[str, Any]) -> Job:
        label_options = {
            "format": options["format"],
            "role": options["role"],
            "unknown_labels": options["unknown_labels"],
            "missing": options["missing"],
            "model": options["model"],
        }
        if options["format"]:
            services.check_label_options(batch, **label_options, by=by)
        kept = waiting.keep(folder.handed_in())
        try:
            if options["format"]:
                return services.import_labels(batch, kept, **label_options, by=by)
            return services.import_files(batch, kept, by=by)
        except BaseException:
            waiting.drop(one.stored for one in kept)
            raise

    def _run(self, job: Job) -> None:
        """Run the job here, unless a worker of a running server was quicker; either way until it has ended."""
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(job.pk, ended), daemon=True)
        if sys.stderr.isatty():
            watcher.start()
        try:
            execute(job.pk)
            while Job.objects.filter(pk=job.pk, state__in=LIVE).exists():
                time.sleep(0.5)
                execute(job.pk)
        finally:
            ended.set()

    def _watch(self, job_id: int, ended: threading.Event) -> None:
        try:
            while not ended.wait(1.0):
                done, total = Job.objects.values_list("done", "total").get(pk=job_id)
                self.stderr.write(f"\r  {done:,} of {total:,} " if total else f"\r  {done:,} ", ending="")
        finally:
            connection.close()

    def _report(self, job: Job, seconds: float) -> None:
        job.refresh_from_db()
        for line in JobReportLine.objects.filter(job=job).order_by("id").iterator():
            self._say(f"  {line.place}: {line.detail} [{line.code}]")
        if job.state != "done":
            raise CommandError(f"the import {job.state}: {job.error or 'see the job'}")
        result = job.result or {}
        counts = ", ".join(f"{result.get(name, 0):,} {name}" for name in ("accepted", "rejected", "duplicate"))
        extras = "".join(f", {result[name]:,} {name.replace('_', ' ')}" for name in EXTRAS if result.get(name))
        self._say(f"{counts}{extras} ({seconds:.1f} s)")
        if dropped := result.get("dropped_attributes"):
            words = ", ".join(f"{name} ({count:,})" for name, count in dropped.items())
            self._say(f"attributes that the schema does not know were left out: {words}")
