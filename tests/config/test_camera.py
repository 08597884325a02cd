"""The camera's sites, catalogues and tokens as code: pictures beside the file, versions, what is refused."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from integrations.camera.models import CatalogueVersion, ConnectorToken, Example, FieldOrder, Site, Task, TaskGroup
from integrations.core import images
from integrations.core.config.applying import apply
from integrations.core.config.comparing import difference, plan_text
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.exporting import export, export_to, live
from integrations.core.config.parts import Part
from integrations.core.config.reading import read_file
from tests.config.making import SECRETS, applied, document, drawn, forget_everything
from tests.config.test_round_trip import VARIABLES

pytestmark = pytest.mark.django_db
SITE = """
fieldport: 1
connections: {camera: {name: Camera, platform: camera, auth_kind: NONE}}
camera_sites:
  meters:
    name: Meters
    connection: camera
    task_groups:
"""


def with_groups(groups: str) -> str:
    return SITE + "\n".join(f"      {line}" for line in groups.strip("\n").splitlines())


def refused(text: str) -> str:
    with pytest.raises(ConfigRefused) as refusal:
        applied(text)
    assert not CatalogueVersion.objects.exists()
    return str(refusal.value)


def test_pictures_stand_beside_the_file_and_a_new_installation_exports_the_same_bytes(
    full: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    export_to(one)
    forget_everything()
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)

    apply(read_file(one))
    export_to(other)

    files = {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()}
    assert {path.relative_to(other): path.read_bytes() for path in other.rglob("*") if path.is_file()} == files
    assert {str(path) for path in files if path.parts[0] == "camera"} == {
        "camera/meters-meter-front-1.jpg",
        "camera/meters-meter-front-2.jpg",
    }
    assert apply(read_file(other), prune=True).changes_nothing
    assert CatalogueVersion.objects.count() == 1


def test_a_photo_as_it_came_from_a_camera_is_cleaned_once(tmp_path: Path) -> None:
    (tmp_path / "raw.jpg").write_bytes(drawn("green"))
    (tmp_path / "site.yaml").write_text(with_groups("- {name: front, checks: {blur: {}}, examples: [{file: raw.jpg}]}"))

    apply(read_file(tmp_path / "site.yaml"))

    with Example.objects.get().file.open() as file:
        stored = file.read()
    assert Image.open(BytesIO(stored)).getexif() == {}
    assert images.clean_once(stored).content == stored
    assert apply(read_file(tmp_path / "site.yaml")).changes_nothing


@pytest.mark.parametrize("more", [b"<script>", b"\xff\xe1\x00\x04ab", b"\xff\xd8\xff\xd9"])
def test_bytes_behind_the_pixels_do_not_stay(more: bytes) -> None:
    ours = images.clean(drawn("green")).content

    assert images.clean_once(ours).content == ours
    assert more not in images.clean_once(ours + more).content[-20:]


def test_another_catalogue_is_the_next_version_and_orders_keep_theirs(full: None) -> None:
    site = Site.objects.get()
    order = FieldOrder.objects.create(site=site, version=site.versions.get(), name="WO-1")
    before = export()
    changed = before.replace("en: Is it sealed?", "en: Is the seal whole?")

    plan = applied(changed)

    order.refresh_from_db()
    site.refresh_from_db()
    assert "task_groups.meter front.tasks.seal.sentences.en: " in plan_text(plan).replace("“", "").replace("”", "")
    assert '"Is it sealed?" → "Is the seal whole?"' in plan_text(plan)
    assert site.active_version is not None
    assert (order.version.number, site.active_version.number) == (1, 2)
    assert Task.objects.get(group__version=site.active_version, name="seal").sentences == {"en": "Is the seal whole?"}
    assert difference(document(changed), live()) == ""
    assert applied(changed).changes_nothing


def test_a_draft_stays_beside_what_is_applied(full: None) -> None:
    draft = CatalogueVersion.objects.create(site=Site.objects.get(), number=2)

    applied(export().replace("en: Is it sealed?", "en: Is the seal whole?"))

    draft.refresh_from_db()
    assert draft.published_at is None
    assert Site.objects.get().active_version.number == 3  # type: ignore[union-attr]


def test_a_site_without_the_line_keeps_its_catalogue(full: None) -> None:
    without = document(export())
    del without.value["camera_sites"]["meters"]["task_groups"]

    plan = apply(without)

    assert plan.changes_nothing
    assert Site.objects.get().active_version is not None


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ("[]", "at least one"),
        ("- {name: front}", "front: The task group 'front' would check nothing"),
        ("- {name: front, engine: GUESS}", "“GUESS” is none of its values"),
        ("- {name: front, engine: HTTP, engine_connection: nowhere, tasks: [{name: a}]}", "no connection “nowhere”"),
        ("- {name: front, tasks: [{name: a}, {name: a}]}", "“a” is there twice"),
        ("- {name: front, checks: {blurr: {}}}", "blurr"),
        ("- {name: front, tasks: [{name: a, outcome_validation: [{schema: 1}]}]}", "outcome_validation"),
        ("- {name: front, task: []}", "unknown field “task”"),
        ("- {tasks: [{name: a}]}", "“name” is missing"),
        ("- {name: front, tasks: seal}", "it must be a list"),
        ("- {name: front, checks: {blur: {}}, examples: [{file: a.jpg}]}", "there is no directory"),
        ("- {name: front, checks: {blur: {}}, examples: [{sha256: abc}]}", "there is no such picture here"),
        ("- seal", "it must be an object"),
    ],
)
def test_what_the_admin_would_refuse_is_refused_by_its_place(groups: str, said: str) -> None:
    assert said in refused(with_groups(groups))
    assert not Site.objects.exists()


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "raw.jpg").write_bytes(content)
    (tmp_path / "site.yaml").write_text(with_groups("- {name: front, checks: {blur: {}}, examples: [{file: raw.jpg}]}"))

    with pytest.raises(ConfigRefused, match="not a photo that can be read"):
        apply(read_file(tmp_path / "site.yaml"))

    assert not Site.objects.exists()


def test_an_engine_s_connection_of_the_same_file_comes_first() -> None:
    text = """
