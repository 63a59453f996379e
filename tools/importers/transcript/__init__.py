"""What people saw kubectl print -> objects, events and logs."""
