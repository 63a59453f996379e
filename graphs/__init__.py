"""The graphs: state, context, nodes, routes; and the session through which surfaces use them."""
