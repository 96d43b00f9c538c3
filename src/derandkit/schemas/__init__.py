"""The published forms of records, as JSON Schemas, and what holds a record against them."""
