"""The seed data of 4.10."""

from typing import Any

from tests.simulators.engine.resolving import Doc
from tests.simulators.worklink.nodes import Nodes

PERMALINK = "acme-field-services"
GROUPS = ("Pumps", "Generators", "Line 4")
USERS = (
    ("Ada Fischer", "TECH"),
    ("Bruno Keller", "TECH"),
    ("Chiara Rossi", "TECH_PLUS"),
    ("Dmitri Orlov", "EXPERT"),
    ("Eva Lindqvist", "EXPERT"),
    ("Farid Haddad", "ADMIN"),
)
SCENARIOS = (  # name, group, names of the steps
    ("Pump inspection", 0, ("Isolate", "Check seals", "Measure vibration", "Photograph nameplate", "Restart")),
    ("Seal replacement", 0, ("Drain", "Remove seal", "Fit seal", "Leak test", "Photograph seal")),
    ("Generator start-up", 1, ("Check fuel", "Check oil", "Start", "Read load", "Photograph panel")),
    ("Line changeover", 2, ("Stop line", "Swap tooling", "Calibrate", "Trial run", "Photograph sample")),
)
CATALOGS = (("PUMP-77", (0, 1)), ("GEN-9", (2,)), ("42", (3,)))
TOPICS = (
    *(f"scenario_session/{verb}" for verb in ("create", "created", "updated", "finished")),
    *(f"call/{verb}" for verb in ("created", "updated", "finished")),
    "user/created",
    "scenario/published",
)
PUBLISHED_AT = "2024-01-15T08:00:00Z"


def plant(nodes: Nodes) -> None:
    """Fill an empty CMS."""
    organization = nodes.create("Organization", name="Acme Field Services", permalink=PERMALINK)
    groups = [nodes.create("Group", name=name) for name in GROUPS]
    users = [_user(nodes, name, licence, organization) for name, licence in USERS]
    scenarios = [
        _scenario(nodes, name, steps, group=groups[group], author=users[5]) for name, group, steps in SCENARIOS
    ]
    for asset, members in CATALOGS:
        chosen = [scenarios[member] for member in members]
        _catalog(nodes, asset, chosen)
    for key in TOPICS:
        for version in ("1.0", "1.1"):
            nodes.create("WebhookTopic", key=key, version=version, description=f"Sent on {key}")


def _user(nodes: Nodes, name: str, licence: str, organization: Doc) -> Doc:
    first, last = name.split()
    username = f"{first}.{last}".lower()
    return nodes.create(
        "User",
        name=name,
        firstName=first,
        lastName=last,
        username=username,
        email=f"{username}@acme.example",
        callId=f"call-{username}",
        organization=organization["id"],
        currentOrganization=organization["id"],
        _licence=licence,
    )


def _scenario(nodes: Nodes, name: str, steps: tuple[str, ...], *, group: Doc, author: Doc) -> Doc:
    common: dict[str, Any] = {"author": author["id"], "publishedAt": PUBLISHED_AT, "_group": group["id"]}
    scenario = nodes.create(
        "Scenario", name=name, description=f"{name}, step by step", originGroup=group["id"], **common
    )
    scenario["_steps"] = [
        nodes.create(
            "ScenarioStep",
            name=step,
            orderIndex=index,
            scenarioSequence={"name": name},
            externalData={"step_code": f"S{index + 1}"},
            _group=group["id"],
        )["id"]
        for index, step in enumerate(steps)
    ]
    scenario["_releases"] = [
        nodes.create("ScenarioRelease", version=version, type="published", scenario=scenario["id"], **common)["id"]
        for version in ("1.0", "2.0")
    ]
    return scenario


def _catalog(nodes: Nodes, asset: str, scenarios: list[Doc]) -> Doc:
    return nodes.create(
        "ScenarioCatalog",
        name=f"Catalog {asset}",
        externalAssetId=asset,
        deepLink=f"worklink://resource?action=fetch_catalog&asset={asset}",
        _scenarios=[scenario["id"] for scenario in scenarios],
        _group=scenarios[0]["_group"],
    )
