"""What is asked for links, and how they are answered."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from integrations.connections.api.fields import KeyField, StrictSerializer
from integrations.platforms.worklink.links import grammar
from integrations.platforms.worklink.links.context import link_facts
from integrations.platforms.worklink.links.drafting import Offer
from integrations.platforms.worklink.links.issuing import code_of
from integrations.platforms.worklink.links.purposes import Form, Purpose
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import IssuedLink

ONE_ORDER = "Name the work order by its number, or by “system” and “external_id”: one of both."
ONE_TEMPLATE = "Name the template by “template” or by “purpose”: one of both."


class LinkInput(StrictSerializer):
    """Which link of which work order."""

    work_order = KeyField(required=False, help_text="Its number here. Or else `system` and `external_id`.")
    system = serializers.SlugField(required=False, max_length=50, help_text="Short name of its system of record.")
    external_id = serializers.CharField(required=False, max_length=200, help_text="What that system calls it; exactly.")
    template = serializers.SlugField(required=False, max_length=50, help_text="Short name of the link template.")
    purpose = serializers.ChoiceField(
        Purpose.choices, required=False, help_text="Or else the one template that has this purpose."
    )
    connection = serializers.SlugField(
        required=False, max_length=50, help_text="Needed where several connections have such a template."
    )
    form = serializers.ChoiceField(
        Form.choices, required=False, help_text="Of `url` and the code. Default: the template's."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        called = "system" in attrs and "external_id" in attrs
        if ("work_order" in attrs) == called or ("system" in attrs) != ("external_id" in attrs):
            raise serializers.ValidationError({"work_order": [ONE_ORDER]})
        if ("template" in attrs) == ("purpose" in attrs):
            raise serializers.ValidationError({"template": [ONE_TEMPLATE]})
        return attrs


class CodeQuery(StrictSerializer):
    """How a QR code is drawn."""

    form = serializers.ChoiceField(Form.choices, required=False, help_text="Of the link. Default: its template's.")
    pixels = serializers.IntegerField(
        min_value=4, max_value=40, default=8, help_text="For each module of a PNG; an SVG has no size of its own."
    )


class RefusalAnswer(serializers.Serializer[Any]):
    """Why there is none."""

    code = serializers.CharField(help_text="What is wrong, for a program; never renamed.")
    title = serializers.CharField(help_text="What is wrong, for a person.")


class CodeAnswer(serializers.Serializer[Any]):
    """The QR code of the link."""

    svg = serializers.CharField(help_text="Its address; it needs a token with `links:read`.")
    png = serializers.CharField(help_text="Its address; it needs a token with `links:read`.")
    warning = serializers.CharField(help_text="Such as that it is dense; empty if there is none.")
    refusal = RefusalAnswer(allow_null=True, help_text="Why there is no code, though the link itself is good.")


class LinkAnswer(serializers.Serializer[Any]):
    """A link that was given out."""

    id = serializers.IntegerField()
    lnk = serializers.CharField(help_text="Random; it comes back with the session if the template says so.")
    connection = serializers.CharField()
    template = serializers.CharField()
    purpose = serializers.ChoiceField(Purpose.choices)
    work_order = serializers.IntegerField()
    form = serializers.ChoiceField(Form.choices, help_text="Of `url`.")
    url = serializers.CharField()
    direct = serializers.CharField()
    deferred = serializers.CharField()
    page = serializers.CharField(
        help_text="Address of the order's link page, which needs no token; empty where the connection hosts none."
    )
    target = serializers.CharField(help_text="What it opens, as key=value; empty where its action needs none.")
    external_data = serializers.DictField(help_text="What comes back with the session.")
    code = CodeAnswer()
    issued_at = serializers.CharField()


class OfferAnswer(serializers.Serializer[Any]):
    """A template's link for a work order: given out, or not yet, or why it cannot be."""

    connection = serializers.CharField()
    template = serializers.CharField()
    name = serializers.CharField()
    purpose = serializers.ChoiceField(Purpose.choices)
    link = LinkAnswer(allow_null=True, help_text="Null: it is not given out, or no longer as the order is now. POST.")
    refusal = RefusalAnswer(allow_null=True)


class OffersAnswer(serializers.Serializer[Any]):
    results = OfferAnswer(many=True)


def answer_of(link: IssuedLink, form: str = "") -> dict[str, Any]:
    """Return a link as the API answers it. Raises LinkRefused: `too_long` in the form that was asked for."""
    facts, form = link_facts(link), form or link.template.form
    grammar.in_form(link.direct, form, longest=link.template.longest)
    same = ("id", "lnk", "template", "purpose", "direct", "deferred", "page", "target", "issued_at")
    return {
        **{name: facts[name] for name in same},
        "connection": link.template.connection.slug,
        "work_order": link.work_order_id,
        "form": form,
        "url": facts[form],
        "external_data": link.external_data,
        "code": _code(link, form, facts),
    }


def _code(link: IssuedLink, form: str, facts: dict[str, Any]) -> dict[str, Any]:
    said = {kind: f"{facts[f'qr_{kind}']}?form={form}" for kind in ("svg", "png")}
    try:
        code = code_of(link, form)
        code.check()
    except LinkRefused as refused:
        return {**said, "warning": "", "refusal": refusal_of(refused)}
    return {**said, "warning": code.warning, "refusal": None}


def refusal_of(refused: LinkRefused | None) -> dict[str, str] | None:
    return {"code": refused.code, "title": refused.sentence} if refused else None


def answers_of(offers: Sequence[Offer]) -> dict[str, Any]:
    return {"results": [_offer(each) for each in offers]}


def _offer(offer: Offer) -> dict[str, Any]:
    template = offer.template
    return {
        "connection": template.connection.slug,
        "template": template.slug,
        "name": template.name,
        "purpose": template.purpose,
        "link": answer_of(offer.link) if offer.link else None,
        "refusal": refusal_of(offer.refusal),
    }
