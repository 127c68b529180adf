"""Companies and their contacts."""

from server.sandbox.resources.companies import companies, contacts

GROUPS = (
    companies.routes,
    contacts.routes,
)
