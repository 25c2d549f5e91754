"""Who is who: rows of registers that name one registrant, found by keys, names and places."""
