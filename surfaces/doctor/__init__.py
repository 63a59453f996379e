"""What a deployment needs, checked part by part; the command line prints what is found."""
