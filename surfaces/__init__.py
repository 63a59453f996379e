"""How people reach Kubewhy."""
