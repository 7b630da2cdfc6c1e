"""Seat Admin: free apprenticeship seats the right way, by recording what happened to the program."""