fieldport: 1
workspaces: {plant: {name: Plant}}
connections:
  camera: {name: Camera, platform: camera, auth_kind: NONE}
  model: {name: Model, workspace: plant, platform: generic, auth_kind: NONE, base_url: 'https://m.example.com'}
camera_sites:
  meters:
    name: Meters
    connection: camera
    task_groups:
      - name: front
        engine: HTTP
        engine_connection: model
        engine_settings: {path: /v1, outcomes: {a: body.a}}
        tasks: [{name: a}]
"""

    applied(text)

    assert TaskGroup.objects.get().engine_connection.slug == "model"  # type: ignore[union-attr]
    assert applied(text).changes_nothing


def test_a_token_is_made_by_reference_changed_and_never_given_another_value(
    full: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = export()
    widened = document(text)
    entry = widened.value["camera_tokens"]["meters"]["Field app"]
    entry["callback_targets"] = ["fsmapp:", "https://b.example.com/jobs"]
    apply(widened)
    monkeypatch.setenv("OTHER", "another-value-of-16")
    entry["value"] = {"env": "OTHER"}

    with pytest.raises(ConfigRefused, match="never altered"):
        apply(widened)

    token = ConnectorToken.objects.get()
    assert SECRETS["connector"] not in text
    assert token.callback_targets == ["fsmapp:", "https://b.example.com/jobs"]
    assert token.token_hash == ConnectorToken.hash_of(SECRETS["connector"])


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("user: bert", "user: ada", "there is no account “bert”"),
        ('default_callback: "javascript:x"', "default_callback: https://fsm.example.com/jobs", "default_callback"),
        ("- 'javascript:'", "- 'fsmapp:'", "callback_targets"),
        ("messages_parameter: state", "messages_parameter: notes", "messages_parameter"),
    ],
)
def test_what_a_token_s_form_refuses_is_refused(wrong: str, right: str, said: str, full: None) -> None:
    text = export()
    assert right in text

    with pytest.raises(ConfigRefused, match=said):
        applied(text.replace(right, wrong))

    assert export() == text


def test_a_token_that_the_file_lacks_is_revoked_and_a_used_site_stays(full: None) -> None:
    site = Site.objects.get()
    FieldOrder.objects.create(site=site, version=site.versions.get(), name="WO-1")

    applied("fieldport: 1\ncamera_sites: {}\ncamera_tokens: {}", prune=True)

    assert ConnectorToken.objects.get().revoked_at is not None
    assert Site.objects.get() == site


def test_every_field_of_a_task_group_is_in_the_file() -> None:
    from integrations.camera.config_catalogue import GROUP, TASK  # noqa: PLC0415

    def uncovered(model: type, parts: tuple[Part, ...], *besides: str) -> set[str]:
        own = {each.name for each in model._meta.concrete_fields if each.editable and not each.primary_key}  # type: ignore[attr-defined]
        return own - {name for part in parts for name in part.covers} - set(besides)

    assert uncovered(TaskGroup, GROUP, "version", "order") == set()
    assert uncovered(Task, TASK, "group", "order") == set()
