"""OpenStreetMap by OSMnx: queries, bounded requests, and the layers and street graphs made from the answers."""
