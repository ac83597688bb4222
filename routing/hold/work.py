"""How many minutes a person can be on task at all: shift, longest work and rests, without any way between places."""

from __future__ import annotations

from routing.hold.problem import Member


def most_work_min(member: Member, horizon_min: int) -> int:
    """Return the most minutes on task from being ready until the shift ends, rests of full length between stretches."""
    there = min(member.until_min, horizon_min) - member.ready_min
    most, left, allowed = 0, there, member.longest_work_min - member.worked_min
    if allowed <= 0:
        left, allowed = left - member.rest_min, member.longest_work_min
    while left > 0:
        most += min(left, allowed)
        left -= allowed + member.rest_min
        allowed = member.longest_work_min
    return max(0, most)
