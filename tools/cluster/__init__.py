"""The cluster instrument: one protocol, a recorded and (later) a live reader, and the snapshot over it."""
