"""The remote API over HTTP: one client per connection to a company, its retries, errors and pages."""
