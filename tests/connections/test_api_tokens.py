"""Tokens, scopes, throttling and Idempotency-Key, on a small view of our own."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.urls import path
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as RedisDown
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from integrations.connections import services
from integrations.connections.idempotency import idempotent
from integrations.connections.models import ApiToken, IdempotencyRecord, Workspace
from integrations.connections.permissions import HasScope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_own_urls")]


class MakeWorkspace(APIView):
    """Creates one; a name that begins with "bad" is refused after it was created."""

    permission_classes = [HasScope("workspaces:write")]

    @idempotent
    def post(self, request: Request) -> Response:
        data: Any = request.data
        name = data["name"]
        made = Workspace.objects.create(slug=name, name=name)
        if name == "bad":
            raise ValidationError({"name": ["It is bad."]})
        if name == "bad-answer":
            return Response({"code": "bad"}, status=status.HTTP_409_CONFLICT)
        return Response({"id": made.pk, "at": timezone.now()}, status=status.HTTP_201_CREATED)


urlpatterns = [path("workspaces/", MakeWorkspace.as_view())]
Post = Callable[..., Any]


@pytest.fixture
def _own_urls(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    cache.clear()


@pytest.fixture
def token() -> tuple[ApiToken, str]:
    return services.issue_token("field app", scopes=["workspaces:write"])


@pytest.fixture
def post(token: tuple[ApiToken, str]) -> Post:
    def send(name: str, *, key: str = "", value: str = token[1]) -> Any:
        headers = {"Authorization": f"Bearer {value}"} | ({"Idempotency-Key": key} if key else {})
        return APIClient().post("/workspaces/", {"name": name}, format="json", headers=headers)

    return send


def made(name: str) -> int:
    return Workspace.objects.filter(slug=name).count()


def test_a_token_with_the_scope_gets_in_and_is_kept_as_a_hash(post: Post, token: tuple[ApiToken, str]) -> None:
    assert post("a").status_code == 201

    kept = ApiToken.objects.get()
    assert token[1].startswith("fp_")
    assert token[1] not in str(kept.__dict__)
    assert kept.last_used_at is not None


def test_a_use_is_noted_once_a_minute_only(post: Post) -> None:
    post("a")
    first = ApiToken.objects.get().last_used_at

    post("b")

    assert ApiToken.objects.get().last_used_at == first


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
        {"token_hash": "0" * 64},
    ],
    ids=["expired", "revoked", "unknown"],
)
def test_a_token_that_ended_is_refused(post: Post, change: dict[str, Any]) -> None:
    ApiToken.objects.update(**change)

    answer = post("a")

    assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert made("a") == 0


def test_revoking_ends_a_token_once(post: Post, token: tuple[ApiToken, str]) -> None:
    assert services.revoke_token(token[0], now=timezone.now())
    assert not services.revoke_token(token[0], now=timezone.now())

    assert post("a").status_code == 401
    assert made("a") == 0


def test_without_a_token_nobody_gets_in() -> None:
    answer = APIClient().post("/workspaces/", {"name": "a"}, format="json")

    assert answer.status_code == 401
    assert made("a") == 0


def test_a_token_without_the_scope_is_refused_by_its_name(post: Post) -> None:
    ApiToken.objects.update(scopes=["workspaces:read"])

    answer = post("a")

    assert answer.status_code == 403
    assert "workspaces:write" in answer.json()["title"]
    assert made("a") == 0


def test_a_scope_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="all of it"):
        services.issue_token("x", scopes=["all of it"])

    assert not ApiToken.objects.exists()


def test_calls_beyond_the_rate_are_refused(post: Post, settings: Settings) -> None:
    settings.API_RATE = "2/min"

    answers = [post(name).status_code for name in ("a", "b", "c")]

    assert answers == [201, 201, 429]
    assert made("c") == 0


def test_a_cache_that_is_down_refuses_nobody(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: object) -> bool:
        raise RedisDown

    monkeypatch.setattr(SimpleRateThrottle, "allow_request", down)

    assert post("a").status_code == 201


def test_the_same_key_gets_the_same_answer_and_nothing_is_done_again(post: Post) -> None:
    first, second = post("a", key="k1"), post("a", key="k1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert made("a") == 1


def test_the_same_key_with_another_body_is_refused(post: Post) -> None:
    post("a", key="k1")

    answer = post("b", key="k1")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert made("b") == 0


def test_the_same_key_of_another_token_is_another_key(post: Post) -> None:
    other = services.issue_token("other", scopes=["workspaces:write"])[1]
    post("a", key="k1")

    assert post("b", key="k1", value=other).status_code == 201


def _in_progress(token: ApiToken, post: Post, *, age: timedelta) -> None:
    """Leave the record of a request like `post("a", key="k1")` that has no answer yet."""
    post("a", key="k1")
    IdempotencyRecord.objects.update(status=None, answer=None, created_at=timezone.now() - age)
    Workspace.objects.filter(slug="a").delete()


def test_a_key_in_progress_is_refused_for_now(post: Post, token: tuple[ApiToken, str]) -> None:
    _in_progress(token[0], post, age=timedelta(seconds=1))

    answer = post("a", key="k1")

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_use")
    assert made("a") == 0


def test_a_key_whose_process_died_is_taken_over(post: Post, token: tuple[ApiToken, str]) -> None:
    _in_progress(token[0], post, age=timedelta(seconds=61))

    assert post("a", key="k1").status_code == 201
    assert post("a", key="k1")["Idempotency-Replayed"] == "true"
    assert made("a") == 1


@pytest.mark.parametrize(("name", "code"), [("bad", 400), ("bad-answer", 409)])
def test_an_error_undoes_the_work_and_frees_the_key(name: str, code: int, post: Post) -> None:
    assert post(name, key="k1").status_code == code

    assert made(name) == 0
    assert not IdempotencyRecord.objects.exists()
    assert post("good", key="k1").status_code == 201


@pytest.mark.parametrize("key", ["k" * 201, "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(key: str, post: Post) -> None:
    assert post("a", key=key).status_code == 400
    assert made("a") == 0


def test_without_a_key_nothing_is_kept(post: Post) -> None:
    post("a")

    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_with_one_key_do_it_once(post: Post) -> None:
    answers: list[int] = []

    def send() -> None:
        try:
            answers.append(post("a", key="k1").status_code)
        finally:
            database.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(answers) == 6
    assert set(answers) <= {201, 409}
    assert made("a") == 1
