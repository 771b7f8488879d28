from active_citizens.content.models.declarations import AccessibilityDeclaration
from active_citizens.content.models.diary import DiaryEntry
from active_citizens.content.models.news import News, NewsPhoto
from active_citizens.content.models.pages import Page
from active_citizens.content.models.photos import Photo, PhotoPerson
from active_citizens.content.models.revisions import Revision

__all__ = ["AccessibilityDeclaration", "DiaryEntry", "News", "NewsPhoto", "Page", "Photo", "PhotoPerson", "Revision"]
