"""The four groups that are shipped, each with the least rights that its work needs; set again at each migration."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions

VIEW = (
    "workorders.view_workorder workorders.view_externalid workorders.view_join workorders.view_photo "
    "inbox.view_receivedwebhook inbox.view_resourcerefresh inbox.view_webhookrelay "
    "sync.view_recordwrite sync.view_recordlane events.view_event events.view_endpoint events.view_eventfilter "
    "events.view_camera events.view_agent events.view_watchlist outbox.view_delivery "
    "scripts.view_script scripts.view_scriptgrant scripts.view_scriptversion scripts.view_scriptrun "
    "scripts.view_scriptcall "
    "camera.view_catalogueversion camera.view_taskgroup "
    "camera.view_visit camera.view_handover camera.view_fieldorder camera.view_workitem "
    "worklink.view_scenariosession worklink.view_callsession worklink.view_photodownload worklink.view_reconciliation "
    "worklink.view_linktemplate worklink.view_issuedlink worklink.view_linkwish "
    "worklink.view_scenariocatalog worklink.view_scenario worklink.view_contact worklink.view_cmsimport "
    "worklink.view_importjob stores.view_storeload "
    "omni.view_recognition omni.view_subscription omni.view_joinrule "
    "deepomatic.view_correctionpush analytics.view_measuredjob"
)
# Who operates: decides, retries, replays. Sees how things are connected, changes nothing of it.
OPERATE = (
    "workorders.change_join inbox.rerun_receivedwebhook inbox.rerun_resourcerefresh inbox.rerun_webhookrelay "
    "outbox.rerun_delivery outbox.rerun_destination outbox.view_destination outbox.view_resend "
    "sync.rerun_recordwrite sync.rerun_recordlane worklink.rerun_photodownload deepomatic.rerun_correctionpush "
    "worklink.rerun_linkwish worklink.view_linkpage worklink.change_linkpage "
    "worklink.rerun_cmsimport worklink.view_tableload "
    "sync.rerun_recordwrite sync.rerun_recordlane worklink.rerun_photodownload worklink.rerun_importjob "
    "stores.view_datastore stores.rerun_storeload "
    "worklink.view_importschedule deepomatic.rerun_correctionpush "
    "omni.rerun_recognition omni.rerun_subscription events.view_picture events.rerun_picture "
    "scripts.rerun_scriptrun scripts.rerun_scriptlane scripts.rerun_scripttimer "
    "camera.rerun_analysisrun camera.rerun_handover camera.view_analysisrun camera.view_analysis "
    "camera.view_batchrun "
    "scripts.view_scriptlane scripts.view_scripttimer scripts.view_scriptvalue "
    "connections.view_connection sync.view_operation sync.view_fieldmapping inbox.view_quarantinedwebhook "
    "readiness.view_questionnaire readiness.view_item readiness.view_fieldtrial "
    "schedules.view_scheduledjob inbox.view_replay events.view_profile events.view_eventpolicy"
)
# Who connects: accounts, addresses, mappings, and their history. The address of a source is a secret to the others.
INTEGRATE = (
    "connections.add_connection connections.change_connection connections.delete_connection "
    "connections.view_historicalconnection inbox.view_historicalwebhooksource sync.view_historicaloperation "
    "sync.view_historicalfieldmapping generic.view_historicalworkorderfeed "
    "inbox.add_webhooksource inbox.change_webhooksource inbox.delete_webhooksource inbox.view_webhooksource "
    "inbox.delete_quarantinedwebhook outbox.change_destination outbox.view_historicaldestination "
    "sync.add_operation sync.change_operation sync.delete_operation "
    "sync.add_fieldmapping sync.change_fieldmapping sync.delete_fieldmapping "
    "readiness.add_questionnaire readiness.change_questionnaire readiness.delete_questionnaire "
    "readiness.add_item readiness.change_item readiness.delete_item readiness.rerun_fieldtrial "
    "readiness.view_historicalquestionnaire readiness.view_historicalitem "
    "scripts.add_script scripts.change_script scripts.delete_script "
    "scripts.add_scriptgrant scripts.change_scriptgrant scripts.delete_scriptgrant "
    "scripts.view_historicalscript scripts.view_historicalscriptgrant "
    "camera.add_site camera.change_site camera.delete_site camera.view_site camera.view_historicalsite "
    "camera.add_catalogueversion camera.change_catalogueversion camera.delete_catalogueversion "
    "camera.add_taskgroup camera.change_taskgroup camera.delete_taskgroup "
    "camera.add_connectortoken camera.change_connectortoken camera.view_connectortoken "
    "camera.view_historicalconnectortoken camera.add_fieldorder camera.change_fieldorder camera.delete_fieldorder "
    "generic.add_workorderfeed generic.change_workorderfeed generic.delete_workorderfeed generic.view_workorderfeed "
    "worklink.add_scenariocatalog worklink.change_scenariocatalog worklink.delete_scenariocatalog "
    "worklink.add_scenario worklink.change_scenario worklink.delete_scenario worklink.add_tableload "
    "worklink.add_contact worklink.change_contact worklink.delete_contact "
    "events.add_endpoint events.change_endpoint events.delete_endpoint events.view_historicalendpoint "
    "events.add_eventfilter events.change_eventfilter events.delete_eventfilter events.view_historicaleventfilter "
    "worklink.add_linktemplate worklink.change_linktemplate worklink.delete_linktemplate "
    "worklink.view_historicallinktemplate "
    "omni.add_joinrule omni.change_joinrule omni.delete_joinrule omni.view_historicaljoinrule "
    "worklink.add_importschedule worklink.change_importschedule worklink.delete_importschedule "
    "worklink.view_historicalimportschedule "
    "stores.add_datastore stores.change_datastore stores.delete_datastore stores.view_historicaldatastore "
    "generic.rerun_workorderfeed schedules.rerun_scheduledjob schedules.view_retentionrule "
    "analytics.add_businesscalendar analytics.change_businesscalendar analytics.delete_businesscalendar "
    "analytics.view_businesscalendar analytics.view_historicalbusinesscalendar "
    "analytics.add_resolutiontarget analytics.change_resolutiontarget analytics.delete_resolutiontarget "
    "analytics.view_resolutiontarget analytics.view_historicalresolutiontarget "
    "analytics.add_assetclass analytics.change_assetclass analytics.delete_assetclass "
    "analytics.view_assetclass analytics.view_historicalassetclass "
    "analytics.add_reportpolicy analytics.change_reportpolicy analytics.delete_reportpolicy "
    "analytics.view_reportpolicy analytics.view_historicalreportpolicy"
)
# Who administers: people, tokens, retention, the installation.
ADMINISTER = (
    "auth.add_user auth.change_user auth.delete_user auth.view_user "
    "auth.add_group auth.change_group auth.delete_group auth.view_group "
    "connections.add_apitoken connections.change_apitoken connections.view_apitoken "
    "camera.add_apikey camera.change_apikey camera.view_apikey camera.view_historicalapikey "
    "connections.view_historicalapitoken connections.view_installation connections.change_installation "
    "connections.view_workspace connections.change_workspace connections.add_workspace "
    "events.add_eventpolicy events.change_eventpolicy events.delete_eventpolicy events.view_historicaleventpolicy "
    "schedules.change_retentionrule schedules.view_historicalretentionrule "
    "axes.view_accessattempt axes.delete_accessattempt"
)
GROUPS = {
    "Viewer": VIEW,
    "Operator": f"{VIEW} {OPERATE}",
    "Integrator": f"{VIEW} {OPERATE} {INTEGRATE}",
    "Administrator": f"{VIEW} {OPERATE} {INTEGRATE} {ADMINISTER}",
}


def ship(**_: Any) -> None:
    """Make the groups and give them exactly their rights. Idempotent; other groups are left alone."""
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)
    group_model = apps.get_model("auth", "Group")
    for name, rights in GROUPS.items():
        group = group_model.objects.get_or_create(name=name)[0]
        group.permissions.set(_permissions(rights.split()))


def _permissions(rights: Iterable[str]) -> list[Any]:
    """Return the permissions; those of platforms that are not installed are left out."""
    pairs = {tuple(right.split(".")) for right in rights}
    model = apps.get_model("auth", "Permission")
    named = model.objects.filter(codename__in={codename for _app, codename in pairs}).select_related("content_type")
    return [each for each in named if (each.content_type.app_label, each.codename) in pairs]
