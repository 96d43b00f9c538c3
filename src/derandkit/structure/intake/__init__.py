"""From what a user has to a problem: tables in files, and what targets stand for."""
