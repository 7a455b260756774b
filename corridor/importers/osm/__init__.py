"""OpenStreetMap by OSMnx: what is asked, how it is asked so that no answer can hang or spoil a run, and what is kept."""
