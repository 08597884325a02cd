"""Secrets: named by the file, kept where it says so, and never printed."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from integrations.connections.models import ApiToken, Connection
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.exporting import export
from integrations.inbox.models import WebhookSource
from portal.settings.references import from_file
from tests.config.making import SECRETS, applied

pytestmark = pytest.mark.django_db

ERP = """
fieldport: 1
connections:
  erp:
    name: ERP
    platform: generic
    base_url: https://erp.example.com
    credentials:
      token: %s
"""


def stored() -> str:
    return str(Connection.objects.get(slug="erp").credentials["token"])


def test_an_export_names_what_is_needed_and_holds_no_secret(full: None) -> None:
    text = export()

    assert "client_secret: {env: FIELDPORT_ERP_CREDENTIALS_CLIENT_SECRET, keep: true}" in text
    assert "- {env: FIELDPORT_CMS_SESSIONS_CALLS_SECRETS_ITEM_2, keep: true}" in text
    assert "value: {env: FIELDPORT_PLANT_TWO_FIELD_APP_VALUE, keep: true}" in text
    hidden = [*SECRETS.values(), ApiToken.objects.get().token_hash, WebhookSource.objects.get().token]
    assert [each for each in hidden if each in text] == []


def test_a_secret_comes_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_TOKEN", "from-the-variable")

    applied(ERP % "{env: ERP_TOKEN}")

    assert stored() == "from-the-variable"
    assert applied(ERP % "{env: ERP_TOKEN}").changes_nothing


def test_a_variable_may_itself_be_given_by_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-the-twin\n")
    monkeypatch.setenv("ERP_TOKEN_FILE", str(tmp_path / "token"))

    applied(ERP % "{env: ERP_TOKEN}")

    assert stored() == "from-the-twin"


def test_a_secret_comes_from_a_file_without_its_last_newline(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-the-file\n")

    applied(ERP % f"{{file: {tmp_path}/token}}")

    assert stored() == "from-the-file"


def test_a_new_value_of_the_variable_replaces_the_stored_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_TOKEN", "old-one")
    applied(ERP % "{env: ERP_TOKEN}")
    monkeypatch.setenv("ERP_TOKEN", "new-one")

    plan = applied(ERP % "{env: ERP_TOKEN}")

    assert stored() == "new-one"
    assert [each.path for each in plan.writes[0].changes] == [("credentials", "token")]


@pytest.mark.parametrize("reference", ["{keep: true}", "{env: NOT_SET, keep: true}", "{file: /not/there, keep: true}"])
def test_what_is_stored_is_kept_and_nothing_else_is_asked_for(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_TOKEN", "stored")
    applied(ERP % "{env: ERP_TOKEN}")

    assert applied(ERP % reference).changes_nothing
    assert stored() == "stored"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("{keep: true}", "nothing is stored here that could be kept: write {env: NAME} or {file: /run/secrets/name}."),
        ("{env: NOT_SET, keep: true}", "the variable NOT_SET is not set (nor NOT_SET_FILE)."),
        ("{env: EMPTY}", "the variable EMPTY is empty."),
        ("{file: /not/there}", "there is no file /not/there."),
        ("{file: /proc/self/environ}", "/proc/self/environ is of this installation itself"),
        ("{env: SECRET_KEY}", "SECRET_KEY is a setting of this installation, which a configuration file may not name."),
        ("{env: FIELD_ENCRYPTION_KEYS}", "FIELD_ENCRYPTION_KEYS is a setting of this installation"),
        ("{env: DATA_DIR_FILE}", "DATA_DIR_FILE is a setting of this installation"),
        (
            "hunter2",
            "a secret does not stand in the file: write {env: NAME}, {file: /run/secrets/name}, or {keep: true}",
        ),
        ("[hunter2]", "a secret does not stand in the file"),
        ("{envv: X}", "credentials / token / envv: unknown in a reference “envv”; did you mean “env”?"),
        ("{env: X, file: /x}", "a reference names one place"),
        ("{}", "a reference names one place"),
        ("{keep: false}", "“keep” is true, or is not there"),
        ("{env: X, keep: 1}", "“keep” is true, or is not there"),
        ('{env: "hunter 2"}', "“env” names a variable of the environment"),
        ("{file: run/secrets/x}", "“file” is a path that begins with /"),
        ("null", "connections / erp / credentials: Token is missing."),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(reference: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY", "")

    with pytest.raises(ConfigRefused) as refused:
        applied(ERP % reference)

    assert said in str(refused.value)
    assert len(refused.value.problems) == 1
    assert "hunter" not in str(refused.value)
    assert not Connection.objects.exists()


def test_every_missing_variable_is_named_at_once(full: None) -> None:
    text = export().replace(", keep: true", "")

    with pytest.raises(ConfigRefused) as refused:
        applied(text)

    assert str(refused.value).count("is not set (nor ") == 11


def test_a_file_that_a_setting_is_read_from_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("key")
    (tmp_path / "link").symlink_to(tmp_path / "key")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    with pytest.raises(ConfigRefused, match="link is of this installation itself"):
        applied(ERP % f"{{file: {tmp_path}/link}}")


def test_what_is_in_the_data_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "secret_key").write_text("key")

    with pytest.raises(ValueError, match="is of this installation itself"):
        from_file(f"{tmp_path}/keys/secret_key", data_dir=tmp_path)


def test_a_secret_that_the_file_leaves_out_goes_and_the_plan_says_so(full: None) -> None:
    text = export().replace("- {env: FIELDPORT_CMS_SESSIONS_CALLS_SECRETS_ITEM_2, keep: true}", "")

    plan = applied(text)

    assert WebhookSource.objects.get().secrets == [SECRETS["hook"]]
    assert [each.path for each in plan.writes[0].changes] == [("secrets", "item 2")]


def test_an_export_over_a_file_keeps_the_references_that_stand_there(full: None, tmp_path: Path) -> None:
    file = tmp_path / "fieldport.yaml"
    call_command("config", "export", out=file, stdout=StringIO())
    own = file.read_text().replace("{env: FIELDPORT_CMS_CREDENTIALS_TOKEN, keep: true}", "{file: /run/secrets/cms}")
    file.write_text(own)

    call_command("config", "export", out=file, stdout=StringIO())

    assert "token: {file: /run/secrets/cms}" in own
    assert file.read_text() == own


def test_no_word_of_any_command_holds_a_secret(
    full: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """What changes, what is refused, what is compared: each with secrets that are new, old or in the wrong place."""
    new = {name: f"new-{value}" for name, value in SECRETS.items()}
    file = tmp_path / "fieldport.yaml"
    call_command("config", "export", out=file, stdout=StringIO())
    text = file.read_text()
    for name, value in zip("ABCDEFGHIJ", new.values(), strict=True):
        monkeypatch.setenv(f"NEW_{name}", value)
    changed = text
    for name in ("ERP_CREDENTIALS_CLIENT_SECRET", "CMS_SESSIONS_CALLS_SECRETS_ITEM_1"):
        changed = changed.replace(f"{{env: FIELDPORT_{name}, keep: true}}", f"{{env: NEW_{'AB'[name[0] == 'C']}}}")
    literal = text.replace("{env: FIELDPORT_CMS_CREDENTIALS_TOKEN, keep: true}", new["cms"])
    broken = text.replace("{env: FIELDPORT_CMS_CREDENTIALS_TOKEN, keep: true}", f'"{new["cms"]}')

    said = StringIO()
    for each in (changed, literal, broken):
        file.write_text(each)
        for words in (["diff", str(file), "live"], ["apply", str(file), "--dry-run"], ["apply", str(file), "--prune"]):
            try:
                call_command("config", *words, stdout=said, stderr=said)
            except CommandError as error:
                said.write(str(error))

    told = said.getvalue()
    assert "credentials.client_secret: (secret) → (secret, from the variable NEW_A)" in told
    assert "a secret does not stand in the file" in told
    hidden = [*SECRETS.values(), *new.values()]
    assert [each for each in hidden if each in told] == []
    assert WebhookSource.objects.get().secrets[0] == new["hook"]
