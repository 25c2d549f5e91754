"""The vocabulary: identities, periods, numbers, and the words every other room uses."""
