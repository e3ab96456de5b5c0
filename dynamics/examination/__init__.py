"""Users' problems and methods looked at from all sides: what is wrong, at which line, and what to write instead."""
