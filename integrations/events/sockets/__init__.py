"""The websocket of the event service: `/event-service/ws?endpoint_id=…` (sheet, 5).

Mounted before Django. A socket has a place in the log of its workspace; the hub of its process follows the log and
hands on what its endpoint's filters let through. The broker only says that there is more to read.
"""
