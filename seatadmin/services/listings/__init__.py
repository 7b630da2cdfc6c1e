"""Lists: what each shows, how it sorts, filters and searches, as declarations for one engine."""
