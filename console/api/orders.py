"""Orders out to field systems, and their word back that an order was taken."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from console.api.bodies import answer
from console.api.context import Api
from console.api.incidents import IdempotencyKey
from console.api.openapi import described
from console.api.problems import ProblemError, not_found
from console.api.shapes import OrderList, OrderOut
from console.api.units import became
from console.api.views import order_rows
from console.commands import SetUnitStatus


def add_orders(router: APIRouter, api: Api) -> None:
    """Add the routes of orders; an order's id has a slash in it."""

    @router.get("/orders", **described("List orders", gives={200: OrderList}))
    def listed(
        request: Request,
        since_seq: Annotated[int, Query(ge=0, description="only those issued or taken back after this event")] = 0,
    ) -> Response:
        api.ask("see_picture", request)
        picture, touched, seq = api.look()
        rows = tuple(row for row in order_rows(picture, touched, seq) if row.seq > since_seq)
        return answer(OrderList(mode=picture.mode, seq=seq, world_at=api.world.now, orders=rows))

    @router.get("/orders/{order_id:path}", **described("One order", gives={200: OrderOut}, problems=(404,)))
    def one(request: Request, order_id: str) -> Response:
        api.ask("see_picture", request)
        return answer(_order_now(api, order_id))

    @router.post(
        "/orders/{order_id:path}/acknowledge",
        **described("Say that a unit has taken its order", gives={200: OrderOut}, problems=(404, 409)),
    )
    def acknowledge(request: Request, order_id: str, key: IdempotencyKey = None) -> Response:
        api.ask("see_picture", request)
        order = _order_now(api, order_id)
        if order.state in ("ended", "withdrawn"):
            raise ProblemError(
                "conflict",
                "该指令已不再有效（已撤回或已结束）。请读取现行指令。",
                "This order no longer holds: it was taken back or has ended. Read the orders again.",
                now=msgspec.to_builtins(order),
            )
        if order.state == "issued":
            command = SetUnitStatus(unit_id=order.unit_id, status="accepted", leg_id=order.leg_ids[0])
            did = became(order.unit_id, "accepted")
            api.execute(command, request, key, did=did, now_holds=lambda: _order_now(api, order_id))
        return answer(_order_now(api, order_id))


def _order_now(api: Api, order_id: str) -> OrderOut:
    picture, touched, seq = api.look()
    for row in order_rows(picture, touched, seq):
        if row.id == order_id:
            return row
    raise not_found("指令", "order", order_id, "orders")
