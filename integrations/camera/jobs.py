"""The slow work: analyses, and what goes away by itself."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta

from django.db import InterfaceError, OperationalError

from integrations.camera.engines import contract
from integrations.camera.models import (
    ANALYSE_TASK,
    Analysis,
    AnalysisRun,
    AnalysisState,
    Batch,
    BatchState,
    Engine,
    Example,
    Input,
    Upload,
)
from integrations.camera.services import analysing, batching, leaving, pictures, pieces, receiving, uploading
from integrations.core import clock, files, strays
from integrations.core.errors import FieldportError, OutboundOff, Paused, TransientError
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState

logger = logging.getLogger(__name__)

TRIED_FOR = timedelta(hours=24)
PAUSED_FOR = timedelta(seconds=30)
EVERY, DAILY = timedelta(minutes=10), timedelta(days=1)
# A phone may be without network for days; the photo stays on it until then.
STALE_AFTER = timedelta(days=7)
STRAY_SECONDS = 86_400.0
BATCH = 200
NOT_INSTALLED = "The engine “{}” is not installed; a person decides."


def run_analysis(claim: Claim) -> None:
    """Judge one photo. Safe to repeat: an analysis ends once."""
    run: AnalysisRun = claim.row
    with correlated(run.correlation_id):
        try:
            analysis = _analysis(run)
            if analysis.state != AnalysisState.RUNNING:
                AnalysisRun.objects.finish(claim, state=WorkState.DONE, note="It had ended already.")
                return
            verdict = _judge(claim, analysis)
            analysing.finish(claim, analysis, verdict, now=clock.now())
        except Exception as error:  # the edge of a job: one photo must not stop the others
            _not_judged(claim, error)


def _analysis(run: AnalysisRun) -> Analysis:
    rows = Analysis.objects.select_related(
        "input__item__group__engine_connection", "input__item__order__site", "input__visit"
    )
    return rows.get(pk=run.analysis_id)


def _judge(claim: Claim, analysis: Analysis) -> contract.Verdict:
    """Return what the conformity checks and, if they allow it, the group's engine say; theirs together."""
    photo = pictures.picture_of(analysis.input)
    group = pictures.group_of(analysis.input)
    opening = contract.Opening(analysis.input.item.group.engine_connection, claim)
    report = _reporter(claim)
    checked = contract.Verdict()
    checks = group.checks and photo.link and analysis.engine != Engine.HAND_OVER  # the vendor's camera has its own
    conformity = contract.engine_for(contract.CONFORMITY, opening) if checks else None
    if conformity:
        report("checking the photo")
        checked = conformity.analyse(photo, group, report=report)
    if analysing.is_refused(checked):
        return checked
    return pictures.together(checked, _decided(analysis, opening, photo, group, report))


def _decided(
    analysis: Analysis,
    opening: contract.Opening,
    photo: contract.Picture,
    group: contract.GroupFacts,
    report: contract.Report,
) -> contract.Verdict:
    kind = analysis.engine
    if kind == Engine.REVIEW:
        return contract.Verdict(review=True)
    engine = contract.engine_for(kind, opening)
    if engine is None:
        return contract.Verdict(review=True, note=NOT_INSTALLED.format(kind))
    report("looking at the photo")
    return engine.analyse(photo, group, report=report)


def _reporter(claim: Claim) -> contract.Report:
    """Tell whoever waits what goes on; it also keeps the work ours."""

    def report(step: str) -> None:
        claim.renew(now=clock.now())
        AnalysisRun.objects.held(claim).update(step=step[:60])

    return report


def _not_judged(claim: Claim, error: Exception) -> None:
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    now, rows = clock.now(), AnalysisRun.objects.all()
    if isinstance(error, Paused | OutboundOff):
        rows.put_back(claim, due_at=now + PAUSED_FOR, note=str(error))
    elif isinstance(error, TransientError) and not expired(since=claim.row.retry_since, now=now, longest=TRIED_FOR):
        due_at = next_try(now=now, attempts=claim.row.attempts, retry_after=error.retry_after)
        rows.retry(claim, due_at=due_at, note=str(error))
        wake(ANALYSE_TASK, countdown=(due_at - now).total_seconds())
    else:
        _failed(claim, error)


