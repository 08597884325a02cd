import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from integrations.core import clock


def slowly(execute: Callable[..., Any], *arguments: Any) -> Any:
    answer = execute(*arguments)
    time.sleep(0.1)
    return answer


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_clock_is_never_behind_the_database_however_slow_its_answer() -> None:
    clock._local.__dict__.clear()
    with connection.execute_wrapper(slowly):
        clock.now()

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        written_at = cursor.fetchone()[0]

    assert clock.now() >= written_at
    clock._local.__dict__.clear()


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_process_that_was_stopped_while_it_asked_is_not_ahead_of_the_others() -> None:
    clock._local.__dict__.clear()
    stops = iter([1.0])

    def stopped_once(execute: Callable[..., Any], *arguments: Any) -> Any:
        time.sleep(next(stops, 0.0))
        return execute(*arguments)

    with connection.execute_wrapper(stopped_once):
        clock.now()

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        written_at = cursor.fetchone()[0]

    assert abs((clock.now() - written_at).total_seconds()) < 0.5
    clock._local.__dict__.clear()


@pytest.mark.django_db
def test_the_clock_is_about_right() -> None:
    assert abs((clock.now() - timezone.now()).total_seconds()) < 5
