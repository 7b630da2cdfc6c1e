"""Seat Admin: free apprenticeship seats by recording what happened to the program."""
