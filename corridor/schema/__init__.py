"""What a scenario, a line and a catalogue entry may say, and how a wrong one is reported."""
