import pytest

from leadqual.messaging.models import Notice
from leadqual.messaging.notices import News, mark_read, notify
from tests.handoff import factories
from tests.handoff.factories import WEDNESDAY

pytestmark = pytest.mark.django_db


def test_the_same_news_reaches_each_reader_once() -> None:
    one, other = factories.user(), factories.user()
    news = [
        News(one.pk, "offer:1", "offer"),
        News(other.pk, "offer:1", "offer"),
        News(one.pk, "offer:2", "offer"),
    ]
    notify(news, now=WEDNESDAY)
    notify(news, now=WEDNESDAY)
    assert Notice.objects.filter(user=one).count() == 2
    assert Notice.objects.filter(user=other).count() == 1


def test_reading_marks_only_ones_own() -> None:
    one, other = factories.user(), factories.user()
    notify(
        [News(one.pk, "a", "offer"), News(one.pk, "b", "offer"), News(other.pk, "a", "offer")], now=WEDNESDAY
    )
    assert mark_read(one.pk, [f"a:{one.pk}", f"a:{other.pk}"], now=WEDNESDAY) == 1
    assert mark_read(one.pk, None, now=WEDNESDAY) == 1
    assert list(Notice.objects.filter(read_at=None).values_list("user", flat=True)) == [other.pk]


def test_no_news_asks_nothing_of_the_database(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        notify([], now=WEDNESDAY)
