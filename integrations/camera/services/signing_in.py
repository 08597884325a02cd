"""The work order's page for users who sign in: no token, but a site, an organisation and a callback (section 3)."""

from uuid import UUID

from django.contrib.auth.models import User
from django.http import QueryDict

from integrations.camera.models import ConnectorToken, FieldOrder
from integrations.camera.protocol.query import Parameters
from integrations.camera.services.refusals import Malformed, NotHere, Refusal

# What the page sends in the place of a token.
SESSION = "account-session"


class SignInNeeded(Refusal):
    code, answer = "sign_in", 401
    title = "Sign in to open this work order."


def is_asked(path: str, query: QueryDict) -> bool:
    """Say whether an address is one whose users sign in."""
    return "/work_order/" in path and "site_id" in query


def door(parameters: Parameters, user: User | None) -> ConnectorToken:
    """Return what says, for the named site, where its signed-in users may be sent back to.

    :raises SignInNeeded: before anything is told of the site :raises Malformed: :raises NotHere:
    """
    if user is None:
        raise SignInNeeded
    if not (parameters.site_id and parameters.org_slug and parameters.callback):
        raise Malformed("The address needs site_id, org_slug and callback_uri.")
    try:
        site = UUID(parameters.site_id)
    except ValueError:
        raise NotHere from None
    rows = ConnectorToken.objects.filter(sign_in=True, revoked_at__isnull=True, site__uuid=site)
    found = rows.filter(site__workspace__slug=parameters.org_slug).select_related("site__connection", "user").first()
    if found is None:
        raise NotHere
    return found


def check(order: FieldOrder, user: User) -> None:
    """Let in whom the order is assigned to, by e-mail or group, and who may see all orders.

    :raises NotHere: also for an order that the REST API has not made
    """
    email = order.field_engineer_email.strip().lower()
    assigned = bool(email) and email == user.email.strip().lower()
    groups = {str(each) for each in order.user_group_ids}
    in_group = bool(groups) and any(str(pk) in groups for pk in user.groups.values_list("pk", flat=True))
    if order.api_key_id is None or not (assigned or in_group or user.has_perm("camera.view_fieldorder")):
        raise NotHere
