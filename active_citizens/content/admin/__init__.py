from active_citizens.content.admin import diaries, news, pages, photos

__all__ = ["diaries", "news", "pages", "photos"]