def _failed(claim: Claim, error: Exception) -> None:
    if isinstance(error, FieldportError):
        note = str(error)
    else:
        logger.error("analysis run %s failed inside", claim.pk, exc_info=error)
        note = f"Internal error, {type(error).__name__}. The worker's log has more."
    rows = Analysis.objects.select_related("input__item__group")
    analysing.fail(claim, rows.get(pk=claim.row.analysis_id), note, now=clock.now())


def run_batch(claim: Claim) -> None:
    """Take in a part of a batch. Safe to repeat: each order and each photo is made once."""
    with correlated(claim.row.correlation_id):
        try:
            batching.process(claim)
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except Exception as error:  # the edge of a job: one batch must not stop the others
            logger.error("batch run %s failed inside", claim.pk, exc_info=error)
            batching.fail(claim, f"Internal error, {type(error).__name__}. The worker's log has more.")


def end_abandoned(claim: Claim) -> str:
    """Note visits whose time is over and whose user never left by our page, and publish each."""
    return _in_batches(claim, leaving.abandon_due, "visits ended without a way back.")


def clean_uploads(claim: Claim) -> str:
    """Delete uploads that nobody goes on with, and files that no upload and no input names."""
    gone = _in_batches(claim, _discard_stale, "uploads given up,")
    for batch in Batch.objects.filter(state=BatchState.UPLOADING, changed_at__lt=clock.now() - STALE_AFTER):
        batching.delete(batch)
    count = _delete_strays(claim) + strays.sweep(receiving.DOCUMENTS, _documents, claim=claim) + _delete_examples()
    return f"{gone} {count} files deleted."


def _in_batches(claim: Claim, once: Callable[[int], int], words: str) -> str:
    total = 0
    while count := once(BATCH):
        total += count
        claim.renew(now=clock.now())
    return f"{total} {words}"


def _discard_stale(limit: int) -> int:
    stale = Upload.objects.filter(changed_at__lt=clock.now() - STALE_AFTER).order_by("changed_at")[:limit]
    found = list(stale)
    for upload in found:
        uploading.discard(upload)
    return len(found)


def _delete_strays(claim: Claim) -> int:
    old = [name for name in pieces.names() if pieces.age_of(name, now=time.time()) > STRAY_SECONDS]
    gone = 0
    for first in range(0, len(old), BATCH):
        claim.renew(now=clock.now())
        gone += _delete_unnamed(old[first : first + BATCH])
    return gone


def _delete_unnamed(names: Sequence[str]) -> int:
    known = set(Upload.objects.filter(path__in=names).values_list("path", flat=True))
    # A batch may wait for longer than a day to be taken in.
    known |= {f"{uuid}.zip" for uuid in Batch.objects.filter(uuid__in=_uuids(names)).values_list("uuid", flat=True)}
    strays = [name for name in names if name not in known]
    for name in strays:
        pieces.remove(name)
    return len(strays)


def _uuids(names: Sequence[str]) -> list[str]:
    return [name.removesuffix(".zip") for name in names if name.endswith(".zip") and len(name) == 40]


def _documents(_day: date, names: list[str]) -> set[str]:
    """Return the PDFs among these that inputs name."""
    return set(Input.objects.filter(document__in=names).values_list("document", flat=True))


def _delete_examples() -> int:
    """Delete example pictures of yesterday and before that no version has any more; return how many."""
    named = {name for pair in Example.objects.values_list("file", "thumbnail") for name in pair}
    gone = 0
    for name in files.names(Example.FOLDER):
        with suppress(FileNotFoundError):
            if name not in named and files.changed_at(name) < clock.now() - strays.YOUNGEST:
                files.delete(name)
                gone += 1
    return gone
