"""Editing a draft: a task group with its texts per language and its checks, its tasks, its example pictures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.camera.engines.checks import KINDS, SettingsRefused, read_checks
from integrations.camera.engines.contract import ERROR, WARNING
from integrations.camera.models import CatalogueVersion, Example, Task, TaskGroup
from integrations.camera.protocol.rules import RuleRefused, read_rules
from integrations.camera.services.examples import SentExample
from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField

LANGUAGES = (("en", _("English")), ("fr", _("French")))
TEXTS = (("display_name", _("Display name")), ("description", _("Description")))
OFF = ""
SEVERITIES = ((OFF, _("off")), (WARNING, _("warning: may go on")), (ERROR, _("error: must retake")))
GUIDES = (("", _("none")), ("frame", _("frame")), ("circle", _("circle")), ("card", _("card")))

NAMED = ("version", "name", "order")
SHOWN = tuple(f"{name}_{language}" for language, _label in LANGUAGES for name, _text in TEXTS)
DECIDED = ("engine", "engine_connection", "engine_settings", "may_correct", "allow_pdf")
SECTIONS = (
    (None, {"fields": NAMED}),
    (_("What the worker sees"), {"fields": (*SHOWN, "guide")}),
    (_("Conformity checks"), {"fields": tuple((f"check_{name}", f"threshold_{name}") for name in KINDS)}),
    (_("Who decides on the tasks"), {"fields": DECIDED}),
)
TO_READ = ("version", "name", "order", "guide", *DECIDED)


def _text_fields() -> dict[str, forms.Field]:
    made: dict[str, forms.Field] = {}
    for language, spoken in LANGUAGES:
        for name, label in TEXTS:
            widget = forms.Textarea(attrs={"rows": 2}) if name == "description" else None
            field = forms.CharField(required=False, label=f"{label} ({spoken})", widget=widget)
            made[f"{name}_{language}"] = field
    return made


def _check_fields() -> dict[str, forms.Field]:
    made: dict[str, forms.Field] = {}
    for name, kind in KINDS.items():
        made[f"check_{name}"] = forms.ChoiceField(required=False, choices=SEVERITIES, label=kind.texts["en"])
        made[f"threshold_{name}"] = forms.FloatField(
            required=False,
            min_value=0,
            max_value=kind.most,
            label=_("Threshold: {unit}").format(unit=kind.unit),
            help_text=_("Empty: {value:g}").format(value=kind.threshold),
        )
    return made


class TaskGroupForm(AnyModelForm):
    """Texts and checks are fields of their own; other languages and the checks' own texts stay as they are."""

    guide = forms.ChoiceField(required=False, choices=GUIDES, label=_("Framing guide"))

    class Meta:
        model = TaskGroup
        fields = (*NAMED, "guide", *DECIDED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(_text_fields() | _check_fields())
        if "version" in self.fields:
            versions: Any = self.fields["version"]
            versions.queryset = CatalogueVersion.objects.filter(published_at__isnull=True).select_related("site")
        self._fill()

    def _fill(self) -> None:
        row: TaskGroup = self.instance
        for language, texts in row.texts.items():
            for name, _label in TEXTS:
                self.initial[f"{name}_{language}"] = (texts or {}).get(name, "")
        # A new one begins with every check on, as strict as by default.
        given: dict[str, Any] = dict(row.checks or {}) if row.pk else {name: {} for name in KINDS}
        for name, kind in KINDS.items():
            values = given[name] if isinstance(given.get(name), dict) else {}
            if name in given and given[name] is not False:
                self.initial[f"check_{name}"] = values.get("severity", kind.severity)
            self.initial[f"threshold_{name}"] = values.get("threshold")

    def clean(self) -> dict[str, Any]:
        made = super().clean() or self.cleaned_data
        try:
            read_checks(self._checks(made))
        except SettingsRefused as error:
            self.add_error(None, str(error))
        return made

    def _checks(self, made: dict[str, Any]) -> dict[str, Any]:
        checks: dict[str, Any] = {}
        for name in KINDS:
            if not made.get(f"check_{name}"):
                continue
            before = self.instance.checks.get(name)
            texts = before.get("texts") if isinstance(before, dict) else None
            checks[name] = {"severity": made[f"check_{name}"]} | ({"texts": texts} if texts else {})
            if made.get(f"threshold_{name}") is not None:
                checks[name]["threshold"] = made[f"threshold_{name}"]
        return checks

    def save(self, commit: bool = True) -> Any:
        texts = dict(self.instance.texts)
        for language, _spoken in LANGUAGES:
            given = {name: self.cleaned_data[f"{name}_{language}"] for name, _label in TEXTS}
            texts[language] = {name: text for name, text in given.items() if text}
        self.instance.texts = {language: each for language, each in texts.items() if each}
        self.instance.checks = self._checks(self.cleaned_data)
        return super().save(commit)


class TaskForm(AnyModelForm):
    sentence_en = forms.CharField(required=False, label=_("Sentence (English)"))
    sentence_fr = forms.CharField(required=False, label=_("Sentence (French)"))
    type_names = LinesField(label=_("Work order types"), help_text=_("One a line; empty: all."))

    class Meta:
        model = Task
        fields = (
            "name", "order", "outcome_type", "outcome_validation",
            "mandatory", "conformity_status", "only_for_dashboard", "type_names",
        )  # fmt: skip
        labels = {"outcome_validation": _("Rules")}
        help_texts = {
            "outcome_validation": _(
                'The first that fits decides: [{"schema": {"const": true}, "sentence": {"en": "…"}, '
                '"color": "#00aa66", "is_conformity_validated": true}]'
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, _spoken in LANGUAGES:
            self.initial[f"sentence_{language}"] = self.instance.sentences.get(language, "")

    def clean_outcome_validation(self) -> Any:
        rules = self.cleaned_data["outcome_validation"] or []
        try:
            read_rules(rules)
        except RuleRefused as error:
            raise forms.ValidationError(str(error)) from None
        return rules

    def save(self, commit: bool = True) -> Any:
        given = {language: self.cleaned_data[f"sentence_{language}"] for language, _spoken in LANGUAGES}
        kept = self.instance.sentences | given
        self.instance.sentences = {language: text for language, text in kept.items() if text}
        return super().save(commit)


class ExampleForm(AnyModelForm):
    """An example picture, which `examples.keep_sent` has decoded, encoded anew and kept, or refused."""

    upload = forms.FileField(required=False, label=_("Picture"), widget=forms.FileInput(attrs={"accept": "image/*"}))

    class Meta:
        model = Example
        fields = ("position",)

    def clean_upload(self) -> SentExample | None:
        given: SentExample | None = self.cleaned_data["upload"]
        if given is None:
            if self.instance.pk is None:
                raise forms.ValidationError(_("Choose a picture."))
            return None
        if given.kept is None:
            raise forms.ValidationError(given.refused)
        row, kept = self.instance, given.kept
        row.file, row.thumbnail, row.sha256 = kept.file, kept.thumbnail, kept.sha256
        return given
