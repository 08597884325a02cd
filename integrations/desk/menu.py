"""The menu: what people look for, in the order of the work, not the apps it happens to live in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from integrations.core.badges import Text


@dataclass(frozen=True)
class Item:
    """One place to go. `right` is the permission that shows it."""

    label: Text
    view: str
    right: str
    icon: str = "list"
    about: Text = ""
    within: Sequence[str] = field(default_factory=tuple)  # URL names of pages that belong under it


@dataclass(frozen=True)
class Shown:
    item: Item
    url: str
    current: bool = False


def _list(model: str, label: Text, *, icon: str = "list", about: Text = "", right: str = "") -> Item:
    app, name = model.split(".")
    return Item(label, f"{app}_{name}_changelist", right or f"{app}.view_{name}", icon, about, (f"{app}_{name}_",))


WORK = [
    Item(_("Home"), "index", "", "home", within=("index",)),
    _list("workorders.workorder", _("Work orders"), icon="order"),
    _list("workorders.join", _("Unmatched"), icon="unmatched"),
    _list("inbox.receivedwebhook", _("Received"), icon="received"),
    _list("scripts.scriptrun", _("Runs"), icon="run"),
    _list("sync.recordwrite", _("Writes"), icon="write"),
    Item(_("Live"), "events_event_live", "events.view_event", icon="run", within=("events_event_live",)),
    _list("outbox.delivery", _("Deliveries"), icon="write"),
    _list("camera.visit", _("Visits"), icon="received"),
    Item(
        _("Manual review"),
        "camera_analysis_review",
        "camera.rerun_analysisrun",
        icon="run",
        within=("camera_analysis_review",),
    ),
    _list("analytics.measuredjob", _("Reports"), icon="report"),
]
SET_UP = [
    _list("connections.connection", _("Connections"), icon="connection"),
    _list("inbox.webhooksource", _("Sources"), icon="source"),
    _list("sync.operation", _("Mappings"), icon="mapping"),
    Item(
        _("Readiness"),
        "readiness_questionnaire_changelist",
        "readiness.view_questionnaire",
        "order",
        within=("readiness_",),
    ),
    _list("scripts.script", _("Scripts"), icon="script"),
    _list("events.endpoint", _("Endpoints"), icon="write"),
    _list("events.eventfilter", _("Event filters"), icon="filter"),
    _list("worklink.scenariocatalog", _("Scenario catalogs"), icon="mapping"),
    _list("worklink.contact", _("Contacts"), icon="connection"),
    Item(_("Settings"), "desk_settings", "", "settings", within=("desk_settings", "desk_history")),
]
SETTINGS = [
    _list("camera.site", _("Camera sites"), about=_("Deployments of the camera, each with its catalogue.")),
    _list("camera.catalogueversion", _("Catalogues"), about=_("What is photographed, in versions: draft, active.")),
    _list("camera.taskgroup", _("Task groups"), about=_("Types of photo: texts, checks, tasks, who decides.")),
    _list("camera.connectortoken", _("Connector tokens"), about=_("What field apps send users to the camera with.")),
    _list("camera.apikey", _("API keys of the camera"), about=_("What programs use the camera's REST API with.")),
    _list("events.eventpolicy", _("Event policies"), about=_("Deleted profiles, masked credentials, pictures.")),
    _list("outbox.destination", _("Destinations"), about=_("Where messages go: limits, secrets, backlog, breaker.")),
    _list("worklink.linktemplate", _("Link templates"), about=_("How links of work orders are made.")),
    _list("omni.joinrule", _("Recognition rules"), about=_("Which recognitions join a work order; by default none.")),
    _list("stores.datastore", _("Data stores"), about=_("Where tables are loaded for reports of your own.")),
    _list("worklink.importschedule", _("Import schedules"), about=_("When sessions and calls are read whole.")),
    _list("analytics.businesscalendar", _("Business calendars"), about=_("Hours that reports can count by.")),
    _list("analytics.resolutiontarget", _("Resolution targets"), about=_("Hours that a job of a priority may take.")),
    _list("analytics.assetclass", _("Asset classes"), about=_("Which class an asset is of, by its text.")),
    _list("analytics.reportpolicy", _("Report policies"), about=_("The guard rail, and the hours to begin with.")),
    _list("schedules.retentionrule", _("Retention"), about=_("How many days each kind of row is kept.")),
    _list("schedules.scheduledjob", _("Scheduled jobs"), about=_("What runs when, and how the last run ended.")),
    _list("connections.apitoken", _("API tokens"), about=_("Keys for the REST API: scopes, expiry, last use.")),
    _list("auth.user", _("Users"), about=_("Who may sign in.")),
    _list("auth.group", _("Groups"), about=_("Administrator, Integrator, Operator, Viewer, and your own.")),
    Item(_("History"), "desk_history", "connections.view_historicalconnection", about=_("Who changed which setting.")),
    _list("connections.installation", _("Installation"), about=_("Address, encryption key, writes held back.")),
    _list("connections.workspace", _("Workspaces"), about=_("The tenant boundary of events, tokens and rights.")),
]
ROWS = [
    _list("worklink.scenariosession", _("Sessions"), about=_("Work-instruction sessions as last read.")),
    _list("worklink.callsession", _("Calls"), about=_("Remote-assistance calls as last read.")),
    _list("worklink.issuedlink", _("Issued links"), about=_("Links of work orders, as they were given out.")),
    _list("worklink.linkwish", _("Automatic links"), about=_("Orders whose links are issued by themselves.")),
    _list("worklink.scenario", _("Scenarios"), about=_("Work instructions that catalogs hold.")),
    _list(
        "worklink.cmsimport", _("Lists read from the CMS"), about=_("Scenarios, catalogs and contacts, how far read.")
    ),
    _list("worklink.tableload", _("Tables"), about=_("Catalogs and contacts that people brought.")),
    _list("workorders.photo", _("Photos"), about=_("Pictures kept with their work order.")),
    _list("events.picture", _("Pictures of events"), about=_("Faces and frames of recognition events, as fetched.")),
    _list("events.camera", _("Cameras"), about=_("Video sources that recognition events come from.")),
    _list("events.agent", _("Agents"), about=_("Analytics programs near the cameras.")),
    _list("events.watchlist", _("Watchlists"), about=_("Named sets of profiles.")),
    _list("events.profile", _("Profiles"), about=_("Known persons, as events name them.")),
    _list("inbox.resourcerefresh", _("Resource reads"), about=_("What is read again, and when it was last.")),
    _list("worklink.linkpage", _("Link pages"), about=_("Pages with the links of one order, without sign-in.")),
    _list("worklink.photodownload", _("Photo downloads"), about=_("Pictures fetched before their links expire.")),
    _list("worklink.reconciliation", _("Reconciliation"), about=_("What exists there against what a webhook told us.")),
    _list("stores.storeload", _("Loads into data stores"), about=_("What was loaded when, and how far a load is.")),
    _list("worklink.importjob", _("Imports"), about=_("Sessions and calls read whole, for analysts and backfill.")),
    _list("omni.subscription", _("Recognition subscriptions"), about=_("How each OMNI Platform is followed.")),
    _list("omni.recognition", _("Recognitions"), about=_("What cameras saw that a rule concerns.")),
    _list("deepomatic.correctionpush", _("Corrections at Deepomatic"), about=_("Made here, to be made there.")),
    _list("inbox.quarantinedwebhook", _("Quarantine"), about=_("Requests that did not prove where they came from.")),
    _list("inbox.replay", _("Replays"), about=_("Time ranges whose webhooks are processed again.")),
    _list("outbox.resend", _("Resends"), about=_("Time ranges whose deliveries are sent again.")),
    _list("inbox.webhookrelay", _("Relayed webhooks"), about=_("Requests passed on to an older receiver.")),
    _list("generic.workorderfeed", _("Work order feeds"), about=_("How work orders come from a system of record.")),
    _list("readiness.fieldtrial", _("Trials of fields"), about=_("Written, read back and restored on test records.")),
    _list("sync.recordlane", _("Lanes"), about=_("One per record: keeps its writes in order.")),
    _list("scripts.scriptlane", _("Script lanes"), about=_("One per script and work order: keeps its runs in order.")),
    _list("scripts.scripttimer", _("Script timers"), about=_("When scripts with a schedule run next.")),
    _list("scripts.scriptvalue", _("Script values"), about=_("What scripts remember from run to run.")),
    _list("camera.fieldorder", _("Field orders"), about=_("Orders as the camera sees them, with their photos.")),
    _list("camera.workitem", _("Work items"), about=_("Expected photos by status, score and task group.")),
    Item(
        _("Analyses"),
        "camera_analysis_changelist",
        "camera.view_analysis",
        about=_("What was said of each photo."),
        within=("camera_analysis_change",),
    ),
    _list("camera.handover", _("Hand-overs"), about=_("Users sent on to a vendor's own camera, and back.")),
    _list("camera.batchrun", _("Batches"), about=_("ZIP files of many orders, and how far each is.")),
    _list("camera.analysisrun", _("Analysis runs"), about=_("The slow work of each analysis.")),
    _list("events.event", _("Events"), about=_("The numbered log of what happened.")),
    _list("axes.accessattempt", _("Failed sign-ins"), about=_("Names and addresses that are throttled.")),
]


def _shown(site: AdminSite, request: HttpRequest, items: Iterable[Item]) -> list[Shown]:
    name = request.resolver_match.url_name or "" if request.resolver_match else ""
    shown = []
    for item in items:
        if item.right and not request.user.has_perm(item.right):
            continue
        try:
            url = reverse(f"{site.name}:{item.view}")
        except NoReverseMatch:  # the platform is not installed here
            continue
        shown.append(Shown(item, url, current=any(name.startswith(prefix) for prefix in item.within)))
    return shown


def for_request(site: AdminSite, request: HttpRequest) -> list[list[Shown]]:
    """Return the two groups of the menu, as far as the user may go."""
    return [_shown(site, request, WORK), _shown(site, request, SET_UP)]


def settings_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    groups = [(_("Settings"), _shown(site, request, SETTINGS)), (_("More lists"), _shown(site, request, ROWS))]
    return TemplateResponse(
        request,
        "desk/settings.html",
        site.each_context(request) | {"title": _("Settings"), "groups": groups},
    )
