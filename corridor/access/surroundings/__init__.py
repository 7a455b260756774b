"""How cells and places reach points and each other without the network: walking and local buses."""
