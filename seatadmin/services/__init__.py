"""All rules that touch rows. Services take the session and the actor, and never commit."""
