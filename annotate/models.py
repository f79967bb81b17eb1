"""Gathers the rooms' models for Django; no logic."""

from annotate.activity.models import Activity, Consumer, Seal
from annotate.annotations.models import (
    Annotation,
    CurrentAnnotation,
    LabelCount,
    MappedRevision,
    Prediction,
    SchemaChange,
)
from annotate.items.models import Batch, Collector, Item, Upload, UploadFile
from annotate.jobs.models import Job, JobReportLine
from annotate.media.models import Blob
from annotate.people.models import (
    Invite,
    Membership,
    Organisation,
    Person,
    RequestKey,
    SignInFailure,
    Team,
    TeamMember,
    Token,
)
from annotate.projects.models import Guideline, GuidelinePicture, GuidelineSeen, Project, ProjectMember, SchemaVersion
from annotate.queues.models import Assignment, Bulk, BulkTask, Draft, GroupClaim, Hold, Lease, Pause, Queue, Skip, Task
from annotate.reviews.models import Approval, Comment, Question, Review, Undo

__all__ = [
    "Activity",
    "Annotation",
    "Approval",
    "Assignment",
    "Batch",
    "Blob",
    "Bulk",
    "BulkTask",
    "Collector",
    "Comment",
    "Consumer",
    "CurrentAnnotation",
    "Draft",
    "GroupClaim",
    "Guideline",
    "GuidelinePicture",
    "GuidelineSeen",
    "Hold",
    "Invite",
    "Item",
    "Job",
    "JobReportLine",
    "LabelCount",
    "Lease",
    "MappedRevision",
    "Membership",
    "Organisation",
    "Pause",
    "Person",
    "Prediction",
    "Project",
    "ProjectMember",
    "Question",
    "Queue",
    "RequestKey",
    "Review",
    "SchemaChange",
    "SchemaVersion",
    "Seal",
    "SignInFailure",
    "Skip",
    "Task",
    "Team",
    "TeamMember",
    "Token",
    "Undo",
    "Upload",
    "UploadFile",
]
