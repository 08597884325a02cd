"""What the centre can do: take work orders, join facts to them, and do as an operator decides."""

from integrations.workorders.naming import records_of
from integrations.workorders.services.deciding import JoinChanged, assign, dismiss, restore
from integrations.workorders.services.joining import Joined, join
from integrations.workorders.services.putting import Put, put_work_order

__all__ = ["JoinChanged", "Joined", "Put", "assign", "dismiss", "join", "put_work_order", "records_of", "restore"]
