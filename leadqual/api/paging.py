from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """Newest first, by a cursor: page 1,000 costs what page 1 costs, and rows that arrive meanwhile move nothing."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
