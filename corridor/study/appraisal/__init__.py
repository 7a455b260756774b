"""Money, carbon and the ecological account of scenarios, beside access and travellers: screening ranges, never one number."""
