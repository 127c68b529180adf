"""Companies, their contacts and shipping addresses."""

from server.sandbox.resources.companies import addresses, companies, contacts

GROUPS = (
    addresses.routes,
    companies.routes,
    contacts.routes,
)
