"""Who crosses where: trips across the boundary by traveller group, control point and pair of zones."""
