"""Reports: closing the books, stock that was counted differently, EDI documents, and what sold goods cost."""

from server.sandbox.resources.reports import close_books, cogs, discrepancies, edi

GROUPS = (close_books.routes, cogs.routes, discrepancies.routes, edi.routes)
