"""Impact of works on land: land take, disturbance, corridors crossed, conflicts."""
