"""Words of the pages between the two cameras, by language."""

from collections.abc import Mapping

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "going": "Opening the camera…",
        "fetching": "Reading the result…",
        "wait": "This takes a few seconds. The page goes on by itself.",
        "away": "No photo has come back yet",
        "open": "Open the camera again",
        "without": "Go back without a photo",
        "failed": "The other camera cannot be opened now",
        "own": "Use this camera",
        "not_fetched": "The result could not be read. Your photo was taken.",
        "leave_now": "Leave now: the result follows",
        "returning": "Returning to your app",
        "return": "Return to the app",
        "ended": "This page has ended",
    },
    "fr": {
        "going": "Ouverture de l’appareil photo…",
        "fetching": "Lecture du résultat…",
        "wait": "Cela prend quelques secondes. La page continue toute seule.",
        "away": "Aucune photo n’est encore revenue",
        "open": "Rouvrir l’appareil photo",
        "without": "Revenir sans photo",
        "failed": "L’autre appareil photo ne peut pas être ouvert",
        "own": "Utiliser cet appareil photo",
        "not_fetched": "Le résultat n’a pas pu être lu. Votre photo est prise.",
        "leave_now": "Partir maintenant : le résultat suivra",
        "returning": "Retour à votre application",
        "return": "Revenir à l’application",
        "ended": "Cette page est terminée",
    },
}


def texts_of(language: str) -> Mapping[str, str]:
    return _TEXTS.get(language, _TEXTS["en"])
