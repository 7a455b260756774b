"""Times and reach: who reaches what, how soon, at which hour, through which control point."""
