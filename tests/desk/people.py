"""People who are signed in, each with the rights of one shipped group."""

from django.contrib.auth.models import Group, User
from django.test import Client


def signed_in(group: str, *, name: str = "") -> Client:
    user = User.objects.create_user(name or f"someone-{group.lower()}", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client
