"""The cluster instrument: one protocol, a recorded and a live reader, and the snapshot over them."""
