"""What is a person's is cut out before anything is archived, logged or staged.

A register's file keeps the fields that its registry file declares as public or as a business contact, and nothing else:
a column that nobody has declared may be anybody's. Of firms' fields, CNIC and mobile numbers and stray e-mail addresses
are cut out of the text. Rows, cards and documents of persons go whole. What cannot be cut out of a file is refused with
the file.
"""

from sanad.redact.door import Redacted, redact

__all__ = ["Redacted", "redact"]
