from active_citizens.content.admin import news, pages, photos

__all__ = ["news", "pages", "photos"]
