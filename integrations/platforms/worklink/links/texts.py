"""Words of the hosted link page, by language: who opens it has no account whose language could be asked."""

from collections.abc import Mapping

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "order": "Work order",
        "title": "Title",
        "asset": "Asset",
        "site": "Site",
        "status": "Status",
        "assignee": "Assignee",
        "priority": "Priority",
        "direct": "Open in the app",
        "deferred": "Open, or install the app",
        "code": "QR code for another device",
        "code_of": "QR code: {name}",
        "scan": "Point the other device’s camera at it.",
        "dense": "This code is dense: hold the other device close and still.",
        "nothing": "There is no link for this work order at the moment.",
        "nothing_help": "Load this page again later, or ask whoever sent you here.",
        "missing": "This page is not here",
        "missing_help": "Its address may be incomplete, or replaced by now. Ask whoever sent it to you for a new one.",
        "slow": "Too many attempts",
        "slow_help": "Wait a minute, and open the address as it was sent to you.",
    },
    "fr": {
        "order": "Ordre de travail",
        "title": "Titre",
        "asset": "Équipement",
        "site": "Site",
        "status": "État",
        "assignee": "Responsable",
        "priority": "Priorité",
        "direct": "Ouvrir dans l’application",
        "deferred": "Ouvrir ou installer l’application",
        "code": "Code QR pour un autre appareil",
        "code_of": "Code QR : {name}",
        "scan": "Visez-le avec l’appareil photo de l’autre appareil.",
        "dense": "Ce code est dense : tenez l’autre appareil près et sans bouger.",
        "nothing": "Il n’y a pas de lien pour cet ordre de travail en ce moment.",
        "nothing_help": "Rechargez cette page plus tard, ou demandez à la personne qui vous a envoyé ici.",
        "missing": "Cette page n’existe pas",
        "missing_help": "L’adresse est peut-être incomplète ou remplacée. Demandez-en une nouvelle à la personne qui "
        "vous l’a envoyée.",
        "slow": "Trop de tentatives",
        "slow_help": "Attendez une minute, puis ouvrez l’adresse telle qu’elle vous a été envoyée.",
    },
}


def texts_of(language: str) -> Mapping[str, str]:
    return _TEXTS.get(language.partition("-")[0], _TEXTS["en"])
