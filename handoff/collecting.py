"""Digests and CSV files: what one turn of a policy gave a rep, in one mail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from handoff.models import Handoff, Means, SalesRep
from handoff.telling import about, closing, subject
from handoff.wording import acts_in
from leadqual.common import clock
from leadqual.common.batches import batches
from leadqual.messaging import outbox

REPS_AT_ONCE = 50


def collect(*, now: datetime, busy: Collection[int] = ()) -> int:
    """One mail per rep and policy for the offers not told yet; policies whose turn goes on (`busy`) wait. How many.

    The rows say what is left to tell, so a run that died before telling is made up for by the next. One query when
    there is nothing.
    """
    pending = Handoff.objects.filter(to_collect=True).exclude(policy_id__in=busy)
    reps = sorted(set(pending.order_by().values_list("rep_id", flat=True).distinct()))
    return sum(_collect_for(some, busy, now) for some in batches(reps, REPS_AT_ONCE))


def _collect_for(reps: Collection[int], busy: Collection[int], now: datetime) -> int:
    """The reps' rows are locked first, so two workers do not tell the same."""
    with transaction.atomic():
        held = SalesRep.objects.select_for_update(no_key=True).filter(pk__in=reps).order_by("pk")
        list(held.values_list("pk", flat=True))
        rows = list(
            Handoff.objects.filter(to_collect=True, rep_id__in=reps)
            .exclude(policy_id__in=busy)
            .select_related("lead__company", "policy", "rep__user", "qualification")
            .order_by("rep_id", "policy_id", "pk")
        )
        Handoff.objects.filter(pk__in=[row.pk for row in rows]).update(to_collect=False)
        still = [row for row in rows if row.is_open]
        acts = acts_in(still)
        with override(settings.LANGUAGE_CODE):
            mails = [
                _mail(list(group), acts, now)
                for _key, group in groupby(still, key=lambda row: (row.rep_id, row.policy_id))
            ]
        return outbox.queue(mails, now=now) if mails else 0


def _mail(handoffs: list[Handoff], acts: Mapping[str, str], now: datetime) -> outbox.Mail:
    first = handoffs[0]
    assert first.policy is not None
    assert first.rep is not None
    policy, user = first.policy, first.rep.user
    with_table = Means.CSV.value in policy.means
    with_text = Means.DIGEST.value in policy.means
    return outbox.Mail(
        key=f"handoffs-{policy.pk}-{first.rep_id}-{handoffs[-1].pk}",
        user_id=user.pk,
        address=user.email,
        subject=subject(len(handoffs)),
        text=_("These leads have been handed to you."),
        parts=[
            outbox.Part(
                row.lead_id,
                about(row, row.lead, acts) if with_text else "",
                table_row(row) if with_table else (),
            )
            for row in handoffs
        ],
        closing=closing(policy, handoffs),
        table_name=f"leads-{now.astimezone(clock.zone()):%Y%m%d-%H%M}.csv" if with_table else "",
        table_header=table_header() if with_table else (),
    )


def table_header() -> list[str]:
    return [
        _("Family name"), _("Given name"), _("Company"), _("Department"), _("Title"), _("E-mail"), _("Phone"),
        _("Score"), _("Accept by"),
    ]  # fmt: skip


def table_row(handoff: Handoff) -> Sequence[object]:
    lead = handoff.lead
    deadline = handoff.accept_by.astimezone(clock.zone()) if handoff.accept_by else None
    return [
        lead.family_name, lead.given_name, lead.company.name if lead.company else "", lead.department, lead.title,
        lead.email, lead.phone, handoff.qualification.score if handoff.qualification else "",
        f"{deadline:%Y-%m-%d %H:%M}" if deadline else "",
    ]  # fmt: skip
