"""The shapes of answers for the OpenAPI document, in a notation short enough to read as a list.

`name:type` is a field that is always there, `name?:type` one that may be absent; `type?` may be null; `[type]` is a list.
Types: int, num, str, bool, time (RFC 3339, UTC), object, any, or the name of a shape. `tests/contracts/test_openapi.py` holds
real answers against this table, so a field that comes or goes fails there.
"""

from __future__ import annotations

from typing import Any

LINES = "application/x-ndjson"
_TYPES: dict[str, dict[str, Any]] = {
    "int": {"type": "integer"},
    "num": {"type": "number"},
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "object": {"type": "object", "additionalProperties": True},
    "any": {"description": "Any JSON."},
}

_VERSION = (
    "id:int dataset:int number:int? state:str hash:str? parent:int? parent_number:int? message:str q:str recipe:object "
    "counts:object splits:object facts:object schema:object? created_by:int? created_at:time frozen_at:time?"
)
SHAPES: dict[str, str] = {
    "Problem": "type:str title:str status:int detail:str code:str fields?:object request_id?:str revision?:int annotation?:object? same?:bool draft_kept?:bool",
    "Named": "id:int name:str?",
    "Me": "id:int name:str email:str language:str server_owner:bool organisations:[object] token:object? preferences:object csrf?:str",
    "Organisation": "id:int name:str created_at:time",
    "NewOrganisation": "id:int name:str created_at:time owner:Named token:str invite:str",
    "Person": "id:int name:str email:str role:str organisation:int active:bool created_at:time invite?:str",
    "Team": "id:int name:str kind:str organisation:int project:int? lead:Named? members:[Named] created_at:time",
    "TeamWork": "results:[TeamRow] next:str?",
    "TeamRow": "person:Named active:bool held:int held_since:time? returned:int parked:int kept:int today:int week:int "
    "seconds_today:num seconds_week:num sent_back:int last:time? open:int",
    "TeamQuestion": "id:int person:Named? project:int item:int text:str created_at:time",
    "Handing": "id:int batch:int team:Named? queue:int? mode:str shares:object until:time? state:str counts:object job:int? bulk:int? "
    "created_by:int? created_at:time undone_by:int? undone_at:time?",
    "HandingOrPlan": "id?:int batch?:int team?:Named? queue:int? mode?:str shares?:object until?:time? state?:str counts?:object job?:int? "
    "bulk?:int? created_by?:int? created_at?:time undone_by?:int? undone_at?:time? items?:int answers?:int unmet?:int settled?:int "
    "people?:[object] left_out?:[object]",
    "InviteLine": "line:int name:str email:str role:str project:str team:str wrong:object id?:int invite?:str",
    "InviteLines": "results:[InviteLine]",
    "ResetLink": "person:int invite:str seconds:int",
    "LeavesBehind": "held:int returned:int parked:int kept:int queues:int teams:int leads:int",
    "Portions": "results:[Portion] next:str?",
    "Portion": "batch:Named project:int due:str? mine:int target:int? short:int total:int planned:int? quotas:[object]",
    "Collectors": "collectors:[object]",
    "ApiToken": "id:int name:str prefix:str scopes:[str] person:Named organisation:int project:int? dataset:int? "
    "created_at:time expires_at:time? last_used_at:time?",
    "NewApiToken": "id:int name:str prefix:str scopes:[str] person:Named organisation:int project:int? dataset:int? "
    "created_at:time expires_at:time? last_used_at:time? token:str",
    "Activity": "id:int number:int? hash:str? at:time organisation:int project:int? person:Named? token:int? verb:str noun:str "
    "noun_id:int? before:str? after:str? data:object request_id:str address:str",
    "ChainHead": "organisation:int number:int hash:str sealed_at:time",
    "ChainHeads": "results:[ChainHead] next:str?",
    "Job": "id:int kind:str state:str done:int total:int? result:object? error:str? project:int? attempts:int "
    "cancel_requested:bool created_by:int? created_at:time started_at:time? ended_at:time? links:object",
    "Project": "id:int name:str media:str organisation:int archived_at:time? created_at:time",
    "ProjectWithSchema": "id:int name:str media:str organisation:int archived_at:time? created_at:time schema:object schema_version:object role?:str skip_reasons:[str] return_reasons:[object]",
    "LabelSchema": "id:int number:int schema:object digest:str created_by:int? created_at:time",
    "SchemaChange": "id:int project:int operations:[object] state:str before:int after:int restored:int? done:int total:int? job:int? "
    "queue:int? created_by:int? created_at:time settled_at:time? undone_by:int? undone_at:time?",
    "SchemaChangeWithItems": "id:int project:int operations:[object] state:str before:int after:int restored:int? done:int total:int? "
    "job:int? queue:int? created_by:int? created_at:time settled_at:time? undone_by:int? undone_at:time? items:object",
    "SchemaPreview": "base:object schema:object operations:[OperationPreview] items:int annotations:int approved:int judged_anew:int kept:int "
    "leases:int drafts:int named_in:[object] sample:[object]",
    "OperationPreview": "operation:object items:int objects:int? becomes:str lossless:bool",
    "Member": "person:Named role:str created_at:time",
    "Batch": "id:int project:int name:str source:str plan:object state:str created_by:int? created_at:time",
    "BatchWithReality": "id:int project:int name:str source:str plan:object state:str created_by:int? created_at:time reality:object",
    "MediaLinks": "thumb:str display:str full:str",
    "Item": "id:int key:str project:int batch:int state:str stage:str width:int? height:int? sha256:str? uri:str? group:str? "
    "frame:int? meta:object captured_at:time? created_at:time created_by:int? media:MediaLinks?",
    "ItemWithFacts": "id:int key:str project:int batch:int state:str stage:str width:int? height:int? sha256:str? uri:str? "
    "group:str? frame:int? meta:object captured_at:time? created_at:time created_by:int? media:MediaLinks? text:str? size:int? "
    "type:str? facts:object",
    "Revision": "id:int revision:int objects:[object] item:object source:str person:Named? author:Named? schema:int approved:bool digest:str "
    "seconds:num? created_at:time",
    "Event": "at:time what:str person:Named? data:object",
    "Events": "results:[Event] next:str? count?:int",
    "Filled": "added:int",
    "MyAnswer": "task:int state:str item:int key:str annotation_id:int? revision:int? answered_at:time round:int shut:str reopen:bool thumb:str feedback?:object?",
    "MyAnswers": "results:[MyAnswer] next:str? count?:int",
    "Renewed": "id:int expires_at:time",
    "DraftSaved": "revision:int",
    "RuleKind": "kind:str about:str title:str help:str source:str severity:str action:str threshold:str? caught:str? parameters:[RuleParameter]",
    "RuleKinds": "results:[RuleKind]",
    "RuleParameter": "name:str type:str default:any least:num? most:num? options:[str] title:str",
    "RulePacks": "results:[object]",
    "Rule": "id:int project:int name:str kind:str parameters:object severity:str action:str queue:int? active:bool created_by:int? created_at:time",
    "RulesOfPack": "results:[Rule]",
    "RuleSet": "id:int number:int rules:[object] digest:str created_by:int? created_at:time",
    "CheckRun": "id:int project:int batch:int? q:str state:str rule_set:int items:int counts:object job:int? created_by:int? created_at:time "
    "applied_by:int? applied_at:time? undone_by:int? undone_at:time?",
    "CheckRunWithResults": "id:int project:int batch:int? q:str state:str rule_set:int items:int counts:object job:int? created_by:int? "
    "created_at:time applied_by:int? applied_at:time? undone_by:int? undone_at:time? rules:[object] overlap:[[int]]",
    "Finding": "id:int run:int rule:int name:str kind:str item:int? key:str? object:str? subject:str? score:num? partner:int? detail:object state:str",
    "Findings": "results:[Finding]",
    "Restored": "rules:[str]",
    "Gate": "batch:int state:str bar:num share:num? run:int? rules_since:[str] opened_by:int? reason:str? created_by:int? created_at:time",
    "Flow": "number:int? flow:object created_by:int? created_at:time? switches:[FlowSwitch] stopped:FlowStop? stages:[FlowStage]",
    "FlowSwitch": "step:str on:bool person:Named? changed_at:time?",
    "FlowStop": "reason:str person:int? created_at:time",
    "FlowStage": "name:str number:int? items:int since:time? waits:[str]",
    "Way": "batch:int number:int? flow:int? cause:int? created_at:time? ended_at:time? reason:str? stopped:FlowStop? steps:[WayStep]",
    "WayOfList": "batch:int name:str number:int? flow:int? cause:int? created_at:time? ended_at:time? reason:str? steps:[WayStep]",
    "WayStep": "step:str number:int state:str by_hand:bool person:int? why:str? check_run:int? queue:int? round:int? version:int? started_at:time? ended_at:time?",
    "PauseRule": "project:int queue:int? bar:num level:num least:int labels:[str] created_by:int? created_at:time rates:PauseRates",
    "PauseRates": "golds:int good:num wrongly:num bad:num caught_within:int?",
    "SkillPause": "id:int project:int queue:int? person:Named label:str? evidence:object cause:str paused_at:time ended_at:time? ended_by:int? how:str?",
    "ReleaseGate": "project:int batch:int? slice:int? name:str? of:str expression:str state:str? said:str? parts:[GatePart] failed:[str] why:str "
    "opened:object? created_by:int? created_at:time",
    "GatePart": "text:str column:int state:str measure:str label:str? end:str? value:num? low:num? high:num? of:int why:str how:str counted:str link:str",
    "Round": "id:int batch:int number:int after:int? next:int? state:str sample:object pass_mark:num judged_by:str escalation:str "
    "reviewers:[int] queue:int? items:int sampled:int pending:int judged:int erring:int rate:num? low:num? high:num? "
    "left_out:object counts:object reason:str? job:int? created_by:int? created_at:time decided_by:int? decided_at:time?",
    "WholeRound": "id:int batch:int number:int after:int? next:int? state:str sample:object pass_mark:num judged_by:str escalation:str "
    "reviewers:[int] queue:int? items:int sampled:int pending:int judged:int erring:int rate:num? low:num? high:num? "
    "left_out:object counts:object reason:str? job:int? created_by:int? created_at:time decided_by:int? decided_at:time? "
    "by_person:[object] by_label:[object] reasons:object",
    # A new round or, with `preview`, what it would come to.
    "RoundOrPreview": "id?:int batch?:int number?:int after?:int? next?:int? state?:str sample?:object pass_mark?:num judged_by?:str "
    "escalation?:str reviewers?:[int] queue?:int? items:int sampled:int pending?:int judged?:int erring?:int rate?:num? "
    "low?:num? high?:num? left_out:object counts?:object reason?:str? job?:int? created_by?:int? created_at?:time "
    "decided_by?:int? decided_at?:time? strata?:[object] rates?:[object] least?:int?",
    "WallThing": "thing:str item:int annotation_id:int object:str? label:str? kind:str? author:Named? state:str waiting:bool value:num? score:num? square:[num]? crop:str?",
    "WallThings": "results:[WallThing] next:str? ordered_at:time? job:int?",
    "WallAct": "id:int project:int act:str asked:object arguments:object queue:int? things:int state:str counts:object told:str job:int? "
    "created_at:time created_by:Named? undone_at:time? undone_by:Named?",
    "WallActOrPreview": "id?:int project?:int act?:str asked?:object arguments?:object queue?:int? things:int state?:str counts?:object told?:str job?:int? "
    "created_at?:time created_by?:Named? undone_at?:time? undone_by?:Named? items?:int changes?:int approved?:int people?:int left_out?:object",
    "RoundItem": "item:int key:str annotation_id:int revision:int person:int? sampled:bool place:int? outcome:str? review:int?",
    "ConsensusRun": "id:int project:int q:str method:str quorum:int? dry_run:bool state:str answers:int job:int? created_by:int? created_at:time "
    "undone_by:int? undone_at:time?",
    "WholeConsensusRun": "id:int project:int q:str method:str quorum:int? dry_run:bool state:str answers:int job:int? created_by:int? created_at:time "
    "undone_by:int? undone_at:time? decided:int methods:object left:object undone:int stayed:object",
    "ConsensusRunItem": "item:int key:str outcome:str method:str undone:str annotation_id:int? confidence:num?",
    "ConsensusUndone": "undone:int left:object",
    "ItemConsensus": "item:int answers:int consensus:object? adjudication:object?",
    "AgreementReport": "measure:str by:str batch:int? measured_at:time results:[AgreementRow]",
    "AgreementRow": "label?:str? attribute?:str people?:[Named] batch?:int name?:str period?:str value:num? low:num? high:num? items:int units:int answers:int why:str",
    "Confusion": "of:str about:str batch:int? items:int answers:int measured_at:time? accuracy:Share labels:[str] counts:[[int]] results:[ConfusionCell]",
    "ConfusionCell": "meant:str? given:str? count:int of:int share:num",
    "ConfusedThing": "item:int annotation:int? object:str? prediction:int?",
    "QualityRows": "by:str measured_at:time results:[QualityRow] pairs?:[ReviewerPair]",
    "QualityRow": "person?:int batch?:int label?:str name?:str period?:str answers?:int seconds:num gold?:Share agreement:Share returned:Share round_errors?:Share skill?:object? "
    "verdicts?:int fixed?:Share overturned?:Share overturned_by?:object second_looks?:object reasons?:object drift?:object errors?:Errors? rework?:Rework",
    "Errors": "items:int things:int errors:int missing:int extra:int wrong_label:int badly_placed:int attribute:int",
    "Rework": "value:num? low:num? high:num? of:int why:str seconds:num again:num again_items:int",
    "ReviewerPair": "people:[Named] agreement:object",
    "Dispute": "id:int review:int item:int key:str state:str text:str author:Named? returned_by:Named? reason:str reason_key:str revision:int created_at:time "
    "answer:str decided_by:Named? decided_at:time? approved:bool",
    "Recheck": "id:int item:int key:str revision:int first:object second:object settled:str",
    "Share": "value:num? low:num? high:num? of:int why:str",
    "Slice": "id:int project:int name:str q:str created_by:int? created_at:time stats?:object",
    "Dataset": "id:int project:int name:str licence:str created_by:int? created_at:time",
    "DatasetWithLatest": "id:int project:int name:str licence:str created_by:int? created_at:time latest:Version?",
    "Version": _VERSION,
    "VersionWithUses": f"{_VERSION} used_by:[VersionUse]",
    "VersionUse": "run:str? person:Named? pulls:int last_at:time",
    "Pull": "id:int version:int run:str? format:str? split:str? person:Named? at:time",
    "Evaluation": "id:int version:int model:str run:str? split:str? measured:bool metrics:object created_by:Named? created_at:time",
    "EvaluationWithReport": "id:int version:int model:str run:str? split:str? measured:bool metrics:object created_by:Named? created_at:time report:object?",
    "Suspect": "id:int rank:int kind:str score:num reason:str item:int key:str object:str? label:str? said:str? about:str? drawn:object? shape:object? task:int? question:int?",
    "SuspectsSent": "added:int",
    "SuspectsRemoved": "removed:int",
    "SuspectsAsked": "asked:int",
    "Flagged": "question:int item:int key:str",
    "Webhook": "id:int project:int url:str events:[str] active:bool stopped_why:str? failing_since:time? created_by:Named? created_at:time",
    "NewWebhook": "id:int project:int url:str events:[str] active:bool stopped_why:str? failing_since:time? created_by:Named? created_at:time secret:str",
    "Delivery": "id:int webhook:int message:str event:str payload:str state:str attempts:int next_at:time? status:int? error:str? created_at:time ended_at:time?",
    "VersionRow": "key:str item:int? split:str leaf:str erased:bool batch?:str group?:str? frame?:int? width?:int? height?:int? "
    "sha256?:str? uri?:str? text?:str? meta?:object annotation_id?:int revision?:int annotation?:object schema_number?:int "
    "provenance?:object",
    "VersionRows": "results:[VersionRow] next:str? count?:int",
    "Diff": "dataset:int from:int to:int items:object objects:object fields:object",
    "JobOrDraft": "id?:int kind?:str state?:str done?:int total?:int? result?:object? error?:str? project?:int? attempts?:int cancel_requested?:bool created_by?:int? "
    "created_at?:time started_at?:time? ended_at?:time? links?:object exact?:bool q?:str recipe?:object items?:int objects?:int labels?:object splits?:object "
    "split_labels?:object excluded?:object leakage?:object refused?:[object] results?:[object] next?:str?",
    "Croissant": "@context:object @type:str name:str description:str url:str version:str identifier:str datePublished:str license:str creator:object citeAs:str conformsTo:str "
    "distribution:[object] recordSet:[object] isBasedOn?:str",
    "VersionShard": "ordinal:int digest:str? file:str rows:int size:int first_key:str last_key:str",
    "DataCard": "name:str project:str version:str number:int state:str hash:str? licence:str released:time author:str? message:str query:str recipe:object schema:int? "
    "reverts:int? counts:object people:object origins:object batches:object sizes:object erased:int quality:object rules:object? gates:[object] problems:object changes:object?",
    "Tag": "id:int dataset:int name:str version:int number:int? created_by:int? created_at:time",
    "Export": "id:int version:int format:str split:str? media:str state:str notes:object size:int? job:int? created_by:int? "
    "created_at:time links:object",
    "ExportFile": "path:str size:int sha256:str url:str signed_url?:str",
    "ExportPart": "path:str size:int sha256:str parts:[any] tail:str",
    "ExportParts": "since:int from:[str] files:[ExportPart]",
    "ExportWithFiles": "id:int version:int format:str split:str? media:str state:str notes:object size:int job:int? "
    "created_by:int? created_at:time links:object files:[ExportFile]",
}


def reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _type(text: str) -> dict[str, Any]:
    if text.endswith("?"):
        inner = _type(text[:-1])
        return {"allOf": [inner], "nullable": True} if "$ref" in inner else inner | {"nullable": True}
    if text.startswith("["):
        return {"type": "array", "items": _type(text[1:-1])}
    return dict(_TYPES[text]) if text in _TYPES else reference(text)


def fields_of(text: str) -> dict[str, Any]:
    """The JSON schema of a line of fields."""
    parts = [part.split(":", 1) for part in text.split()]
    properties = {name.rstrip("?"): _type(kind) for name, kind in parts}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    required = [name for name, _kind in parts if not name.endswith("?")]
    return schema | {"required": required} if required else schema


def page_of(row: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of one keyset page of rows."""
    return {
        "type": "object",
        "required": ["results", "next"],
        "properties": {
            "results": {"type": "array", "items": row},
            "next": {"type": "string", "nullable": True},
            "count": {"type": "integer"},
        },
    }
